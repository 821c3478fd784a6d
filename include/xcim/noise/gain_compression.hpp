#pragma once

#include <xcim/concepts/noise_model.hpp>

#include <cmath>
#include <string>

namespace xcim::inline XCIM_ABI::noise {

/// A column that saturates: the current of every further cell adds less. Models NoiseModel (it draws nothing).
///
///     sum' = sum / (1 + alpha * |sum|)
///
/// Parameters: `alpha` >= 0 per cell-LSB, default 0; a column of N cells loses alpha N / (1 + alpha N) of its full
/// scale. Sees/returns: column sums in cell-LSB; sums below 0, where noise came first, pass unchanged. Not modelled:
/// what the saturation does to cells one by one. Reference: the current-domain extension of ASiM (Keio-CSG/ASiM, 2024).
/// Tests: tests/unit/noise/gain_compression.cpp, tests/conformance/noise_model.cpp, tests/golden/asim.cpp.
struct gain_compression {
    static constexpr bool is_identity = false;

    double alpha = 0;

    struct kernel {
        static constexpr int draws = 0;
        float alpha;

        [[nodiscard]] bool is_off() const { return alpha == 0.0F; }

        template <value V>
        V operator()(V sum, lane<V> const& /*l*/) const {
            return sum / fused_multiply_add(V(alpha), abs(sum), V(1.0F));
        }
    };

    [[nodiscard]] kernel prepare(column_context const& /*context*/) const { return {static_cast<float>(alpha)}; }

    [[nodiscard]] std::string wrong() const {
        bool const fits = std::isfinite(alpha) && alpha >= 0;
        return fits ? ""
                    : "noise::gain_compression.alpha is " + std::to_string(alpha) +
                          "; a finite number from 0 on is needed";
    }

    friend std::string to_string(gain_compression const& n) {
        return "gain compression " + std::to_string(n.alpha) + " per cell-LSB";
    }
};

}  // namespace xcim::inline XCIM_ABI::noise
