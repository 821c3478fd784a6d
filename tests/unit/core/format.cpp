#include <doctest/doctest.h>

#include <xcim/core/format.hpp>
#include <xcim/core/geometry.hpp>

TEST_CASE("a format knows its codes") {
    CHECK(xcim::format{8, true}.lowest() == -128);
    CHECK(xcim::format{8, true}.highest() == 127);
    CHECK(xcim::format{8, false}.lowest() == 0);
    CHECK(xcim::format{8, false}.highest() == 255);
    CHECK(xcim::format{16, false}.highest() == 65535);
    CHECK(xcim::format{2, true}.lowest() == -2);
    CHECK(xcim::format{1, false}.highest() == 1);
}

TEST_CASE("a scale's step is its full scale over the highest code") {
    CHECK(xcim::scale{2.0F, 4}.step() == 0.5);
    CHECK(xcim::scale{}.step() == 1.0);
}

TEST_CASE("rows of a layer are channels times kernel area") {
    CHECK(xcim::weight_shape{8, 3, 9}.rows() == 27);
    CHECK(xcim::weight_shape{8, 5}.rows() == 5);
}
