#include <doctest/doctest.h>

#include <xcim/cell/ideal.hpp>

TEST_CASE("cell::ideal multiplies") {
    xcim::cell::ideal const cell{16};
    auto const k = cell.prepare({256, 4});
    CHECK(k(15.0F, 3.0F) == 45.0F);
    CHECK(k(0.0F, 3.0F) == 0.0F);
    CHECK(cell.levels == 16);
    CHECK(to_string(cell) == "ideal cell, 16 levels");
}
