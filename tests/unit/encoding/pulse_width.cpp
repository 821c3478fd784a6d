#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/encoding/pulse_width.hpp>
#include <xcim/testing/digit_code.hpp>

#include <cstdlib>

namespace {

using xcim::encoding::pulse_width;
using pulse_passes = xcim::encoding::passes;

}  // namespace

TEST_CASE("encoding::pulse_width: one pulse as long as the magnitude") {
    auto const d = pulse_width{}.digits({8, true});
    REQUIRE(d.count() == 1);
    CHECK(d.is_signed(0));
    CHECK(d.levels(0) == 256);
    CHECK(d.weight(0) == 1);
    for (int code = -127; code <= 127; ++code) {
        CHECK(d.level(code, 0) == code);
    }
    auto const plain = pulse_width{}.digits({8, false});
    REQUIRE(plain.count() == 1);
    CHECK_FALSE(plain.is_signed(0));
    CHECK(plain.level(255, 0) == 255);
}

TEST_CASE("encoding::pulse_width split: n = k 2^m + l, both with the sign of the input") {
    auto const d = pulse_width{pulse_passes::split}.digits({8, true});
    REQUIRE(d.count() == 2);
    CHECK(d.weight(0) == 1);
    CHECK(d.weight(1) == 8);
    for (int code = -127; code <= 127; ++code) {
        CHECK(d.level(code, 0) == code % 8);  // towards zero in C++
        CHECK(d.level(code, 1) == code / 8);
        CHECK(std::abs(d.level(code, 0)) < 8);   // 2^m - 1 units of time at most
        CHECK(std::abs(d.level(code, 1)) < 16);  // 2^(b - m) - 1
    }
    CHECK(pulse_width{pulse_passes::split, 7}.digits({8, true}).count() == 1);  // nothing is left for a second pulse
    CHECK(pulse_width{pulse_passes::split, 7}.digits({8, false}).count() == 2);
}

TEST_CASE("encoding::pulse_width bit_wise: a pulse of unit length for every magnitude bit") {
    auto const d = pulse_width{pulse_passes::bit_wise}.digits({8, true});
    REQUIRE(d.count() == 7);
    for (int i = 0; i < 7; ++i) {
        CHECK(d.weight(i) == 1 << i);
        CHECK(d.levels(i) == 4);
        CHECK(d.level(-85, i) == (i % 2 == 0 ? -1 : 0));
        CHECK(d.level(127, i) == 1);
    }
    CHECK(d.level(-128, 6) == -2);
    CHECK(pulse_width{pulse_passes::bit_wise}.digits({8, false}).count() == 8);
}

TEST_CASE("encoding::pulse_width: the digits of every code of every format that fits sum to it") {
    CHECK_LAWS(xcim::testing::check_digit_code(pulse_width{}, 16));
    CHECK_LAWS(xcim::testing::check_digit_code(pulse_width{pulse_passes::bit_wise}, 9));
    for (int low_bits = 1; low_bits <= 15; ++low_bits) {
        CHECK_LAWS(
            xcim::testing::check_digit_code(pulse_width{pulse_passes::split, low_bits}, low_bits == 15 ? 16 : 15));
    }
    auto const wide = xcim::testing::check_digit_code(pulse_width{pulse_passes::bit_wise}, xcim::format{10, true});
    CHECK(to_string(wide).find("take more than 16 bits") != std::string::npos);
}

TEST_CASE("encoding::pulse_width says its name and which numbers are possible") {
    CHECK(pulse_width{pulse_passes::split, 15}.wrong().empty());
    CHECK(pulse_width{pulse_passes::split, 0}.wrong() == "encoding::pulse_width.low_bits is 0; 1 to 15 are possible");
    CHECK(pulse_width{.passes = pulse_passes::split, .low_bits = 16}.wrong() ==
          "encoding::pulse_width.low_bits is 16; 1 to 15 are possible");
    CHECK(to_string(pulse_width{}) == "pulse_width one_pass");
    CHECK(to_string(pulse_width{pulse_passes::split, 4}) == "pulse_width split, 4 low bits");
    CHECK(to_string(pulse_width{pulse_passes::bit_wise}) == "pulse_width bit_wise");
}
