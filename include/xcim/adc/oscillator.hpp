#pragma once

#include <xcim/adc/levels.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::adc {

/// Coulombs of one cell-LSB driven for one unit of time: a cell's conductance step (siemens) at `volts` for `seconds`.
[[nodiscard]] constexpr double charge_of(double siemens, double volts, double seconds) {
    return siemens * volts * seconds;
}

/// A current-controlled oscillator and a counter: one count for every so many coulombs. Models Adc.
///
///     code = sign(Q) min(trunc(|Q| / q0), 2^bits - 1),     Q = sum * charge_per_unit,     value = code * q0
///
/// Begun counts are lost in every conversion, towards zero: half a count on average, in each phase. Split into a low
/// and a high half of m bits (pulse widths l + 2^m k), the high half loses up to 2^m counts of the whole.
/// Parameters: `charge_per_unit` coulombs of one cell-LSB times one unit of drive, above 0, no useful default (see
/// charge_of): 1 q0; `bits` of the counter, 1 to 16, default 10, and a sign where columns go both ways;
/// `charge_per_count` q0 in coulombs, above 0, default 100 uA / 6.24 GHz = 16.03 fC.
/// Sees/returns: column sums in cell-LSB; whole codes, step = q0 / charge_per_unit cell-LSB. Columns of one sign count
/// from 0 on.
/// Not modelled: start-up and phase of the oscillator, its noise and non-linearity, mismatch between columns.
/// Reference: R. Khaddam-Aljameh et al., "HERMES-Core: a 1.59-TOPS/mm2 PCM on 14-nm CMOS in-memory compute core using
/// 300-ps/LSB linearized CCO-based ADCs", IEEE JSSC 57(4), 2022; numbers of the tile model in aihwkit 1.1. Tests:
/// tests/unit/adc/oscillator.cpp, tests/conformance/adc.cpp. Benchmark: benchmarks/kernels/converters.cpp.
struct oscillator {
    static constexpr bool is_integer = true;
    static constexpr double default_charge = 100e-6 / 6.24e9;  ///< C

    double charge_per_unit = default_charge;
    int bits = 10;
    double charge_per_count = default_charge;

    struct kernel {
        float counts_per_unit;
        float rest;  // of its rounding
        float lowest;
        float highest;
        double step;

        [[nodiscard]] double lsb() const { return step; }

        template <value V>
        V operator()(V sum, lane<V> const& /*l*/) const {
            V const counts = fused_multiply_add(sum, V(counts_per_unit), V(sum * V(rest)));
            V const whole = round_down(abs(counts));
            return clamp(V(select(counts < V(0.0F), V(V(0.0F) - whole), whole)), V(lowest), V(highest)) + V(0.0F);
        }
    };

    [[nodiscard]] int resolution(column_context const& context) const { return bits + (context.signed_sums ? 1 : 0); }

    [[nodiscard]] kernel prepare(column_context const& context) const {
        double const ratio = charge_per_unit / charge_per_count;
        auto const near = static_cast<float>(ratio);
        auto const highest = static_cast<float>((1 << bits) - 1);
        return {near, static_cast<float>(ratio - static_cast<double>(near)), context.signed_sums ? -highest : 0.0F,
                highest, 1 / ratio};
    }

    [[nodiscard]] std::string wrong() const {
        return first_sentence(
            {outside("adc::oscillator.bits", bits, 1, 16),
             unless(charge_per_unit > 0, "adc::oscillator.charge_per_unit", charge_per_unit, "of coulombs above 0"),
             unless(charge_per_count > 0, "adc::oscillator.charge_per_count", charge_per_count,
                    "of coulombs above 0")});
    }

    friend std::string to_string(oscillator const& a) {
        return "oscillator ADC, counter of " + std::to_string(a.bits) + " bit, " +
               std::to_string(a.charge_per_count * 1e15) + " fC a count";
    }
};

}  // namespace xcim::inline XCIM_ABI::adc
