#pragma once

#include <xcim/adc/levels.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::adc {

/// Evenly spaced levels on both sides of zero, zero being one: sign and bits - 1 bits of magnitude. Models Adc.
///
///     code = clamp(rne(sum / step), -M, M),     M = 2^(bits-1) - 1,     step = V / M
///
/// 2^bits - 1 levels; rne rounds half to even. Parameters: `bits` 2 to 16, default 8; `range`: V is the larger
/// magnitude of its ends (full_range{}, default: the full scale; granular{n}: step = n), see adc/range.hpp.
/// Sees/returns: column sums in cell-LSB; codes -M to M. Of columns of one sign only codes from 0 on: adc::calibrated
/// has one bit more for them.
/// Not modelled: offset, gain, INL and DNL. Reference: the sign-magnitude quantiser of CrossSim 3 (Sandia National
/// Laboratories). Tests: tests/unit/adc/sign_magnitude.cpp, tests/conformance/adc.cpp. Benchmark:
/// benchmarks/kernels/converters.cpp.
template <param<int> Bits = int, conversion_range Range = full_range>
struct sign_magnitude {
    static constexpr bool is_integer = true;

    [[no_unique_address]] Bits bits{8};
    [[no_unique_address]] Range range{};

    using kernel = detail::level_kernel;

    [[nodiscard]] int resolution(column_context const& /*context*/) const { return bits; }

    [[nodiscard]] kernel prepare(column_context const& context) const {
        double const top = std::exp2(int{bits} - 1) - 1;
        double numerator = context.full_scale;
        double denominator = top;
        if constexpr (std::same_as<Range, granular>) {
            numerator = range.cells;
            denominator = 1;
        } else if constexpr (std::same_as<Range, sum_range>) {
            numerator = symmetric(range).in_cell_lsb(context).highest;
        }
        bool const is_wide = top * numerator >= context.full_scale * denominator;
        return {0,
                static_cast<float>(numerator),
                static_cast<float>(denominator),
                static_cast<float>(-top),
                static_cast<float>(top),
                {1, 0, numerator / denominator},
                context.integer_sums && is_wide && std::fmod(denominator, numerator) == 0};
    }

    [[nodiscard]] std::string wrong() const {
        return first_sentence({outside("adc::sign_magnitude.bits", bits, 2, 16), range.wrong("adc::sign_magnitude")});
    }

    friend std::string to_string(sign_magnitude const& a) {
        return "sign-magnitude ADC " + std::to_string(int{a.bits}) + " bit, " + to_string(a.range);
    }
};

template <class Bits>
sign_magnitude(Bits) -> sign_magnitude<Bits>;

template <class Bits, class Range>
sign_magnitude(Bits, Range) -> sign_magnitude<Bits, Range>;

}  // namespace xcim::inline XCIM_ABI::adc
