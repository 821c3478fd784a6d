#pragma once

#include <xcim/core/error.hpp>
#include <xcim/core/shift_round.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// A bias for accumulators whose exponent changes from token to token.
///
///     bias[i] ~ codes[i] * 2^exponent * unit,      |codes[i]| <= 2^30, the largest above 2^29
///
/// Made once from real numbers, rounded to the nearest (an error of at most 2^-30 of the largest bias). A token with
/// exponent e has accumulators in steps of 2^e * unit: a code is shifted left by exponent - e, exactly, or right with
/// the layer's rounding. That error is below one step of the accumulator (half a step for the nearest roundings); the
/// next eMSB-Q drops more than that wherever it shifts at all.
/// Parameters: biases, empty for none, and the real value of an accumulator's step at exponent 0. Sees and returns rows
/// of integers. Errors: xcim::error for a bias that is not finite, and for one of 2^46 steps or more of a token.
/// Reference: none; FLARE (arXiv 2411.14733, 2024) has no biases. Tests: tests/unit/ops/integer_attention.cpp.
class integer_bias {
public:
    /// |bias| is below this power of two, in steps of the token.
    static constexpr int most_magnitude_bits = 46;

    integer_bias() = default;

    integer_bias(std::span<double const> bias, double unit, std::string const& name) : name_{name} {
        double largest = 0;
        for (double const b : bias) {
            if (!std::isfinite(b / unit)) {
                throw error(errc::value, name + " holds " + std::to_string(b) + " at steps of " + std::to_string(unit) +
                                             "; finite numbers are needed");
            }
            largest = std::max(largest, std::abs(b / unit));
        }
        if (largest > 0) {
            std::frexp(largest, &magnitude_bits_);
            exponent_ = magnitude_bits_ - code_bits;
            for (double const b : bias) {
                codes_.push_back(static_cast<std::int32_t>(std::llround(std::ldexp(b / unit, -exponent_))));
            }
        }
    }

    [[nodiscard]] bool is_absent() const { return codes_.empty(); }

    /// |bias| <= 2^magnitude_bits steps of a token with exponent 0; only of a bias that is there.
    [[nodiscard]] int magnitude_bits() const { return magnitude_bits_; }

    /// sums += bias at the token's exponent.
    template <class N>
    void add_to(std::span<N> sums, int exponent, rounding how) const {
        if (is_absent()) {
            return;
        }
        int const left = exponent_ - exponent;
        if (magnitude_bits_ - exponent > most_magnitude_bits) {
            throw error(errc::range, name_ + " is 2^" + std::to_string(magnitude_bits_ - exponent) +
                                         " steps of a token with exponent " + std::to_string(exponent) +
                                         "; 2^46 at most fit its accumulators");
        }
        for (std::size_t i = 0; i < sums.size(); ++i) {
            auto const code = static_cast<N>(codes_[i]);
            sums[i] = sums[i] + (left >= 0 ? code << left : shift_round(code, std::min(-left, 62), how));
        }
    }

private:
    static constexpr int code_bits = 30;

    std::string name_;
    std::vector<std::int32_t> codes_;
    int magnitude_bits_ = 0;
    int exponent_ = 0;
};

}  // namespace xcim::inline XCIM_ABI
