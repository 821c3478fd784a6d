#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/encoding/bit_sift.hpp>
#include <xcim/testing/digit_code.hpp>

#include <cstdint>
#include <vector>

namespace {

using xcim::encoding::bit_sift;
using xcim::encoding::negatives;
constexpr bit_sift sift_apart{.code = negatives::apart};

}  // namespace

TEST_CASE("encoding::bit_sift: planes of two's complement are the bits") {
    auto const d = bit_sift{}.digits({8, true});
    CHECK(d.count() == 8);
    CHECK(d.weight(0) == 1);
    CHECK(d.weight(7) == -128);
    CHECK(d.word(-1) == 0xFF);
    CHECK(d.word(-128) == 0x80);
    auto const plain = bit_sift{}.digits({8, false});
    CHECK(plain.count() == 8);
    CHECK(plain.weight(7) == 128);
    CHECK(plain.word(255) == 0xFF);
    CHECK(bit_sift{}.digits({16, true}).word(-2) == 0xFFFE);
}

TEST_CASE("encoding::bit_sift: negatives apart are magnitudes, positive ones first") {
    auto const d = sift_apart.digits({4, true});
    CHECK(d.count() == 7);
    CHECK(d.word(5) == 0b101);
    CHECK(d.word(-5) == 0b101'000);
    CHECK(d.word(-8) == 0b1'000'000);
    for (int i = 0; i < 7; ++i) {
        CHECK(d.weight(i) == (i < 3 ? 1 << i : -(1 << (i - 3))));
        CHECK(d.levels(i) == 2);
    }
    CHECK(d.bias() == 0);
    CHECK(sift_apart.digits({4, false}).count() == 4);  // nothing to keep apart
    CHECK(sift_apart.digits({16, false}).word(65'535) == 0xFFFF);
}

TEST_CASE("encoding::bit_sift: the digits of every code of every format that fits sum to it") {
    CHECK_LAWS(xcim::testing::check_digit_code(bit_sift{}, 16));
    CHECK_LAWS(xcim::testing::check_digit_code(sift_apart, 8));
    for (int bits = 9; bits <= 16; ++bits) {
        CHECK_LAWS(xcim::testing::check_digit_code(sift_apart, xcim::format{bits, false}));
    }
}

TEST_CASE("encoding::bit_sift says which formats and numbers do not fit") {
    CHECK(sift_apart.digits({8, true}).count() == 15);
    CHECK_THROWS_WITH_AS(
        static_cast<void>(sift_apart.digits({9, true})),
        "xcim: encoding::bit_sift: the planes of 9-bit signed codes with negatives apart are 17; 16 are "
        "possible, 8-bit codes have 15",
        xcim::error);
    CHECK(bit_sift{}.wrong().empty());
    CHECK(bit_sift{.controllers = {.limit = 65}}.wrong() ==
          "encoding::bit_sift: sift_controllers.limit is 65; 1 to 64 are possible");
    CHECK(bit_sift{.controllers = {.slice = 0}}.wrong() ==
          "encoding::bit_sift: sift_controllers.slice is 0; 1 to 4096 are possible");
}

TEST_CASE("encoding::bit_sift shows its schedule") {
    CHECK(xcim::ScheduledEncoder<bit_sift>);
    bit_sift const e{.controllers = {.limit = 4, .slice = 16}};
    CHECK(e.active_rows() == 4);
    std::uint32_t const plane = 0b10111;
    xcim::word_line_schedule cycles;
    e.schedule({&plane, 1, 5}, cycles);
    CHECK(cycles.cycles() == 1);
    CHECK(std::vector<int>(cycles[0].begin(), cycles[0].end()) == std::vector<int>{0, 1, 2, 4});
    CHECK(to_string(e) == "bit_sift 4 ones, next_fit, slices of 16");
    CHECK(to_string(bit_sift{{.rule = xcim::sift_rule::ideal}, negatives::apart}) ==
          "bit_sift 8 ones, ideal, negatives apart");
}
