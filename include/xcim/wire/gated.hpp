#pragma once

#include <xcim/concepts/interconnect.hpp>
#include <xcim/core/error.hpp>
#include <xcim/core/parameter.hpp>
#include <xcim/wire/gated_columns.hpp>
#include <xcim/wire/ladder.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::wire {

/// Where the source lines of a gated array are driven; its bit lines are sensed behind the last row. Opposite ends make
/// rows equal; the loss of many rows all over the column is about the same either way.
enum class feed {
    opposite_end,  ///< before row 0: every cell has the same length of wire in its way
    same_end,      ///< behind the last row: the way of row 0 is the longest
};

/// Transistors in series with the cells (1T1R): the input closes the switches of its row, an open cell is not there.
/// Every column has a source line beside its bit line, both with resistance. Models SwitchedInterconnect.
///
///     V -- r_driver -- r_source -+- r_source -+- ... -+            source line, one r_source before each cell
///                                |            |       |
///                              g_0 on?      g_1 on?  ...            1 / g = 1 / g_cell + r_transistor
///                                |            |       |
///                                +--- r_bit --+- ... -+- r_bit -- r_sense -- 0 V
///
/// (opposite ends; the driver is at the right for the same end). The network depends on the input, so the current is no
/// linear function of it. A row with drive d is closed for d units of time, from the start:
///
///     sum = sum over slots s of (t_s - t_{s-1}) I(rows with d >= t_s) / V,     t_1 < t_2 < ... the drives that occur
///
/// Solved exactly, see wire/gated_path.hpp for the network and wire/gated_schedule.hpp for its reuse from slot to slot:
/// O(rows) for a phase of drives 0 and 1, O(rows log rows) for one of many drives. The devices of a pair stand in two
/// columns whose currents are subtracted.
/// Parameters: `source_line_resistance`, `bit_line_resistance` ohm from cell to cell at 300 K, >= 0, default 1;
/// `driver_resistance`, `sense_resistance` ohm, >= 0, default 0, and `transistor_resistance` ohm of a closed switch, >=
/// 0, default 0: no wires, they keep their values; `fed_at` default the opposite end; `used` which rows of an array
/// with more rows than the matrix are used, default those next to the sense node; `temperature` K, default 300;
/// `temperature_coefficient` 1/K, default 0.00451 (copper): r = r_300 (1 + alpha (T - 300 K)).
/// Sees/returns: states >= 0 in cell-LSB, whose siemens the array knows; drives 0, 1, 2, ...; sums in cell-LSB times
/// units of drive.
/// Not modelled: resistance of word lines (they only switch), capacitance, leakage of open switches, the transistor's
/// non-linearity, columns that share a driver.
/// Reference: Kirchhoff's laws. The circuit is the one CrossSim (Sandia, 3.2) calls currents not from the input.
/// Tests: tests/unit/wire/gated.cpp, tests/golden/spice_gated.cpp (a circuit simulator). Benchmark:
/// benchmarks/kernels/gated.cpp.
struct gated {
    static constexpr bool is_identity = false;

    double source_line_resistance = 1;
    double bit_line_resistance = 1;
    double driver_resistance = 0;
    double sense_resistance = 0;
    double transistor_resistance = 0;
    feed fed_at = feed::opposite_end;
    end_of_line used = end_of_line::sense;
    double temperature = reference_temperature;
    double temperature_coefficient = copper_temperature_coefficient;

    /// The resistors of a column that uses `rows` of `array_rows` rows, ohm.
    [[nodiscard]] gated_path path(std::size_t rows, std::size_t array_rows) const {
        double const factor = resistance_factor(temperature, temperature_coefficient);
        double const source = unfused(factor * source_line_resistance);
        double const bit = unfused(factor * bit_line_resistance);
        double const both = source + bit;
        bool const is_opposite = fed_at == feed::opposite_end;
        auto const unused = static_cast<double>(array_rows - rows);
        auto const steps = static_cast<double>(rows > 0 ? rows - 1 : 0);
        double series = driver_resistance + sense_resistance + both;
        if (is_opposite) {
            series += unfused(unused * (used == end_of_line::sense ? source : bit));
            series += both > 0 ? steps * source * bit / both : 0.0;
        } else if (used == end_of_line::far) {
            series += unfused(unused * both);
        }
        return {both, is_opposite && both > 0 ? source / both : 0.0, series};
    }

    /// What a closed cell and its switch conduct, in any unit: `unit` siemens.
    [[nodiscard]] double conductance(double cell, double unit = 1) const {
        return cell / (1 + unfused(cell * unit * transistor_resistance));
    }

