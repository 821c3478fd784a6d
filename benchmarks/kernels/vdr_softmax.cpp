/// \file
/// A row of 8-bit logits to softmax: VDR-Softmax in integers, float with std::exp, float with xsimd's exp, and I-BERT's
/// integer softmax. Every result is checked before it is timed.

#include <xcim/core/simd.hpp>
#include <xcim/ops/ibert/softmax.hpp>
#include <xcim/ops/vdr_softmax.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace {

constexpr double scale = 0.05;

/// Logits with a standard deviation of 1.5.
std::vector<std::int8_t> row_of_logits(std::size_t size) {
    std::mt19937 random{1};
    std::normal_distribution<double> normal{0, 30};
    std::vector<std::int8_t> x(size);
    std::generate(x.begin(), x.end(),
                  [&] { return static_cast<std::int8_t>(std::clamp(normal(random), -128.0, 127.0)); });
    return x;
}

/// max, exp, sum, scale.
void std_softmax(std::span<std::int8_t const> x, std::span<float> y) {
    int highest = x[0];
    for (int const v : x) {
        highest = std::max(highest, v);
    }
    float sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        y[i] = std::exp(static_cast<float>(scale) * static_cast<float>(x[i] - highest));
        sum += y[i];
    }
    float const factor = 1 / sum;
    for (auto& v : y) {
        v *= factor;
    }
}

/// The same with batches; the logits are widened by the compiler's own vector loops.
void xsimd_softmax(std::span<std::int8_t const> x, std::span<float> y) {
    using floats = xcim::batch<float>;
    auto const highest = xcim::detail::highest_of(x);
    for (std::size_t i = 0; i < x.size(); ++i) {
        y[i] = static_cast<float>(scale) * static_cast<float>(x[i] - highest);
    }
    floats sums(0.0F);
    std::size_t i = 0;
    for (; i + floats::size <= x.size(); i += floats::size) {
        auto const e = xsimd::exp(floats::load_unaligned(y.data() + i));
        e.store_unaligned(y.data() + i);
        sums += e;
    }
    std::array<float, floats::size> of_lanes{};
    sums.store_unaligned(of_lanes.data());
    float sum = 0;
    for (float const v : of_lanes) {
        sum += v;
    }
    for (; i < x.size(); ++i) {
        y[i] = std::exp(y[i]);
        sum += y[i];
    }
    float const factor = 1 / sum;
    for (auto& v : y) {
        v *= factor;
    }
}

/// Whether weights are proportional to exp within `error` of the largest.
template <class Y>
bool is_softmax(std::vector<std::int8_t> const& x, std::vector<Y> const& y, double error) {
    auto const at = static_cast<std::size_t>(std::max_element(x.begin(), x.end()) - x.begin());
    for (std::size_t i = 0; i < x.size(); ++i) {
        double const right = std::exp(scale * (x[i] - x[at]));
        if (!(std::abs(static_cast<double>(y[i]) / static_cast<double>(y[at]) - right) <= error)) {
            return false;
        }
    }
    return true;
}

/// Times `softmax(x, y)` for a row, after a check.
template <class Y, class Softmax>
void run(benchmark::State& state, double error, Softmax const& softmax) {
    auto const x = row_of_logits(static_cast<std::size_t>(state.range(0)));
    std::vector<Y> y(x.size());
    softmax(std::span{x}, std::span{y});
    if (!is_softmax(x, y, error)) {
        state.SkipWithError("the result is no softmax");
        return;
    }
    for (auto _ : state) {
        benchmark::DoNotOptimize(x.data());
        softmax(std::span{x}, std::span{y});
        benchmark::ClobberMemory();
    }
    state.counters["ns_per_element"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(x.size()) * 1e-9,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

template <class P>
void run_vdr(benchmark::State& state, xcim::vdr_options const& options) {
    auto const entry = xcim::make_vdr_entry(scale, options);
    run<P>(state, 0.006,
           [&](auto x, auto p) { benchmark::DoNotOptimize(xcim::vdr_softmax_row(x, p, entry, options)); });
}

void vdr_8_bit(benchmark::State& state) { run_vdr<std::uint8_t>(state, {}); }
void vdr_8_bit_up(benchmark::State& state) { run_vdr<std::uint8_t>(state, {.direction = xcim::vdr_direction::up}); }
void vdr_12_bit(benchmark::State& state) { run_vdr<std::uint16_t>(state, {.out_bits = 12}); }

/// The definition, one element after the other in 64 bits.
void vdr_scalar(benchmark::State& state) {
    xcim::vdr_options const options;
    auto const entry = xcim::make_vdr_entry(scale, options);
    std::vector<std::int64_t> wide(static_cast<std::size_t>(state.range(0)));
    run<std::int64_t>(state, 0.006, [&](auto x, auto p) {
        std::copy(x.begin(), x.end(), wide.begin());
        xcim::vdr_softmax_row(std::span<std::int64_t const>{wide}, p, entry, options);
    });
}

void float_std_exp(benchmark::State& state) { run<float>(state, 1e-6, std_softmax); }
void float_xsimd_exp(benchmark::State& state) { run<float>(state, 1e-6, xsimd_softmax); }

void ibert_16_bit(benchmark::State& state) {
    xcim::ibert::softmax_constants const constants{scale, 16};
    run<std::int32_t>(state, 0.1, [&](auto x, auto p) { xcim::ibert::softmax_row(x, p, constants); });
}

void rows(benchmark::internal::Benchmark* benchmark) {
    for (int const size : {1, 16, 128, 197, 512, 1024, 8192}) {
        benchmark->Arg(size);
    }
}

BENCHMARK(vdr_8_bit)->Apply(rows);
BENCHMARK(vdr_8_bit_up)->Apply(rows);
BENCHMARK(vdr_12_bit)->Apply(rows);
BENCHMARK(vdr_scalar)->Apply(rows);
BENCHMARK(float_std_exp)->Apply(rows);
BENCHMARK(float_xsimd_exp)->Apply(rows);
BENCHMARK(ibert_16_bit)->Apply(rows);

}  // namespace
