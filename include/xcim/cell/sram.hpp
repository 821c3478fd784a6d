#pragma once

#include <xcim/concepts/cell_type.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::cell {

/// A 6T bit cell with its compute capacitor: AND of the stored bit and the row drive, one unit of charge. Models
/// CellType.
///
///     contribution = bit * drive
///
/// Parameters: none; two levels.
/// Sees/returns: state 0 or 1, drive 0 to drive levels - 1; contribution in cell-LSB.
/// Not modelled: capacitor mismatch, charge injection, leakage.
/// Reference: the charge-domain macro of ASiM (Keio-CSG/ASiM; arXiv 2411.11022, 2024).
/// Tests: tests/unit/cell/sram.cpp, tests/conformance/cell_type.cpp.
struct sram {
    static constexpr bool is_linear = true;
    static constexpr constant<2> levels{};

    struct kernel {
        static constexpr bool is_product = true;

        template <value V>
        V operator()(V state, V drive) const {
            return state * drive;
        }
    };

    [[nodiscard]] kernel prepare(cell_context /*context*/) const { return {}; }

    friend std::string to_string(sram const&) { return "SRAM cell"; }
};

}  // namespace xcim::inline XCIM_ABI::cell
