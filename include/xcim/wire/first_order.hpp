#pragma once

#include <xcim/wire/crossbar.hpp>

#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::wire {

/// The array of wire::crossbar to first order in its resistances. Models Interconnect.
///
/// Every line loses what the currents of the ideal array would make it lose: I = sum_i g (v - D(g v)). That is linear
/// in v as well, and because D is symmetric its matrix is
///
///     effective = g (1 - D(g))         element by element, D of wire/crossbar_circuit.hpp
///
/// with no ways through other cells. The error grows with the square of the loss: 0.3 % of the largest current for 8 x
/// 8 cells of 6 kohm at 1 ohm a cell with 50 ohm drivers, 6 % for 32 x 32, more than the loss itself for 128 x 128,
/// where effective states may even be negative. wire::crossbar is exact; this is here for comparison.
/// Parameters: `wires`, see wire::crossbar. Sees/returns, not modelled: as there. Tests: tests/unit/wire/crossbar.cpp,
/// tests/golden/spice_crossbar.cpp.
struct first_order {
    static constexpr bool is_identity = false;

    crossbar wires{};

    /// The matrix, (rows, columns) S.
    [[nodiscard]] static std::vector<double> matrix(crossbar_circuit const& circuit) {
        auto const g = circuit.conductances();
        auto const along_rows = circuit.word_line_drops(g);
        auto matrix = circuit.bit_line_drops(g);
        for (std::size_t k = 0; k < matrix.size(); ++k) {
            matrix[k] = g[k] * (1 - along_rows[k] - matrix[k]);
        }
        return matrix;
    }

    void apply(wired_array const& a) const { wires.apply(a, "wire::first_order", &matrix); }

    [[nodiscard]] std::string wrong() const { return wires.wrong(); }

    friend std::string to_string(first_order const& w) { return "first order of " + to_string(w.wires); }
};

}  // namespace xcim::inline XCIM_ABI::wire
