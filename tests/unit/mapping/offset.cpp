#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/mapping/offset.hpp>
#include <xcim/testing/mapper.hpp>

TEST_CASE("mapping::offset: levels start at the lowest code, which is added digitally") {
    xcim::mapping::offset const m{.array = {100, 64}, .cell_bits = 3};
    auto const d = m.digits({8, true});
    REQUIRE(d.count() == 3);  // 3, 3 and 2 bits
    CHECK(d.bias() == -128);
    CHECK(d.levels(0) == 8);
    CHECK(d.levels(2) == 4);
    CHECK(d.weight(2) == 64);
    for (int i = 0; i < 3; ++i) {
        CHECK(d.level(-128, i) == 0);
        CHECK(d.level(127, i) == d.levels(i) - 1);
    }
    CHECK(m.digits({8, false}).bias() == 0);
    CHECK(m.digits({8, false}).level(255, 0) == 7);
    CHECK(xcim::mapping::offset{{100, 64}, 8}.digits({8, true}).level(-1, 0) == 127);
}

TEST_CASE("mapping::offset keeps the laws of a mapper") {
    for (int cell_bits = 1; cell_bits <= 16; ++cell_bits) {
        CHECK_LAWS(xcim::testing::check_mapper(xcim::mapping::offset{{33, 64}, cell_bits}));
        CHECK_LAWS(xcim::testing::check_digit_code(xcim::mapping::offset{{33, 64}, cell_bits}, 16));
    }
    CHECK(xcim::mapping::offset{{}, 0}.wrong() == "mapping::offset.cell_bits is 0; 1 to 16 are possible");
    CHECK(to_string(xcim::mapping::offset{{64, 32}, 8}) == "offset 64x32, 8 bit/cell");
}
