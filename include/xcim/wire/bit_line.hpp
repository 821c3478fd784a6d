#pragma once

#include <xcim/wire/ladder.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::wire {

/// Column lines with resistance, word lines without: every column is a ladder of its own, solved exactly when weights
/// are programmed. Models Interconnect.
///
///     effective = g f,     attenuation = f,     f of wire/ladder.hpp with r in front of every cell and
///                                               r + r_sense behind the last one,     r = r_300 (1 + alpha (T - 300 K))
///     offset = (V_idle - V_sense) / (V_read - V_idle) sum over rows of g f
///
/// The devices of a pair have a line each: effective = g+ f+ - g- f-, offset likewise, and the attenuation is the share
/// of both currents together, (g+ f+ + g- f-) / (g+ + g-), or (f+ + f-) / 2 where there is no device.
/// Parameters: `bit_line_resistance` r_300, ohm from cell to cell, >= 0, default 1; `sense_resistance` r_sense, ohm in
/// series at the end, >= 0, default 0, no wire: it keeps its value; `temperature` T, K, default 300;
/// `temperature_coefficient` alpha, 1/K, default 0.00451 (copper lines in NeuroSim, which takes the magnitude of T -
/// 300 K and so warms colder lines; here they conduct better); `read_voltage`, `idle_voltage`, `sense_voltage` V of a
/// row driven by one unit, of a row at rest and of the sense node, default 0.2, 0 and 0; `used` which cells of a line
/// longer than the matrix are used, default those next to the sense node. Unused cells hold no device.
/// Sees/returns: states in cell-LSB, whose siemens the array knows; effective states and offsets in cell-LSB.
/// Not modelled: resistance of word lines and drivers (wire::crossbar), rows that are switched off (wire::gated),
/// capacitance of the lines, non-linear devices.
/// Reference: Kirchhoff's laws; P.-Y. Chen, X. Peng and S. Yu, "NeuroSim: a circuit-level macro model for benchmarking
/// neuro-inspired architectures in online learning", IEEE TCAD 37(12), 2018 (the coefficient).
/// Tests: tests/unit/wire/bit_line.cpp, tests/conformance/interconnect.cpp, tests/golden/spice_ladder.cpp (a circuit
/// simulator).
struct bit_line {
    static constexpr bool is_identity = false;

    double bit_line_resistance = 1;
    double sense_resistance = 0;
    double temperature = reference_temperature;
    double temperature_coefficient = copper_temperature_coefficient;
    double read_voltage = 0.2;
    double idle_voltage = 0;
    double sense_voltage = 0;
    end_of_line used = end_of_line::sense;

    void apply(wired_array const& a) const { apply(a, every_cell{}); }

    /// As `ladder` solves the lines: every_cell or several_cells (wire/lumped.hpp).
    template <class Ladder>
    void apply(wired_array const& a, Ladder const& ladder) const {
        detail::check_wired(a, "wire::bit_line");
        for_some_columns(a.columns, [&](std::size_t column, std::size_t count) {
            a.minus.empty() ? write_single(a, column, solved(a, a.plus, column, count, ladder))
                            : write_pairs(a, column, solved(a, a.plus, column, count, ladder),
                                          solved(a, a.minus, column, count, ladder));
        });
    }

    /// The resistors of a column at this temperature.
    [[nodiscard]] line resistors() const {
        double const r = bit_line_resistance * resistance_factor(temperature, temperature_coefficient);
        return {r, r + sense_resistance};
    }

    [[nodiscard]] std::string wrong() const {
        return first_sentence(
            {unless(bit_line_resistance >= 0, "wire::bit_line.bit_line_resistance", bit_line_resistance,
                    "of ohms from 0 on"),
             unless(sense_resistance >= 0, "wire::bit_line.sense_resistance", sense_resistance, "of ohms from 0 on"),
             detail::wrong_temperature("wire::bit_line", temperature, temperature_coefficient),
             unless(read_voltage != idle_voltage, "wire::bit_line.read_voltage", read_voltage,
                    "of volts other than idle_voltage"),
             unless(true, "wire::bit_line.idle_voltage", idle_voltage, "of volts"),
             unless(true, "wire::bit_line.sense_voltage", sense_voltage, "of volts")});
    }

    friend std::string to_string(bit_line const& w) {
        return "column lines of " + std::to_string(w.resistors().segment) + " ohm a cell";
    }

private:
    /// Place of row 0 on the line.
    [[nodiscard]] std::size_t first_used(wired_array const& a) const {
        return used == end_of_line::far ? 0 : static_cast<std::size_t>(a.array.rows) - a.rows;
    }

    /// Offset per siemens, cell-LSB.
    [[nodiscard]] double offset_of(wired_array const& a) const {
        return (idle_voltage - sense_voltage) / (read_voltage - idle_voltage) / a.unit;
    }

    template <class Ladder>
    [[nodiscard]] ladders solved(wired_array const& a, std::span<float const> states, std::size_t column,
                                 std::size_t count, Ladder const& ladder) const {
        std::size_t const first = first_used(a);
        double const unit = a.unit;
        return ladder(static_cast<std::size_t>(a.array.rows), count, resistors(),
                      [&, unit](std::size_t place, std::span<double> siemens) {
                          if (place < first || place >= first + a.rows) {
                              std::ranges::fill(siemens, 0.0);
                              return;
                          }
                          float const* const row = states.data() + (place - first) * a.columns + column;
                          for (std::size_t j = 0; j < siemens.size(); ++j) {
                              siemens[j] = unit * static_cast<double>(row[j]);
                          }
                      });
    }

    void write_single(wired_array const& a, std::size_t column, ladders const& lines) const {
        for (std::size_t i = 0; i < a.rows; ++i) {
            double const* const f = lines.row(first_used(a) + i);
            std::size_t const row = i * a.columns + column;
            float const* const plus = a.plus.data() + row;
            float* const effective = a.effective.data() + row;
            float* const attenuation = a.attenuation.data() + row;
            for (std::size_t j = 0; j < lines.columns; ++j) {
                effective[j] = static_cast<float>(static_cast<double>(plus[j]) * f[j]);
                attenuation[j] = static_cast<float>(f[j]);
            }
        }
        for (std::size_t j = 0; j < lines.columns; ++j) {
            a.offsets[column + j] = static_cast<float>(offset_of(a) * lines.seen[j]);
        }
    }

    void write_pairs(wired_array const& a, std::size_t column, ladders const& plus, ladders const& minus) const {
        for (std::size_t i = 0; i < a.rows; ++i) {
            double const* const f = plus.row(first_used(a) + i);
            double const* const h = minus.row(first_used(a) + i);
            std::size_t const row = i * a.columns + column;
            for (std::size_t j = 0; j < plus.columns; ++j) {
                auto const p = static_cast<double>(a.plus[row + j]);
                auto const m = static_cast<double>(a.minus[row + j]);
                double const both = p + m;
                a.effective[row + j] = static_cast<float>(p * f[j] - m * h[j]);
                a.attenuation[row + j] =
                    static_cast<float>(both > 0 ? (p * f[j] + m * h[j]) / both : (f[j] + h[j]) / 2);
            }
        }
        for (std::size_t j = 0; j < plus.columns; ++j) {
            a.offsets[column + j] = static_cast<float>(offset_of(a) * (plus.seen[j] - minus.seen[j]));
        }
    }
};

}  // namespace xcim::inline XCIM_ABI::wire
