#include <doctest/doctest.h>

#include <xcim/cell/sram.hpp>

TEST_CASE("cell::sram is an AND of two levels") {
    xcim::cell::sram const cell;
    auto const k = cell.prepare({256, 8});
    CHECK(k(1.0F, 7.0F) == 7.0F);
    CHECK(k(0.0F, 7.0F) == 0.0F);
    CHECK(int{cell.levels} == 2);
    CHECK(to_string(cell) == "SRAM cell");
}
