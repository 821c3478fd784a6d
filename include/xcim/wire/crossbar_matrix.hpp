#pragma once

/// \file
/// The effective matrix of a passive array: its column currents are linear in the voltages of its rows.

#include <xcim/core/dense.hpp>
#include <xcim/wire/crossbar_block.hpp>
#include <xcim/wire/crossbar_circuit.hpp>
#include <xcim/wire/crossbar_solve.hpp>
#include <xcim/wire/crossbar_strip.hpp>

#include <cstddef>
#include <vector>

namespace xcim::inline XCIM_ABI::wire {

/// Column currents of an array for every input at once: I_j = sum_i v_i values[i * columns + j].
struct effective_conductances {
    std::vector<double> values;  ///< (rows, columns), S
    double deviation = 0;        ///< found on one input vector, over the largest current: see effective_matrix
};

namespace detail {

/// The part of an array from (row, column) on.
struct crossbar_part {
    std::size_t row;
    std::size_t column;
    std::size_t rows;
    std::size_t columns;
};

inline port_block block_of(crossbar_circuit const& circuit, crossbar_part const& p, port_scratch& scratch) {
    if (p.columns > strip_columns && p.columns >= p.rows) {
        std::size_t const half = (p.columns / 2 + strip_columns - 1) / strip_columns * strip_columns;
        auto const left = block_of(circuit, {p.row, p.column, p.rows, half}, scratch);
        auto const right = block_of(circuit, {p.row, p.column + half, p.rows, p.columns - half}, scratch);
        return join_along_rows(left, right, scratch);
    }
    if (p.rows > 1) {
        std::size_t const half = p.rows / 2;
        auto const top = block_of(circuit, {p.row, p.column, half, p.columns}, scratch);
        auto const bottom = block_of(circuit, {p.row + half, p.column, p.rows - half, p.columns}, scratch);
        return join_along_columns(top, bottom, scratch);
    }
    return strip{circuit, p.row, p.column, p.columns}.take();
}

}  // namespace detail

/// The effective matrix. Exact up to rounding; checked on every call: the currents of one pseudo-random vector of +-1 V
/// are solved for by conjugate gradients too, and the largest difference over the largest current is `deviation`.
/// Throws where it is above 1e-9 and above what the gradients can vouch for: with losses of a factor of a million,
/// rounding leaves them less.
///
/// Method: nested dissection. A block of cells is known by the linear map from (voltages at the left ends of its word
/// lines, currents drawn at their right ends, currents entering its bit lines at the top, voltages at their bottoms) to
/// the conjugate quantities at the same ports. Neighbouring blocks are joined by solving for the quantities they share;
/// single rows of a few cells are solved directly. For n x n cells that is 75 to 100 n^3 operations and room for about
/// 18 n^2 numbers, where elimination row by row takes 2 n^4 operations. The map exists for every resistance from 0 on.
[[nodiscard]] inline effective_conductances effective_matrix(crossbar_circuit const& circuit) {
    detail::port_scratch scratch;
    auto const whole = detail::block_of(circuit, {0, 0, circuit.rows(), circuit.columns()}, scratch);
    auto const map = whole.map(detail::response::bottom_current, detail::source::left_voltage);
    effective_conductances result{std::vector<double>(circuit.rows() * circuit.columns())};
    for (std::size_t j = 0; j < map.rows; ++j) {
        for (std::size_t i = 0; i < map.columns; ++i) {
            result.values[i * circuit.columns() + j] = map.row(j)[i];
        }
    }
    auto const deviation = detail::deviation_of(circuit, result.values);
    result.deviation = deviation.relative;
    if (deviation.is_real) {
        throw error(errc::value, "effective_matrix: two solutions of the array differ by " +
                                     detail::digits_of_double(deviation.relative) +
                                     " of the largest current; at most 1e-9 is allowed");
    }
    return result;
}

}  // namespace xcim::inline XCIM_ABI::wire
