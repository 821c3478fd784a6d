#pragma once

/// \file
/// CellType: what one cell adds to its column line for a stored level and a drive level.
///
/// Semantics. The state of a cell is the level stored in it; the prepared kernel maps (state, drive) to a contribution
/// in cell-LSB: the contribution of level 1 at drive level 1 of an ideal cell.
/// Cells that differ from one another say `draws`, the standard normals that belong to one cell of a chip, and
/// `program(column)`, which turns the levels stored in one column into effective states. It is called once, when
/// weights are programmed. Optional parts:
///   reading_draws            normals of one cell that belong to a reading of the chip (program_options.reading)
///   devices                  2: a cell is a pair of devices, the second of which takes away; levels are signed, and
///                            program() fills column.opposite too
///   conductance_step(levels) siemens of one cell-LSB where a mapper stores so many levels; wires need it
///   off_state(levels)        nominal state of level 0, in cell-LSB: what a reference column takes away for every
///                            driven row
///   read_terms, read_terms_of(state, levels), read_drives_of(level)
///                            noise of single reads: sums over the cells of a column of
///                            read_terms_of(state)[k] * read_drives_of(level)[k] are its variance, cell-LSB^2
/// Law (testing/cell_type.hpp): is_linear implies kernel(state, drive) == state * drive exactly
/// and states that are the levels. Such a cell is summed by integer arithmetic; any other by calling its kernel for
/// every cell, or by a matrix product where the kernel says `is_product`: it returns state * drive.
/// Models: cell::ideal, cell::sram, cell::capacitor, cell::current, cell::rram, cell::rram_nonlinear, cell::pcm,
/// cell::measured, cell::pair.

#include <xcim/core/parameter.hpp>
#include <xcim/core/simd.hpp>

#include <array>
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
    int cell_levels = 2;             ///< levels the mapper stores in one cell; of one device of a pair
    std::span<float> opposite{};     ///< (rows used): states of the second devices of pairs, to be filled in
    std::span<float const> reading_normals{};  ///< (reading_draws, rows of the array)
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

/// A cell whose single reads are noisy.
template <class C>
concept ReadNoisyCell = VaryingCell<C> && requires(C const& c, float state, int level) {
    { c.read_terms_of(state, level) } -> std::same_as<std::array<float, static_cast<std::size_t>(C::read_terms)>>;
    { c.read_drives_of(level) } -> std::same_as<std::array<float, static_cast<std::size_t>(C::read_terms)>>;
};

/// Devices of a cell.
template <class C>
inline constexpr int devices_of = 1;

template <class C>
requires requires { C::devices; }
inline constexpr int devices_of<C> = C::devices;

/// Normals of a cell that belong to a reading of the chip.
template <class C>
inline constexpr int reading_draws_of = 0;

template <class C>
requires requires { C::reading_draws; }
inline constexpr int reading_draws_of<C> = C::reading_draws;

/// A kernel that multiplies.
template <class K>
inline constexpr bool is_product = false;

template <class K>
requires requires { K::is_product; }
inline constexpr bool is_product<K> = K::is_product;

/// Siemens of one cell-LSB, 0 where the cell has no conductance.
template <CellType C>
[[nodiscard]] double conductance_step_of(C const& cell, int levels) {
    if constexpr (requires { cell.conductance_step(levels); }) {
        return cell.conductance_step(levels);
    } else {
        return 0;
    }
}

/// Nominal state of level 0.
template <CellType C>
[[nodiscard]] double off_state_of(C const& cell, int levels) {
    if constexpr (requires { cell.off_state(levels); }) {
        return cell.off_state(levels);
    } else {
        return 0;
    }
}

}  // namespace xcim::inline XCIM_ABI
