#pragma once

#include <xcim/adc/capacitor_dac.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::adc {

/// Successive approximation: a binary search against the levels of a capacitive converter. Models Adc.
///
///     for bit = top .. 0:   code bit = x > level(code with that bit) - offset
///     level(m) = sign(s) V(|s|),     s = m - 2^(bits-1),     V: adc/capacitor_dac.hpp
///     value = Vref (2 m - 2^bits + 1) / 2^bits,     offset ~ Vref * comparator * N(0, 1)
///
/// Parameters: `bits` 2 to 16, default 8; `errors` see capacitor_errors, default none; `range` around which +-Vref lie:
/// of columns of both signs Vref is the full scale or the larger magnitude of the range's ends, of columns of one sign
/// half the range, which is shifted by its middle (full_range{}, default: from half a step below 0 to half a step above
/// the full scale, so that empty columns read 0); `columns`, that take turns at one converter, 1 to 65536, default 8.
/// Sees/returns: column sums in cell-LSB; codes as adc::calibrated's, mid-rise: odd for columns of both signs.
/// Without errors the ideal mid-rise quantiser, a sum on a threshold going down. With errors the codes are monotone as
/// long as the levels are; the INL at the middle of either sign deviates by mismatch sqrt((2^(bits-1) - 1) / 4) steps.
/// All errors are drawn once for a converter of a chip (program_options.chip).
/// Not modelled: settling, noise (put a noise model in front), non-binary and redundant searches.
/// Reference: M. Spear et al., IEEE JXCDC 9(2), 2023, as in CrossSim 3, where however all converters of an array have
/// the same capacitors. Tests: tests/unit/adc/sar.cpp, tests/statistical/converters.cpp, tests/conformance/adc.cpp.
/// Benchmark: benchmarks/kernels/converters.cpp.
template <param<int> Bits = int, conversion_range Range = full_range>
struct sar {
    static constexpr bool is_integer = Range::has_integer_codes;

    [[no_unique_address]] Bits bits{8};
    capacitor_errors errors{};
    [[no_unique_address]] Range range{};
    int columns = 8;

    struct kernel {
        static constexpr int column_draws = detail::most_bits<Bits> + 2;  // capacitors 0 to bits, comparator

        detail::capacitor_plan<float, Bits> plan;
        float inverse_gain;
        float comparator;  // of the offset, cell-LSB * denominator
        float centre;      // cell-LSB
        float numerator;   // of Vref in cell-LSB
        float denominator;
        detail::level_codes codes;
        double step = codes.step;

        [[nodiscard]] double lsb() const { return codes.lsb(); }

        template <value V>
        V operator()(V sum, lane<V> const& l) const {
            int const n = plan.bits;
            detail::capacitor_weights<V, Bits> const c{plan, [&](int i) { return l.column_normal(i); }};
            V const x =
                fused_multiply_add(V(comparator), l.column_normal(n + 1), V(V(sum - V(centre)) * V(denominator)));
            // T Vref / (D (1 + a + a T / C)) < |x|, a = 1 / gain, without a division: T drop < |x| D C (1 + a).
            V const size = abs(x) * c.divisor;
            V limit = size * V(1.0F + inverse_gain);
            V drop = V(numerator);
            if (!plan.is_split) {
                limit = limit * c.reference;
                drop = fused_multiply_add(size, V(-inverse_gain), V(c.reference * V(numerator)));
            }
            auto const is_positive = x > V(0.0F);
            // Below zero the level is reached by equal magnitudes too.
            limit = select(is_positive, limit, float_of_bits(word_of<V>(bits_of(limit) + word_of<V>(1U))));
            V total(0.0F);
            V reached(0.0F);
            for (int k = n - 2; k >= 0; --k) {
                V const next = fused_multiply_add(c.weights[static_cast<std::size_t>(k)], drop, total);
                auto const is_beyond = next < limit;
                total = select(is_beyond, next, total);
                reached = select(is_beyond, V(reached + V(static_cast<float>(1 << k))), reached);
            }
            V const middle(static_cast<float>(1 << (n - 1)));
            return codes.of(select(is_positive, V(middle + reached), V(middle - V(1.0F) - reached)));
        }
    };

    [[nodiscard]] int resolution(column_context const& /*context*/) const { return bits; }
    [[nodiscard]] int columns_per_converter() const { return columns; }

    [[nodiscard]] kernel prepare(column_context const& context) const {
        auto const around = detail::centred(range, bits, context);
        return {{bits, errors},
                static_cast<float>(detail::inverse_gain(errors.gain_db)),
                static_cast<float>(errors.comparator * around.numerator),
                static_cast<float>(around.centre),
                static_cast<float>(around.numerator),
                static_cast<float>(around.denominator),
                around.codes};
    }

    [[nodiscard]] std::string wrong() const {
        return first_sentence({outside("adc::sar.bits", bits, 2, 16), errors.wrong("adc::sar"), range.wrong("adc::sar"),
                               outside("adc::sar.columns", columns, 1, 65536)});
    }

    friend std::string to_string(sar const& a) {
        return "SAR ADC " + std::to_string(int{a.bits}) + " bit, " + to_string(a.errors) + ", " + to_string(a.range);
    }
};

template <class Bits>
sar(Bits) -> sar<Bits>;

template <class Bits>
sar(Bits, capacitor_errors) -> sar<Bits>;

template <class Bits, class Range>
sar(Bits, capacitor_errors, Range) -> sar<Bits, Range>;

template <class Bits, class Range>
sar(Bits, capacitor_errors, Range, int) -> sar<Bits, Range>;

}  // namespace xcim::inline XCIM_ABI::adc
