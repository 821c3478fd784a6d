/// A new encoder is one line here.

#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/encoding.hpp>
#include <xcim/testing/digit_code.hpp>
#include <xcim/testing/schedule.hpp>

using xcim::testing::check_digit_code;

TEST_CASE("Encoder: laws of every model") {
    CHECK_LAWS(check_digit_code(xcim::encoding::bit_serial{}, 12));
    for (int bits = 1; bits <= 16; ++bits) {
        CAPTURE(bits);
        CHECK_LAWS(check_digit_code(xcim::encoding::bit_parallel{bits}, 12));
    }
    CHECK_LAWS(check_digit_code(xcim::encoding::bit_parallel{xcim::c<3>}));
    CHECK_LAWS(check_digit_code(xcim::encoding::mismatched_dac{3}));
    CHECK_LAWS(check_digit_code(xcim::encoding::analog_dac{}, 16));
    CHECK_LAWS(check_digit_code(xcim::encoding::pulse_width{}, 16));
    CHECK_LAWS(check_digit_code(xcim::encoding::pulse_width{xcim::encoding::passes::split}, 15));
    CHECK_LAWS(check_digit_code(xcim::encoding::pulse_width{xcim::encoding::passes::bit_wise}, 9));
    CHECK_LAWS(check_digit_code(xcim::encoding::bit_sift{}, 16));
    CHECK_LAWS(check_digit_code(xcim::encoding::bit_sift{.code = xcim::encoding::negatives::apart}, 8));
}

TEST_CASE("Encoder: laws of every schedule") {
    using namespace xcim;
    for (auto const rule : {sift_rule::next_fit, sift_rule::first_fit, sift_rule::ideal, sift_rule::fixed}) {
        for (std::size_t const rows : {1U, 31U, 32U, 65U, 1000U}) {
            CHECK_LAWS(testing::check_schedule(encoding::bit_sift{}, rows));
            CHECK_LAWS(testing::check_schedule(encoding::bit_sift{{.limit = 5, .slice = 7, .rule = rule}}, rows));
            CHECK_LAWS(testing::check_schedule(encoding::bit_sift{{.limit = 64, .slice = 48, .rule = rule}}, rows));
        }
    }
}
