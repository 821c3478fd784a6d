#pragma once

/// \file
/// DigitCode: what Mapper and Encoder have in common, a decomposition of an integer code into digits.
///
/// Semantics. `digits(format)` returns the decomposition for that format: `count()` digits, digit 0 the least
/// significant, each with `levels(i)` levels (a power of two), a digital `weight(i)`, and a `bias()` added digitally.
/// Law (testing/digit_code.hpp), for every code of every format:
///
///     bias() + sum_i level(code, i) * weight(i) == code,     0 <= level(code, i) < levels(i)
///
/// A digit of a Mapper may be signed (`is_signed(i)`, optional): -levels(i) / 2 <= level(code, i) < levels(i) / 2, a
/// cell that adds to or takes from its column line.

#include <xcim/core/format.hpp>

#include <concepts>

namespace xcim::inline XCIM_ABI {

template <class D>
concept Digits = requires(D const& d, int code, int i) {
    { d.count() } -> std::convertible_to<int>;
    { d.levels(i) } -> std::convertible_to<int>;
    { d.level(code, i) } -> std::convertible_to<int>;
    { d.weight(i) } -> std::convertible_to<int>;
    { d.bias() } -> std::convertible_to<int>;
};

/// Whether digit i has levels on both sides of zero.
template <Digits D>
[[nodiscard]] constexpr bool is_signed_digit(D const& d, int i) {
    if constexpr (requires { d.is_signed(i); }) {
        return d.is_signed(i);
    } else {
        return false;
    }
}

template <class D>
concept DigitCode = std::copyable<D> && requires(D const& d, format f) {
    { d.digits(f) } -> Digits;
};

}  // namespace xcim::inline XCIM_ABI
