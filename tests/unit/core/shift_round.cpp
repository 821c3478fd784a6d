#include <doctest/doctest.h>

#include <tests/support/integer_rows.hpp>
#include <tests/support/strict_integer.hpp>
#include <xcim/core/shift_round.hpp>

#include <limits>

namespace {

using xcim::rounding;
using xcim::shift_round;

static_assert(shift_round(7, 2, rounding::floor) == 1);
static_assert(shift_round(-7, 2, rounding::floor) == -2);
static_assert(shift_round(-7, 2, rounding::trunc) == -1);
static_assert(shift_round(6, 2, rounding::half_up) == 2);
static_assert(shift_round(-6, 2, rounding::half_up) == -1);
static_assert(shift_round(6, 2, rounding::half_even) == 2);
static_assert(shift_round(10, 2, rounding::half_even) == 2);
static_assert(shift_round(-10, 2, rounding::half_even) == -2);

/// Shifts by which some value of the type is rounded wrongly.
template <class N>
int wrongly_rounded_shifts(std::uint64_t seed) {
    xcim::test::integer_source<N> source{seed};
    int wrong = 0;
    for (int s = 0; s <= 62; ++s) {
        bool is_right = true;
        for (int i = 0; i < 200; ++i) {
            N const v = source.one(static_cast<int>(source.below(65)), std::numeric_limits<N>::is_signed);
            for (auto const how : xcim::test::every_rounding) {
                is_right = is_right && shift_round(v, s, how) ==
                                           static_cast<N>(xcim::test::divided(static_cast<std::int64_t>(v), s, how));
            }
        }
        wrong += is_right ? 0 : 1;
    }
    return wrong;
}

}  // namespace

TEST_CASE("shift_round: every rounding is that of a division, for every width and shift") {
    CHECK(wrongly_rounded_shifts<std::int8_t>(1) == 0);
    CHECK(wrongly_rounded_shifts<std::uint8_t>(2) == 0);
    CHECK(wrongly_rounded_shifts<std::int16_t>(3) == 0);
    CHECK(wrongly_rounded_shifts<std::int32_t>(4) == 0);
    CHECK(wrongly_rounded_shifts<std::uint32_t>(5) == 0);
    CHECK(wrongly_rounded_shifts<std::int64_t>(6) == 0);
}

TEST_CASE("shift_round: nothing overflows at the ends of a type") {
    auto const check = []<class N>(N) {
        for (N const v : {std::numeric_limits<N>::min(), std::numeric_limits<N>::max()}) {
            for (int s = 0; s <= 62; ++s) {
                for (auto const how : xcim::test::every_rounding) {
                    CHECK(shift_round(v, s, how) == static_cast<N>(xcim::test::divided(v, s, how)));
                }
            }
        }
    };
    check(std::int8_t{});
    check(std::int32_t{});
    check(std::int64_t{});
    // Beyond 63 bits: of unsigned words only.
    CHECK(shift_round(~std::uint64_t{0}, 1, rounding::floor) == ~std::uint64_t{0} >> 1);
    CHECK(shift_round(~std::uint64_t{0}, 62, rounding::half_up) == 4);
    CHECK(shift_round(std::uint64_t{5} << 61, 62, rounding::half_even) == 2);
}

TEST_CASE("shift_round: a data path without division or real numbers is enough") {
    using xcim::test::strict_integer;
    xcim::test::integer_source<std::int64_t> source{7};
    for (int i = 0; i < 2000; ++i) {
        auto const v = source.one(static_cast<int>(source.below(65)), true);
        int const s = static_cast<int>(source.below(63));
        for (auto const how : xcim::test::every_rounding) {
            CHECK(shift_round(strict_integer{v}, s, how) == strict_integer{shift_round(v, s, how)});
        }
    }
}

TEST_CASE("strict_integer: sums, products and shifts beyond 64 bits are noticed") {
    using xcim::test::strict_integer;
    strict_integer const most{std::numeric_limits<std::int64_t>::max()};
    CHECK_THROWS_AS(static_cast<void>(most + strict_integer{1}), std::overflow_error);
    CHECK_THROWS_AS(static_cast<void>(strict_integer{-2} - most), std::overflow_error);
    CHECK_THROWS_AS(static_cast<void>(most * strict_integer{2}), std::overflow_error);
    CHECK_THROWS_AS(static_cast<void>(most << 1), std::overflow_error);
    CHECK_THROWS_AS(static_cast<void>(most >> 64), std::overflow_error);
    CHECK((strict_integer{-3} << 2) == strict_integer{-12});
    static_assert(!std::is_convertible_v<double, strict_integer>);
    static_assert(!std::is_constructible_v<strict_integer, float>);
    static_assert(!std::is_constructible_v<double, strict_integer>);
}
