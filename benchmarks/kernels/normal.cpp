/// \file
/// The random numbers behind every noisy conversion: normals, and normals rounded for converters that count.

#include <xcim/core/aligned.hpp>
#include <xcim/core/rounded_normal.hpp>
#include <xcim/macro/count_strip.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <random>

namespace {

constexpr std::size_t phases = 8;
constexpr std::size_t columns = 64;

/// Fills (phases, columns) draws per call, another site each time.
template <class Fill>
void run(benchmark::State& state, Fill const& fill) {
    xcim::aligned_vector<float> out(phases * columns);
    std::uint32_t site = 0;
    float check = 0;
    for (auto _ : state) {
        fill(site++, out.data());
        check += out[site % out.size()];
        benchmark::DoNotOptimize(check);
    }
    state.counters["ns_per_draw"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(phases * columns) * 1e-9,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// Of conversions: from streams.
void standard_normals(benchmark::State& state) {
    run(state, [](std::uint32_t site, float* out) {
        xcim::fill_normal_grid({1, 2}, {site, 0}, phases, columns, out, columns);
    });
}

/// Of cells: every one from a counter of its own.
void counter_normals(benchmark::State& state) {
    xcim::aligned_vector<std::uint32_t> ids(columns);
    std::iota(ids.begin(), ids.end(), 0U);
    run(state, [&](std::uint32_t site, float* out) {
        for (std::uint32_t quad = 0; quad < phases / 4; ++quad) {
            xcim::fill_normals({1, 2}, ids.data(), 2 * site + quad, columns, out + 4 * quad * columns, columns);
        }
    });
}

/// sigma as a percentage of one count.
void rounded_normals(benchmark::State& state) {
    auto const noise = xcim::rounded_normal::of(static_cast<float>(state.range(0)) / 100.0F);
    run(state, [&](std::uint32_t site, float* out) { noise->fill({1, 2}, {site, 0}, phases, columns, out, columns); });
}

/// Drawn, added, converted and summed up over the phases in one pass, where the target has it.
void counted_strips(benchmark::State& state) {
    xcim::counting_converter const converter{
        xcim::rounded_normal::of(static_cast<float>(state.range(0)) / 100.0F).value(), 255};
    xcim::aligned_vector<float> const sums(phases * columns, 100.0F);
    std::array<float, phases> const weights{1, 2, 4, 8, 16, 32, 64, 128};
    std::size_t left_over = 0;
    run(state, [&](std::uint32_t site, float* out) {
        left_over += xcim::count_strip(converter, {{1, 2}, site, 0}, sums.data(), 255, xcim::phase_weights{weights},
                                       columns, out)
                         ? 0U
                         : 1U;
    });
    state.counters["left_over"] = static_cast<double>(left_over) / static_cast<double>(state.iterations());
}

void std_normal_distribution(benchmark::State& state) {
    std::mt19937 engine{1};
    std::normal_distribution<float> normal;
    run(state,
        [&](std::uint32_t, float* out) { std::generate_n(out, phases * columns, [&] { return normal(engine); }); });
}

BENCHMARK(standard_normals);
BENCHMARK(counter_normals);
BENCHMARK(rounded_normals)->Arg(10)->Arg(25)->Arg(50)->Arg(80);
BENCHMARK(counted_strips)->Arg(10)->Arg(25)->Arg(50)->Arg(80);
BENCHMARK(std_normal_distribution);

}  // namespace
