#include <doctest/doctest.h>

#include <tests/unit/cell/devices.hpp>
#include <xcim/cell/pcm.hpp>
#include <xcim/testing/statistics.hpp>

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

using namespace xcim;

namespace {

/// The model written down once more, in microsiemens, for g_max = 25.
double pcm_device(double target, double t, double z1, double z2, double z3) {
    double const x = target / 25;
    double const programmed = std::max(0.0, target + (0.26348 + 1.9650 * x - 1.1731 * x * x) * z1);
    if (t == 0) {
        return programmed;
    }
    double const ln = std::log(std::max(x, 1e-7));
    double const mean = std::min(0.1, std::max(0.049, -0.0155 * ln + 0.0244));
    double const deviation = std::min(0.045, std::max(0.008, -0.0125 * ln - 0.0059));
    double const drifted = programmed * std::pow((t + 20) / 20, -std::abs(mean + deviation * z2));
    double const q = std::min(0.2, 0.0088 / std::max(std::pow(programmed / 25, 0.65), 1e-3));
    return std::max(0.0, drifted * (1 + q * std::sqrt(std::log((t + 20 + 250e-9) / 500e-9)) * z3));
}

/// Conductances in units of g_max / 25 of devices with these normals, one a level of 0 to 25.
std::vector<double> pcm_column(cell::pcm const& c, std::vector<float> const& own, std::vector<float> const& reading) {
    std::vector<float> states;
    for (std::size_t r = 0; r < reading.size(); ++r) {
        states.push_back(static_cast<float>(r % 26));
    }
    c.program(column_of_cells{states, own, reading.size(), 26, {}, reading});
    std::vector<double> conductances;
    for (float const s : states) {
        conductances.push_back(static_cast<double>(s) * c.conductance_step(26) / c.g_max * 25);
    }
    return conductances;
}

}  // namespace

TEST_CASE("cell::pcm is the statistical model, device by device, at every time") {
    std::size_t const rows = 26 * 20;
    auto const own = test::normals_of({1, 2}, 2, rows);
    auto const reading = test::normals_of({3, 4}, 1, rows);
    for (double const t : {0.0, 1.0, cell::hour, cell::month}) {
        for (double const g_max : {25e-6, 5e-6}) {  // programming noise scales with g_max
            auto const g = pcm_column({.g_max = g_max, .time = t}, own, reading);
            double worst = 0;
            for (std::size_t r = 0; r < rows; ++r) {
                double const right = pcm_device(static_cast<double>(r % 26), t, static_cast<double>(own[r]),
                                                static_cast<double>(own[rows + r]), static_cast<double>(reading[r]));
                worst = std::max(worst, std::abs(g[r] - right));
            }
            CHECK(worst < 1e-5);  // states are single precision
        }
    }
}

TEST_CASE("cell::pcm: just programmed is programming noise only, and never nothing") {
    // aihwkit 1.1.0 hands out no conductances at t = 0 where all noise is applied at once.
    auto const g = test::conductances_of(cell::pcm{}, 20, 26, 1000);
    CHECK(testing::moments_of(std::span<double const>{g}).mean == test::relative(20e-6).epsilon(0.01));
    CHECK(test::conductances_of(cell::pcm{}, 20, 26, 1000, 0, 1) == g);  // whatever the reading
    CHECK(test::conductances_of(cell::pcm{.drift = false, .flicker_noise = false}, 20, 26, 1000) == g);
}

