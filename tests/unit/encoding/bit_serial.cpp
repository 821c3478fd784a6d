#include <doctest/doctest.h>

#include <xcim/encoding/bit_serial.hpp>

TEST_CASE("encoding::bit_serial drives one bit a phase") {
    auto const d = xcim::encoding::bit_serial{}.digits({8, true});
    CHECK(d.count() == 8);
    for (int i = 0; i < 8; ++i) {
        CHECK(d.levels(i) == 2);
        CHECK(d.weight(i) == (i == 7 ? -128 : 1 << i));
        CHECK(d.level(-1, i) == 1);
    }
    CHECK(to_string(xcim::encoding::bit_serial{}) == "bit_serial");
}
