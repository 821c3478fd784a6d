#pragma once

#include <xcim/wire/crossbar_matrix.hpp>
#include <xcim/wire/ladder.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI::wire {

/// Passive array whose word lines and column lines both have resistance, solved exactly when weights are programmed.
/// Models Interconnect.
///
///     effective_ij = dI_j / dv_i of the circuit of wire/crossbar_circuit.hpp, in cell-LSB: currents are linear in the
///                    voltages of the rows, so this is all there is to know, for every input
///     attenuation_ij = effective_ij / g_ij, kept between 0 and 1: the share that read noise of the cell is scaled
///     with.
///                      Where there is no device: the same ratio of the sums over the column
///
/// effective_ij is not 0 where g_ij is: currents take other ways through the array. The devices of a pair have
/// neighbouring lines, plus on 2j and minus on 2j + 1; their currents are subtracted, and their attenuation is that of
/// both currents together.
/// Parameters: `word_line_resistance`, `bit_line_resistance` ohm per cell at 300 K, >= 0, default 1;
/// `driver_resistance` ohm once per word line, in front of its first segment, and `sense_resistance` ohm once per
/// column line, behind its last one, >= 0, default 0, no wires: they keep their values; `unused_conductance` S of the
/// cells of the array that hold no weight, >= 0, default 0, no device; their rows are at 0 V; `used` which rows of an
/// array with more rows than the matrix are used, default those next to the sense node; columns are used from the
/// drivers on; `temperature` T, K, default 300; `temperature_coefficient` alpha, 1/K, default 0.00451:
/// r = r_300 (1 + alpha (T - 300 K)). Any resistance may be 0, in any combination.
/// Sees/returns: states >= 0 in cell-LSB, whose siemens the array knows; effective states in cell-LSB, exact to
/// rounding (checked: see effective_matrix); offsets stay as they are.
/// Not modelled: capacitance of the lines, non-linear devices, rows that are switched off (wire::gated), lines driven
/// or sensed at both ends.
/// Reference: Kirchhoff's laws; the matrix: A. George, "Nested dissection of a regular finite element mesh", SIAM J.
/// Numer. Anal. 10(2), 1973. The temperature coefficient is that of NeuroSim.
/// Tests: tests/unit/wire/crossbar.cpp, tests/conformance/interconnect.cpp, tests/golden/spice_crossbar.cpp (a circuit
/// simulator). Benchmark: benchmarks/kernels/crossbar.cpp.
struct crossbar {
    static constexpr bool is_identity = false;

    double word_line_resistance = 1;
    double bit_line_resistance = 1;
    double driver_resistance = 0;
    double sense_resistance = 0;
    double unused_conductance = 0;
    end_of_line used = end_of_line::sense;
    double temperature = reference_temperature;
    double temperature_coefficient = copper_temperature_coefficient;

    void apply(wired_array const& a) const {
        apply(a, "wire::crossbar", [](crossbar_circuit const& c) { return effective_matrix(c).values; });
    }

    /// As `matrix(circuit)` approximates the circuit: (rows, columns), S. `model` is named in errors.
    template <class Matrix>
    void apply(wired_array const& a, char const* model, Matrix const& matrix) const {
        detail::check_wired(a, model);
        if (resistances() == line_resistances{} || a.rows == 0 || a.columns == 0) {
            return;
        }
        auto const wired = circuit_of(a, model);
        write(a, wired, matrix(wired.circuit));
    }

    /// The resistances at this temperature.
    [[nodiscard]] line_resistances resistances() const {
        double const factor = resistance_factor(temperature, temperature_coefficient);
        return {factor * word_line_resistance, factor * bit_line_resistance, driver_resistance, sense_resistance};
    }

