/// \file
/// A tile of pairs with wire resistance, 512 rows and 128 columns, 7-bit durations and a sign: solved when it is
/// programmed and then an ordinary product, against solving every column anew in each of 127 time steps, cell by cell
/// or lumped into 8 segments. A call is one input row unless the name says otherwise.

#include <xcim/wire/lumped.hpp>
#include <xcim/wire/paired.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace {

constexpr std::size_t rows = 512;
constexpr std::size_t columns = 128;
constexpr int steps = 127;
constexpr double lowest = 0.1e-6;
constexpr double highest = 15e-6;
constexpr double unit = (highest - lowest) / 127;
constexpr xcim::wire::paired tile{.both_ends = false};

struct pairs {
    std::vector<float> plus = std::vector<float>(rows * columns);
    std::vector<float> minus = std::vector<float>(rows * columns);
    std::vector<float> effective = std::vector<float>(rows * columns);
    std::vector<float> attenuation = std::vector<float>(rows * columns);
    std::vector<float> offsets = std::vector<float>(columns);
    std::vector<float> durations = std::vector<float>(rows);
    std::vector<float> charges = std::vector<float>(columns);

    pairs() {
        std::mt19937 random{1};
        std::normal_distribution<double> normal{0, 0.33};
        for (std::size_t i = 0; i < rows * columns; ++i) {
            double const weight = std::clamp(normal(random), -1.0, 1.0);
            plus[i] = static_cast<float>((lowest + (highest - lowest) * std::max(weight, 0.0)) / unit);
            minus[i] = static_cast<float>((lowest + (highest - lowest) * std::max(-weight, 0.0)) / unit);
        }
        for (float& d : durations) {
            d = static_cast<float>(std::clamp(std::rint(127 * normal(random)), -127.0, 127.0));
        }
    }

    template <class Wires>
    void program(Wires const& wires) {
        wires.apply({rows,
                     columns,
                     {static_cast<int>(rows), static_cast<int>(columns)},
                     unit,
                     plus,
                     minus,
                     effective,
                     attenuation,
                     offsets});
    }

    void multiply() {
        std::ranges::transform(offsets, charges.begin(), [](float o) { return steps * o; });
        for (std::size_t i = 0; i < rows; ++i) {
            for (std::size_t j = 0; j < columns; ++j) {
                charges[j] += durations[i] * effective[i * columns + j];
            }
        }
    }

    /// Norton equivalents of all columns in every time step, `rows / Segments` cells to a node.
    template <std::size_t Segments>
    void step_through_time() {
        constexpr std::size_t cells = rows / Segments;
        double const r = tile.bit_line_resistance * static_cast<double>(cells);
        std::vector<double> charge(columns);
        std::vector<double> y(columns);
        std::vector<double> current(columns);
        for (int t = 0; t < steps; ++t) {
            std::ranges::fill(y, 0.0);
            std::ranges::fill(current, 0.0);
            for (std::size_t i = 0; i < rows; ++i) {
                if (i % cells == 0 && i > 0) {
                    pass(y, current, r);
                }
                bool const on = std::abs(durations[i]) > static_cast<float>(t);
                double const sign = durations[i] < 0 ? -1 : 1;
                double const plus_rail = on ? tile.idle_voltage + sign * tile.unit_voltage() : tile.idle_voltage;
                double const minus_rail = on ? tile.idle_voltage - sign * tile.unit_voltage() : tile.idle_voltage;
                float const* const p = plus.data() + i * columns;
                float const* const m = minus.data() + i * columns;
                for (std::size_t j = 0; j < columns; ++j) {
                    double const gp = unit * static_cast<double>(p[j]);
                    double const gm = unit * static_cast<double>(m[j]);
                    y[j] += gp + gm;
                    current[j] += gp * plus_rail + gm * minus_rail;
                }
            }
            pass(y, current, r / 2);
            for (std::size_t j = 0; j < columns; ++j) {
                charge[j] += current[j] - y[j] * tile.sense_voltage;
            }
        }
        for (std::size_t j = 0; j < columns; ++j) {
            charges[j] = static_cast<float>(charge[j] / tile.unit_voltage() / unit);
        }
    }

    static void pass(std::vector<double>& y, std::vector<double>& current, double r) {
        for (std::size_t j = 0; j < columns; ++j) {
            double const share = 1 / (1 + r * y[j]);
            y[j] *= share;
            current[j] *= share;
        }
    }
};

/// Whether charges are those of the exact tile, up to `tolerance` of the largest.
bool verified(benchmark::State& state, pairs const& p, double tolerance) {
    pairs exact;
    exact.program(tile);
    exact.multiply();
    float worst = 0;
    float largest = 0;
    for (std::size_t j = 0; j < columns; ++j) {
        worst = std::max(worst, std::abs(exact.charges[j] - p.charges[j]));
        largest = std::max(largest, std::abs(exact.charges[j]));
    }
    if (worst > static_cast<float>(tolerance) * largest) {
        state.SkipWithError("other charges than those of the exact tile");
        return false;
    }
    return true;
}

/// Runs `work` on a programmed tile again and again; what it leaves in `charges` is right up to `tolerance`.
template <class Work>
void run(benchmark::State& state, double tolerance, Work const& work) {
    pairs p;
    p.program(tile);
    work(p);
    if (!verified(state, p, tolerance)) {
        return;
    }
    for (auto _ : state) {
        work(p);
        benchmark::DoNotOptimize(p.charges.data());
        benchmark::ClobberMemory();
    }
}

void program_and_multiply(benchmark::State& state) {
    run(state, 0, [](pairs& p) {
        p.program(tile);
        p.multiply();
    });
}

void program_lumped_and_multiply(benchmark::State& state) {
    run(state, 0.02, [](pairs& p) {
        p.program(xcim::wire::lumped<xcim::wire::paired>{tile, 8});
        p.multiply();
    });
}

/// What an input row costs once the tile is programmed.
void multiply(benchmark::State& state) {
    run(state, 0, [](pairs& p) { p.multiply(); });
}

void time_steps(benchmark::State& state) {
    run(state, 1e-5, [](pairs& p) { p.step_through_time<rows>(); });
}

void time_steps_of_8_segments(benchmark::State& state) {
    run(state, 0.02, [](pairs& p) { p.step_through_time<8>(); });
}

BENCHMARK(program_and_multiply)->Unit(benchmark::kMicrosecond);
BENCHMARK(program_lumped_and_multiply)->Unit(benchmark::kMicrosecond);
BENCHMARK(multiply)->Unit(benchmark::kMicrosecond);
BENCHMARK(time_steps)->Unit(benchmark::kMicrosecond);
BENCHMARK(time_steps_of_8_segments)->Unit(benchmark::kMicrosecond);

}  // namespace
