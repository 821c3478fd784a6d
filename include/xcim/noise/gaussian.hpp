#pragma once

#include <xcim/concepts/noise_model.hpp>
#include <xcim/core/sigma.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::noise {

/// Additive Gaussian noise, drawn afresh for every conversion. Models NoiseModel.
///
///     sum' = sum + sigma * z,     z ~ N(0, 1)
///
/// Parameters: `amplitude` sigma >= 0 with its unit: of_full_scale, in_adc_lsb (needs a converter with finite step) or
/// in_cell_lsb; default 0.
/// Sees/returns: column sums in cell-LSB, before the converter clips them to its range.
/// Not modelled: correlation between columns or conversions, noise that stays with a chip.
/// Reference: `rand_noise_sigma` of ASiM (Keio-CSG/ASiM; arXiv 2411.11022, 2024), which counts in percent of full
/// scale. Tests: tests/unit/noise/gaussian.cpp, tests/conformance/noise_model.cpp. Benchmark:
/// benchmarks/macro/layers.cpp.
struct gaussian {
    static constexpr bool is_identity = false;

    sigma amplitude{};

    struct kernel {
        static constexpr int draws = 1;
        float deviation;  // cell-LSB

        /// Nothing to draw.
        [[nodiscard]] bool is_off() const { return deviation == 0.0F; }

        /// That is all this noise does: see concepts/readout.hpp.
        [[nodiscard]] float additive_sigma() const { return deviation; }

        template <value V>
        V operator()(V sum, lane<V> const& l) const {
            return fused_multiply_add(V(deviation), l.normal(), sum);
        }
    };

    [[nodiscard]] kernel prepare(column_context const& context) const {
        return {static_cast<float>(to_cell_lsb(amplitude, context))};
    }

    [[nodiscard]] std::string wrong() const { return wrong_sigma("noise::gaussian", amplitude); }

    friend std::string to_string(gaussian const& n) { return "gaussian " + to_string(n.amplitude); }
};

}  // namespace xcim::inline XCIM_ABI::noise
