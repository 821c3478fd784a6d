#pragma once

/// \file
/// Voltages and currents of a passive array for given inputs, by conjugate gradients, and their derivatives.

#include <xcim/core/random.hpp>
#include <xcim/wire/crossbar_circuit.hpp>
#include <xcim/wire/crossbar_iteration.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <sstream>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::wire {

namespace detail {

inline std::string digits_of_double(double v) {
    std::ostringstream text;
    text << v;
    return text.str();
}

inline crossbar_solution solve_cells(crossbar_circuit const& circuit, std::vector<double> const& right_side,
                                     iteration_limits const& limits) {
    auto result = cell_iteration{circuit, right_side, limits}.take();
    if (!result.is_accurate) {
        throw error(errc::value, "crossbar: not solved after " + std::to_string(result.solution.iterations) +
                                     " iterations; the residual is " + digits_of_double(result.solution.residual) +
                                     " of the right side, currents may be wrong by " +
                                     digits_of_double(result.solution.error_bound) +
                                     " A; more iterations or a larger tolerance are needed");
    }
    return std::move(result.solution);
}

inline void require_length(std::size_t length, std::size_t need, char const* what) {
    if (length != need) {
        throw error(errc::shape, std::string("crossbar: ") + std::to_string(length) + " " + what +
                                     "; the array needs " + std::to_string(need));
    }
}

}  // namespace detail

/// The array with its rows at `voltages`, V (rows).
[[nodiscard]] inline crossbar_solution solve(crossbar_circuit const& circuit, std::span<double const> voltages,
                                             iteration_limits const& limits = {}) {
    detail::require_length(voltages.size(), circuit.rows(), "row voltages");
    std::vector<double> right_side;
    right_side.reserve(circuit.rows() * circuit.columns());
    for (double const v : voltages) {
        right_side.insert(right_side.end(), circuit.columns(), v);
    }
    return detail::solve_cells(circuit, right_side, limits);
}

/// The array for several input vectors, V (vectors, rows) one after the other. From some fifteen vectors on the matrix
/// of all of them, wire/crossbar_matrix.hpp, takes less time.
[[nodiscard]] inline std::vector<crossbar_solution>
solve_each(crossbar_circuit const& circuit, std::span<double const> voltages, iteration_limits const& limits = {}) {
    if (voltages.size() % circuit.rows() != 0) {
        throw error(errc::shape, "crossbar: " + std::to_string(voltages.size()) +
                                     " row voltages; a multiple of the array's " + std::to_string(circuit.rows()) +
                                     " rows is needed");
    }
    std::vector<crossbar_solution> solutions;
    for (std::size_t first = 0; first < voltages.size(); first += circuit.rows()) {
        solutions.push_back(solve(circuit, voltages.subspan(first, circuit.rows()), limits));
    }
    return solutions;
}

/// Voltages of all nodes, V (rows, columns) each.
struct node_voltages {
    std::vector<double> word_lines;
    std::vector<double> bit_lines;
};

/// The nodes of an array solved for `voltages`.
[[nodiscard]] inline node_voltages nodes_of(crossbar_circuit const& circuit, crossbar_solution const& solution,
                                            std::span<double const> voltages) {
    detail::require_length(voltages.size(), circuit.rows(), "row voltages");
    std::vector<double> currents{solution.cell_voltages};
    for (std::size_t k = 0; k < currents.size(); ++k) {
        currents[k] *= circuit.conductances()[k];
    }
    node_voltages nodes{circuit.word_line_drops(currents), circuit.bit_line_drops(currents)};
    for (std::size_t k = 0; k < currents.size(); ++k) {
        nodes.word_lines[k] = voltages[k / circuit.columns()] - nodes.word_lines[k];
    }
    return nodes;
}

/// Derivatives of sum_j weights[j] I_j.
struct crossbar_gradients {
    std::vector<double> voltages;      ///< (rows) A/V
    std::vector<double> conductances;  ///< (rows, columns) V
};

/// What a loss that changes by `weights` (columns) per ampere of the column currents feels of the array solved in
/// `solution`. With h + D(g h) = weights[j] on every cell of column j,
///
///     dL/dv_i = sum_j g_ij h_ij,     dL/dg_ij = u_ij h_ij.
[[nodiscard]] inline crossbar_gradients gradients_of(crossbar_circuit const& circuit, crossbar_solution const& solution,
                                                     std::span<double const> weights,
                                                     iteration_limits const& limits = {}) {
    std::size_t const columns = circuit.columns();
    detail::require_length(weights.size(), columns, "weights of columns");
    std::vector<double> right_side(circuit.rows() * columns);
    for (std::size_t k = 0; k < right_side.size(); ++k) {
        right_side[k] = weights[k % columns];
    }
    auto gradient = detail::solve_cells(circuit, right_side, limits).cell_voltages;
    crossbar_gradients result{std::vector<double>(circuit.rows()), {}};
    for (std::size_t k = 0; k < gradient.size(); ++k) {
        result.voltages[k / columns] += circuit.conductances()[k] * gradient[k];
        gradient[k] *= solution.cell_voltages[k];
    }
    result.conductances = std::move(gradient);
    return result;
}

namespace detail {

/// What one pseudo-random vector of +-1 V says about a matrix.
struct deviation {
    double relative = 0;   ///< largest difference of the currents from those of conjugate gradients, over the largest
    bool is_real = false;  ///< larger than 1e-9 and than the bound on the error of the latter
};

inline deviation deviation_of(crossbar_circuit const& circuit, std::vector<double> const& matrix) {
    std::vector<double> right_side(matrix.size());
    std::vector<double> currents(circuit.columns());
    for (std::size_t i = 0; i < circuit.rows(); ++i) {
        double const v = derive({}, i).first % 2 == 0 ? 1.0 : -1.0;
        for (std::size_t j = 0; j < circuit.columns(); ++j) {
            right_side[i * circuit.columns() + j] = v;
            currents[j] += v * matrix[i * circuit.columns() + j];
        }
    }
    auto const solved = cell_iteration{circuit, right_side, {.tolerance = 1e-10}}.take().solution;
    double largest = 0;
    double difference = 0;
    for (std::size_t j = 0; j < circuit.columns(); ++j) {
        double const here = std::abs(solved.currents[j] - currents[j]);
        largest = std::max(largest, std::abs(currents[j]));
        difference = here <= difference ? difference : here;  // keeps what is not a number
    }
    return {largest > 0 ? difference / largest : difference,
            !(difference <= std::max(1e-9 * largest, solved.error_bound))};
}

}  // namespace detail

}  // namespace xcim::inline XCIM_ABI::wire
