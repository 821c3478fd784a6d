#pragma once

/// \file
/// Interconnect: what the wires of one array do to its cells as seen from outside.
///
/// Semantics. Where currents are linear in the drives of the rows, wires make other states of the programmed ones, once
/// and for all: `apply(array)` writes the effective state of every cell, what its column carries per unit of its row's
/// drive. Where they are not, because rows that are not driven are switched off, `sum(columns)` solves the columns for
/// the drives at hand, again and again. `is_identity` says at compile time that nothing happens, so that cells may be
/// summed as integers.
///
/// Row 0 is the far end of the column lines, the last row next to the converters; column 0 is next to the drivers of
/// the rows. Law (testing/interconnect.hpp): is_identity implies that apply changes nothing. Models: wire::ideal,
/// wire::bit_line, wire::crossbar, wire::paired, wire::lumped, wire::first_order; switched: wire::gated.

#include <xcim/core/geometry.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>
#include <xcim/config.hpp>

namespace xcim::inline XCIM_ABI {

/// One array of programmed cells, all tensors row-major (rows, columns). States are conductances in cell-LSB.
struct wired_array {
    std::size_t rows = 0;     ///< used by weights, at most array.rows
    std::size_t columns = 0;  ///< used by weights, at most array.columns
    geometry array;           ///< the whole array
    double unit = 0;          ///< siemens of one cell-LSB; 0 where the cell has no conductance

    std::span<float const> plus;   ///< devices
    std::span<float const> minus;  ///< second devices of pairs, whose current is subtracted; or empty

    std::span<float> effective;    ///< out, at first plus - minus
    std::span<float> attenuation;  ///< out, at first 1: the share of a cell's current that arrives
    std::span<float> offsets;      ///< (columns) out, at first 0: what a column carries per unit of time, driven or not
};

/// Columns of one array that are solved for the drives of one input row; the states as in wired_array, (rows, stride).
struct switched_columns {
    std::size_t rows = 0;     ///< used by weights
    std::size_t columns = 0;  ///< to be solved
    std::size_t stride = 0;  ///< of the states and of the sums, a multiple of `lanes`; what lies behind the last column
                             ///< may be read and overwritten
    geometry array;          ///< the whole array
    double unit = 0;         ///< siemens of one cell-LSB

    float const* plus = nullptr;
    float const* minus = nullptr;   ///< or nothing
    float const* drives = nullptr;  ///< (phases, rows): for how many units of time a row is switched on, integers >= 0
    std::size_t phases = 0;
    float* sums = nullptr;  ///< (phases, stride) out: current summed over time, cell-LSB * units of drive and time
};

/// Wires whose currents depend on the drives in another way than linearly.
template <class W>
concept SwitchedInterconnect = std::copyable<W> && requires(W const& w, switched_columns const& columns) {
    typename std::bool_constant<W::is_identity>;
    w.sum(columns);
};

template <class W>
concept Interconnect = SwitchedInterconnect<W> ||(std::copyable<W>&& requires(W const& w, wired_array const& array) {
    typename std::bool_constant<W::is_identity>;
    w.apply(array);
});

}  // namespace xcim::inline XCIM_ABI
