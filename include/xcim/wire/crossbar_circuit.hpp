#pragma once

/// \file
/// The circuit of a passive array: conductances, resistances of its lines, and the voltage its lines lose.

#include <xcim/core/error.hpp>
#include <xcim/core/parameter.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI::wire {

/// Resistances of the lines of an array, ohm. Any of them may be 0.
struct line_resistances {
    double word_line = 0;  ///< of a segment between neighbouring columns, and before the first one
    double bit_line = 0;   ///< of a segment between neighbouring rows, and behind the last one
    double driver = 0;     ///< once per word line, before its first segment
    double sense = 0;      ///< once per bit line, behind its last segment

    friend bool operator==(line_resistances const&, line_resistances const&) = default;
};

/// A passive array of rows x columns conductances between word lines and bit lines.
///
/// Word line i is driven at its left end, in front of column 0, through driver + word_line; its right end is open. Bit
/// line j is open above row 0 and goes to 0 V below the last row through bit_line + sense. With the voltages
/// u_ij = w_ij - b_ij across the cells, Kirchhoff's laws of all nodes are
///
///     u + D(g u) = v,     I_j = sum_i g_ij u_ij
///     (D c)_ij = sum_j' (driver + (1 + min(j, j')) word_line) c_ij'
///              + sum_i' (sense + (rows - max(i, i')) bit_line) c_i'j
///
/// D is symmetric and positive semidefinite, and no resistance is divided by, so that all of them may be 0.
/// A row that is not driven is held at 0 V and loads the bit lines.
/// `conductances`: S, row-major (rows, columns), finite and not negative; 0: no device.
class crossbar_circuit {
public:
    crossbar_circuit(std::vector<double> conductances, std::size_t rows, std::size_t columns,
                     line_resistances const& resistances)
        : g_{std::move(conductances)}, rows_{rows}, columns_{columns}, resistances_{resistances} {
        if (rows == 0 || columns == 0 || g_.size() != rows * columns) {
            throw error(errc::shape, "crossbar_circuit: " + std::to_string(g_.size()) + " conductances for " +
                                         std::to_string(rows) + " rows x " + std::to_string(columns) +
                                         " columns; one for every cell is needed, at least one");
        }
        for (std::size_t k = 0; k < g_.size(); ++k) {
            if (!(g_[k] >= 0) || !std::isfinite(g_[k])) {
                throw error(errc::value, "crossbar_circuit: the conductance in row " + std::to_string(k / columns) +
                                             " and column " + std::to_string(k % columns) + " is " +
                                             std::to_string(g_[k]) + " S; a finite number from 0 on is needed");
            }
        }
        for (auto const& [name, ohm] : {std::pair{"word_line", resistances.word_line},
                                        {"bit_line", resistances.bit_line},
                                        {"driver", resistances.driver},
                                        {"sense", resistances.sense}}) {
            if (auto const sentence =
                    unless(ohm >= 0, std::string("line_resistances.") + name, ohm, "of ohms from 0 on");
                !sentence.empty()) {
                throw error(errc::range, sentence);
            }
        }
    }

    [[nodiscard]] std::size_t rows() const { return rows_; }
    [[nodiscard]] std::size_t columns() const { return columns_; }
    [[nodiscard]] std::span<double const> conductances() const { return g_; }
    [[nodiscard]] line_resistances const& resistances() const { return resistances_; }

    /// Resistance of the segment that leads to column j of a word line.
    [[nodiscard]] double word_segment(std::size_t j) const {
        return resistances_.word_line + (j == 0 ? resistances_.driver : 0.0);
    }

    /// Resistance of the segment that leads down from row i of a bit line.
    [[nodiscard]] double bit_segment(std::size_t i) const {
        return resistances_.bit_line + (i + 1 == rows_ ? resistances_.sense : 0.0);
    }

    /// What a cell's word line loses between its driver and the cell where the cells carry `currents`, V (rows,
    /// columns).
    [[nodiscard]] std::vector<double> word_line_drops(std::span<double const> currents) const {
        std::vector<double> drops(g_.size());
        for (std::size_t i = 0; i < rows_; ++i) {
            double const* const c = currents.data() + i * columns_;
            double* const d = drops.data() + i * columns_;
            double through = 0;
            for (std::size_t j = columns_; j-- > 0;) {
                through += c[j];
                d[j] = word_segment(j) * through;
            }
            for (std::size_t j = 1; j < columns_; ++j) {
                d[j] += d[j - 1];
            }
        }
        return drops;
    }

    /// What a cell's bit line loses between the cell and 0 V, V (rows, columns).
    [[nodiscard]] std::vector<double> bit_line_drops(std::span<double const> currents) const {
        std::vector<double> drops(currents.begin(), currents.end());
        for (std::size_t k = columns_; k < drops.size(); ++k) {
            drops[k] += drops[k - columns_];
        }
        for (std::size_t i = rows_; i-- > 0;) {
            for (std::size_t j = 0; j < columns_; ++j) {
                std::size_t const k = i * columns_ + j;
                drops[k] = bit_segment(i) * drops[k] + (i + 1 < rows_ ? drops[k + columns_] : 0.0);
            }
        }
        return drops;
    }

private:
    std::vector<double> g_;
    std::size_t rows_;
    std::size_t columns_;
    line_resistances resistances_;
};

}  // namespace xcim::inline XCIM_ABI::wire
