#pragma once

#include <xcim/adc/levels.hpp>
#include <xcim/adc/threshold_table.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::adc {

/// A converter given by a table: thresholds, and what is read between them. Models Adc.
///
///     value = values[number of thresholds below the sum]
///
/// Parameters: `thresholds` 1 to 255 in ascending order, `values` one more, both in `unit`: shares of the full scale
/// (default) or cell-LSB. Tuned and measured converters, with non-linear steps.
/// Sees/returns: column sums in cell-LSB; codes are the values in cell-LSB, no integers, step 1. Monotone where the
/// values ascend. A sum on a threshold belongs below it.
/// Not modelled: converters that differ from column to column. Reference: non-linear thresholds of low-precision
/// converters as in NeuroSim (X. Peng et al., "DNN+NeuroSim", IEDM 2019). Tests: tests/unit/adc/tabulated.cpp,
/// tests/conformance/adc.cpp. Benchmark: benchmarks/kernels/converters.cpp.
struct tabulated {
    static constexpr bool is_integer = false;
    static constexpr std::size_t most_values = 256;

    std::vector<double> thresholds;
    std::vector<double> values;
    sigma_unit unit = sigma_unit::full_scale;

    struct kernel {
        detail::threshold_table<most_values> table;
        double mean_step;  // cell-LSB
        double step = 1;

        /// From one value to the next, on average.
        [[nodiscard]] double lsb() const { return mean_step; }

        template <value V>
        V operator()(V sum, lane<V> const& /*l*/) const {
            return table(sum);
        }
    };

    [[nodiscard]] int resolution(column_context const& /*context*/) const {
        return static_cast<int>(std::bit_width(thresholds.size()));
    }

    [[nodiscard]] kernel prepare(column_context const& context) const {
        if (auto const sentence = wrong(); !sentence.empty()) {
            throw error(errc::range, sentence);
        }
        double const scale = to_cell_lsb({1, unit}, context);
        auto const scaled = [&](std::vector<double> numbers) {
            for (auto& v : numbers) {
                v *= scale;
            }
            return numbers;
        };
        return {{scaled(thresholds), scaled(values)},
                scale * (values.back() - values.front()) / static_cast<double>(thresholds.size())};
    }

    [[nodiscard]] std::string wrong() const {
        if (thresholds.empty() || thresholds.size() >= most_values || values.size() != thresholds.size() + 1) {
            return "adc::tabulated has " + std::to_string(thresholds.size()) + " thresholds and " +
                   std::to_string(values.size()) + " values; 1 to 255 thresholds and one value more are needed";
        }
        if (unit == sigma_unit::adc_lsb) {
            return "adc::tabulated.unit is steps of the converter, which has none; full scales or cell-LSB are needed";
        }
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (!std::isfinite(values[i])) {
                return "adc::tabulated.values[" + std::to_string(i) + "] is not finite";
            }
        }
        for (std::size_t i = 0; i < thresholds.size(); ++i) {
            if (!std::isfinite(thresholds[i]) || (i > 0 && !(thresholds[i - 1] < thresholds[i]))) {
                return "adc::tabulated.thresholds[" + std::to_string(i) + "] is " + std::to_string(thresholds[i]) +
                       "; finite numbers in ascending order are needed";
            }
        }
        return {};
    }

    friend std::string to_string(tabulated const& a) {
        return "ADC with a table of " + std::to_string(a.values.size()) + " values";
    }
};

}  // namespace xcim::inline XCIM_ABI::adc