TEST_CASE("cell::pcm: 1/f noise has the share of the programmed conductance") {
    // Target 12.5 uS, programmed 3 deviations too low: 9.435 uS, not 12.5 uS, decides on q.
    std::vector<float> states{1};
    std::vector<float> const own{-3, 0};
    cell::pcm const c{.time = cell::day, .drift = false};
    auto const read = [&](float z) {
        std::vector<float> state{1};
        c.program(column_of_cells{state, own, 1, 3, {}, std::span<float const>{&z, 1}});
        return static_cast<double>(state[0]) * 12.5;
    };
    double const programmed = 12.5 - 3 * (0.26348 + 1.9650 / 2 - 1.1731 / 4);
    CHECK(read(0) == test::relative(programmed));
    double const q = (read(1) / read(0) - 1) / std::sqrt(std::log((cell::day + 20 + 250e-9) / 500e-9));
    CHECK(q == test::relative(0.0088 / std::pow(programmed / 25, 0.65)));
    CHECK(q != test::relative(0.0088 / std::pow(0.5, 0.65)).epsilon(0.05));
}

TEST_CASE("cell::pcm: the same chip at another time is the same devices, another reading another noise") {
    cell::pcm const at_once{.flicker_noise = false};
    auto later = at_once;
    later.time = cell::hour;
    auto much_later = at_once;
    much_later.time = cell::day;
    auto const g0 = test::conductances_of(at_once, 20, 26, 500);
    auto const g1 = test::conductances_of(later, 20, 26, 500);
    auto const g2 = test::conductances_of(much_later, 20, 26, 500);
    for (std::size_t i = 0; i < g0.size(); ++i) {
        // One exponent a device at all times.
        double const nu = -std::log(g1[i] / g0[i]) / std::log((3600 + 20) / 20.0);
        CHECK(g2[i] / g0[i] == test::relative(std::pow((86400 + 20) / 20.0, -nu)).epsilon(1e-5));
    }
    cell::pcm const noisy{.time = cell::hour};
    CHECK(test::conductances_of(noisy, 20, 26, 500, 7, 1) == test::conductances_of(noisy, 20, 26, 500, 7, 1));
    CHECK(test::conductances_of(noisy, 20, 26, 500, 7, 1) != test::conductances_of(noisy, 20, 26, 500, 7, 2));
}

TEST_CASE("cell::pcm: every effect can be switched off") {
    cell::pcm const ideal{
        .g_min = 1e-6, .time = cell::day, .programming_noise = false, .drift = false, .flicker_noise = false};
    for (int level = 0; level < 5; ++level) {
        for (double const g : test::conductances_of(ideal, level, 5, 10)) {
            CHECK(g == test::relative((1 + 6 * level) * 1e-6));
        }
    }
    CHECK(ideal.off_state(5) == test::relative(1.0 / 6));
    auto drifts = ideal;
    drifts.drift = true;
    CHECK(test::conductances_of(drifts, 4, 5, 10)[0] < 20e-6);
}

TEST_CASE("cell::pcm: nanosecond noise belongs to each device and its row's own duration") {
    cell::pcm const c{.pulse_unit = 1e-9};
    double const step = 25.0 / 127;  // uS
    for (int const level : {1, -1, 10, 127}) {
        double const l = std::log10(std::abs(level));
        double const a =
            0.02578764 - 0.0146159 * l + 0.00655714 * l * l - 0.00187352 * std::pow(l, 3) + 0.00021926 * std::pow(l, 4);
        double const b = 0.117763144 - 0.0677079241 * l + 0.0307015063 * l * l - 0.00908576764 * std::pow(l, 3) +
                         0.00111906167 * std::pow(l, 4);
        for (float const state : {0.0F, 40.0F, 127.0F}) {
            auto const terms = c.read_terms_of(state, 128);
            auto const drives = c.read_drives_of(level);
            double variance = 0;
            for (std::size_t k = 0; k < 3; ++k) {
                variance += static_cast<double>(terms[k]) * static_cast<double>(drives[k]);
            }
            double const sigma = (a * static_cast<double>(state) * step + b) / step * level;
            CHECK(variance == test::relative(sigma * sigma).epsilon(1e-5));
        }
    }
    // Inputs of zero: no noise, no failure.
    CHECK(c.read_drives_of(0) == std::array<float, 3>{});
    CHECK(cell::pcm{}.read_terms_of(3.0F, 128) == std::array<float, 3>{});
    CHECK(cell::pcm{}.read_drives_of(3) == std::array<float, 3>{});
    // Not extrapolated.
    CHECK(cell::pcm_pulse_noise(1e-12).share == cell::pcm_pulse_noise(1e-9).share);
    CHECK(cell::pcm_pulse_noise(1e-3).floor == cell::pcm_pulse_noise(512e-9).floor);
}

