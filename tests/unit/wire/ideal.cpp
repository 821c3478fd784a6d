#include <doctest/doctest.h>

#include <xcim/wire/ideal.hpp>

#include <vector>

TEST_CASE("wire::ideal leaves the states alone") {
    std::vector<float> states{0, 1, 2, 3};
    xcim::wire::ideal const wire;
    wire.apply(states, 2, 2);
    CHECK(states == std::vector<float>{0, 1, 2, 3});
    CHECK(to_string(wire) == "ideal wires");
}