    void sum(switched_columns const& s) const {
        check(s);
        struct workspace {
            detail::gated_schedule schedule;
            aligned_vector<float> nodes;
            aligned_vector<float> cells;
            aligned_vector<float> minus;
        };
        thread_local workspace w;
        auto const p = path(s.rows, static_cast<std::size_t>(s.array.rows)).scaled(s.unit);
        // The states as they are, where switches have no resistance.
        std::size_t const cells = s.rows * s.stride;
        float const* plus = s.plus;
        float const* minus = s.minus;
        if (transistor_resistance > 0) {
            w.cells.resize(2 * cells);
            auto const add_switches = [&](float const* from, float* to) {
                std::transform(from, from + cells, to, [&](float g) {
                    return static_cast<float>(conductance(static_cast<double>(g), s.unit));
                });
                return to;
            };
            plus = add_switches(plus, w.cells.data());
            minus = minus != nullptr ? add_switches(minus, w.cells.data() + cells) : nullptr;
        }
        w.minus.resize(minus != nullptr ? s.stride : 0);
        for (std::size_t phase = 0; phase < s.phases; ++phase) {
            float const* const drives = s.drives + phase * s.rows;
            float* const sums = s.sums + phase * s.stride;
            w.schedule.arrange(s.rows, [&](std::size_t i) {
                XCIM_ASSERT(drives[i] >= 0, "wire::gated switches rows on for a time that is not negative");
                return drives[i];
            });
            detail::gated_columns<float> const columns{p, w.schedule, w.nodes};
            columns.solve({plus, s.stride, s.columns}, {sums, nullptr, s.stride});
            if (minus != nullptr) {
                columns.solve({minus, s.stride, s.columns}, {w.minus.data(), nullptr, s.stride});
                for (std::size_t j = 0; j < s.columns; ++j) {
                    sums[j] -= w.minus[j];
                }
            }
        }
    }

    [[nodiscard]] std::string wrong() const {
        return first_sentence(
            {unless(source_line_resistance >= 0, "wire::gated.source_line_resistance", source_line_resistance,
                    "of ohms from 0 on"),
             unless(bit_line_resistance >= 0, "wire::gated.bit_line_resistance", bit_line_resistance,
                    "of ohms from 0 on"),
             unless(driver_resistance >= 0, "wire::gated.driver_resistance", driver_resistance, "of ohms from 0 on"),
             unless(sense_resistance >= 0, "wire::gated.sense_resistance", sense_resistance, "of ohms from 0 on"),
             unless(transistor_resistance >= 0, "wire::gated.transistor_resistance", transistor_resistance,
                    "of ohms from 0 on"),
             detail::wrong_temperature("wire::gated", temperature, temperature_coefficient)});
    }

    friend std::string to_string(gated const& w) {
        double const factor = resistance_factor(w.temperature, w.temperature_coefficient);
        return "gated cells, source lines of " + std::to_string(factor * w.source_line_resistance) +
               " ohm a cell, bit lines of " + std::to_string(factor * w.bit_line_resistance) + ", fed at the " +
               (w.fed_at == feed::opposite_end ? "opposite end" : "same end");
    }

private:
    static void check(switched_columns const& s) {
        if (!(s.unit > 0)) {
            throw error(errc::composition, "wire::gated needs a cell with conductances: its conductance_step(levels) "
                                           "gives the siemens of one cell-LSB, found " +
                                               std::to_string(s.unit));
        }
        if (s.array.rows < 0 || s.rows > static_cast<std::size_t>(s.array.rows)) {
            throw error(errc::shape, "wire::gated: rows used are " + std::to_string(s.rows) + ", the array has " +
                                         std::to_string(s.array.rows));
        }
        if (s.stride % lanes != 0 || s.columns > s.stride) {
            throw error(errc::shape, "wire::gated: stride is " + std::to_string(s.stride) + "; a multiple of " +
                                         std::to_string(lanes) + " from the columns on, " + std::to_string(s.columns) +
                                         ", is needed");
        }
    }
};

/// The cells of a gated array.
struct gated_cells {
    std::span<double const> conductances;  ///< siemens, (rows, columns) row-major, >= 0; 0: no device
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::size_t array_rows = 0;  ///< of the whole array; 0: as many as rows
};

/// What flows from slot to slot while the rows are switched off.
struct gated_slots {
    std::vector<double> ends;      ///< (slots) ascending, units of the durations
    std::vector<double> currents;  ///< (slots, columns), A
    std::vector<double> charges;   ///< (columns), A times units of the durations: the integral
};