TEST_CASE("HERMES: programming, and both branches of drift and read noise") {
    auto const two = cell::hermes_two_devices();
    auto const one = cell::hermes_one_device();
    CHECK(two.programming_deviation(20.7e-6, 20.7e-6) == test::relative(1.09269857e-6));
    CHECK(one.programming_deviation(0, 10.35e-6) == test::relative(0.15781817e-6));
    CHECK(one.programming_deviation(0, 5e-6) == test::relative(0.15781817e-6 * 5 / 10.35));
    CHECK(two.drift_mean(0.05) == test::relative(-0.0387 * std::log(0.05) - 0.0182));
    CHECK(two.drift_mean(0) == 0.13);
    CHECK(two.drift_mean(1) == test::relative(0.0174));
    CHECK(one.drift_mean(1) == two.drift_mean(1));
    CHECK(one.drift_deviation(0.3) == test::relative(0.0124));
    CHECK(one.drift_deviation(1) == test::relative(0.0055));
    CHECK(two.drift_deviation(0.5) == test::relative(-0.0118 / 4 + 0.0093 / 2 + 0.0073));
    CHECK(two.read_share_of(0, 1) == 0.04);
    CHECK(two.read_share_of(1, 1) == test::relative(0.0123));
    CHECK(one.read_share_of(0.5, 1) == test::relative(0.0664 / 8 - 0.1352 / 4 + 0.0768 / 2 + 0.0088));
    CHECK(two.read_growth(0) == test::relative(std::sqrt(std::log((300 + 512e-9) / 1024e-9))));
    // Branches meet, as well as the published ones do.
    for (auto const& law : {one, two}) {
        for (auto const& branches :
             {law.drift_mean, law.drift_deviation, std::get<cell::two_branches>(law.read_share)}) {
            CHECK(branches(branches.boundary) ==
                  test::relative(branches(branches.boundary * (1 - 1e-9))).epsilon(0.02));
        }
    }
    cell::pcm const c{.law = two, .time = cell::day};
    CHECK(c.g_max == 20.7e-6);
    CHECK(c.wrong().empty());
    CHECK(to_string(c) ==
          "PCM (HERMES, two devices), 256 levels, 0.000000 uS to 20.700000 uS, 86400.000000 s after programming");
    CHECK(cell::pcm{.law = one, .g_max = 20.7e-6}.wrong() ==
          "cell::pcm.g_max is 20.700000 uS; PCM (HERMES, one device) was characterised up to 10.350000 uS");
}

TEST_CASE("cell::pcm says what is wrong") {
    CHECK(cell::pcm{}.wrong().empty());
    CHECK(cell::pcm{.levels = 1}.wrong() == "cell::pcm.levels is 1; 2 to 256 are possible");
    CHECK(cell::pcm{.g_min = 30e-6}.wrong() ==
          "cell::pcm.g_min is 30.000000 uS and cell::pcm.g_max 25.000000 uS; finite conductances with 0 <= g_min < "
          "g_max are needed");
    CHECK(cell::pcm{.time = -1}.wrong() ==
          "cell::pcm.time is -1.000000; a finite number of seconds from 0 on is needed");
    CHECK(cell::pcm{.pulse_unit = -1}.wrong().starts_with("cell::pcm.pulse_unit"));
    CHECK(cell::pcm{.g_max = std::nan("")}.wrong().starts_with("cell::pcm.g_min"));
}
