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
/// Columns that go both ways have one bit more, codes from -(2^(bits-1) - 1) on.
/// Without noise it is lossless. With 256 rows and 1-bit operands it has 9 bits, where adc::uniform{8} already loses.
/// Parameters: `counts_only`, default false: there is one threshold between two neighbouring counts and none above the
/// full scale, so that noise never reads as more ones than there are rows: nine levels for eight rows, log2(9) bits
/// where resolution() says 4. Not modelled: offset, gain, INL and DNL. Reference: boundary precision as in ASiM (arXiv
/// 2411.11022, 2024); nine levels for eight word lines: FLARE (arXiv 2411.14733, 2024), section 4.1. Tests:
/// tests/unit/adc/exact_count.cpp, tests/conformance/adc.cpp.
struct exact_count {
    static constexpr bool is_integer = true;

    bool counts_only = false;

    struct kernel {
        float highest;
        double step = 1;
        bool integer_sums = false;
        float lowest = 0;

        /// Every count has a code.
        [[nodiscard]] bool is_exact() const { return integer_sums; }

        /// See concepts/readout.hpp.
        [[nodiscard]] bool counts() const { return lowest == 0; }

        template <value V>
        V operator()(V sum, lane<V> const& /*l*/) const {
            return clamp(V(round_half_even(sum)), V(lowest), V(highest));
        }
    };

    [[nodiscard]] int resolution(column_context const& context) const {
        return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(context.full_scale))) +
               (context.signed_sums ? 1 : 0);
    }

    [[nodiscard]] kernel prepare(column_context const& context) const {
        int const magnitude_bits = resolution(context) - (context.signed_sums ? 1 : 0);
        auto const highest = counts_only ? static_cast<float>(static_cast<std::uint64_t>(context.full_scale))
                                         : static_cast<float>((std::uint64_t{1} << magnitude_bits) - 1);
        return {highest, 1, context.integer_sums, context.signed_sums ? -highest : 0.0F};
    }

    friend std::string to_string(exact_count const& a) {
        return a.counts_only ? "exact-count ADC, no level above the full scale" : "exact-count ADC";
    }
};

}  // namespace xcim::inline XCIM_ABI::adc
