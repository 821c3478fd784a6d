#pragma once

/// \file
/// Numbers of a policy: run-time by default, compile-time where the user writes `c<8>`; one spelling for both.

#include <xcim/config.hpp>

#include <cmath>
#include <concepts>
#include <initializer_list>
#include <string>
#include <type_traits>

namespace xcim::inline XCIM_ABI {

/// A number known at compile time, convertible to its value.
template <auto Value>
struct constant : std::integral_constant<decltype(Value), Value> {};

/// `adc::uniform{c<8>}` instead of `adc::uniform{8}`.
template <auto Value>
inline constexpr constant<Value> c{};

/// A T or a compile-time constant of it.
template <class P, class T>
concept param = std::copyable<std::remove_cvref_t<P>> && std::convertible_to<P, T>;

/// "name is 0; 1 to 16 are possible", or nothing where the number is in its range: what wrong() of a model returns.
[[nodiscard]] inline std::string outside(char const* name, int number, int lowest, int highest) {
    if (number >= lowest && number <= highest) {
        return {};
    }
    return std::string(name) + " is " + std::to_string(number) + "; " + std::to_string(lowest) + " to " +
           std::to_string(highest) + " are possible";
}

/// The same for a real number: "name is 0; a finite number <need> is needed", or nothing where it fits.
[[nodiscard]] inline std::string unless(bool fits, std::string const& name, double number, char const* need) {
    return fits && std::isfinite(number)
               ? std::string{}
               : name + " is " + std::to_string(number) + "; a finite number " + need + " is needed";
}

/// The first sentence that says something, or nothing: wrong() of a model with several parameters.
[[nodiscard]] inline std::string first_sentence(std::initializer_list<std::string> sentences) {
    for (auto const& sentence : sentences) {
        if (!sentence.empty()) {
            return sentence;
        }
    }
    return {};
}

}  // namespace xcim::inline XCIM_ABI
