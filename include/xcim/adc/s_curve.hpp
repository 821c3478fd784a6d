#pragma once

#include <xcim/adc/levels.hpp>
#include <xcim/core/parameter.hpp>

#include <algorithm>
#include <string>

namespace xcim::inline XCIM_ABI::adc {

/// What bends the curve of adc::s_curve; y is the column sum as a share of the full scale.
struct curve_errors {
    double bend = 0;               ///< n >= 0 in y / (1 + n |y|)
    double bend_spread = 0;        ///< relative deviation of n over columns, 0 to 1; none becomes negative
    double gain = 1;               ///< above 0
    double gain_spread = 0;        ///< relative deviation over columns, 0 to 0.2
    double offset = 0;             ///< share of the full scale
    double offset_spread = 0;      ///< its deviation over columns, share of the full scale, 0 to 1
    double series_resistance = 0;  ///< r >= 0 in y / (1 + r |y|)

    [[nodiscard]] std::string wrong(std::string const& name) const {
        return first_sentence(
            {unless(bend >= 0, name + ".errors.bend", bend, "from 0 on"),
             unless(bend_spread >= 0 && bend_spread <= 1, name + ".errors.bend_spread", bend_spread, "from 0 to 1"),
             unless(gain > 0, name + ".errors.gain", gain, "above 0"),
             unless(gain_spread >= 0 && gain_spread <= 0.2, name + ".errors.gain_spread", gain_spread, "from 0 to 0.2"),
             unless(true, name + ".errors.offset", offset, ""),
             unless(offset_spread >= 0 && offset_spread <= 1, name + ".errors.offset_spread", offset_spread,
                    "from 0 to 1"),
             unless(series_resistance >= 0, name + ".errors.series_resistance", series_resistance, "from 0 on")});
    }
};

/// A converter with a smooth curve in front of it: saturation in the shape of an S, gain, offset and a resistance in
/// series, each column its own. Models Adc.
///
///     y = sum / F,     y <- g y / (1 + n |y|) + o,     y <- y / (1 + r |y|),     code = rne(clip(y F, +-b) / step)
///     step = 2 b res,     res = 1 / (2^bits - 2)
///     n = max(0, bend (1 + bend_spread z0)),  g = gain (1 + gain_spread z1),  o = offset + offset_spread z2
///
/// F is the full scale, z standard normals of a column of a chip. Parameters: `bits` 2 to 16, default 8; `errors` see
/// curve_errors, default none; `range` the bound b, the larger magnitude of its ends (default: F). Sees/returns: column
/// sums in cell-LSB; codes -M to M, M = 2^(bits-1) - 1. Without errors adc::sign_magnitude, thresholds to a float's
/// precision.
/// Monotone. Not modelled: hysteresis; noise in front of the converter is a noise model's.
/// Reference: output non-idealities of the forward pass in aihwkit (M. J. Rasch et al., "A flexible and fast PyTorch
/// toolkit for simulating training and inference on analog crossbar arrays", AICAS 2021), where y is in units of one
/// weight and input at their bounds: its n and r times F over that unit are ours. Tests: tests/unit/adc/s_curve.cpp,
/// tests/conformance/adc.cpp. Benchmark: benchmarks/kernels/converters.cpp.
template <param<int> Bits = int, conversion_range Range = full_range>
struct s_curve {
    static constexpr bool is_integer = true;

    [[no_unique_address]] Bits bits{8};
    curve_errors errors{};
    [[no_unique_address]] Range range{};

    struct kernel {
        static constexpr int column_draws = 3;

        float per_sum;  // 1 / F
        float bend;
        float bend_spread;
        float gain;
        float gain_spread;
        float offset;
        float offset_spread;
        float series;
        float codes_per_share;
        float highest;
        double step;

        [[nodiscard]] double lsb() const { return step; }

        template <value V>
        V operator()(V sum, lane<V> const& l) const {
            V const one(1.0F);
            V const n = max(V(0.0F), fused_multiply_add(V(bend_spread), l.column_normal(0), V(bend)));
            V const g = fused_multiply_add(V(gain_spread), l.column_normal(1), V(gain));
            V const o = fused_multiply_add(V(offset_spread), l.column_normal(2), V(offset));
            V y = sum * V(per_sum);
            y = V(y / fused_multiply_add(n, V(abs(y)), one));
            y = fused_multiply_add(g, y, o);
            y = V(y / fused_multiply_add(V(series), V(abs(y)), one));
            V const code = round_half_even(V(y * V(codes_per_share)));
            return clamp(code, V(-highest), V(highest)) + V(0.0F);
        }
    };

    [[nodiscard]] int resolution(column_context const& /*context*/) const { return bits; }

    [[nodiscard]] kernel prepare(column_context const& context) const {
        double const f = context.full_scale;
        double const top = std::exp2(int{bits} - 1) - 1;
        double bound = f;
        if constexpr (std::same_as<Range, granular>) {
            bound = range.cells * top;
        } else if constexpr (std::same_as<Range, sum_range>) {
            bound = symmetric(range).in_cell_lsb(context).highest;
        }
        auto const single = [](double v) { return static_cast<float>(v); };
        return {single(1 / f),
                single(errors.bend),
                single(errors.bend * errors.bend_spread),
                single(errors.gain),
                single(errors.gain * errors.gain_spread),
                single(errors.offset),
                single(errors.offset_spread),
                single(errors.series_resistance),
                single(f / bound * top),
                single(top),
                bound / top};
    }

    [[nodiscard]] std::string wrong() const {
        return first_sentence(
            {outside("adc::s_curve.bits", bits, 2, 16), errors.wrong("adc::s_curve"), range.wrong("adc::s_curve")});
    }

    friend std::string to_string(s_curve const& a) {
        return "ADC with an S-curve " + std::to_string(int{a.bits}) + " bit, bend " + std::to_string(a.errors.bend) +
               ", gain " + std::to_string(a.errors.gain) + ", offset " + std::to_string(a.errors.offset) +
               ", series resistance " + std::to_string(a.errors.series_resistance) + ", " + to_string(a.range);
    }
};

template <class Bits>
s_curve(Bits) -> s_curve<Bits>;

template <class Bits>
s_curve(Bits, curve_errors) -> s_curve<Bits>;

template <class Bits, class Range>
s_curve(Bits, curve_errors, Range) -> s_curve<Bits, Range>;

}  // namespace xcim::inline XCIM_ABI::adc
