#pragma once

/// \file
/// CellType: what one cell adds to its column line for a stored level and a drive level.
///
/// Semantics. The state of a cell is the level stored in it; the prepared kernel maps (state, drive) to a contribution
/// in cell-LSB: the contribution of level 1 at drive level 1 of an ideal cell.
/// Cells that differ from one another say `draws`, the standard normals that belong to one cell of a chip, and
/// `program(column)`, which turns the levels stored in one column into effective states. It is called once, when
/// weights are programmed. Law (testing/cell_type.hpp): is_linear implies kernel(state, drive) == state * drive exactly
/// and states that are the levels. Such a cell is summed by integer arithmetic; any other by calling its kernel for
/// every cell. Models: cell::ideal, cell::sram, cell::capacitor, cell::current.

#include <xcim/core/parameter.hpp>
#include <xcim/core/simd.hpp>

#include <cstddef>
#include <span>

namespace xcim::inline XCIM_ABI {

/// Numbers a cell may fold into its kernel.
struct cell_context {
    int rows = 0;          ///< rows of the array
    int drive_levels = 2;  ///< levels of the phase that is driven
};

/// One column of one array while it is programmed.
struct column_of_cells {
    std::span<float> states;         ///< (rows used): stored levels, to be replaced by effective states
    std::span<float const> normals;  ///< (draws, rows of the array): draw d of the cell in row r at [d * rows + r]
    std::size_t rows = 0;            ///< of the array, used or not
    int cell_levels = 2;             ///< levels the mapper stores in one cell
};

template <class K, class V = float>
concept cell_kernel = std::is_trivially_copyable_v<K> && requires(K const& k, V state, V drive) {
    { k(state, drive) } -> std::same_as<V>;
};

template <class C>
concept CellType = std::copyable<C> && requires(C const& c, cell_context x) {
    { c.levels } -> param<int>;
    typename std::bool_constant<C::is_linear>;
    { c.prepare(x) } -> cell_kernel<float>;
    { c.prepare(x) } -> cell_kernel<batch<float>>;
};

/// A cell whose states depend on the chip.
template <class C>
concept VaryingCell = CellType<C> && requires(C const& c, column_of_cells const& column) {
    { C::draws } -> std::convertible_to<int>;
    c.program(column);
};

}  // namespace xcim::inline XCIM_ABI
