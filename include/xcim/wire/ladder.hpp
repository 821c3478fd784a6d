#pragma once

/// \file
/// Column lines as ladders: a chain of resistors with a conductance to an ideal source at every node. What arrives at
/// the sense end is known exactly after one pass down the chain and one back, for all columns side by side.
///
/// With node 0 at the far end, R nodes, g_i at node i, r_i the resistor behind it and the sense node behind r_{R-1}:
///
///     Y_i = g_i + Y_{i-1} / (1 + r_{i-1} Y_{i-1})                  conductance seen from node i
///     f_{R-1} = 1 / (1 + r_{R-1} Y_{R-1}),    f_i = f_{i+1} / (1 + r_i Y_i)
///     I = sum_i g_i f_i v_i - v_sense sum_i g_i f_i,               sum_i g_i f_i = Y_{R-1} f_{R-1}
///
/// The share f_i is also the voltage of node i where the sense node is at 1 V and all sources at 0 (reciprocity), which
/// needs no division per cell: with 1 V at node 0, voltages and currents follow cell by cell, and are divided by the
/// voltage that the sense node gets. The shares do not depend on the voltages of the sources: currents are linear in
/// them and one pass serves every product. All of it in double; targets with fused multiply-add may differ from others
/// in the last bits.
/// Used by wire::bit_line, wire::paired and wire::lumped. Tests: tests/unit/wire/ladder.cpp,
/// tests/golden/spice_ladder.cpp. Benchmark: benchmarks/kernels/ladders.cpp.

#include <xcim/concepts/interconnect.hpp>
#include <xcim/core/error.hpp>
#include <xcim/core/parameter.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::wire {

/// Temperature coefficient of a thin copper line, 1/K; NeuroSim's number.
inline constexpr double copper_temperature_coefficient = 0.00451;
/// Where resistances are given, K.
inline constexpr double reference_temperature = 300;

/// r(T) / r(300 K) = 1 + coefficient (T - 300 K).
[[nodiscard]] constexpr double resistance_factor(double temperature, double coefficient) {
    return 1 + coefficient * (temperature - reference_temperature);
}

/// The resistors of a column line, ohm.
struct line {
    double segment = 0;  ///< from one cell to the next
    double end = 0;      ///< from the last cell to the sense node
};

/// Solved ladders, side by side.
struct ladders {
    std::size_t columns = 0;
    std::vector<double> shares;  ///< (rows, columns): share of a cell's short-circuit current that arrives, 0 to 1
    std::vector<double> seen;    ///< (columns): siemens between the sense node and all sources together

    [[nodiscard]] double const* row(std::size_t i) const { return shares.data() + i * columns; }
};

namespace detail {

/// The recursion with Y: for lines so lossy that node voltages at the sense end exceed double.
template <class Conductances, class Resistance>
[[nodiscard]] ladders divide_through(std::size_t rows, std::size_t columns, Conductances const& conductances,
                                     Resistance const& resistance) {
    ladders solved{columns, std::vector<double>(rows * columns), std::vector<double>(columns)};
    double* const above = solved.seen.data();
    for (std::size_t i = 0; i < rows; ++i) {
        double* const share = solved.shares.data() + i * columns;
        conductances(i, std::span<double>{share, columns});
        double const r = resistance(i);
        for (std::size_t j = 0; j < columns; ++j) {
            double const y = above[j] + share[j];
            share[j] = 1 / (1 + r * y);
            above[j] = y * share[j];
        }
    }
    for (std::size_t i = rows; i-- > 1;) {
        double const* const below = solved.shares.data() + i * columns;
        double* const share = solved.shares.data() + (i - 1) * columns;
        for (std::size_t j = 0; j < columns; ++j) {
            share[j] *= below[j];
        }
    }
    return solved;
}

}  // namespace detail

