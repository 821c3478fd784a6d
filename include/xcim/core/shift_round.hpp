#pragma once

/// \file
/// Division of an integer by a power of two with a choice of rounding: shifts and additions only, and no overflow for
/// any value. Test: tests/unit/core/shift_round.cpp.

#include <xcim/config.hpp>

#include <concepts>
#include <cstdint>
#include <type_traits>

namespace xcim::inline XCIM_ABI {

/// What becomes of the bits that are shifted out.
enum class rounding {
    floor,      ///< dropped: towards minus infinity, by half a unit on average
    trunc,      ///< towards zero
    half_up,    ///< nearest, ties towards plus infinity
    half_even,  ///< nearest, ties to the even neighbour
};

namespace detail {

/// The number k, in every lane where N is a register.
template <class N>
[[nodiscard]] constexpr N all_lanes(int k) {
    if constexpr (requires { static_cast<N>(k); }) {
        return static_cast<N>(k);
    } else {
        return k - N{};
    }
}

/// First of the two steps of v / 2^s, s >= 1 (floor: s >= 0), for a number or a register of numbers.
///
/// The nearest integer, ties upwards, is t - floor(t / 2) with t = floor(v / 2^(s-1)). This step gives t and
/// end_rounding the difference, so that v + 2^(s-1), which may not fit, is never formed, and so that narrower words
/// may hold t.
template <rounding How, class N, class S>
[[nodiscard]] constexpr N begin_rounding(N v, S s) {
    if constexpr (How == rounding::floor) {
        return v >> s;
    } else if constexpr (How == rounding::half_up) {
        return v >> (s - all_lanes<S>(1));
    } else {
        N const one = all_lanes<N>(1);
        N const below_one = ~(~all_lanes<N>(0) << s);
        N const rest = v & below_one;
        N const quotient = v >> s;
        if constexpr (How == rounding::trunc) {
            return v < all_lanes<N>(0) ? quotient + ((rest + below_one) >> s) : quotient;
        } else {
            N const below_half = below_one >> 1;
            return quotient + ((rest + below_half + (quotient & one)) >> s);
        }
    }
}

template <rounding How, class N>
[[nodiscard]] constexpr N end_rounding(N t) {
    if constexpr (How == rounding::half_up) {
        return t - (t >> 1);
    } else {
        return t;
    }
}

/// Calls use(std::integral_constant<rounding, r>) for the rounding r of a shift by s: one by 0 loses nothing.
template <class Use>
constexpr decltype(auto) with_rounding(rounding how, int s, Use const& use) {
    if (s == 0) {
        how = rounding::floor;
    }
    switch (how) {
    case rounding::trunc:
        return use(std::integral_constant<rounding, rounding::trunc>{});
    case rounding::half_up:
        return use(std::integral_constant<rounding, rounding::half_up>{});
    case rounding::half_even:
        return use(std::integral_constant<rounding, rounding::half_even>{});
    case rounding::floor:
        break;
    }
    return use(std::integral_constant<rounding, rounding::floor>{});
}

/// Small built-in integers are rounded as 64-bit ones: a shift may exceed their own width.
template <class N>
inline constexpr bool is_small_integer = std::integral<N> && sizeof(N) < sizeof(std::int64_t);

template <class N>
using wide_integer = std::conditional_t<is_small_integer<N>, std::int64_t, N>;

}  // namespace detail

/// v / 2^s as an integer.
///
/// \tparam N   a built-in integer, or a class with + - * & | ^ ~ << >>, comparisons and construction from int
/// \param v    any value of N
/// \param s    0 to 62; 0 leaves the value as it is
/// \param how  rounding of what is shifted out
/// \return     the quotient, which always fits N
template <class N>
[[nodiscard]] constexpr N shift_round(N v, int s, rounding how) {
    return detail::with_rounding(how, s, [&]<rounding How>(std::integral_constant<rounding, How>) {
        auto const wide = static_cast<detail::wide_integer<N>>(v);
        return static_cast<N>(detail::end_rounding<How>(detail::begin_rounding<How>(wide, s)));
    });
}

}  // namespace xcim::inline XCIM_ABI
