#include <doctest/doctest.h>

#include <xcim/encoding/bit_parallel.hpp>

TEST_CASE("encoding::bit_parallel: phases are ceil(B / bits), signed ceil((B - 1) / bits) + 1") {
    for (int width = 1; width <= 16; ++width) {
        for (int bits = 1; bits <= 16; ++bits) {
            xcim::encoding::bit_parallel const e{width};
            CHECK(e.digits({bits, false}).count() == (bits + width - 1) / width);
            if (bits > 1) {
                CHECK(e.digits({bits, true}).count() == (bits - 1 + width - 1) / width + 1);
            }
        }
    }
    CHECK(to_string(xcim::encoding::bit_parallel{3}) == "bit_parallel 3 bit");
}
