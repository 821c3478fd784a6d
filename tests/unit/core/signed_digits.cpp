#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/core/signed_digits.hpp>
#include <xcim/testing/digit_code.hpp>

namespace {

/// Groups of a fixed width.
struct sign_magnitude_code {
    int lowest_width;
    int width;
    [[nodiscard]] xcim::sign_magnitude_digits digits(xcim::format f) const { return {f, lowest_width, width}; }
};

}  // namespace

TEST_CASE("sign and magnitude digits of every code sum to it, whatever their widths") {
    for (int lowest_width = 1; lowest_width <= 16; ++lowest_width) {
        for (int width = 1; width <= 16; ++width) {
            CHECK_LAWS(xcim::testing::check_digit_code(sign_magnitude_code{lowest_width, width}, 9));
        }
    }
    CHECK_LAWS(xcim::testing::check_digit_code(sign_magnitude_code{16, 16}, 16));
    CHECK_LAWS(xcim::testing::check_digit_code(sign_magnitude_code{5, 10}, 15));
}

TEST_CASE("sign and magnitude digits: the first group has a width of its own, every digit the sign of the code") {
    xcim::sign_magnitude_digits const d{{8, true}, 3, 2};  // 3 + 2 + 2 magnitude bits
    REQUIRE(d.count() == 3);
    int const bits[] = {3, 2, 2};
    int const weights[] = {1, 8, 32};
    for (int i = 0; i < 3; ++i) {
        CHECK(d.magnitude_bits(i) == bits[i]);
        CHECK(d.levels(i) == 2 << bits[i]);
        CHECK(d.weight(i) == weights[i]);
        CHECK(d.is_signed(i));
        CHECK(d.level(0, i) == 0);
        for (int code = 1; code < 128; ++code) {
            CHECK(d.level(-code, i) == -d.level(code, i));
            CHECK(d.level(code, i) == (code / weights[i]) % (1 << bits[i]));
        }
    }
    CHECK(d.level(-128, 2) == -4);  // the one code whose top digit leaves the symmetric range
    CHECK(d.level(-128, 1) == 0);
}

TEST_CASE("sign and magnitude digits of unsigned formats have no sign") {
    xcim::sign_magnitude_digits const d{{8, false}, 3, 16};
    REQUIRE(d.count() == 2);
    CHECK_FALSE(d.is_signed(0));
    CHECK(d.levels(0) == 8);
    CHECK(d.levels(1) == 32);
    CHECK(d.level(255, 1) == 31);
}
