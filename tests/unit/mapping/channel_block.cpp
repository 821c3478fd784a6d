#include <doctest/doctest.h>

#include <xcim/mapping/channel_block.hpp>

TEST_CASE("mapping::channel_block keeps kernel windows whole") {
    xcim::mapping::channel_block const m{.array = {255, 64}};
    CHECK(m.tile_rows({8, 64, 9}) == 252);    // 28 channels of 9 rows
    CHECK(m.tile_rows({8, 10, 9}) == 90);     // the whole layer
    CHECK(m.tile_rows({8, 1000, 1}) == 255);  // linear: blocks of rows
    CHECK(m.tile_rows({8, 4, 256}) == 255);   // a window larger than the array is cut
    CHECK(m.tile_rows({8, 4, 255}) == 255);
}

TEST_CASE("mapping::channel_block stores digits as bit_slice does") {
    xcim::mapping::channel_block const m{.array = {64, 64}, .cell_bits = 3};
    auto const d = m.digits({8, true});
    CHECK(d.count() == 4);
    CHECK(d.levels(2) == 2);
    CHECK(to_string(m) == "channel_block 64x64, 3 bit/cell");
}
