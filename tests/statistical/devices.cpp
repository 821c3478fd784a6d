/// \file
/// Memory devices: distributions of conductances, by themselves and as sums that leave a macro.

#include <doctest/doctest.h>

#include <tests/support/tensors.hpp>
#include <tests/unit/cell/devices.hpp>
#include <xcim/cell/device_fits.hpp>
#include <xcim/cell/measured.hpp>
#include <xcim/cell/pair.hpp>
#include <xcim/cell/pcm.hpp>
#include <xcim/cell/rram.hpp>
#include <xcim/testing/statistics.hpp>
#include <xcim/xcim.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

namespace {

using namespace xcim;
using test::tensor;

testing::moments device_moments(std::vector<double> const& conductances) {
    return testing::moments_of(std::span<double const>{conductances});
}

/// Kolmogorov-Smirnov distance of conductances from a distribution function.
template <class Distribution>
double device_distance(std::vector<double> const& conductances, Distribution const& distribution) {
    std::vector<float> const sample(conductances.begin(), conductances.end());
    return testing::kolmogorov_smirnov(sample, distribution);
}

/// One-bit weights and inputs, every element of a result is one conversion in cell-LSB; 64 rows.
template <class Cell>
auto device_macro(Cell const& cell) {
    return CimMacro{quant::unsigned_range<>{1, 1.0F},
                    mapping::bit_slice{.array = {64, 64}},
                    encoding::bit_serial{},
                    cell,
                    noise::none{},
                    adc::ideal{}};
}

tensor device_tensor(std::vector<std::size_t> const& shape, float value) {
    tensor t = tensor::from_shape(shape);
    std::fill_n(t.data(), t.size(), value);
    return t;
}

}  // namespace

TEST_CASE("cell::rram: conductances have the distributions their spreads state") {
    std::size_t const n = 20'000;
    double const limit = 2.2 / std::sqrt(static_cast<double>(n));
    auto const of = [&](cell::spread const& s, int level) {
        return test::conductances_of(cell::rram{.levels = 4, .on_resistance = 1, .on_off_ratio = 10, .programming = s},
                                     level, 4, n, 3);
    };
    double const g = 0.7;  // level 2 of 0.1, 0.4, 0.7, 1.0 S
    auto const normal = [](double mean, double deviation) {
        return [=](double x) { return testing::normal_distribution((x - mean) / deviation); };
    };
    auto const uniform = [](double mean, double half) {
        return [=](double x) { return std::clamp((x - mean + half) / (2 * half), 0.0, 1.0); };
    };
    using cell::spread;
    CHECK(device_distance(of(spread::constant(0.05), 2), normal(g, 0.05)) < limit);
    CHECK(device_distance(of(spread::proportional(0.05), 2), normal(g, 0.035)) < limit);
    CHECK(device_distance(of(spread::inverse(0.05), 2), normal(g, 0.05 / 0.7)) < limit);
    CHECK(device_distance(of(spread::uniform_constant(0.05), 2), uniform(g, 0.05)) < limit);
    CHECK(device_distance(of(spread::uniform_proportional(0.05), 2), uniform(g, 0.035)) < limit);
    // A proportional spread mistaken for a constant one would be seen.
    CHECK(device_distance(of(spread::proportional(0.05), 2), normal(g, 0.05)) > 3 * limit);
    // Below 0 there is nothing: a deviation of 0.2 S around 0.1 S cuts off Phi(-1/2).
    auto const cut = of(spread::constant(0.2), 0);
    auto const zeros = static_cast<double>(std::count(cut.begin(), cut.end(), 0.0));
    double const p = testing::normal_distribution(-0.5);
    CHECK(std::abs(zeros / static_cast<double>(n) - p) < 5 * std::sqrt(p * (1 - p) / static_cast<double>(n)));
}

TEST_CASE("cell::rram: a log-normal conductance keeps the statistic it names") {
    std::size_t const n = 40'000;
    double const s = 0.4;
    for (auto const kept : {cell::keeps::median, cell::keeps::mean}) {
        auto g = test::conductances_of(
            cell::rram{.on_resistance = 2, .on_off_ratio = 10, .programming = cell::spread::lognormal(s, kept)}, 1, 2,
            n, 5);
        auto const found = device_moments(g);
        std::nth_element(g.begin(), g.begin() + static_cast<std::ptrdiff_t>(n / 2), g.end());
        double const median = g[n / 2];
        double const ratio = cell::lognormal_mean_over_median(s);
        double const expected_mean = kept == cell::keeps::mean ? 0.5 : 0.5 * ratio;
        double const root = std::sqrt(static_cast<double>(n));
        double const relative_deviation = cell::lognormal_deviation_over_mean(s);
        CHECK(std::abs(found.mean / expected_mean - 1) < 5 * relative_deviation / root);
        // Standard error of a median: sqrt(pi / 2) that of a mean of logarithms.
        CHECK(std::abs(std::log(median * ratio / expected_mean)) < 5 * 1.2533 * s / root);
        CHECK(found.deviation / found.mean == doctest::Approx(relative_deviation).epsilon(0.03));
    }
}

