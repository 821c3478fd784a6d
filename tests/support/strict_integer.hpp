#pragma once

/// \file
/// An integer that knows nothing but an integer data path: adders, multipliers, logic, shifters, comparators. Code that
/// compiles with it contains no division and no floating-point number; code that runs with it stays within 64 bits.

#include <compare>
#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace xcim::test {

class strict_integer {
public:
    constexpr strict_integer() = default;
    template <std::integral T>
    constexpr explicit strict_integer(T v) : value_{static_cast<std::int64_t>(v)} {
        require(std::cmp_equal(value_, v));
    }
    template <std::floating_point T>
    strict_integer(T) = delete;

    constexpr explicit operator std::int64_t() const { return value_; }
    template <std::floating_point T>
    operator T() const = delete;

    friend constexpr strict_integer operator+(strict_integer a, strict_integer b) {
        std::int64_t sum = 0;
        require(!__builtin_add_overflow(a.value_, b.value_, &sum));
        return strict_integer{sum};
    }
    friend constexpr strict_integer operator-(strict_integer a, strict_integer b) {
        std::int64_t difference = 0;
        require(!__builtin_sub_overflow(a.value_, b.value_, &difference));
        return strict_integer{difference};
    }
    friend constexpr strict_integer operator*(strict_integer a, strict_integer b) {
        std::int64_t product = 0;
        require(!__builtin_mul_overflow(a.value_, b.value_, &product));
        return strict_integer{product};
    }
    friend constexpr strict_integer operator-(strict_integer a) { return strict_integer{0} - a; }
    friend constexpr strict_integer operator&(strict_integer a, strict_integer b) {
        return strict_integer{a.value_ & b.value_};
    }
    friend constexpr strict_integer operator|(strict_integer a, strict_integer b) {
        return strict_integer{a.value_ | b.value_};
    }
    friend constexpr strict_integer operator^(strict_integer a, strict_integer b) {
        return strict_integer{a.value_ ^ b.value_};
    }
    friend constexpr strict_integer operator~(strict_integer a) { return strict_integer{~a.value_}; }
    friend constexpr strict_integer operator<<(strict_integer a, int s) {
        require(s >= 0 && s < 64);
        strict_integer const shifted{a.value_ << s};
        require(shifted.value_ >> s == a.value_);
        return shifted;
    }
    friend constexpr strict_integer operator>>(strict_integer a, int s) {
        require(s >= 0 && s < 64);
        return strict_integer{a.value_ >> s};
    }
    friend constexpr auto operator<=>(strict_integer const&, strict_integer const&) = default;

    template <class T>
    friend void operator/(strict_integer, T) = delete;
    template <class T>
    friend void operator%(strict_integer, T) = delete;

private:
    static constexpr void require(bool fits) {
        if (!fits) {
            throw std::overflow_error("an integer data path of 64 bits is too narrow, or a shift is outside 0 to 63");
        }
    }

    std::int64_t value_ = 0;
};

}  // namespace xcim::test
