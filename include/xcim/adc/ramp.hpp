#pragma once

#include <xcim/adc/capacitor_dac.hpp>
#include <xcim/adc/threshold_table.hpp>
#include <xcim/core/normal.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI::adc {

/// A ramp of levels made once for all columns of an array, each with a comparator of its own. Models Adc.
///
///     code = the m whose level(m) is nearest to x + offset, of two the lower one
///     level(m) = (sign(s) T(|s|) / C_{N-1} + 2^-bits) Vref / (1 + 1/(A beta)),     s = m - 2^(bits-1)
///     value = Vref (2 m - 2^bits + 1) / 2^bits,     offset ~ Vref * comparator * N(0, 1) of each column
///
/// T, C and beta as in adc/capacitor_dac.hpp, half a step above the levels of adc::sar: the middles of its steps.
/// Parameters: `bits` 2 to 10, default 8; `errors` see capacitor_errors, default none; `range` as adc::sar's;
/// `capacitor_seed`, default 0: all arrays of a macro have the same capacitors, whatever program_options.chip says,
/// because what is drawn for that chip belongs to a column (the comparators' offsets).
/// Sees/returns: as adc::sar. Without errors the ideal mid-rise quantiser, a sum between two levels going down.
/// Monotone whatever the mismatch, but codes whose levels are out of order come out of order. Not modelled: slope
/// errors that drift along the ramp, delay of comparators, capacitors that differ between arrays. Reference: M. Spear
/// et al., IEEE JXCDC 9(2), 2023; nearest level as in CrossSim 3. Tests: tests/unit/adc/ramp.cpp,
/// tests/conformance/adc.cpp. Benchmark: benchmarks/kernels/converters.cpp.
template <param<int> Bits = int, conversion_range Range = full_range>
struct ramp {
    static constexpr bool is_integer = Range::has_integer_codes;
    static constexpr int most_bits = 10;

    [[no_unique_address]] Bits bits{8};
    capacitor_errors errors{};
    [[no_unique_address]] Range range{};
    std::uint64_t capacitor_seed = 0;

    struct kernel {
        static constexpr int column_draws = 1;  // comparator

        float comparator;  // of the offset, cell-LSB
        detail::threshold_table<std::size_t{1} << most_bits> codes;
        double step;
        double level_step;

        [[nodiscard]] double lsb() const { return level_step; }

        template <value V>
        V operator()(V sum, lane<V> const& l) const {
            return codes(V(fused_multiply_add(V(comparator), l.column_normal(), sum)));
        }
    };

    [[nodiscard]] int resolution(column_context const& /*context*/) const { return bits; }

    /// Levels 0 to 2^bits - 1 of this chip, in units of Vref.
    [[nodiscard]] std::vector<double> levels() const {
        int const n = bits;
        word_pair<> const key = stage_key(capacitor_seed, 0, stage::converter);
        auto const normal = [&](int i) {
            auto const draw = static_cast<std::uint32_t>(i);
            return static_cast<double>(four_normals(key, {draw / 4, 0})[draw % 4]);
        };
        detail::capacitor_weights<double, int> const c{detail::capacitor_plan<double, int>{n, errors}, normal};
        double const a = detail::inverse_gain(errors.gain_db);
        std::vector<double> all;
        for (int m = 0; m < 1 << n; ++m) {
            int const s = m - (1 << (n - 1));
            int const size = s < 0 ? -s : s;
            double total = size >> (n - 1) != 0 ? c.divisor : 0;
            for (int k = 0; k < n - 1; ++k) {
                total += (size >> k & 1) != 0 ? c.weights[static_cast<std::size_t>(k)] : 0.0;
            }
            double const loading = errors.is_split ? 1 : 1 + total / c.reference;
            all.push_back(((s < 0 ? -total : total) / c.divisor + std::exp2(-n)) / (1 + a * loading));
        }
        return all;
    }

    [[nodiscard]] kernel prepare(column_context const& context) const {
        auto const around = detail::centred(range, bits, context);
        std::vector<std::pair<double, int>> sorted;
        for (double const level : levels()) {
            sorted.emplace_back(level, static_cast<int>(sorted.size()));
        }
        std::sort(sorted.begin(), sorted.end());
        sorted.erase(
            std::unique(sorted.begin(), sorted.end(), [](auto const& a, auto const& b) { return a.first == b.first; }),
            sorted.end());
        std::vector<double> thresholds;
        std::vector<double> codes;
        for (std::size_t i = 0; i < sorted.size(); ++i) {
            codes.push_back(static_cast<double>(around.codes.of(static_cast<float>(sorted[i].second))));
            if (i > 0) {
                double const middle = (sorted[i - 1].first + sorted[i].first) / 2;
                thresholds.push_back(around.centre + middle * around.numerator / around.denominator);
            }
        }
        return {static_cast<float>(errors.comparator * around.reference()),
                {thresholds, codes},
                around.codes.step,
                around.codes.lsb()};
    }

    [[nodiscard]] std::string wrong() const {
        return first_sentence(
            {outside("adc::ramp.bits", bits, 2, most_bits), errors.wrong("adc::ramp"), range.wrong("adc::ramp")});
    }

    friend std::string to_string(ramp const& a) {
        return "ramp ADC " + std::to_string(int{a.bits}) + " bit, " + to_string(a.errors) + ", " + to_string(a.range);
    }
};

template <class Bits>
ramp(Bits) -> ramp<Bits>;

template <class Bits>
ramp(Bits, capacitor_errors) -> ramp<Bits>;

template <class Bits, class Range>
ramp(Bits, capacitor_errors, Range) -> ramp<Bits, Range>;

template <class Bits, class Range>
ramp(Bits, capacitor_errors, Range, std::uint64_t) -> ramp<Bits, Range>;

}  // namespace xcim::inline XCIM_ABI::adc
