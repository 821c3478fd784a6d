#pragma once

#include <xcim/adc/residue_stage.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::adc {

/// One stage of 1.5 bits used bits - 1 times, then a comparator for the sign: adc::pipeline with the same errors in all
/// of its stages. Models Adc.
///
///     m = (sum_i D_i 2^(bits-1-i) + sign(V - offset) + 2^bits - 1) / 2,     value = Vref (2 m - 2^bits + 1) / 2^bits
///
/// Decisions D_i and residues V: adc/residue_stage.hpp. Parameters: `bits` 2 to 16, default 8; `errors` see
/// stage_errors, default none; `range` and `columns` as adc::sar's. Sees/returns, laws: as adc::pipeline.
/// Not modelled: settling, noise, digital calibration. Reference: M. Spear et al., IEEE JXCDC 9(2), 2023, as in
/// CrossSim 3. Tests: tests/unit/adc/pipeline.cpp, tests/conformance/adc.cpp. Benchmark:
/// benchmarks/kernels/converters.cpp.
template <param<int> Bits = int, conversion_range Range = full_range>
struct cyclic {
    static constexpr bool is_integer = Range::has_integer_codes;

    [[no_unique_address]] Bits bits{8};
    stage_errors errors{};
    [[no_unique_address]] Range range{};
    int columns = 8;

    struct kernel {
        static constexpr int column_draws = 5;  // the stage's four, last comparator

        detail::stage_numbers<Bits> numbers;
        double step = numbers.codes.step;

        [[nodiscard]] double lsb() const { return numbers.codes.lsb(); }

        template <value V>
        V operator()(V sum, lane<V> const& l) const {
            detail::residue_stage<V> const stage{numbers, l, 0};
            V voltage = V(sum - V(numbers.centre)) * V(numbers.denominator);
            V scale(1.0F);
            V digits(0.0F);
            for (int i = 0; i + 1 < int{numbers.bits}; ++i) {
                digits = digits + digits + stage.digit(voltage, scale);
            }
            V const last = V(numbers.comparator) * l.column_normal(4);
            return numbers.codes.of(detail::level_of_digits(numbers, digits, voltage, V(last * scale)));
        }
    };

    [[nodiscard]] int resolution(column_context const& /*context*/) const { return bits; }
    [[nodiscard]] int columns_per_converter() const { return columns; }

    [[nodiscard]] kernel prepare(column_context const& context) const {
        return {{bits, errors, detail::centred(range, bits, context)}};
    }

    [[nodiscard]] std::string wrong() const {
        return first_sentence({outside("adc::cyclic.bits", bits, 2, 16), errors.wrong("adc::cyclic"),
                               range.wrong("adc::cyclic"), outside("adc::cyclic.columns", columns, 1, 65536)});
    }

    friend std::string to_string(cyclic const& a) {
        return "cyclic ADC " + std::to_string(int{a.bits}) + " bit, " + to_string(a.errors) + ", " + to_string(a.range);
    }
};

template <class Bits>
cyclic(Bits) -> cyclic<Bits>;

template <class Bits>
cyclic(Bits, stage_errors) -> cyclic<Bits>;

template <class Bits, class Range>
cyclic(Bits, stage_errors, Range) -> cyclic<Bits, Range>;

template <class Bits, class Range>
cyclic(Bits, stage_errors, Range, int) -> cyclic<Bits, Range>;

}  // namespace xcim::inline XCIM_ABI::adc
