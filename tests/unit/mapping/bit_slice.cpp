#include <doctest/doctest.h>

#include <xcim/mapping/bit_slice.hpp>

TEST_CASE("mapping::bit_slice takes whole arrays of rows and cuts through kernel windows") {
    xcim::mapping::bit_slice const m{.array = {100, 64}};
    CHECK(m.tile_rows({8, 99, 1}) == 99);
    CHECK(m.tile_rows({8, 100, 1}) == 100);
    CHECK(m.tile_rows({8, 101, 1}) == 100);
    CHECK(m.tile_rows({8, 64, 9}) == 100);
}

TEST_CASE("mapping::bit_slice stores cell_bits bits a cell, the sign bit alone") {
    xcim::mapping::bit_slice const m{.array = {}, .cell_bits = 2};
    auto const d = m.digits({8, true});
    CHECK(d.count() == 5);  // 2, 2, 2, 1 and the sign
    CHECK(d.levels(0) == 4);
    CHECK(d.levels(3) == 2);
    CHECK(d.weight(4) == -128);
    CHECK(to_string(m) == "bit_slice 256x64, 2 bit/cell");
}
