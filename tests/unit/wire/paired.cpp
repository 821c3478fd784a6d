/// \file
/// The tile with pairs on one line against solving it slot by slot with the voltages of the rails.

#include <doctest/doctest.h>

#include <xcim/wire/paired.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

using namespace xcim;

static_assert(Interconnect<wire::paired> && !SwitchedInterconnect<wire::paired>);

namespace {

/// A cell of a physical tile and for how many units of time its row is on; negative with the rails swapped.
struct paired_cell {
    double plus;   // S
    double minus;  // S
    int duration;
};

/// Current into the sense node at each unit of time, A: cells from the far end of the line on, solved anew every time.
std::vector<double> paired_currents(std::vector<paired_cell> const& cells, wire::paired const& w, int units) {
    std::vector<double> currents;
    for (int t = 0; t < units; ++t) {
        double y = 0;
        double norton = 0;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            bool const on = std::abs(cells[i].duration) > t;
            bool const swapped = cells[i].duration < 0;
            double const plus_rail = on ? (swapped ? w.negative_voltage : w.positive_voltage) : w.idle_voltage;
            double const minus_rail = on ? (swapped ? w.positive_voltage : w.negative_voltage) : w.idle_voltage;
            double const above = 1 + (i == 0 ? 0.0 : w.bit_line_resistance) * y;
            y = y / above + cells[i].plus + cells[i].minus;
            norton = norton / above + cells[i].plus * plus_rail + cells[i].minus * minus_rail;
        }
        double const end = w.bit_line_resistance * w.end_segments + w.sense_resistance;
        currents.push_back((norton - y * w.sense_voltage) / (1 + end * y));
    }
    return currents;
}

/// A programmed matrix of pairs and durations of its rows.
struct paired_matrix {
    std::size_t rows;
    std::size_t columns;
    int units;
    double lowest = 0.1e-6;
    double unit = 1.49e-6;
    std::vector<float> plus = std::vector<float>(rows * columns);
    std::vector<float> minus = std::vector<float>(rows * columns);
    std::vector<int> durations = std::vector<int>(rows);
    std::vector<float> effective = std::vector<float>(rows * columns);
    std::vector<float> attenuation = std::vector<float>(rows * columns);
    std::vector<float> offsets = std::vector<float>(columns);

    paired_matrix(std::size_t r, std::size_t c, int u, std::uint32_t seed) : rows{r}, columns{c}, units{u} {
        std::mt19937 random{seed};
        auto const off = static_cast<float>(lowest / unit);
        for (std::size_t i = 0; i < rows * columns; ++i) {
            int const level = static_cast<int>(random() % 21) - 10;
            plus[i] = off + static_cast<float>(std::max(level, 0));
            minus[i] = off + static_cast<float>(std::max(-level, 0));
        }
        for (int& d : durations) {
            d = static_cast<int>(random() % static_cast<unsigned>(2 * units + 1)) - units;
        }
    }

    void apply(wire::paired const& w, int tile_rows) {
        w.apply({rows,
                 columns,
                 {tile_rows, static_cast<int>(columns)},
                 unit,
                 plus,
                 minus,
                 effective,
                 attenuation,
                 offsets});
    }

    /// What the wires make of a product: charge in units of siemens * drive * time.
    [[nodiscard]] double charge(std::size_t j) const {
        double sum = units * static_cast<double>(offsets[j]);
        for (std::size_t i = 0; i < rows; ++i) {
            sum += durations[i] * static_cast<double>(effective[i * columns + j]);
        }
        return sum * unit;
    }

    /// Column j of a tile with so many unused rows above and below, from its first row on.
    [[nodiscard]] std::vector<paired_cell> column(std::size_t j, std::size_t above, std::size_t below,
                                                  double padding) const {
        std::vector<paired_cell> cells(above, paired_cell{padding, padding, 0});
        for (std::size_t i = 0; i < rows; ++i) {
            cells.push_back({unit * static_cast<double>(plus[i * columns + j]),
                             unit * static_cast<double>(minus[i * columns + j]), durations[i]});
        }
        cells.insert(cells.end(), below, paired_cell{padding, padding, 0});
        return cells;
    }
};

/// Largest difference between the charges of all columns and those of currents(j), over the largest charge.
double paired_error(paired_matrix const& m, wire::paired const& w,
                    std::function<std::vector<paired_cell>(std::size_t)> const& cells) {
    double worst = 0;
    double largest = 0;
    for (std::size_t j = 0; j < m.columns; ++j) {
        double const right = wire::charge_by_sum(paired_currents(cells(j), w, m.units)) / w.unit_voltage();
        worst = std::max(worst, std::abs(m.charge(j) - right));
        largest = std::max(largest, std::abs(right));
    }
    return worst / largest;
}

std::vector<paired_cell> paired_turned(std::vector<paired_cell> cells) {
    std::ranges::reverse(cells);
    return cells;
}

}  // namespace

TEST_CASE("wire::paired is the tile solved slot by slot: odd columns the other way, unused rows on both sides") {
    wire::paired const w{.bit_line_resistance = 60, .sense_resistance = 35, .sense_voltage = 0.404};
    for (std::uint32_t seed = 0; seed < 2; ++seed) {
        paired_matrix m{20, 37, 7, seed};
        m.apply(w, 33);  // 6 rows above, 7 below
        auto const tile = [&](std::size_t above, std::size_t below, double padding, bool turns) {
            return paired_error(m, w, [&, padding, turns](std::size_t j) {
                auto const cells = m.column(j, above, below, padding);
                return turns && j % 2 == 1 ? paired_turned(cells) : cells;
            });
        };
        CHECK(tile(6, 7, m.lowest, true) < 1e-6);
        // The same with a fault, to see that it would be seen.
        CHECK(tile(6, 7, m.lowest, false) > 1e-3);
        CHECK(tile(13, 0, m.lowest, true) > 1e-3);
        CHECK(tile(0, 13, m.lowest, true) > 1e-3);
        CHECK(tile(7, 6, m.lowest, true) > 1e-4);
        CHECK(tile(6, 7, 0, true) > 1e-4);

        auto same_end = w;
        same_end.both_ends = false;
        m.apply(same_end, 33);
        CHECK(tile(6, 7, m.lowest, false) < 1e-6);
    }
}

