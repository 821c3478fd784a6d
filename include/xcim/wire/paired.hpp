#pragma once

#include <xcim/wire/ladder.hpp>

#include <cmath>
#include <span>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::wire {

/// Tile in which both devices of a pair hang on one column line, one at the upper and one at the lower rail while their
/// row is on; the sign of the input says which, and at rest both are at the idle voltage. Models Interconnect.
///
///     effective = (g+ - g-) f,     attenuation = f,     f of wire/ladder.hpp for the conductances g+ + g-, with r in
///                                  front of every cell and r end_segments + r_sense behind the last one
///     offset = (V_idle - V_sense) / V_unit sum over rows of (g+ + g-) f,     V_unit = (V_pos - V_neg) / 2
///     charge = sum over rows of duration * effective + time * offset,        in units of V_unit and of time
///
/// A cell loads its line with g+ + g- whatever its input is, so f is solved once, when weights are programmed, and
/// equals solving the line anew in every time slot. A weight of 0 still loads with two devices of lowest conductance,
/// and so do the rows that a matrix shorter than the tile leaves: half of them above it (one fewer where they are odd),
/// half below.
/// Parameters: `bit_line_resistance` r at 300 K, ohm from cell to cell, >= 0, default 0.15; `end_segments` wire behind
/// the last cell in segments, >= 0, default 0.5; `sense_resistance` r_sense, ohm in series at the end, >= 0, default 0;
/// `temperature` K, default 300, and `temperature_coefficient` 1/K, default 0.00451: see wire::bit_line;
/// `positive_voltage`, `negative_voltage` V_pos, V_neg, default 0.6 and 0.2 V; `idle_voltage` V_idle, midway between
/// the rails, default 0.4 V; `sense_voltage` V_sense, default 0.4 V; `unused_conductance` S of each of the two devices
/// in unused rows, >= 0, default 0.1e-6; `both_ends` columns 1, 3, 5 ... are read at the end of row 0, the others at
/// the end of the last row, default true (false: all at the end of the last row).
/// Sees/returns: states of pairs in cell-LSB, whose siemens the array knows; effective states and offsets in cell-LSB.
/// Not modelled: resistance of word lines and drivers, idle rows that are switched off (wire::gated), idle voltages off
/// the middle (the drive would add a current of one sign), time to switch between rails. The published code pads odd
/// columns after it has turned them round, so that an odd rest falls on their other end than here, does not pad by a
/// single row, and adds 1e-18 S to every node.
/// Reference: J. Luquin et al., "Rapid yet accurate tile-circuit and device modeling for analog in-memory computing",
/// arXiv 2506.00004, 2025, by way of IBM/aihwkit 1.1.0, whose time steps and segments this replaces.
/// Tests: tests/unit/wire/paired.cpp (slot by slot), tests/golden/spice_ladder.cpp (a circuit simulator).
/// Benchmark: benchmarks/kernels/ladders.cpp.
struct paired {
    static constexpr bool is_identity = false;

    double bit_line_resistance = 0.15;
    double end_segments = 0.5;
    double sense_resistance = 0;
    double temperature = reference_temperature;
    double temperature_coefficient = copper_temperature_coefficient;
    double positive_voltage = 0.6;
    double negative_voltage = 0.2;
    double idle_voltage = 0.4;
    double sense_voltage = 0.4;
    double unused_conductance = 0.1e-6;
    bool both_ends = true;

    void apply(wired_array const& a) const { apply(a, every_cell{}); }

    /// As `ladder` solves the lines: every_cell or several_cells (wire/lumped.hpp).
    template <class Ladder>
    void apply(wired_array const& a, Ladder const& ladder) const {
        detail::check_wired(a, "wire::paired");
        if (a.minus.empty() && a.rows * a.columns > 0) {
            throw error(errc::composition, "wire::paired needs a cell of two devices, cell::pair{...}; this one has a "
                                           "single device");
        }
        std::vector<float> const padding(a.columns, static_cast<float>(unused_conductance / a.unit));
        for_some_columns(a.columns, [&](std::size_t column, std::size_t count) {
            write(a, column, solved(a, padding.data(), column, count, ladder));
        });
    }

    /// The resistors of a column at this temperature.
    [[nodiscard]] line resistors() const {
        double const r = bit_line_resistance * resistance_factor(temperature, temperature_coefficient);
        return {r, r * end_segments + sense_resistance};
    }

    /// What one unit of drive is, V.
    [[nodiscard]] double unit_voltage() const { return (positive_voltage - negative_voltage) / 2; }