namespace detail {

inline void check(gated const& wires, gated_cells const& cells, std::span<double const> durations) {
    if (auto const sentence = wires.wrong(); !sentence.empty()) {
        throw error(errc::range, sentence);
    }
    if (cells.conductances.size() != cells.rows * cells.columns || durations.size() != cells.rows ||
        (cells.array_rows != 0 && cells.array_rows < cells.rows)) {
        throw error(errc::shape, "wire::gated_cells: conductances need rows * columns elements, durations rows, "
                                 "array_rows is 0 or at least rows; rows are " +
                                     std::to_string(cells.rows) + ", columns " + std::to_string(cells.columns) +
                                     ", conductances " + std::to_string(cells.conductances.size()) + ", durations " +
                                     std::to_string(durations.size()) + ", array_rows " +
                                     std::to_string(cells.array_rows));
    }
    // Without an early end: all of them at once.
    auto const are_usable = [](std::span<double const> numbers) {
        bool usable = true;
        for (double const x : numbers) {
            usable = usable & (x >= 0) & (x <= std::numeric_limits<double>::max());
        }
        return usable;
    };
    if (!are_usable(cells.conductances)) {
        throw error(errc::value, "wire::gated_cells.conductances: finite siemens from 0 on are needed");
    }
    if (!are_usable(durations)) {
        throw error(errc::value, "wire::gated: durations must be finite and not negative");
    }
}

inline gated_slots solve(gated const& wires, gated_cells const& cells, std::span<double const> durations,
                         double read_voltage, bool keeps_currents) {
    check(wires, cells, durations);
    constexpr std::size_t width = gated_columns<double>::width;
    std::size_t const stride = (cells.columns + width - 1) / width * width;
    aligned_vector<double> closed(cells.rows * stride);
    for (std::size_t i = 0; i < cells.rows; ++i) {
        std::ranges::copy(cells.conductances.subspan(i * cells.columns, cells.columns), closed.data() + i * stride);
    }
    if (wires.transistor_resistance > 0) {
        std::ranges::transform(closed, closed.begin(), [&](double g) { return wires.conductance(g); });
    }
    gated_schedule schedule;
    schedule.arrange(cells.rows, [&](std::size_t i) { return durations[i]; });
    std::size_t const slots = keeps_currents ? schedule.slots().size() : 0;
    aligned_vector<double> nodes;
    aligned_vector<double> currents(slots * stride);
    aligned_vector<double> charges(stride);
    std::size_t const array_rows = cells.array_rows == 0 ? cells.rows : cells.array_rows;
    gated_columns<double>{wires.path(cells.rows, array_rows), schedule, nodes}.solve(
        {closed.data(), stride, cells.columns}, {charges.data(), keeps_currents ? currents.data() : nullptr, stride});

    gated_slots result;
    for (std::size_t n = 0; n < slots; ++n) {
        result.ends.push_back(schedule.slots()[n].end);
        for (std::size_t j = 0; j < cells.columns; ++j) {
            result.currents.push_back(read_voltage * currents[n * stride + j]);
        }
    }
    for (std::size_t j = 0; j < cells.columns; ++j) {
        result.charges.push_back(read_voltage * charges[j]);
    }
    return result;
}

}  // namespace detail

/// Columns of an array whose row i is closed from time 0 to durations[i] (rows; any numbers >= 0), `read_voltage` V at
/// the drivers.
[[nodiscard]] inline gated_slots gated_slot_currents(gated const& wires, gated_cells const& cells,
                                                     std::span<double const> durations, double read_voltage) {
    return detail::solve(wires, cells, durations, read_voltage, true);
}

/// The integrals alone: (columns), A times units of the durations.
[[nodiscard]] inline std::vector<double> gated_charges(gated const& wires, gated_cells const& cells,
                                                       std::span<double const> durations, double read_voltage) {
    return detail::solve(wires, cells, durations, read_voltage, false).charges;
}

/// Currents with the cells of some rows closed: (columns), A. `is_closed` (rows): 0 is open, anything above closed.
[[nodiscard]] inline std::vector<double> gated_currents(gated const& wires, gated_cells const& cells,
                                                        std::span<double const> is_closed, double read_voltage) {
    std::vector<double> once(is_closed.begin(), is_closed.end());
    for (double& x : once) {
        x = x > 0 && std::isfinite(x) ? 1.0 : x;
    }
    return gated_charges(wires, cells, once, read_voltage);
}

}  // namespace xcim::inline XCIM_ABI::wire
