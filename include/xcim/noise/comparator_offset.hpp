#pragma once

#include <xcim/concepts/noise_model.hpp>
#include <xcim/core/sigma.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::noise {

/// The offset of the converter at the end of each column: drawn once for a chip, the same in all its conversions.
/// Models NoiseModel.
///
///     sum' = sum + sigma * z(column),     z ~ N(0, 1)
///
/// Parameters: `amplitude` sigma >= 0 over columns with its unit; default 0. The chip is program_options.chip.
/// Sees/returns: column sums in cell-LSB.
/// Not modelled: converters shared by several columns, calibration.
/// Reference: M. Pelgrom, A. Duinmaijer and A. Welbers, "Matching properties of MOS transistors", IEEE JSSC 24(5), 1989
/// (normal threshold differences); ASiM leaves static offsets out. Tests: tests/unit/noise/comparator_offset.cpp,
/// tests/conformance/noise_model.cpp, tests/statistical/chip.cpp.
struct comparator_offset {
    static constexpr bool is_identity = false;

    sigma amplitude{};

    struct kernel {
        static constexpr int draws = 0;
        static constexpr int column_draws = 1;
        float deviation;  // cell-LSB

        [[nodiscard]] bool is_off() const { return deviation == 0.0F; }

        template <value V>
        V operator()(V sum, lane<V> const& l) const {
            return fused_multiply_add(V(deviation), l.column_normal(), sum);
        }
    };

    [[nodiscard]] kernel prepare(column_context const& context) const {
        return {static_cast<float>(to_cell_lsb(amplitude, context))};
    }

    [[nodiscard]] std::string wrong() const { return wrong_sigma("noise::comparator_offset", amplitude); }

    friend std::string to_string(comparator_offset const& n) { return "comparator offset " + to_string(n.amplitude); }
};

}  // namespace xcim::inline XCIM_ABI::noise
