/// \file
/// The random numbers behind every noisy conversion: normals, and normals rounded for converters that count.

#include <xcim/core/aligned.hpp>
#include <xcim/core/rounded_normal.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace {

constexpr std::size_t columns = 64;

/// Fills (4, columns) draws per call, a new counter each time.
template <class Fill>
void run(benchmark::State& state, Fill const& fill) {
    xcim::aligned_vector<std::uint32_t> ids(columns);
    std::iota(ids.begin(), ids.end(), 0U);
    xcim::aligned_vector<float> out(4 * columns);
    std::uint32_t counter = 0;
    float check = 0;
    for (auto _ : state) {
        fill(ids.data(), counter++, out.data());
        check += out[counter % out.size()];
        benchmark::DoNotOptimize(check);
    }
    state.counters["ns_per_draw"] = benchmark::Counter(static_cast<double>(state.iterations()) * 4.0 * columns * 1e-9,
                                                       benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void standard_normals(benchmark::State& state) {
    run(state, [](auto const* ids, std::uint32_t counter, float* out) {
        xcim::fill_normals({1, 2}, ids, counter, columns, out, columns);
    });
}

/// sigma as a percentage of one count.
void rounded_normals(benchmark::State& state) {
    auto const noise = xcim::rounded_normal::of(static_cast<float>(state.range(0)) / 100.0F);
    run(state, [&](auto const* ids, std::uint32_t counter, float* out) {
        noise->fill({1, 2}, ids, counter, columns, out, columns);
    });
}

void std_normal_distribution(benchmark::State& state) {
    std::mt19937 engine{1};
    std::normal_distribution<float> normal;
    run(state, [&](auto const*, std::uint32_t, float* out) {
        std::generate_n(out, 4 * columns, [&] { return normal(engine); });
    });
}

BENCHMARK(standard_normals);
BENCHMARK(rounded_normals)->Arg(10)->Arg(25)->Arg(50)->Arg(80);
BENCHMARK(std_normal_distribution);

}  // namespace
