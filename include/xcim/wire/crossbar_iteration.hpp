#pragma once

/// \file
/// Conjugate gradients for the cell voltages of a passive array.

#include <xcim/wire/crossbar_circuit.hpp>
#include <xcim/wire/crossbar_system.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI::wire {

/// When an iteration ends.
struct iteration_limits {
    double tolerance = 1e-9;  ///< bound on the error of every current, over the largest current
    int iterations = 20000;   ///< at most; an error where they are not enough
};

/// An array with currents flowing.
struct crossbar_solution {
    std::vector<double> currents;       ///< (columns) A, into the sense nodes
    std::vector<double> cell_voltages;  ///< (rows, columns) V, word line less bit line
    int iterations = 0;
    double residual = 0;  ///< of the symmetric system, evaluated anew at the end: 2-norm, over that of the right side
    double error_bound = 0;  ///< A: no current is further from the exact one, rounding aside
};

namespace detail {

/// What an iteration has come to.
struct iterated {
    crossbar_solution solution;
    bool is_accurate = false;  ///< as the limits ask for
};

/// Solves u + D(g u) = right side (rows, columns). With S = diag(sqrt g) and y = S u this is (1 + S D S) y = S (right
/// side), symmetric with eigenvalues from 1 on: conjugate gradients converge, and the error of column j is at most
/// |residual| sqrt(sum_i g_ij).
class cell_iteration {
public:
    cell_iteration(crossbar_circuit const& circuit, std::vector<double> const& right_side,
                   iteration_limits const& limits)
        : limits_{limits}, rows_{circuit.rows()}, system_{circuit}, right_{system_.arranged(right_side)},
          y_(right_.size()), p_(right_.size()), q_(right_.size()), magnitudes_(circuit.columns()) {
        auto const& s = system_.roots();
        for (std::size_t k = 0; k < right_.size(); ++k) {
            right_[k] *= s[k];
            // At first a guess that is too large: currents are read only where they may decide.
            largest_current_ = std::max(largest_current_, s[k] * std::abs(right_[k]) * static_cast<double>(rows_));
        }
        r_ = right_;
        whole_ = crossbar_system::square_of(right_);
        square_ = whole_;
        result_.solution.currents.resize(circuit.columns());
        run();
        read_currents();
        result_.is_accurate = is_accurate();
        result_.solution.residual = whole_ == 0 ? 0 : std::sqrt(square_ / whole_);
        result_.solution.error_bound = bound();
        system_.arrange(right_side, p_);
        system_.cell_voltages(p_, y_, q_);
        result_.solution.cell_voltages = system_.in_order(q_);
    }

    [[nodiscard]] iterated take() && { return std::move(result_); }

private:
    [[nodiscard]] double bound() const { return std::sqrt(square_ * system_.largest_column_conductance()); }
    [[nodiscard]] bool is_accurate() const { return bound() <= limits_.tolerance * largest_current_; }

    void run() {
        // The recurrence drifts away from what it stands for: it starts again from the residual evaluated anew until
        // that is small enough, or no better than the last one.
        double last = std::numeric_limits<double>::infinity();
        while (square_ > 0 && square_ < 0.25 * last) {
            last = square_;
            do {
                descend();
                if (result_.solution.iterations >= limits_.iterations) {
                    return;
                }
                read_currents();
            } while (!is_accurate());
            square_ = system_.residual(right_, y_, r_);
            turn_ = 0;
            if (is_accurate()) {
                return;
            }
        }
    }

    void descend() {
        while (!is_accurate() && result_.solution.iterations < limits_.iterations) {
            double const step = square_ / system_.turn_and_apply(p_, r_, turn_, q_);
            double const next = crossbar_system::advance(y_, p_, r_, q_, step);
            turn_ = next / square_;
            square_ = next;
            ++result_.solution.iterations;
        }
    }

    void read_currents() {
        auto& currents = result_.solution.currents;
        system_.read_currents(y_, currents, magnitudes_);
        largest_current_ = 0;
        for (std::size_t j = 0; j < currents.size(); ++j) {
            // Where inputs of both signs cancel each other, currents of the cells are the measure.
            largest_current_ = std::max({largest_current_, std::abs(currents[j]), 1e-3 * magnitudes_[j]});
        }
    }

    iteration_limits limits_;
    std::size_t rows_;
    crossbar_system system_;
    cell_values right_;
    cell_values y_;
    cell_values r_;
    cell_values p_;
    cell_values q_;
    std::vector<double> magnitudes_;
    double whole_ = 0;   // square of the right side's norm
    double square_ = 0;  // of the residual's
    double turn_ = 0;    // how much of the last direction goes into the next one
    double largest_current_ = 0;
    iterated result_;
};

}  // namespace detail

}  // namespace xcim::inline XCIM_ABI::wire
