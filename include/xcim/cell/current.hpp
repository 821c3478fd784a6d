#pragma once

#include <xcim/cell/conductance.hpp>

#include <cmath>
#include <string>

namespace xcim::inline XCIM_ABI::cell {

/// A cell that adds its current to the column line; currents differ from cell to cell, fixed for the chip. Models
/// CellType.
///
///     state = level (1 + variation z)     level not 0,     state = off_variation z     level 0,     z ~ N(0, 1)
///
/// Equal variations for both are what ASiM's current-domain extension draws, there afresh at every call. The column
/// that saturates is noise::gain_compression. Parameters: `levels` 2 to 256, a power of two, default 2; `variation`
/// relative deviation of the current of a driven cell >= 0, default 0.05; `off_variation` deviation of the current of a
/// cell at level 0, in currents of level 1, >= 0, default 0. The chip is program_options.chip. Sees/returns: state in
/// cell-LSB; drive 0 to drive levels - 1; contribution in cell-LSB, state * drive. Not modelled: voltage dependence,
/// leakage of rows that are not driven, IR drop. Reference: `weight_var` of ASiM (Keio-CSG/ASiM, 2024). Tests:
/// tests/unit/cell/current.cpp, tests/conformance/cell_type.cpp.
struct current {
    static constexpr bool is_linear = false;
    static constexpr int draws = 1;

    int levels = 2;
    double variation = 0.05;
    double off_variation = 0;

    using kernel = product_kernel;

    [[nodiscard]] kernel prepare(cell_context /*context*/) const { return {}; }

    void program(column_of_cells const& column) const {
        for (std::size_t r = 0; r < column.states.size(); ++r) {
            auto const level = static_cast<double>(column.states[r]);
            auto const z = static_cast<double>(column.normals[r]);
            column.states[r] = static_cast<float>(level != 0 ? level * (1 + variation * z) : off_variation * z);
        }
    }

    [[nodiscard]] std::string wrong() const {
        for (double const v : {variation, off_variation}) {
            if (!std::isfinite(v) || v < 0) {
                return "cell::current has variation " + std::to_string(v) + "; a finite number from 0 on is needed";
            }
        }
        return outside("cell::current.levels", levels, 2, 256);
    }

    friend std::string to_string(current const& c) {
        return "current cell, variation " + std::to_string(100 * c.variation) + " %, off " +
               std::to_string(100 * c.off_variation) + " %";
    }
};

}  // namespace xcim::inline XCIM_ABI::cell
