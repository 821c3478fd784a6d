#pragma once

#include <xcim/concepts/noise_model.hpp>
#include <xcim/core/sigma.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::noise {

/// Noise that falls with the number of active rows, drawn afresh for every conversion. Models NoiseModel.
///
///     sum' = sum + sigma * z / sqrt(n + 1),     n = |sum| / ((D - 1) (C - 1)),     z ~ N(0, 1)
///
/// n counts fully driven rows: D drive levels, C cell levels. This is how ASiM draws its "non-linearity": a stand-in
/// for capacitor mismatch that averages out over the cells of a column. Mismatch that stays with a chip:
/// cell::capacitor. Parameters: `amplitude` sigma >= 0 at n = 0 with its unit; default 0. Sees/returns: column sums in
/// cell-LSB. Not modelled: a transfer curve; anything that is the same in two conversions. Reference:
/// `non_linear_sigma` of ASiM (Keio-CSG/ASiM; arXiv 2411.11022, 2024), which counts in percent of full scale. Tests:
/// tests/unit/noise/non_linearity.cpp, tests/conformance/noise_model.cpp, tests/golden/asim.cpp.
struct non_linearity {
    static constexpr bool is_identity = false;

    sigma amplitude{};

    struct kernel {
        static constexpr int draws = 1;
        float deviation;     // cell-LSB
        float rows_per_sum;  // fully driven rows per cell-LSB

        [[nodiscard]] bool is_off() const { return deviation == 0.0F; }

        template <value V>
        V operator()(V sum, lane<V> const& l) const {
            V const rows = fused_multiply_add(abs(sum), V(rows_per_sum), V(1.0F));
            return fused_multiply_add(V(V(deviation) / square_root(rows)), l.normal(), sum);
        }
    };

    [[nodiscard]] kernel prepare(column_context const& context) const {
        return {static_cast<float>(to_cell_lsb(amplitude, context)),
                static_cast<float>(context.rows / context.full_scale)};
    }

    [[nodiscard]] std::string wrong() const { return wrong_sigma("noise::non_linearity", amplitude); }

    friend std::string to_string(non_linearity const& n) { return "non-linearity " + to_string(n.amplitude); }
};

}  // namespace xcim::inline XCIM_ABI::noise
