#include <doctest/doctest.h>

#include <xcim/testing/interconnect.hpp>
#include <xcim/wire/ideal.hpp>

#include <vector>

TEST_CASE("wire::ideal leaves the states alone") {
    std::vector<float> const states{0, 1, 2, 3};
    xcim::wire::ideal const wire;
    xcim::testing::array_of_states a{2, 2, states, {}};
    a.apply(wire);
    CHECK(a.effective == states);
    CHECK(to_string(wire) == "ideal wires");
}
