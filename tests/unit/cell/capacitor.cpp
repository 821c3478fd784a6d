#include <doctest/doctest.h>

#include <xcim/cell/capacitor.hpp>

#include <numeric>
#include <vector>

using namespace xcim;

TEST_CASE("cell::capacitor weights cells by their share of the column's capacitance") {
    cell::capacitor const c{.unit_capacitance = 4e-15, .matching = 0.02};
    CHECK(c.deviation() == doctest::Approx(0.01));  // Pelgrom: four times the capacitance, half the deviation
    std::vector<float> states{1, 0, 1};
    std::vector<float> const normals{1, 5, -1, 0};
    c.program(column_of_cells{states, normals, 4, 2});
    double const total = 1.01 + 1.05 + 0.99 + 1;
    CHECK(states[0] == doctest::Approx(4 * 1.01 / total).epsilon(1e-6));
    CHECK(states[1] == 0.0F);
    CHECK(states[2] == doctest::Approx(4 * 0.99 / total).epsilon(1e-6));
}

TEST_CASE("cell::capacitor without mismatch is the ideal cell; parasitics cost signal unless the reference follows") {
    std::vector<float> const normals(8, 1.0F);
    auto const programmed = [&](cell::capacitor const& c) {
        std::vector<float> states{1, 1, 0};
        c.program(column_of_cells{states, normals, 8, 2});
        return states;
    };
    CHECK(programmed({.matching = 0}) == std::vector<float>{1, 1, 0});
    CHECK(programmed({.unit_capacitance = 1e-15, .matching = 0, .parasitic_capacitance = 8e-15})[0] == 0.5F);
    CHECK(programmed({.unit_capacitance = 1e-15,
                      .matching = 0,
                      .parasitic_capacitance = 8e-15,
                      .full_scale = cell::reference::attenuated})[0] == doctest::Approx(1));
    CHECK(cell::capacitor{.matching = -1}.wrong() ==
          "cell::capacitor.matching is -1.000000; a finite number from 0 on is needed");
}
