#pragma once

#include <xcim/concepts/adc.hpp>

#include <bit>
#include <cstdint>
#include <string>

namespace xcim::inline XCIM_ABI::adc {

/// One code per count, at boundary precision: as many bits as the largest column sum needs. Models Adc.
///
///     bits = ceil(log2(full scale + 1)),     code = clamp(rne(sum), 0, 2^bits - 1),     step = 1 cell-LSB
///
/// Without noise it is lossless. With 256 rows and 1-bit operands it has 9 bits, where adc::uniform{8} already loses.
/// Parameters: none.
/// Not modelled: offset, gain, INL and DNL.
/// Reference: boundary precision as in ASiM (arXiv 2411.11022, 2024).
/// Tests: tests/unit/adc/exact_count.cpp, tests/conformance/adc.cpp.
struct exact_count {
    static constexpr bool is_integer = true;

    struct kernel {
        float highest;
        double step = 1;

        /// See concepts/readout.hpp.
        [[nodiscard]] bool counts() const { return true; }

        template <value V>
        V operator()(V sum, lane<V> const& /*l*/) const {
            return clamp(V(round_half_even(sum)), V(0.0F), V(highest));
        }
    };

    [[nodiscard]] int resolution(column_context const& context) const {
        return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(context.full_scale)));
    }

    [[nodiscard]] kernel prepare(column_context const& context) const {
        return {static_cast<float>((std::uint64_t{1} << resolution(context)) - 1)};
    }

    friend std::string to_string(exact_count const&) { return "exact-count ADC"; }
};

}  // namespace xcim::inline XCIM_ABI::adc
