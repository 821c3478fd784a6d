#pragma once

/// \file
/// Sign and magnitude codes cut into digits that carry the sign themselves: what drives of two polarities and
/// differences of two devices have in common.

#include <xcim/core/format.hpp>

namespace xcim::inline XCIM_ABI {

/// Groups of bits of the magnitude, counted from the LSB, each with the sign of the code: `lowest_width` bits, then
/// `width` at a time, then what is left. Unsigned formats have groups without a sign.
///
///     code = sum_i level(code, i) * weight(i),     weight(i) = 2^shift(i)
///     level(code, i) = sign(code) * bits shift(i) ... of |code|
///
/// A signed digit of b magnitude bits has the levels -2^b to 2^b - 1 (b + 1 bits of two's complement) and uses those
/// that are symmetric about zero; only the code -2^(bits - 1), whose magnitude needs one bit more than there is, takes
/// the level -2^b of its top digit.
class sign_magnitude_digits {
public:
    constexpr sign_magnitude_digits(format f, int lowest_width, int width)
        : is_signed_{f.is_signed}, bits_{f.is_signed ? f.bits - 1 : f.bits},
          lowest_{lowest_width < bits_ ? lowest_width : bits_}, width_{width} {}

    [[nodiscard]] constexpr int count() const { return 1 + (bits_ - lowest_ + width_ - 1) / width_; }

    /// Magnitude bits of digit i.
    [[nodiscard]] constexpr int magnitude_bits(int i) const {
        int const left = bits_ - shift(i);
        int const widest = i == 0 ? lowest_ : width_;
        return left < widest ? left : widest;
    }

    [[nodiscard]] constexpr int levels(int i) const { return 1 << (magnitude_bits(i) + (is_signed_ ? 1 : 0)); }

    [[nodiscard]] constexpr int level(int code, int i) const {
        int const from_shift = (code < 0 ? -code : code) >> shift(i);
        int const magnitude = i + 1 == count() ? from_shift : from_shift & ((1 << magnitude_bits(i)) - 1);
        return code < 0 ? -magnitude : magnitude;
    }

    [[nodiscard]] constexpr int weight(int i) const { return 1 << shift(i); }
    [[nodiscard]] constexpr int bias() const { return 0; }
    [[nodiscard]] constexpr bool is_signed(int /*i*/) const { return is_signed_; }

private:
    [[nodiscard]] constexpr int shift(int i) const { return i == 0 ? 0 : lowest_ + (i - 1) * width_; }

    bool is_signed_;
    int bits_;
    int lowest_;
    int width_;
};

}  // namespace xcim::inline XCIM_ABI
