#include <doctest/doctest.h>

#include <xcim/cell/current.hpp>

#include <vector>

using namespace xcim;

TEST_CASE("cell::current: driven cells vary with their current, cells at level 0 by themselves") {
    std::vector<float> states{1, 0, 3};
    std::vector<float> const normals{2, -1, 1};
    cell::current{.levels = 4, .variation = 0.1, .off_variation = 0.05}.program(column_of_cells{states, normals, 3, 4});
    CHECK(states[0] == doctest::Approx(1.2));
    CHECK(states[1] == doctest::Approx(-0.05));
    CHECK(states[2] == doctest::Approx(3.3));
    CHECK(cell::current{.variation = -0.1}.wrong() ==
          "cell::current has variation -0.100000; a finite number from 0 on is needed");
    CHECK(cell::current{.levels = 1}.wrong() == "cell::current.levels is 1; 2 to 256 are possible");
}
