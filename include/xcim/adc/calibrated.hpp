#pragma once

#include <xcim/adc/levels.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::adc {

/// Evenly spaced levels over a range of your choice. Models Adc.
///
///     level = rne((clip(sum, lo, hi) - lo) / step),     step = (hi - lo) / (2^bits - 1),     value = lo + level * step
///
/// rne rounds half to even. Parameters: `bits` 1 to 16, default 8; `range` lo to hi, full_range{} (default, all rows at
/// the top), granular{cells}, or a sum_range, from numbers or from observed sums: see adc/range.hpp, which also says
/// how to calibrate. A converter of no bits is an error; one without quantisation is adc::ideal.
/// Sees/returns: column sums in cell-LSB; codes with code * step = value: levels from 0 on, for columns of both signs
/// over the full range the odd integers from -(2^bits - 1) to 2^bits - 1, and for a sum_range levels plus lo / step.
/// Not modelled: offset, gain, INL and DNL (adc::sar and others); a range for each weight slice.
/// Reference: the quantiser and range options of CrossSim 3 (Sandia National Laboratories; T. P. Xiao et al., IEEE
/// Circuits and Systems Magazine 22(4), 2022). Tests: tests/unit/adc/calibrated.cpp, tests/conformance/adc.cpp.
/// Benchmark: benchmarks/kernels/converters.cpp.
template <param<int> Bits = int, conversion_range Range = full_range>
struct calibrated {
    static constexpr bool is_integer = Range::has_integer_codes;

    [[no_unique_address]] Bits bits{8};
    [[no_unique_address]] Range range{};

    using kernel = detail::level_kernel;

    [[nodiscard]] int resolution(column_context const& /*context*/) const { return bits; }

    [[nodiscard]] kernel prepare(column_context const& context) const {
        auto const levels = detail::levels_of(range, bits, context);
        double const top = std::exp2(int{bits}) - 1;
        bool const is_wide =
            levels.lowest <= (context.signed_sums ? -context.full_scale : 0.0) &&
            levels.lowest * levels.denominator + top * levels.numerator >= context.full_scale * levels.denominator;
        bool const has_counts = is_integer && std::fmod(levels.denominator, levels.numerator) == 0;
        return {static_cast<float>(levels.lowest),
                static_cast<float>(levels.numerator),
                static_cast<float>(levels.denominator),
                0,
                static_cast<float>(top),
                levels.codes,
                context.integer_sums && is_wide && has_counts,
                levels.lowest == 0 && levels.numerator == levels.denominator};
    }

    [[nodiscard]] std::string wrong() const {
        return first_sentence({outside("adc::calibrated.bits", bits, 1, 16), range.wrong("adc::calibrated")});
    }

    friend std::string to_string(calibrated const& a) {
        return "ADC " + std::to_string(int{a.bits}) + " bit, " + to_string(a.range);
    }
};

template <class Bits>
calibrated(Bits) -> calibrated<Bits>;

template <class Bits, class Range>
calibrated(Bits, Range) -> calibrated<Bits, Range>;

}  // namespace xcim::inline XCIM_ABI::adc
