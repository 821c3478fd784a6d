#pragma once

/// \file
/// The 1.5-bit stage inside adc::pipeline and adc::cyclic.
///
///     D = 1 where V > Vref/4 + o_h,  -1 where V < -Vref/4 + o_l,  else 0
///     V <- ((1 + c) V - D c Vref) / (1 + 1/(A beta)),     c = C2 / C1,     beta = C1 / (C1 + C2 + Cpar)
///     C1, C2 ~ 1 + mismatch N(0, 1),     o_h, o_l ~ Vref comparator N(0, 1)
///
/// A decision that is off by less than Vref/4 is made up for by the later stages; a wrong c or gain is not.
/// Reference: S. H. Lewis et al., "A 10-b 20-Msample/s analog-to-digital converter", IEEE JSSC 27(3), 1992; error model
/// of M. Spear et al., IEEE JXCDC 9(2), 2023.

#include <xcim/adc/levels.hpp>
#include <xcim/core/parameter.hpp>

#include <limits>
#include <string>

namespace xcim::inline XCIM_ABI::adc {

/// What is wrong with the circuits of adc::pipeline and adc::cyclic.
struct stage_errors {
    double mismatch = 0;    ///< relative deviation of C1 and C2, 0 to 0.2
    double comparator = 0;  ///< deviation of the comparators' offsets, share of Vref, 0 to 1
    double gain_db = std::numeric_limits<double>::infinity();  ///< of the residue amplifier, above 0
    double parasitic = 0;  ///< capacitance at the amplifier's input, share of C1, 0 to 10

    [[nodiscard]] std::string wrong(std::string const& name) const {
        return first_sentence(
            {unless(mismatch >= 0 && mismatch <= 0.2, name + ".errors.mismatch", mismatch, "from 0 to 0.2"),
             unless(comparator >= 0 && comparator <= 1, name + ".errors.comparator", comparator, "from 0 to 1"),
             detail::wrong_gain(name + ".errors.gain_db", gain_db),
             unless(parasitic >= 0 && parasitic <= 10, name + ".errors.parasitic", parasitic, "from 0 to 10")});
    }

    friend std::string to_string(stage_errors const& e) {
        return "mismatch " + std::to_string(e.mismatch) + ", comparators " + std::to_string(e.comparator) + ", gain " +
               std::to_string(e.gain_db) + " dB, parasitics " + std::to_string(e.parasitic);
    }
};

namespace detail {

/// Numbers of a converter made of such stages.
template <class Bits>
struct stage_numbers {
    [[no_unique_address]] Bits bits;
    float mismatch;
    float comparator;  // cell-LSB * denominator of Vref
    float inverse_gain;
    float parasitic;
    float centre;     // cell-LSB
    float numerator;  // of Vref, cell-LSB
    float denominator;
    level_codes codes;

    stage_numbers(Bits n, stage_errors const& errors, around_centre const& around)
        : bits{n}, mismatch{static_cast<float>(errors.mismatch)}, comparator{static_cast<float>(errors.comparator *
                                                                                                around.numerator)},
          inverse_gain{static_cast<float>(detail::inverse_gain(errors.gain_db))}, parasitic{static_cast<float>(
                                                                                      errors.parasitic)},
          centre{static_cast<float>(around.centre)}, numerator{static_cast<float>(around.numerator)},
          denominator{static_cast<float>(around.denominator)}, codes{around.codes} {}
};

/// One stage of one converter, or of a batch of them.
template <value V>
struct residue_stage {
    V high;  // thresholds, in the unit of Vref
    V low;
    V sum;      // C1 + C2
    V second;   // C2 Vref
    V divisor;  // C1 (1 + 1/(A beta))

    /// Normals `first` to first + 3 of the converter: offsets, C1, C2.
    template <class Bits>
    XCIM_INLINE residue_stage(stage_numbers<Bits> const& n, lane<V> const& l, int first) {
        V const quarter(0.25F * n.numerator);
        high = fused_multiply_add(V(n.comparator), l.column_normal(first), quarter);
        low = fused_multiply_add(V(n.comparator), l.column_normal(first + 1), V(V(0.0F) - quarter));
        V const c1 = fused_multiply_add(V(n.mismatch), l.column_normal(first + 2), V(1.0F));
        V const c2 = fused_multiply_add(V(n.mismatch), l.column_normal(first + 3), V(1.0F));
        sum = c1 + c2;
        second = c2 * V(n.numerator);
        divisor = fused_multiply_add(V(n.inverse_gain), V(sum + V(n.parasitic)), c1);
    }

    /// Digit of a voltage, -1, 0 or 1, and what is left of it. Both stand multiplied by `scale`, so that nothing need
    /// be divided.
    XCIM_INLINE V digit(V& voltage, V& scale) const {
        V const d = select(voltage > high * scale, V(1.0F), select(voltage < low * scale, V(-1.0F), V(0.0F)));
        voltage = fused_multiply_add(voltage, sum, V(V(V(0.0F) - d) * V(second * scale)));
        scale = scale * divisor;
        return d;
    }
};

/// Level of the digits d_0 .. d_{n-2} and the sign in the last stage: sum of d_i 2^(n-1-i), plus or minus one, made a
/// number from 0 on.
template <value V, class Bits>
[[nodiscard]] XCIM_INLINE V level_of_digits(stage_numbers<Bits> const& n, V digits, V voltage, V last_threshold) {
    V const odd = digits + digits + select(voltage > last_threshold, V(1.0F), V(-1.0F));
    return V(V(odd + V(static_cast<float>((1 << int{n.bits}) - 1))) * V(0.5F));
}

}  // namespace detail

}  // namespace xcim::inline XCIM_ABI::adc
