/// \file
/// Memory devices programmed: columns of 256 cells, levels to states.

#include <xcim/cell/device_fits.hpp>
#include <xcim/cell/durations.hpp>
#include <xcim/cell/measured.hpp>
#include <xcim/cell/pair.hpp>
#include <xcim/cell/pcm.hpp>
#include <xcim/cell/rram.hpp>
#include <xcim/core/random.hpp>
#include <xcim/testing/statistics.hpp>

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstddef>
#include <random>
#include <span>
#include <vector>

namespace {

using namespace xcim;

constexpr std::size_t rows = 256;

/// Programs one column again and again and compares the mean of its states with that of devices without errors.
template <class Cell>
void programmed(benchmark::State& state, Cell const& cell, int levels, double lowest, double highest) {
    std::mt19937 random{1};
    std::normal_distribution<float> normal;
    std::vector<float> own(static_cast<std::size_t>(Cell::draws) * rows);
    std::vector<float> later(static_cast<std::size_t>(reading_draws_of<Cell>) * rows);
    for (auto* const all : {&own, &later}) {
        for (float& z : *all) {
            z = normal(random);
        }
    }
    std::vector<float> stored;
    for (std::size_t r = 0; r < rows; ++r) {
        stored.push_back(static_cast<float>(r % static_cast<std::size_t>(levels)));
    }
    std::vector<float> states(rows);
    std::vector<float> opposite(devices_of<Cell> == 2 ? rows : 0);
    for (auto _ : state) {
        states = stored;
        cell.program(column_of_cells{states, own, rows, levels, opposite, later});
        benchmark::DoNotOptimize(states.data());
        benchmark::ClobberMemory();
    }
    double const kept = testing::moments_of(std::span<float const>{states}).mean /
                        testing::moments_of(std::span<float const>{stored}).mean;
    if (!(kept > lowest && kept < highest)) {
        state.SkipWithError("the devices do not hold what was stored");
    }
    state.counters["ns_per_device"] = benchmark::Counter(static_cast<double>(state.iterations()) *
                                                             static_cast<double>(rows * devices_of<Cell>) * 1e-9,
                                                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void rram_proportional(benchmark::State& state) {
    programmed(state, cell::rram{.on_off_ratio = 1e6, .programming = cell::spread::proportional(0.1)}, 2, 0.9, 1.1);
}
void rram_lognormal(benchmark::State& state) {
    programmed(state, cell::rram{.on_off_ratio = 1e6, .programming = cell::spread::lognormal(0.1, cell::keeps::mean)},
               2, 0.9, 1.1);
}
void measured_wan(benchmark::State& state) {
    programmed(state, cell::measured{cell::wan_2022{.time = cell::day}}, 16, 0.9, 1.2);
}
/// Levels in use: the fewer, the more devices share their statistics.
void pcm_programmed(benchmark::State& state) {
    programmed(state, cell::pcm{}, static_cast<int>(state.range(0)), 0.9, 1.2);
}
void pcm_a_day_later(benchmark::State& state) {
    programmed(state, cell::pcm{.time = cell::day}, static_cast<int>(state.range(0)), 0.4, 0.9);
}
void pcm_pair_a_day_later(benchmark::State& state) {
    programmed(state, cell::pair{cell::pcm{.time = cell::day}}, static_cast<int>(state.range(0)), 0.4, 0.9);
}

BENCHMARK(rram_proportional);
BENCHMARK(rram_lognormal);
BENCHMARK(measured_wan);
BENCHMARK(pcm_programmed)->Arg(2)->Arg(128);
BENCHMARK(pcm_a_day_later)->Arg(2)->Arg(128);
BENCHMARK(pcm_pair_a_day_later)->Arg(128);

}  // namespace
