#pragma once

#include <xcim/adc/residue_stage.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::adc {

/// A pipeline of bits - 1 stages of 1.5 bits and a last one that takes the sign. Models Adc.
///
///     m = (sum_i D_i 2^(bits-1-i) + sign(V - offset) + 2^bits - 1) / 2,     value = Vref (2 m - 2^bits + 1) / 2^bits
///
/// Decisions D_i and residues V: adc/residue_stage.hpp. Parameters: `bits` 2 to 16, default 8; `errors` see
/// stage_errors, default none, drawn for every stage of every converter; `range` and `columns` as adc::sar's.
/// Sees/returns: as adc::sar. Without errors the ideal mid-rise quantiser, a sum on a threshold going down; offsets of
/// comparators below Vref/4 - all but that of the last stage - change nothing. With mismatch not monotone.
/// All errors are drawn once for a converter of a chip (program_options.chip).
/// Not modelled: settling, noise of the stages, digital calibration. Reference: M. Spear et al., IEEE JXCDC 9(2), 2023,
/// as in CrossSim 3; parasitics are a number here, not drawn. Tests: tests/unit/adc/pipeline.cpp,
/// tests/conformance/adc.cpp. Benchmark: benchmarks/kernels/converters.cpp.
template <param<int> Bits = int, conversion_range Range = full_range>
struct pipeline {
    static constexpr bool is_integer = Range::has_integer_codes;

    [[no_unique_address]] Bits bits{8};
    stage_errors errors{};
    [[no_unique_address]] Range range{};
    int columns = 8;

    struct kernel {
        static constexpr int column_draws = 4 * (detail::most_bits<Bits> - 1) + 1;

        detail::stage_numbers<Bits> numbers;
        double step = numbers.codes.step;

        [[nodiscard]] double lsb() const { return numbers.codes.lsb(); }

        template <value V>
        V operator()(V sum, lane<V> const& l) const {
            V voltage = V(sum - V(numbers.centre)) * V(numbers.denominator);
            V scale(1.0F);
            V digits(0.0F);
            for (int i = 0; i + 1 < int{numbers.bits}; ++i) {
                detail::residue_stage<V> const stage{numbers, l, 4 * i};
                digits = digits + digits + stage.digit(voltage, scale);
            }
            V const last = V(numbers.comparator) * l.column_normal(4 * (int{numbers.bits} - 1));
            return numbers.codes.of(detail::level_of_digits(numbers, digits, voltage, V(last * scale)));
        }
    };

    [[nodiscard]] int resolution(column_context const& /*context*/) const { return bits; }
    [[nodiscard]] int columns_per_converter() const { return columns; }

    [[nodiscard]] kernel prepare(column_context const& context) const {
        return {{bits, errors, detail::centred(range, bits, context)}};
    }

    [[nodiscard]] std::string wrong() const {
        return first_sentence({outside("adc::pipeline.bits", bits, 2, 16), errors.wrong("adc::pipeline"),
                               range.wrong("adc::pipeline"), outside("adc::pipeline.columns", columns, 1, 65536)});
    }

    friend std::string to_string(pipeline const& a) {
        return "pipeline ADC " + std::to_string(int{a.bits}) + " bit, " + to_string(a.errors) + ", " +
               to_string(a.range);
    }
};

template <class Bits>
pipeline(Bits) -> pipeline<Bits>;

template <class Bits>
pipeline(Bits, stage_errors) -> pipeline<Bits>;

template <class Bits, class Range>
pipeline(Bits, stage_errors, Range) -> pipeline<Bits, Range>;

template <class Bits, class Range>
pipeline(Bits, stage_errors, Range, int) -> pipeline<Bits, Range>;

}  // namespace xcim::inline XCIM_ABI::adc
