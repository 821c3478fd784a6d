#pragma once

#include <xcim/core/error.hpp>
#include <xcim/core/shift_round.hpp>
#include <xcim/quant/emsb.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI {

struct rotary_options {
    double theta = 10000;          ///< base of the wavelengths, above 1
    std::size_t positions = 2048;  ///< that the table holds, 1 to 2^24
    int fraction_bits = 14;        ///< of sine and cosine, 1 to 14
};

/// Rotary position embedding of integers: a table of sines and cosines, multiplications and shifts.
///
///     (a, b) -> ((a c - b s) / 2^F, (a s + b c) / 2^F)      c = round(2^F cos(n theta^(-2 i / d_k))), s the same of
///     sin
///
/// for the pair i = 0 .. d_k / 2 - 1 of neighbouring elements (2 i, 2 i + 1) at position n, both sums rounded once. The
/// unit of the elements stays as it is; a pair grows by a factor of sqrt(2) at most per element.
/// Parameters: rotary_options, d_k (even). Sees and returns rows of d_k integers below 2^47 in magnitude.
/// Errors: xcim::error for parameters outside their ranges and positions behind the table.
/// Not modelled: the halves-apart order of pairs; scaled or interpolated positions.
/// Reference: J. Su et al., "RoFormer: Enhanced transformer with rotary position embedding", Neurocomputing, 2024.
/// Tests: tests/unit/ops/integer_attention.cpp.
class rotary_table {
public:
    rotary_table(std::size_t head_width, rotary_options const& options)
        : pairs_{head_width / 2}, positions_{options.positions}, fraction_bits_{options.fraction_bits} {
        if (head_width == 0 || head_width % 2 != 0) {
            throw error(errc::shape, "rotary embedding turns pairs, and a head has " + std::to_string(head_width) +
                                         " elements; an even number is needed");
        }
        if (!(options.theta > 1) || !std::isfinite(options.theta)) {
            throw error(errc::range, "rotary_options.theta is " + std::to_string(options.theta) +
                                         "; a finite number above 1 is needed");
        }
        if (positions_ < 1 || positions_ > 1U << 24U) {
            throw error(errc::range,
                        "rotary_options.positions is " + std::to_string(positions_) + "; 1 to 2^24 are needed");
        }
        if (fraction_bits_ < 1 || fraction_bits_ > 14) {
            throw error(errc::bits,
                        "rotary_options.fraction_bits is " + std::to_string(fraction_bits_) + "; 1 to 14 are needed");
        }
        turns_.reserve(positions_ * pairs_);
        double const one = std::ldexp(1.0, fraction_bits_);
        for (std::size_t n = 0; n < positions_; ++n) {
            for (std::size_t i = 0; i < pairs_; ++i) {
                double const exponent = -static_cast<double>(2 * i) / static_cast<double>(head_width);
                double const angle = static_cast<double>(n) * std::pow(options.theta, exponent);
                turns_.push_back({static_cast<std::int16_t>(std::lround(one * std::cos(angle))),
                                  static_cast<std::int16_t>(std::lround(one * std::sin(angle)))});
            }
        }
    }

    [[nodiscard]] std::size_t positions() const { return positions_; }

    /// Turns the elements of every head of a token.
    ///
    /// \param row       heads * d_k integers
    /// \param position  below positions()
    /// \param how       rounding of the shift
    template <class N>
    void turn(std::span<N> row, std::size_t position, rounding how) const {
        XCIM_ASSERT(position < positions_, "a position lies inside the rotary table");
        for (std::size_t at = 0; at < row.size(); at += 2 * pairs_) {
            for (std::size_t i = 0; i < pairs_; ++i) {
                auto const cosine = static_cast<N>(turns_[position * pairs_ + i].cosine);
                auto const sine = static_cast<N>(turns_[position * pairs_ + i].sine);
                N& even = row[at + 2 * i];
                N& odd = row[at + 2 * i + 1];
                N const turned = even * cosine - odd * sine;
                odd = shift_round(even * sine + odd * cosine, fraction_bits_, how);
                even = shift_round(turned, fraction_bits_, how);
            }
        }
    }

private:
    struct turn_factors {
        std::int16_t cosine;
        std::int16_t sine;
    };

    std::size_t pairs_;
    std::size_t positions_;
    int fraction_bits_;
    std::vector<turn_factors> turns_;  // (positions, d_k / 2)
};

}  // namespace xcim::inline XCIM_ABI
