#pragma once

/// \file
/// CellType: what one cell adds to its column line for a stored level and a drive level.
///
/// Semantics. The state of a cell is the level stored in it; the prepared kernel maps (state, drive) to a contribution
/// in cell-LSB: the contribution of level 1 at drive level 1 of an ideal cell.
/// Law (testing/cell_type.hpp): is_linear implies kernel(state, drive) == state * drive exactly. Such a cell is summed
/// by integer arithmetic; any other by calling its kernel for every cell. Models: cell::ideal, cell::sram.

#include <xcim/core/parameter.hpp>
#include <xcim/core/simd.hpp>

namespace xcim::inline XCIM_ABI {

/// Numbers a cell may fold into its kernel.
struct cell_context {
    int rows = 0;          ///< rows of the array
    int drive_levels = 2;  ///< levels of the phase that is driven
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

}  // namespace xcim::inline XCIM_ABI