    [[nodiscard]] std::string wrong() const {
        double const middle = (positive_voltage + negative_voltage) / 2;
        return first_sentence(
            {unless(bit_line_resistance >= 0, "wire::paired.bit_line_resistance", bit_line_resistance,
                    "of ohms from 0 on"),
             unless(end_segments >= 0, "wire::paired.end_segments", end_segments, "of segments from 0 on"),
             unless(sense_resistance >= 0, "wire::paired.sense_resistance", sense_resistance, "of ohms from 0 on"),
             detail::wrong_temperature("wire::paired", temperature, temperature_coefficient),
             unless(std::isfinite(negative_voltage), "wire::paired.negative_voltage", negative_voltage, "of volts"),
             unless(positive_voltage > negative_voltage, "wire::paired.positive_voltage", positive_voltage,
                    "of volts above negative_voltage"),
             unless(std::abs(idle_voltage - middle) <= 1e-9 * unit_voltage(), "wire::paired.idle_voltage", idle_voltage,
                    "of volts midway between positive_voltage and negative_voltage"),
             unless(true, "wire::paired.sense_voltage", sense_voltage, "of volts"),
             unless(unused_conductance >= 0, "wire::paired.unused_conductance", unused_conductance,
                    "of siemens from 0 on")});
    }

    friend std::string to_string(paired const& w) {
        return "pairs on one column line of " + std::to_string(w.resistors().segment) + " ohm a cell";
    }

private:
    /// Rows of the tile above the matrix.
    [[nodiscard]] static std::size_t above(wired_array const& a) {
        return (static_cast<std::size_t>(a.array.rows) - a.rows) / 2;
    }

    /// The node of odd columns that is as far from their sense end as `node` is from that of the even ones.
    [[nodiscard]] std::size_t of_odd(wired_array const& a, std::size_t node) const {
        return both_ends ? static_cast<std::size_t>(a.array.rows) - 1 - node : node;
    }

    template <class Ladder>
    [[nodiscard]] ladders solved(wired_array const& a, float const* padding, std::size_t column, std::size_t count,
                                 Ladder const& ladder) const {
        auto const row_of = [&](std::span<float const> states, std::size_t node) {
            return node < above(a) || node >= above(a) + a.rows
                       ? padding
                       : states.data() + (node - above(a)) * a.columns + column;
        };
        double const unit = a.unit;
        return ladder(static_cast<std::size_t>(a.array.rows), count, resistors(),
                      [&, unit](std::size_t node, std::span<double> siemens) {
                          float const* const plus = row_of(a.plus, node);
                          float const* const minus = row_of(a.minus, node);
                          float const* const odd_plus = row_of(a.plus, of_odd(a, node));
                          float const* const odd_minus = row_of(a.minus, of_odd(a, node));
                          for (std::size_t j = 0; j < siemens.size(); ++j) {
                              bool const is_even = (column + j) % 2 == 0;
                              float const p = is_even ? plus[j] : odd_plus[j];
                              float const m = is_even ? minus[j] : odd_minus[j];
                              siemens[j] = unit * (static_cast<double>(p) + static_cast<double>(m));
                          }
                      });
    }

    void write(wired_array const& a, std::size_t column, ladders const& lines) const {
        for (std::size_t i = 0; i < a.rows; ++i) {
            double const* const even = lines.row(above(a) + i);
            double const* const odd = lines.row(of_odd(a, above(a) + i));
            std::size_t const row = i * a.columns + column;
            float const* const plus = a.plus.data() + row;
            float const* const minus = a.minus.data() + row;
            float* const effective = a.effective.data() + row;
            float* const attenuation = a.attenuation.data() + row;
            for (std::size_t j = 0; j < lines.columns; ++j) {
                double const f = (column + j) % 2 == 0 ? even[j] : odd[j];
                effective[j] = static_cast<float>((static_cast<double>(plus[j]) - static_cast<double>(minus[j])) * f);
                attenuation[j] = static_cast<float>(f);
            }
        }
        double const offset = (idle_voltage - sense_voltage) / unit_voltage() / a.unit;
        for (std::size_t j = 0; j < lines.columns; ++j) {
            a.offsets[column + j] = static_cast<float>(offset * lines.seen[j]);
        }
    }
};

/// Charge of a column whose current was sampled once in every unit of time: each sample stands for its unit. This is
/// exact where rows switch at whole units.
[[nodiscard]] inline double charge_by_sum(std::span<double const> currents) {
    double charge = 0;
    for (double const current : currents) {
        charge += current;
    }
    return charge;
}

/// The same samples summed with aihwkit's default rule, trapezoids over the samples with the first one repeated:
/// charge_by_sum plus half of the difference between the first current and the last. Biased by half a unit of time of
/// the initial current; one unit followed by rest counts as one and a half. For comparison only.
[[nodiscard]] inline double charge_by_trapezoid(std::span<double const> currents) {
    double charge = currents.empty() ? 0.0 : currents.front();
    for (std::size_t t = 1; t < currents.size(); ++t) {
        charge += (currents[t - 1] + currents[t]) / 2;
    }
    return charge;
}

}  // namespace xcim::inline XCIM_ABI::wire
