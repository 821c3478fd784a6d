#pragma once

#include <xcim/concepts/cell_type.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::cell {

/// A cell that multiplies: contribution = state * drive. Models CellType.
///
/// Parameters: `levels` distinguishable states, a power of two, 2 to 256, default 256 (enough for any mapping).
/// Sees/returns: state 0 to levels - 1, drive 0 to drive levels - 1; contribution in cell-LSB.
/// Not modelled: everything a real cell does.
/// Tests: tests/unit/cell/ideal.cpp, tests/conformance/cell_type.cpp.
template <param<int> Levels = int>
struct ideal {
    static constexpr bool is_linear = true;

    [[no_unique_address]] Levels levels{256};

    struct kernel {
        static constexpr bool is_product = true;

        template <value V>
        V operator()(V state, V drive) const {
            return state * drive;
        }
    };

    [[nodiscard]] kernel prepare(cell_context /*context*/) const { return {}; }

    [[nodiscard]] std::string wrong() const { return outside("cell::ideal.levels", levels, 2, 256); }

    friend std::string to_string(ideal const& c) { return "ideal cell, " + std::to_string(int{c.levels}) + " levels"; }
};

template <class Levels>
ideal(Levels) -> ideal<Levels>;

}  // namespace xcim::inline XCIM_ABI::cell
