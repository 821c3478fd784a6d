/// A new mapper is one line here.

#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/mapping.hpp>
#include <xcim/testing/mapper.hpp>

using xcim::testing::check_mapper;

TEST_CASE("Mapper: laws of every model") {
    CHECK_LAWS(check_mapper(xcim::mapping::weight_parallel{{100, 64}}));
    for (int cell_bits = 1; cell_bits <= 8; ++cell_bits) {
        for (int const rows : {1, 9, 100, 255, 256}) {
            CAPTURE(cell_bits);
            CAPTURE(rows);
            CHECK_LAWS(check_mapper(xcim::mapping::bit_slice{{rows, 64}, cell_bits}));
            CHECK_LAWS(check_mapper(xcim::mapping::channel_block{{rows, 64}, cell_bits}));
            CHECK_LAWS(check_mapper(xcim::mapping::differential{{rows, 64}, cell_bits}));
            CHECK_LAWS(
                check_mapper(xcim::mapping::differential{{rows, 64}, cell_bits, xcim::mapping::subtraction::digital}));
            CHECK_LAWS(check_mapper(xcim::mapping::offset{{rows, 64}, cell_bits}));
        }
    }
}
