/// A new encoder is one line here.

#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/encoding.hpp>
#include <xcim/testing/digit_code.hpp>

using xcim::testing::check_digit_code;

TEST_CASE("Encoder: laws of every model") {
    CHECK_LAWS(check_digit_code(xcim::encoding::bit_serial{}, 12));
    for (int bits = 1; bits <= 16; ++bits) {
        CAPTURE(bits);
        CHECK_LAWS(check_digit_code(xcim::encoding::bit_parallel{bits}, 12));
    }
    CHECK_LAWS(check_digit_code(xcim::encoding::bit_parallel{xcim::c<3>}));
    CHECK_LAWS(check_digit_code(xcim::encoding::mismatched_dac{3}));
}
