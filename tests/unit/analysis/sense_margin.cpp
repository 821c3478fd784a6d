#include <doctest/doctest.h>

#include <tests/support/files.hpp>
#include <xcim/analysis/sense_margin.hpp>

#include <array>
#include <cmath>
#include <vector>

namespace {

using xcim::errc;
using xcim::analysis::largest_limit;
using xcim::analysis::largest_on_deviation;
using xcim::analysis::misread_probability;
using xcim::analysis::sense_margin;
using xcim::analysis::simulate_sense;
using xcim::noise::cell_sense;
using xcim::test::fails;

double two_decimals(double fraction) { return std::round(fraction * 1e4) / 100; }

}  // namespace

TEST_CASE("sense_margin: the deviations of on currents that allow 4, 8, 16 and 32 word lines at 6 sigma") {
    CHECK(two_decimals(*largest_on_deviation(4)) == 4.17);
    CHECK(two_decimals(*largest_on_deviation(8)) == 2.95);
    CHECK(two_decimals(*largest_on_deviation(16)) == 2.08);
    CHECK(two_decimals(*largest_on_deviation(32)) == 1.47);
    for (int const limit : {1, 4, 8, 16, 32}) {
        CHECK(*largest_on_deviation(limit) == doctest::Approx(1 / (12 * std::sqrt(limit))).epsilon(1e-12));
        CHECK(sense_margin({.on = 1 / (12 * std::sqrt(limit))}, limit) == doctest::Approx(6).epsilon(1e-12));
    }
    // A choice of 8 and not 16 says that on lies between these two.
    CHECK(largest_limit({.on = 0.0209}) == 8);
    CHECK(largest_limit({.on = 0.0294}) == 8);
    CHECK(largest_limit({.on = 0.0295}) == 4);
    CHECK(largest_limit({.on = 0.0207}) == 16);
}

TEST_CASE("sense_margin: off cells and the converter, by hand") {
    // 8 word lines: 8 * 0.02^2 + 0.03^2 = 0.0041 where all are on, half a step is 0.375.
    cell_sense const cells{.on = 0.02, .ratio = 4, .off = 0.04, .converter = 0.03};
    CHECK(sense_margin(cells, 8) == doctest::Approx(0.375 / std::sqrt(0.0041)).epsilon(1e-12));
    // Where off cells vary more, the level 0 decides: 8 * 0.05^2 + 0.03^2 = 0.0209.
    CHECK(sense_margin({.on = 0.02, .ratio = 4, .off = 0.2, .converter = 0.03}, 8) ==
          doctest::Approx(0.375 / std::sqrt(0.0209)).epsilon(1e-12));
    CHECK(std::isinf(sense_margin({}, 8)));
    for (int limit = 1; limit < 40; ++limit) {
        double smallest = 1e9;
        for (int k = 0; k <= limit; ++k) {
            smallest = std::min(smallest, 0.375 / std::sqrt(cells.variance(k, limit)));
        }
        CHECK(sense_margin(cells, limit) == smallest);
    }
}

TEST_CASE("largest_limit: any candidates, sigmas and none") {
    cell_sense const cells{.on = 0.0294};
    std::array const odd{12, 3, 9, 7, 8};
    CHECK(largest_limit(cells, 6, odd) == 8);
    CHECK(largest_limit(cells, 5, odd) == 9);
    CHECK(largest_limit(cells, 4, odd) == 12);
    CHECK(largest_limit(cells, 100, odd) == std::nullopt);
    CHECK(largest_limit({.converter = 0.1}) == std::nullopt);
    CHECK(largest_limit({.converter = 0.08}) == 1024);
    CHECK(largest_limit(cells, 3) == 32);
}

TEST_CASE("largest_on_deviation: what off cells and the converter leave") {
    cell_sense const rest{.ratio = 5, .off = 0.05, .converter = 0.04};
    for (int const limit : {1, 8, 16}) {
        auto cells = rest;
        cells.on = *largest_on_deviation(limit, rest);
        CHECK(sense_margin(cells, limit) == doctest::Approx(6).epsilon(1e-12));
    }
    CHECK(largest_on_deviation(8, {.converter = 0.09}) == std::nullopt);
    CHECK(largest_on_deviation(64, {.ratio = 5, .off = 0.05, .converter = 0.04}, 6) == std::nullopt);
    CHECK(largest_on_deviation(64, {.ratio = 5, .off = 0.05, .converter = 0.04}, 4) != std::nullopt);
}

TEST_CASE("misread_probability: both boundaries, one at the ends") {
    cell_sense const cells{.on = 0.1, .converter = 0.2};
    auto const tail = [](double margin) { return 0.5 * std::erfc(margin / std::sqrt(2.0)); };
    CHECK(misread_probability(cells, 8, 0) == doctest::Approx(tail(0.5 / 0.2)).epsilon(1e-9));
    CHECK(misread_probability(cells, 8, 5) == doctest::Approx(2 * tail(0.5 / 0.3)).epsilon(1e-9));
    CHECK(misread_probability(cells, 8, 8) == doctest::Approx(tail(0.5 / std::sqrt(0.12))).epsilon(1e-9));
    CHECK(misread_probability({.on = 1 / (12 * std::sqrt(8))}, 8, 8) == doctest::Approx(9.87e-10).epsilon(1e-3));
    CHECK(misread_probability({}, 8, 3) == 0);
}

TEST_CASE("simulate_sense: levels without variation are exact, threads change nothing, seeds do") {
    auto const still = simulate_sense({.ratio = 4}, 4, {.samples = 300});
    for (int k = 0; k <= 4; ++k) {
        for (int code = 0; code <= 4; ++code) {
            CHECK(still.probability(k, code) == (k == code ? 1 : 0));
        }
    }
    CHECK(simulate_sense({}, 4, {.samples = 300}).errors == std::vector<xcim::noise::level_error>(5));
    CHECK(std::isinf(simulate_sense({}, 4, {.samples = 300}).margin()));

    cell_sense const cells{.on = 0.2, .ratio = 6, .off = 0.3, .converter = 0.1};
    auto const one = simulate_sense(cells, 5, {.samples = 1000});
    auto const three = simulate_sense(cells, 5, {.samples = 1000, .threads = 3});
    CHECK(one.errors == three.errors);
    CHECK(one.confusion == three.confusion);
    CHECK(simulate_sense(cells, 5, {.samples = 1000, .seed = 2}).errors != one.errors);
    for (int k = 0; k <= 5; ++k) {
        double sum = 0;
        for (int code = 0; code <= 5; ++code) {
            sum += one.probability(k, code);
        }
        CHECK(sum == doctest::Approx(1).epsilon(1e-12));
    }
}

TEST_CASE("sense margins refuse what is out of range") {
    CHECK(fails([] { static_cast<void>(sense_margin({}, 0)); }, errc::range));
    CHECK(fails([] { static_cast<void>(sense_margin({}, 5000)); }, errc::range));
    CHECK(fails([] { static_cast<void>(sense_margin({.on = -1}, 8)); }, errc::range));
    CHECK(fails([] { static_cast<void>(sense_margin({.ratio = 1}, 8)); }, errc::range));
    CHECK(fails([] { static_cast<void>(misread_probability({}, 8, 9)); }, errc::range));
    CHECK(fails([] { static_cast<void>(simulate_sense({}, 8, {.samples = 1})); }, errc::range));
    CHECK(fails([] { static_cast<void>(simulate_sense({.off = -1}, 8)); }, errc::range));
    CHECK_THROWS(static_cast<void>(simulate_sense({}, 2, {.samples = 10}).probability(3, 0)));
}
