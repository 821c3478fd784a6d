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
/// A digit may be signed (`is_signed(i)`, optional): -levels(i) / 2 <= level(code, i) < levels(i) / 2; a cell that adds
/// to or takes from its column line, a row that is driven to either side. Full scales count the levels that are
/// symmetric about zero, and CimMacro refuses operands that take the one beyond, -levels(i) / 2. A code may end before
/// the format does (`lowest()`, optional): codes below are refused too, and the law is about the others.

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

/// The smallest code that has digits.
template <Digits D>
[[nodiscard]] constexpr int lowest_code_with_digits(D const& d, format f) {
    if constexpr (requires { d.lowest(); }) {
        return d.lowest();
    } else {
        return f.lowest();
    }
}

template <class D>
concept DigitCode = std::copyable<D> && requires(D const& d, format f) {
    { d.digits(f) } -> Digits;
};

}  // namespace xcim::inline XCIM_ABI
