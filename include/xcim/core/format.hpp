#pragma once

/// \file
/// Number formats, value ranges and quantisation scales.

#include <xcim/config.hpp>

#include <cstdint>

namespace xcim::inline XCIM_ABI {

/// An integer format: two's complement where signed, plain binary where not.
struct format {
    int bits = 8;
    bool is_signed = true;

    [[nodiscard]] constexpr std::int32_t lowest() const { return is_signed ? -(std::int32_t{1} << (bits - 1)) : 0; }
    [[nodiscard]] constexpr std::int32_t highest() const {
        return static_cast<std::int32_t>((std::int64_t{1} << (is_signed ? bits - 1 : bits)) - 1);
    }
    friend bool operator==(format const&, format const&) = default;
};

/// Most bits an operand may have; every code then fits 16 bit planes.
inline constexpr int max_bits = 16;

/// Smallest and largest element of a tensor (both 0 for an empty one).
struct range {
    float lowest = 0;
    float highest = 0;
    friend bool operator==(range const&, range const&) = default;
};

/// What a quantiser knows of a tensor: `full_scale` is the real value of `highest_code` steps, so one step is
/// full_scale / highest_code; `zero_point` is the code of the real value 0.
struct scale {
    float full_scale = 1;
    std::int32_t highest_code = 1;
    std::int32_t zero_point = 0;

    [[nodiscard]] double step() const { return static_cast<double>(full_scale) / highest_code; }
    friend bool operator==(scale const&, scale const&) = default;
};

/// The scale of codes that stand for themselves.
[[nodiscard]] constexpr scale unit_scale(format f) { return {static_cast<float>(f.highest()), f.highest()}; }

/// Real value of a sum of products of weight and input codes, in float32 steps:
///
///     y = total * (s_w s_x) / (L_w L_x),     s: full scales, L: highest codes
///
/// These are the steps of ASiM (Keio-CSG/ASiM), so that a product it computes exactly has the same bits here. Where
/// both steps are 1 the operands are integers and y is the total itself.
class product_scale {
public:
    product_scale() = default;
    product_scale(scale const& weights, scale const& inputs) {
        if (weights.step() != 1 || inputs.step() != 1) {
            full_scales_ = weights.full_scale * inputs.full_scale;
            highest_codes_ = static_cast<float>(static_cast<double>(weights.highest_code) * inputs.highest_code);
        }
    }

    [[nodiscard]] float operator()(double total) const { return of_sum(static_cast<float>(total)); }

    /// The same for a total that is rounded to float already.
    [[nodiscard]] float of_sum(float total) const { return total * full_scales_ / highest_codes_; }

private:
    float full_scales_ = 1;
    float highest_codes_ = 1;
};

}  // namespace xcim::inline XCIM_ABI