TEST_CASE("cell::measured: programming, relaxation and slow noise add up") {
    std::size_t const n = 20'000;
    cell::cmo_hfox const device{.time = cell::day};
    cell::measured const c{device, 2};
    auto const found = device_moments(test::conductances_of(c, 1, 2, n, 1));
    double const mean = device.highest() + device.relaxed().shift;
    double const deviation =
        std::hypot(device.deviation(device.highest()), device.relaxed().deviation, device.reading_deviation(mean));
    double const root = std::sqrt(static_cast<double>(n));
    CHECK(std::abs(found.mean - mean) < 5 * deviation / root);
    CHECK(std::abs(found.deviation / deviation - 1) < 5 / (std::sqrt(2.0) * root));
}

TEST_CASE("HERMES: a cell of two devices holds its conductance better than one device") {
    std::size_t const n = 20'000;
    auto const relative = [&](cell::pcm_law const& law, double time) {
        auto const found = device_moments(test::conductances_of(cell::pcm{.law = law, .time = time}, 1, 2, n, 2));
        return found.deviation / law.fitted_g_max;
    };
    for (double const time : {0.0, cell::day}) {
        CHECK(relative(cell::hermes_two_devices(), time) < 0.75 * relative(cell::hermes_one_device(), time));
    }
}

TEST_CASE("PCM devices of a macro: drift and noise of sums, the same chip later") {
    auto const x = device_tensor({1, 64}, 1);
    auto const w = device_tensor({300, 64}, 1);
    auto const sums = [&](cell::pcm const& c, program_options const& options) {
        auto const macro = device_macro(c);
        auto const y = linear(macro, x, macro.program(w, options));
        return std::vector<float>(y.begin(), y.end());
    };
    auto const moments = [](std::vector<float> const& y) { return testing::moments_of(std::span<float const>{y}); };
    double const columns = 300;
    for (double const time : {0.0, cell::hour}) {
        auto const device = device_moments(test::conductances_of(cell::pcm{.time = time}, 1, 2, 50'000, 9));
        auto const y = moments(sums({.levels = 2, .time = time}, {.chip = 4}));
        double const deviation = 8 * device.deviation / 25e-6;
        CHECK(std::abs(y.mean - 64 * device.mean / 25e-6) < 5 * deviation / std::sqrt(columns));
        CHECK(std::abs(y.deviation / deviation - 1) < 5 / std::sqrt(2 * columns));
    }
    // Another reading changes the 1/f noise and nothing else; another chip everything.
    cell::pcm const later{.levels = 2, .time = cell::hour};
    cell::pcm const quiet{.levels = 2, .time = cell::hour, .flicker_noise = false};
    CHECK(sums(later, {.chip = 4}) == sums(later, {.chip = 4}));
    CHECK(sums(later, {.chip = 4, .reading = 1}) != sums(later, {.chip = 4, .reading = 2}));
    CHECK(sums(quiet, {.chip = 4, .reading = 1}) == sums(quiet, {.chip = 4, .reading = 2}));
    CHECK(sums(quiet, {.chip = 4}) != sums(quiet, {.chip = 5}));
}

TEST_CASE("noise of single reads leaves a macro with the variance of its devices") {
    // 64 cells at the top level, read for 10 ns each.
    auto const macro =
        device_macro(cell::pcm{.levels = 2, .programming_noise = false, .pulse_unit = 10 * cell::nanosecond});
    auto const y = linear(macro, device_tensor({2000, 64}, 1), device_tensor({4, 64}, 1), {.seed = 8});
    auto const found = testing::moments_of(std::span<float const>{y.data(), y.size()});
    double const deviation = 8 * cell::pcm_pulse_noise(10e-9).deviation(25e-6) / 25e-6;
    auto const n = static_cast<double>(y.size());
    CHECK(std::abs(found.mean - 64) < 5 * deviation / std::sqrt(n));
    CHECK(std::abs(found.deviation / deviation - 1) < 5 / std::sqrt(2 * n));
}

TEST_CASE("weights of zero are two devices: their difference is noise around nothing") {
    auto const macro = CimMacro{quant::operands{quant::symmetric<>{4}, quant::unsigned_range<>{1, 1.0F}},
                                mapping::weight_parallel{.array = {64, 64}},
                                encoding::bit_serial{},
                                cell::pair{cell::pcm{.levels = 8, .g_min = 1e-6}},
                                noise::none{},
                                adc::ideal{}};
    tensor w = device_tensor({300, 64}, 0);
    w(0, 0) = 7;  // sets the scale to 1
    auto const y = linear(macro, device_tensor({1, 64}, 1), macro.program(w, {.chip = 6}));
    std::vector<float> const zeros(y.begin() + 1, y.end());
    auto const found = testing::moments_of(std::span<float const>{zeros});
    cell::pcm const device{.levels = 8, .g_min = 1e-6};
    auto const one = device_moments(test::conductances_of(device, 0, 8, 50'000, 9));
    double const deviation = 8 * std::sqrt(2.0) * one.deviation / device.conductance_step(8);
    CHECK(std::abs(found.mean) < 5 * deviation / std::sqrt(299));
    CHECK(std::abs(found.deviation / deviation - 1) < 5 / std::sqrt(2.0 * 299));
}
