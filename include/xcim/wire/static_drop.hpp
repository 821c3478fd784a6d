#pragma once

#include <xcim/core/error.hpp>
#include <xcim/core/parameter.hpp>

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::wire {

/// aihwkit's static formula for the voltage that a column line loses, to be compared with the exact lines.
///
///     y_j = sum_i w_ij x_i - s c(a_j) sum_i w_ij x_i (1 - (1 - i / R)^2),     i = 0 .. R - 1
///     a_j = R r g_max sum_i |w_ij x_i|,     c(a) = 0.05 a^3 - 0.2 a^2 + 0.5 a
///
/// No Interconnect, on purpose. The formula speaks of a whole product, signed weights and signed inputs of all rows at
/// once, and is cubic in their magnitudes: applied to conductances, to one phase of a bit-serial input, to one slice of
/// a weight or to inputs of one sign at a time, as wires of a macro would be, it is another formula.
/// Parameters: `scale` s >= 0, default 1; `bit_line_resistance` r, ohm from cell to cell, >= 0, default 0.35;
/// `largest_conductance` g_max, S of |w| = 1, >= 0, default 5e-6.
/// Sees/returns: weights (rows, columns) and inputs (rows), normalised: the largest conductance at the full read
/// voltage is |w x| = 1; outputs (columns) in the same unit.
/// Not modelled: what the exact ladder has and this does not: the share of every row by itself, the load of devices
/// whose inputs are small, resistance at the end. Row 0 is next to the sense node, as in aihwkit's code (its position
/// factor is 0 for the first input and nearly 1 for the last), while its documentation calls the first input the
/// farthest one; every other model here has the last row next to the sense node.
/// Reference: IBM/aihwkit 1.1.0, InferenceRPUConfig with forward.ir_drop.
/// Tests: tests/unit/wire/static_drop.cpp.
struct static_drop {
    double scale = 1;
    double bit_line_resistance = 0.35;
    double largest_conductance = 5e-6;

    void product(std::span<double const> weights, std::span<double const> inputs, std::span<double> outputs) const {
        std::size_t const rows = inputs.size();
        std::size_t const columns = outputs.size();
        if (weights.size() != rows * columns) {
            throw error(errc::shape, "wire::static_drop.product: weights have " + std::to_string(weights.size()) +
                                         " elements; inputs * outputs, " + std::to_string(rows) + " * " +
                                         std::to_string(columns) + ", are needed");
        }
        std::vector<double> magnitudes(columns);
        std::vector<double> placed(columns);
        std::vector<double> sums(columns);
        for (std::size_t i = 0; i < rows; ++i) {
            double const remaining = 1 - static_cast<double>(i) / static_cast<double>(rows);
            double const factor = 1 - remaining * remaining;
            double const* const row = weights.data() + i * columns;
            for (std::size_t j = 0; j < columns; ++j) {
                double const term = row[j] * inputs[i];
                sums[j] += term;
                magnitudes[j] += std::abs(term);
                placed[j] += term * factor;
            }
        }
        double const load = static_cast<double>(rows) * bit_line_resistance * largest_conductance;
        for (std::size_t j = 0; j < columns; ++j) {
            double const a = load * magnitudes[j];
            outputs[j] = sums[j] - scale * (a * (0.5 + a * (-0.2 + a * 0.05))) * placed[j];
        }
    }

    [[nodiscard]] std::string wrong() const {
        return first_sentence({unless(scale >= 0, "wire::static_drop.scale", scale, "from 0 on"),
                               unless(bit_line_resistance >= 0, "wire::static_drop.bit_line_resistance",
                                      bit_line_resistance, "of ohms from 0 on"),
                               unless(largest_conductance >= 0, "wire::static_drop.largest_conductance",
                                      largest_conductance, "of siemens from 0 on")});
    }

    friend std::string to_string(static_drop const& w) {
        return "static IR drop, " + std::to_string(w.bit_line_resistance) + " ohm a cell";
    }
};

}  // namespace xcim::inline XCIM_ABI::wire
