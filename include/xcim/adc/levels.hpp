#pragma once

/// \file
/// Evenly spaced levels: which codes they have and where they lie. Internals of the converters.

#include <xcim/adc/range.hpp>
#include <xcim/concepts/adc.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace xcim::inline XCIM_ABI::adc::detail {

/// Code of level k, 0 being the lowest: per_level * k + first. Where zero lies half-way between two levels codes are
/// odd, two a level, so that they stay integers.
struct level_codes {
    float per_level = 1;
    float first = 0;
    double step = 1;  // cell-LSB of one code

    /// cell-LSB between neighbouring levels.
    [[nodiscard]] double lsb() const { return step * static_cast<double>(per_level); }

    template <value V>
    [[nodiscard]] XCIM_INLINE V of(V level) const {
        return fused_multiply_add(level, V(per_level), V(first));
    }
};

/// Levels that reach both ends of a range: level k at lowest + k * numerator / denominator, cell-LSB.
struct end_to_end {
    double lowest;
    double numerator;
    double denominator;
    level_codes codes;
};

[[nodiscard]] inline end_to_end levels_of(full_range const& /*range*/, int bits, column_context const& context) {
    double const top = std::exp2(bits) - 1;
    double const f = context.full_scale;
    if (context.signed_sums) {
        return {-f, 2 * f, top, {2, static_cast<float>(-top), f / top}};
    }
    return {0, f, top, {1, 0, f / top}};
}

[[nodiscard]] inline end_to_end levels_of(granular const& range, int bits, column_context const& context) {
    double const first = context.signed_sums ? -std::exp2(bits - 1) : 0.0;
    double const cells = range.cells;
    return {first * cells, cells, 1, {1, static_cast<float>(first), cells}};
}

[[nodiscard]] inline end_to_end levels_of(sum_range const& range, int bits, column_context const& context) {
    auto const [lowest, highest] = range.in_cell_lsb(context);
    double const top = std::exp2(bits) - 1;
    double const step = (highest - lowest) / top;
    return {lowest, highest - lowest, top, {1, static_cast<float>(lowest / step), step}};
}

/// Sums that a circuit with references +-Vref sees as (sum - centre); Vref = numerator / denominator, cell-LSB. Its
/// levels are the middles of 2^bits equal parts: mid-rise around the centre.
struct around_centre {
    double centre;
    double numerator;
    double denominator;
    level_codes codes;

    [[nodiscard]] double reference() const { return numerator / denominator; }
};

/// Columns of one sign: half a step below 0 and above F belongs to the range, so that 0 and F are levels.
[[nodiscard]] inline around_centre centred(full_range const& /*range*/, int bits, column_context const& context) {
    double const levels = std::exp2(bits);
    double const f = context.full_scale;
    if (context.signed_sums) {
        return {0, f, 1, {2, static_cast<float>(1 - levels), f / levels}};
    }
    return {f / 2, f / 2 * levels, levels - 1, {1, 0, f / (levels - 1)}};
}

[[nodiscard]] inline around_centre centred(granular const& range, int bits, column_context const& context) {
    double const levels = std::exp2(bits);
    double const cells = range.cells;
    if (context.signed_sums) {
        return {0, cells * levels / 2, 1, {2, static_cast<float>(1 - levels), cells / 2}};
    }
    return {cells * (levels - 1) / 2, cells * levels / 2, 1, {1, 0, cells}};
}

[[nodiscard]] inline around_centre centred(sum_range const& range, int bits, column_context const& context) {
    auto const [lowest, highest] = range.in_cell_lsb(context);
    double const levels = std::exp2(bits);
    double const centre = context.signed_sums ? 0.0 : (lowest + highest) / 2;
    double const reference =
        context.signed_sums ? std::max(std::fabs(lowest), std::fabs(highest)) : (highest - lowest) / 2;
    double const step = reference / levels;
    return {centre, reference, 1, {2, static_cast<float>(1 - levels + centre / step), step}};
}

/// Where a sum lies on evenly spaced levels, and the code of the nearest.
///
/// A quotient that is a tie in exact arithmetic is a tie in float, and no other is, as long as ends and sums are whole
/// and their products with the number of levels stay below 2^23: then codes are those of exact arithmetic.
struct level_kernel {
    float zero;  // cell-LSB
    float numerator;
    float denominator;
    float lowest_level;
    float highest;  // level
    level_codes codes;
    bool is_exact_here = false;
    bool counts_here = false;
    double step = codes.step;

    [[nodiscard]] double lsb() const { return codes.lsb(); }
    [[nodiscard]] double largest_code() const {
        return static_cast<double>(std::max(std::fabs(codes.of(lowest_level)), std::fabs(codes.of(highest))));
    }
    [[nodiscard]] bool is_exact() const { return is_exact_here; }

    /// One code per count: see concepts/readout.hpp.
    [[nodiscard]] bool counts() const { return counts_here; }

    /// Levels from zero on, a real number within the range.
    template <value V>
    [[nodiscard]] XCIM_INLINE V position(V sum) const {
        V const z = V(V(sum - V(zero)) * V(denominator)) / V(numerator);
        return clamp(z, V(lowest_level), V(highest));
    }

    template <value V>
    V operator()(V sum, lane<V> const& /*l*/) const {
        return codes.of(round_half_even(position(sum)));
    }
};

/// The largest number of bits a type of `bits` can say.
template <class Bits>
inline constexpr int most_bits = 16;

template <auto Bits>
inline constexpr int most_bits<constant<Bits>> = Bits;

/// Amplifier gain in dB: infinity is an ideal one.
[[nodiscard]] inline std::string wrong_gain(std::string const& name, double gain_db) {
    return gain_db > 0 ? std::string{}
                       : name + " is " + std::to_string(gain_db) + "; decibels above 0, or infinity, are needed";
}

[[nodiscard]] inline double inverse_gain(double gain_db) { return std::pow(10.0, -gain_db / 20); }

}  // namespace xcim::inline XCIM_ABI::adc::detail