TEST_CASE("wire::paired: a weight of 0 loads its line with two devices") {
    wire::paired const w{.bit_line_resistance = 300};
    paired_matrix m{24, 2, 3, 5};
    auto const off = static_cast<float>(m.lowest / m.unit);
    std::ranges::fill(m.plus, off);
    std::ranges::fill(m.minus, off);
    m.plus[0] = 10;  // far from the sense end of column 0
    m.apply(w, 24);
    float const loaded = m.effective[0];
    for (std::size_t i = 1; i < 24; ++i) {
        m.plus[i * 2] = 0;
        m.minus[i * 2] = 0;
    }
    m.apply(w, 24);
    CHECK(loaded < m.effective[0] * 0.995F);
    CHECK(m.effective[2] == 0.0F);
}

TEST_CASE("wire::paired: shares in double equal the slots to rounding") {
    wire::paired const w{.bit_line_resistance = 25, .sense_voltage = 0.4005};
    paired_matrix const m{200, 4, 15, 11};
    auto const solved = wire::every_cell{}(m.rows, m.columns, w.resistors(), [&](std::size_t i, std::span<double> row) {
        for (std::size_t j = 0; j < row.size(); ++j) {
            std::size_t const c = i * m.columns + j;
            row[j] = m.unit * (static_cast<double>(m.plus[c]) + static_cast<double>(m.minus[c]));
        }
    });
    for (std::size_t j = 0; j < m.columns; ++j) {
        double charge = m.units * (w.idle_voltage - w.sense_voltage) * solved.seen[j];
        for (std::size_t i = 0; i < m.rows; ++i) {
            std::size_t const c = i * m.columns + j;
            charge += m.durations[i] * w.unit_voltage() * m.unit *
                      (static_cast<double>(m.plus[c]) - static_cast<double>(m.minus[c])) * solved.row(i)[j];
        }
        auto const currents = paired_currents(m.column(j, 0, 0, 0), w, m.units);
        double largest = 0;
        for (double const current : currents) {
            largest = std::max(largest, std::abs(current));
        }
        CHECK(std::abs(charge - wire::charge_by_sum(currents)) < 1e-12 * m.units * largest);
    }
}

TEST_CASE("wire::paired: the charge is the sum over time; trapezoids add half the first current less the last") {
    wire::paired const w{.bit_line_resistance = 40, .sense_voltage = 0.402, .both_ends = false};
    paired_matrix m{16, 3, 9, 2};
    m.apply(w, 16);
    for (std::size_t j = 0; j < m.columns; ++j) {
        auto const currents = paired_currents(m.column(j, 0, 0, 0), w, m.units);
        double const bias = (currents.front() - currents.back()) / 2;
        double tolerance = 0;
        for (double const current : currents) {
            tolerance += 1e-6 * std::abs(current);
        }
        double const charge = m.charge(j) * w.unit_voltage();
        CHECK(std::abs(bias) > 1e4 * tolerance);
        CHECK(std::abs(charge - wire::charge_by_sum(currents)) < tolerance);
        CHECK(std::abs(wire::charge_by_trapezoid(currents) - charge - bias) < tolerance);
    }
    // One unit of time and rest, as for every bit of an input by itself: a gain of 1.5.
    CHECK(wire::charge_by_sum(std::vector<double>{2, 0}) == 2.0);
    CHECK(wire::charge_by_trapezoid(std::vector<double>{2, 0}) == 3.0);
    CHECK(wire::charge_by_trapezoid({}) == 0.0);
}

TEST_CASE("wire::paired: no resistance changes nothing; what it cannot be used for is an error that says why") {
    paired_matrix m{7, 3, 1, 3};
    m.apply({.bit_line_resistance = 0}, 12);
    for (std::size_t c = 0; c < m.plus.size(); ++c) {
        CHECK(m.effective[c] == m.plus[c] - m.minus[c]);
        CHECK(m.attenuation[c] == 1.0F);
    }
    CHECK(m.offsets == std::vector<float>(3, 0.0F));
    m.minus.clear();
    CHECK_THROWS_WITH_AS(
        m.apply({}, 12),
        "xcim: wire::paired needs a cell of two devices, cell::pair{...}; this one has a single device", error);

    CHECK(wire::paired{}.wrong().empty());
    CHECK(wire::paired{.positive_voltage = 0.2}.wrong() ==
          "wire::paired.positive_voltage is 0.200000; a finite number of volts above negative_voltage is needed");
    CHECK(wire::paired{.idle_voltage = 0.3}.wrong() ==
          "wire::paired.idle_voltage is 0.300000; a finite number of volts midway between positive_voltage and "
          "negative_voltage is needed");
    CHECK(wire::paired{.unused_conductance = -1}.wrong() ==
          "wire::paired.unused_conductance is -1.000000; a finite number of siemens from 0 on is needed");
    CHECK(to_string(wire::paired{}) == "pairs on one column line of 0.150000 ohm a cell");
}
