#pragma once

/// \file
/// Short rows of cells of a passive array as blocks: what nested dissection starts from.

#include <xcim/wire/crossbar_block.hpp>
#include <xcim/wire/crossbar_circuit.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace xcim::inline XCIM_ABI::wire::detail {

/// Longest row that is solved cell by cell.
inline constexpr std::size_t strip_columns = 8;

/// Cells first to first + count - 1 of one row, a ladder solved from its right end.
///
/// Cell j with its segment of the bit line, r, is a conductance h_j = g_j / (1 + g_j r) from the word line to e_j, the
/// voltage the bit line had without the cell: e = (voltage at the bottom) + r (current from the top). Everything from
/// column j on draws i_j = Y_j w_j + a_j from its node of the word line.
class strip {
public:
    strip(crossbar_circuit const& circuit, std::size_t row, std::size_t first, std::size_t count)
        : circuit_{circuit}, first_{first}, count_{count}, terms_{2 + count}, bit_{circuit.bit_segment(row)},
          has_right_{first + count < circuit.columns()}, has_top_{row > 0}, has_bottom_{row + 1 < circuit.rows()},
          block_{{1, has_right_ ? 1U : 0U, has_top_ ? count : 0, has_bottom_ ? count : 0},
                 {has_right_ ? 1U : 0U, first > 0 ? 1U : 0U, has_top_ ? count : 0, count}} {
        fold_from_right(circuit.conductances().data() + row * circuit.columns() + first);
        unfold_from_left();
    }

    [[nodiscard]] port_block take() && { return std::move(block_); }

private:
    /// Coefficients of: the voltage at the left, the current drawn at the right, e of every cell.
    using coefficients = std::array<double, 2 + strip_columns>;

    void fold_from_right(double const* g) {
        for (std::size_t j = count_; j-- > 0;) {
            h_[j] = g[j] / (1 + g[j] * bit_);
            admittance_[j] = h_[j];
            coefficients& a = drawn_[j];
            a = {};
            if (j + 1 == count_) {
                a[1] = 1;
            } else {
                double const share = 1 / (1 + circuit_.word_segment(first_ + j + 1) * admittance_[j + 1]);
                admittance_[j] += share * admittance_[j + 1];
                for (std::size_t t = 1; t < terms_; ++t) {
                    a[t] = share * drawn_[j + 1][t];
                }
            }
            a[2 + j] -= h_[j];
        }
    }

    void unfold_from_left() {
        coefficients voltage{1};  // of the word line
        coefficients current{};   // through the segment that leads to the cell
        for (std::size_t j = 0; j < count_; ++j) {
            double const segment = circuit_.word_segment(first_ + j);
            double const share = 1 / (1 + segment * admittance_[j]);
            for (std::size_t t = 0; t < terms_; ++t) {
                current[t] = share * (admittance_[j] * voltage[t] + drawn_[j][t]);
                voltage[t] -= segment * current[t];
            }
            if (j == 0 && block_.count(response::left_current) > 0) {
                write(response::left_current, 0, current);
            }
            write_cell(j, voltage);
        }
        if (has_right_) {
            write(response::right_voltage, 0, voltage);
        }
    }

    double* write(response r, std::size_t n, coefficients const& from) {
        double* const out = block_.map(r).row(n);
        out[0] = from[0];
        if (has_right_) {
            out[block_.sources[1]] = from[1];
        }
        for (std::size_t k = 0; has_top_ && k < count_; ++k) {
            out[block_.sources[2] + k] = bit_ * from[2 + k];
        }
        for (std::size_t k = 0; has_bottom_ && k < count_; ++k) {
            out[block_.sources[3] + k] = from[2 + k];
        }
        return out;
    }

    /// The cell's current leaves at the bottom together with what enters at the top.
    void write_cell(std::size_t j, coefficients const& voltage) {
        coefficients cell{};
        for (std::size_t t = 0; t < terms_; ++t) {
            cell[t] = h_[j] * voltage[t];
        }
        cell[2 + j] -= h_[j];
        double* const below = write(response::bottom_current, j, cell);
        if (has_top_) {
            below[block_.sources[2] + j] += 1;
            double* const above = block_.map(response::top_voltage).row(j);
            for (std::size_t s = 0; s < block_.sources.back(); ++s) {
                above[s] = bit_ * below[s];
            }
            if (has_bottom_) {
                above[block_.sources[3] + j] += 1;
            }
        }
    }

    crossbar_circuit const& circuit_;
    std::size_t first_;
    std::size_t count_;
    std::size_t terms_;
    double bit_;
    bool has_right_;
    bool has_top_;
    bool has_bottom_;
    port_block block_;
    std::array<double, strip_columns> h_{};
    std::array<double, strip_columns> admittance_{};   // Y
    std::array<coefficients, strip_columns> drawn_{};  // a
};

}  // namespace xcim::inline XCIM_ABI::wire::detail
