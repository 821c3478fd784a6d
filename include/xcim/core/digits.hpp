#pragma once

/// \file
/// Two's complement (or plain binary) codes cut into digits: what bit-serial and bit-parallel drive and bit-sliced
/// weights have in common.

#include <xcim/core/format.hpp>

namespace xcim::inline XCIM_ABI {

/// Groups of `width` bits counted from the LSB; the bits that remain form a smaller group on top; the sign bit of a
/// signed format stands alone and weighs -2^(bits - 1).
///
///     code = sum_i level(code, i) * weight(i)
class grouped_digits {
public:
    constexpr grouped_digits(format f, int width)
        : format_{f}, width_{width}, magnitude_bits_{f.is_signed ? f.bits - 1 : f.bits} {}

    [[nodiscard]] constexpr int count() const { return groups() + (format_.is_signed ? 1 : 0); }

    /// Bits of digit i, i = 0 the least significant.
    [[nodiscard]] constexpr int bits(int i) const {
        if (i >= groups()) {
            return 1;
        }
        int const left = magnitude_bits_ - i * width_;
        return left < width_ ? left : width_;
    }

    [[nodiscard]] constexpr int levels(int i) const { return 1 << bits(i); }

    [[nodiscard]] constexpr int level(int code, int i) const { return (code >> shift(i)) & (levels(i) - 1); }

    /// Constant to add digitally; two's complement needs none.
    [[nodiscard]] constexpr int bias() const { return 0; }

    [[nodiscard]] constexpr int weight(int i) const {
        int const magnitude = 1 << shift(i);
        return i >= groups() ? -magnitude : magnitude;
    }

private:
    [[nodiscard]] constexpr int groups() const { return (magnitude_bits_ + width_ - 1) / width_; }
    [[nodiscard]] constexpr int shift(int i) const { return i >= groups() ? magnitude_bits_ : i * width_; }

    format format_;
    int width_;
    int magnitude_bits_;
};

}  // namespace xcim::inline XCIM_ABI
