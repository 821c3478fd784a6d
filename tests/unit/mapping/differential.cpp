#include <doctest/doctest.h>

#include <tests/support/files.hpp>
#include <tests/support/laws.hpp>
#include <xcim/macro/checks.hpp>
#include <xcim/mapping/differential.hpp>
#include <xcim/testing/mapper.hpp>

#include <string>

namespace {

using xcim::errc;
using xcim::format;
using xcim::mapping::differential;
using xcim::mapping::subtraction;

/// One digit, as wide as the code, from `from` on.
struct difference_with_end {
    int from;
    int level_count = 256;
    struct digits_type {
        int from;
        int level_count;
        [[nodiscard]] int count() const { return 1; }
        [[nodiscard]] int levels(int) const { return level_count; }
        [[nodiscard]] int level(int code, int) const { return code; }
        [[nodiscard]] int weight(int) const { return 1; }
        [[nodiscard]] int bias() const { return 0; }
        [[nodiscard]] bool is_signed(int) const { return true; }
        [[nodiscard]] int lowest() const { return from; }
    };
    [[nodiscard]] digits_type digits(format) const { return {from, level_count}; }
};

}  // namespace

TEST_CASE("mapping::differential, analog: one signed digit a slice, the top one narrower") {
    differential const m{.array = {100, 64}, .cell_bits = 4};
    auto const d = m.digits({8, true});
    REQUIRE(d.count() == 2);  // 7 = 4 + 3 magnitude bits
    CHECK(d.levels(0) == 32);
    CHECK(d.levels(1) == 16);
    CHECK(d.weight(1) == 16);
    CHECK(d.is_signed(0));
    CHECK(d.level(-100, 0) == -4);
    CHECK(d.level(-100, 1) == -6);
    CHECK(d.level(100, 1) == 6);
    CHECK(differential{{100, 64}, 7}.digits({8, true}).count() == 1);
    CHECK(m.digits({8, false}).count() == 2);
    CHECK_FALSE(m.digits({8, false}).is_signed(0));
}

TEST_CASE("mapping::differential, digital: columns of their own for plus and minus") {
    differential const m{.array = {100, 64}, .cell_bits = 4, .subtraction = subtraction::digital};
    auto const d = m.digits({8, true});
    REQUIRE(d.count() == 4);
    int const weights[] = {1, -1, 16, -16};
    int const levels[] = {16, 16, 8, 8};
    for (int i = 0; i < 4; ++i) {
        CHECK(d.weight(i) == weights[i]);
        CHECK(d.levels(i) == levels[i]);
        CHECK_FALSE(d.is_signed(i));
        CHECK(d.level(0, i) == 0);
    }
    for (int code = -127; code <= 127; ++code) {
        CHECK(d.level(code, 0) * d.level(code, 1) == 0);  // one of the two is off
        CHECK(d.level(code, 0) == d.level(-code, 1));
        CHECK(d.level(code, 2) == d.level(-code, 3));
    }
    CHECK(d.level(-100, 1) == 4);
    CHECK(d.level(-100, 3) == 6);
    CHECK(m.digits({8, false}).count() == 2);  // nothing to take away
}

TEST_CASE("mapping::differential keeps the laws of a mapper") {
    for (int cell_bits = 1; cell_bits <= 15; ++cell_bits) {
        for (auto const where : {subtraction::analog, subtraction::digital}) {
            CHECK_LAWS(xcim::testing::check_mapper(differential{{33, 64}, cell_bits, where}));
        }
    }
    CHECK_LAWS(xcim::testing::check_digit_code(differential{{33, 64}, 15}, 16));
    CHECK_LAWS(xcim::testing::check_digit_code(differential{{33, 64}, 1, subtraction::digital}, format{9, true}));
    CHECK(differential{{}, 16}.wrong() == "mapping::differential.cell_bits is 16; 1 to 15 are possible");
    CHECK(to_string(differential{}) == "differential 256x64, 1 bit/cell, subtraction analog");
    CHECK(to_string(differential{{64, 32}, 4, subtraction::digital}) ==
          "differential 64x32, 4 bit/cell, subtraction digital");
}

TEST_CASE("mapping::differential: the code that no device holds is in no plan") {
    format const f{4, true};
    for (auto const where : {subtraction::analog, subtraction::digital}) {
        auto const plan = xcim::plan_digits(differential{{64, 64}, 2, where}.digits(f), f, "Mapper");
        CHECK_FALSE(plan.takes_all_codes());
        for (int code = -7; code <= 7; ++code) {
            CHECK_NOTHROW(xcim::detail::require_taken(plan, code, "weight", "cell"));
        }
        auto const e = xcim::test::error_of([&] { xcim::detail::require_taken(plan, -8, "weight", "cell"); });
        CHECK(e.code == errc::value);
        CHECK(e.says(where == subtraction::analog
                         ? "weight code -8 needs level -2 of a signed cell whose levels are -1 to 1"
                         : "weight code -8 has no digits; those of -7 to 7 have"));
    }
    CHECK(xcim::plan_digits(xcim::grouped_digits{f, 1}, f, "Mapper").takes_all_codes());
}

TEST_CASE("digits with a sign need levels above zero; codes may end one before the format") {
    format const f{8, true};
    CHECK(xcim::testing::check_digit_code(difference_with_end{-127}, f).ok());
    CHECK(xcim::testing::check_digit_code(difference_with_end{-128}, f).ok());
    CHECK(to_string(xcim::testing::check_digit_code(difference_with_end{-126}, f))
              .find("codes have digits from -126 on; -128 to -127 are possible") != std::string::npos);
    CHECK(to_string(xcim::testing::check_digit_code(difference_with_end{-128, 2}, f))
              .find("digit 0 is signed and has 2 levels, of which none is above zero") != std::string::npos);
    auto const e = xcim::test::error_of([&] {
        xcim::detail::require_digits(xcim::grouped_digits{f, 1}, difference_with_end{-128, 2}.digits(f), 256, 1);
    });
    CHECK(e.code == errc::composition);
    CHECK(e.says("Mapper: digit 0 is signed and has 2 levels; four are needed"));
}
