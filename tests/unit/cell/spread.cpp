#include <doctest/doctest.h>

#include <tests/unit/cell/devices.hpp>
#include <xcim/cell/spread.hpp>

#include <cmath>

using namespace xcim;
using cell::spread;

TEST_CASE("cell::spread: every law of a device") {
    double const g = 20e-6;
    double const g_max = 100e-6;
    CHECK(spread::none().programmed(g, g_max, 3) == g);
    CHECK(spread::constant(0.02).programmed(g, g_max, -1.5) == test::relative(17e-6));
    CHECK(spread::proportional(0.02).programmed(g, g_max, -1.5) == test::relative(19.4e-6));
    CHECK(spread::inverse(0.02).programmed(g, g_max, -1.5) == test::relative(5e-6));
    CHECK(spread::inverse(0.02).programmed(0, g_max, -1.5) == 0);  // no error without a conductance
    CHECK(spread::lognormal(0.3, cell::keeps::median).programmed(g, g_max, 2) == test::relative(g * std::exp(0.6)));
    CHECK(spread::lognormal(0.3, cell::keeps::mean).programmed(g, g_max, 2) ==
          test::relative(g * std::exp(0.6 - 0.045)));
}

TEST_CASE("cell::spread: uniform numbers come from the normal one") {
    // Phi(-1) = 0.158655: u = -0.682689.
    double const u = -0.6826894921;
    CHECK(spread::uniform_constant(0.1).programmed(0.2, 1, -1) == test::relative(0.2 + 0.1 * u));
    CHECK(spread::uniform_proportional(0.1).programmed(0.2, 1, -1) == test::relative(0.2 * (1 + 0.1 * u)));
    CHECK(spread::uniform_inverse(0.1).programmed(0.2, 1, -1) == test::relative(0.2 + 0.5 * u));
    CHECK(spread::uniform_constant(0.1).programmed(0.2, 1, 9) == test::relative(0.3));
    CHECK(spread::uniform_constant(0.1).programmed(0.2, 1, 0) == 0.2);
}

TEST_CASE("cell::spread: mean, median and deviation of log-normal conductances") {
    // Integrals of the density, s = 0.5.
    CHECK(cell::lognormal_mean_over_median(0.5) == test::relative(1.133148453));
    CHECK(cell::lognormal_deviation_over_mean(0.5) == test::relative(0.532940308));
    CHECK(cell::lognormal_deviation_over_mean(1e-9) == test::relative(1e-9));
    double mean = 0;
    double square = 0;
    for (double z = -9; z < 9; z += 1e-3) {
        double const weight = std::exp(-z * z / 2) / std::sqrt(2 * 3.14159265358979323846) * 1e-3;
        double const g = spread::lognormal(0.5, cell::keeps::mean).programmed(1, 1, z);
        mean += weight * g;
        square += weight * g * g;
    }
    CHECK(mean == test::relative(1).epsilon(1e-9));
    CHECK(std::sqrt(square - mean * mean) == test::relative(cell::lognormal_deviation_over_mean(0.5)).epsilon(1e-8));
}

TEST_CASE("cell::spread says what it is and what is wrong") {
    CHECK(to_string(spread::none()) == "no spread");
    CHECK(to_string(spread::proportional(0.025)) == "normal, 2.500000 % of each level");
    CHECK(to_string(spread::uniform_constant(0.01)) == "uniform, +-1.000000 % of the largest conductance");
    CHECK(to_string(spread::lognormal(0.2, cell::keeps::mean)) == "log-normal, 0.200000, keeps the mean");
    CHECK(spread::constant(-1).wrong("x") == "x is -1.000000; a finite number from 0 on is needed");
    CHECK(spread::none() == spread{});
}
