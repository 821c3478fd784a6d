#include <doctest/doctest.h>

#include <xcim/wire/ladder.hpp>
#include <xcim/wire/static_drop.hpp>

#include <algorithm>
#include <vector>

using namespace xcim;

TEST_CASE("wire::static_drop is the published formula") {
    wire::static_drop const drop{.scale = 2, .bit_line_resistance = 2e4, .largest_conductance = 5e-6};
    std::vector<double> const weights{0.5, 1, -1, 0.25};  // (2 rows, 2 columns)
    std::vector<double> const inputs{1, 0.5};
    std::vector<double> y(2);
    drop.product(weights, inputs, y);
    // Column 0: a = 2 * 0.1 * (0.5 + 0.5), c = 0.0004 - 0.008 + 0.1; row 1 counts 1 - (1 - 1/2)^2.
    CHECK(y[0] == doctest::Approx(0 - 2 * 0.0924 * (-0.5 * 0.75)));
    // Column 1: a = 0.225.
    double const c = 0.05 * 0.225 * 0.225 * 0.225 - 0.2 * 0.225 * 0.225 + 0.5 * 0.225;
    CHECK(y[1] == doctest::Approx(1.125 - 2 * c * (0.125 * 0.75)));
}

TEST_CASE("wire::static_drop: first order of the exact ladder, with row 0 next to the sense node") {
    std::size_t const rows = 400;
    wire::static_drop const drop{.bit_line_resistance = 0.05, .largest_conductance = 5e-6};
    std::vector<double> const weights(rows, 0.5);
    std::vector<double> const ones(rows, 1.0);
    std::vector<double> y(1);
    drop.product(weights, ones, y);
    auto const exact = wire::every_cell{}(rows, 1, {drop.bit_line_resistance, drop.bit_line_resistance},
                                          [](std::size_t, std::span<double> row) { row[0] = 0.5 * 5e-6; });
    double const lost = 200 - exact.seen[0] / 5e-6;
    CHECK(lost > 1);
    CHECK(200 - y[0] == doctest::Approx(lost).epsilon(0.02));

    // A quarter of the inputs is driven. Near row 0 little is lost, far from it more than on average.
    std::vector<double> quarter(rows);
    std::fill_n(quarter.begin(), rows / 4, 1.0);
    drop.product(weights, quarter, y);
    double const first = 50 - y[0];
    std::ranges::reverse(quarter);
    drop.product(weights, quarter, y);
    CHECK(50 - y[0] > 3 * first);
}

TEST_CASE("wire::static_drop: no wire, no drop; tensors that do not fit are an error") {
    std::vector<double> y(1);
    wire::static_drop{.bit_line_resistance = 0}.product(std::vector<double>{0.5, -0.25}, std::vector<double>{1, 1}, y);
    CHECK(y[0] == 0.25);
    CHECK_THROWS_WITH_AS(
        wire::static_drop{}.product(std::vector<double>{0.5}, std::vector<double>{1, 1}, y),
        "xcim: wire::static_drop.product: weights have 1 elements; inputs * outputs, 2 * 1, are needed", error);
    CHECK(wire::static_drop{}.wrong().empty());
    CHECK(wire::static_drop{.scale = -1}.wrong() ==
          "wire::static_drop.scale is -1.000000; a finite number from 0 on is needed");
    CHECK(to_string(wire::static_drop{}) == "static IR drop, 0.350000 ohm a cell");
}