    [[nodiscard]] std::string wrong() const {
        return first_sentence(
            {unless(word_line_resistance >= 0, "wire::crossbar.word_line_resistance", word_line_resistance,
                    "of ohms from 0 on"),
             unless(bit_line_resistance >= 0, "wire::crossbar.bit_line_resistance", bit_line_resistance,
                    "of ohms from 0 on"),
             unless(driver_resistance >= 0, "wire::crossbar.driver_resistance", driver_resistance, "of ohms from 0 on"),
             unless(sense_resistance >= 0, "wire::crossbar.sense_resistance", sense_resistance, "of ohms from 0 on"),
             unless(unused_conductance >= 0, "wire::crossbar.unused_conductance", unused_conductance,
                    "of siemens from 0 on"),
             detail::wrong_temperature("wire::crossbar", temperature, temperature_coefficient)});
    }

    friend std::string to_string(crossbar const& w) {
        auto const r = w.resistances();
        return "crossbar wires, " + std::to_string(r.word_line) + " and " + std::to_string(r.bit_line) +
               " ohm a cell along rows and columns, drivers " + std::to_string(r.driver) + " ohm, sense nodes " +
               std::to_string(r.sense) + " ohm";
    }

private:
    /// A circuit and where the weights are in it.
    struct wired_circuit {
        crossbar_circuit circuit;
        std::size_t first_row;
        std::size_t lines;  // a column has
    };

    [[nodiscard]] wired_circuit circuit_of(wired_array const& a, char const* model) const {
        if (a.array.columns < 0 || a.columns > static_cast<std::size_t>(a.array.columns)) {
            throw error(errc::shape, std::string(model) + ": columns used are " + std::to_string(a.columns) +
                                         ", the array has " + std::to_string(a.array.columns));
        }
        std::size_t const lines = a.minus.empty() ? 1 : 2;
        auto const unused_rows = static_cast<std::size_t>(a.array.rows) - a.rows;
        auto r = resistances();
        std::size_t rows = a.rows;
        std::size_t columns = a.columns * lines;
        std::size_t first_row = 0;
        if (unused_conductance > 0) {
            rows += unused_rows;
            columns = static_cast<std::size_t>(a.array.columns) * lines;
            first_row = used == end_of_line::far ? 0 : unused_rows;
        } else if (used == end_of_line::far) {
            r.sense += static_cast<double>(unused_rows) * r.bit_line;
        }
        std::vector<double> g(rows * columns, unused_conductance);
        for (std::size_t i = 0; i < a.rows; ++i) {
            for (std::size_t k = 0; k < a.columns * lines; ++k) {
                auto const& states = k % lines == 0 ? a.plus : a.minus;
                g[(first_row + i) * columns + k] = a.unit * static_cast<double>(states[i * a.columns + k / lines]);
            }
        }
        return {crossbar_circuit{std::move(g), rows, columns, r}, first_row, lines};
    }

    static void write(wired_array const& a, wired_circuit const& wired, std::vector<double> const& matrix) {
        std::size_t const columns = wired.circuit.columns();
        std::size_t const first = wired.first_row * columns;
        auto const seen = [&](std::size_t i, std::size_t k) { return matrix[first + i * columns + k]; };
        auto const siemens = [&](std::size_t i, std::size_t k) {
            return wired.circuit.conductances()[first + i * columns + k];
        };
        auto const of_devices = [&](auto const& values, std::size_t i, std::size_t j) {
            return wired.lines == 1 ? values(i, j) : values(i, 2 * j) + values(i, 2 * j + 1);
        };
        for (std::size_t j = 0; j < a.columns; ++j) {
            double arriving = 0;
            double programmed = 0;
            for (std::size_t i = 0; i < a.rows; ++i) {
                arriving += of_devices(seen, i, j);
                programmed += of_devices(siemens, i, j);
            }
            for (std::size_t i = 0; i < a.rows; ++i) {
                double const current = wired.lines == 1 ? seen(i, j) : seen(i, 2 * j) - seen(i, 2 * j + 1);
                double const devices = of_devices(siemens, i, j);
                double const share = devices > 0      ? of_devices(seen, i, j) / devices
                                     : programmed > 0 ? arriving / programmed
                                                      : 1.0;
                a.effective[i * a.columns + j] = static_cast<float>(current / a.unit);
                a.attenuation[i * a.columns + j] = static_cast<float>(std::clamp(share, 0.0, 1.0));
            }
        }
    }
};

}  // namespace xcim::inline XCIM_ABI::wire