/// Ladders of `rows` nodes, node 0 at the far end. `conductances(i, row)` writes what hangs on node i of every column,
/// siemens, to `row` (columns); `resistance(i)` is the resistor behind node i, ohm.
template <class Conductances, class Resistance>
[[nodiscard]] ladders solve_ladders(std::size_t rows, std::size_t columns, Conductances const& conductances,
                                    Resistance const& resistance) {
    ladders solved{columns, std::vector<double>(rows * columns), std::vector<double>(columns)};
    std::vector<double> voltages(columns, 1.0);
    double* const voltage = voltages.data();
    double* const current = solved.seen.data();
    for (std::size_t i = 0; i < rows; ++i) {
        double* const row = solved.shares.data() + i * columns;
        conductances(i, std::span<double>{row, columns});
        double const r = resistance(i);
        for (std::size_t j = 0; j < columns; ++j) {
            double const v = voltage[j];
            double const c = current[j] + row[j] * v;
            row[j] = v;
            current[j] = c;
            voltage[j] = v + r * c;
        }
    }
    for (std::size_t j = 0; j < columns; ++j) {
        if (!(voltage[j] <= std::numeric_limits<double>::max())) {
            return detail::divide_through(rows, columns, conductances, resistance);
        }
        voltage[j] = 1 / voltage[j];
        current[j] *= voltage[j];
    }
    for (std::size_t i = 0; i < rows; ++i) {
        double* const row = solved.shares.data() + i * columns;
        for (std::size_t j = 0; j < columns; ++j) {
            row[j] *= voltage[j];
        }
    }
    return solved;
}

/// Calls work(first column, number of columns) for all columns, as many at a time as fit a near cache with their rows.
template <class Work>
void for_some_columns(std::size_t columns, Work const& work) {
    constexpr std::size_t together = 32;
    for (std::size_t first = 0; first < columns; first += together) {
        work(first, std::min(together, columns - first));
    }
}

/// Every cell is a node.
struct every_cell {
    template <class Conductances>
    [[nodiscard]] ladders operator()(std::size_t rows, std::size_t columns, line const& l,
                                     Conductances const& conductances) const {
        return solve_ladders(rows, columns, conductances,
                             [&](std::size_t i) { return i + 1 < rows ? l.segment : l.end; });
    }
};

/// Which cells of a line that is longer than the matrix are used.
enum class end_of_line {
    sense,  ///< those next to the sense node: what is unused carries no current
    far,    ///< those at the far end: the wire of the unused cells is part of the way
};

namespace detail {

/// Throws where the array is not one that wires with resistance can be solved for.
inline void check_wired(wired_array const& a, char const* model) {
    auto const found = [&](char const* what, std::size_t number) {
        return std::string(what) + " " + std::to_string(number);
    };
    if (!(a.unit > 0)) {
        throw error(errc::composition, std::string(model) +
                                           " needs a cell with conductances: its conductance_step(levels) gives the "
                                           "siemens of one cell-LSB, found " +
                                           std::to_string(a.unit));
    }
    std::size_t const cells = a.rows * a.columns;
    if (a.array.rows < 0 || a.rows > static_cast<std::size_t>(a.array.rows)) {
        throw error(errc::shape, std::string(model) + ": " + found("rows used are", a.rows) + ", the array has " +
                                     std::to_string(a.array.rows));
    }
    if (a.plus.size() != cells || (!a.minus.empty() && a.minus.size() != cells) || a.effective.size() != cells ||
        a.attenuation.size() != cells || a.offsets.size() != a.columns) {
        throw error(errc::shape, std::string(model) +
                                     ": plus, minus (or none), effective and attenuation need rows * "
                                     "columns elements, offsets columns; " +
                                     found("rows are", a.rows) + ", " + found("columns", a.columns) + ", " +
                                     found("plus has", a.plus.size()) + ", " + found("minus", a.minus.size()) + ", " +
                                     found("effective", a.effective.size()) + ", " +
                                     found("attenuation", a.attenuation.size()) + ", " +
                                     found("offsets", a.offsets.size()));
    }
}

inline std::string wrong_temperature(std::string const& model, double temperature, double coefficient) {
    return first_sentence({unless(temperature > 0, model + ".temperature", temperature, "of kelvins above 0"),
                           unless(resistance_factor(temperature, coefficient) >= 0, model + ".temperature_coefficient",
                                  coefficient, "of 1/K that leaves no resistance below 0")});
}

}  // namespace detail

}  // namespace xcim::inline XCIM_ABI::wire
