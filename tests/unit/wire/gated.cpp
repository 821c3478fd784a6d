#include <doctest/doctest.h>

#include <xcim/core/error.hpp>
#include <xcim/wire/gated.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace {

using gated_end = xcim::wire::end_of_line;
using gated_feed = xcim::wire::feed;
using gated_wires = xcim::wire::gated;
using xcim::wire::gated_cells;

/// Kirchhoff's laws written down without thought: voltages of all nodes and currents of all resistors are unknowns, so
/// that a resistor may be 0 ohm. Node 0 is ground, node 1 at the read voltage of 1 V.
class gated_nodal {
public:
    std::size_t node() { return nodes_++; }

    void resistor(std::size_t a, std::size_t b, double ohm) { resistors_.push_back({a, b, ohm}); }

    /// The current into ground.
    [[nodiscard]] double ground_current() const {
        std::size_t const n = nodes_ + resistors_.size();
        std::vector<std::vector<double>> m(n, std::vector<double>(n + 1, 0.0));
        for (std::size_t k = 0; k < resistors_.size(); ++k) {
            auto const& r = resistors_[k];
            std::size_t const current = nodes_ + k;
            m[current][r.a] += 1;
            m[current][r.b] -= 1;
            m[current][current] = -r.ohm;
            m[r.a][current] += 1;
            m[r.b][current] -= 1;
        }
        for (std::size_t const source : {0U, 1U}) {
            std::fill(m[source].begin(), m[source].end(), 0.0);
            m[source][source] = 1;
            m[source][n] = source == 1 ? 1.0 : 0.0;
        }
        for (std::size_t k = 0; k < n; ++k) {
            std::size_t pivot = k;
            for (std::size_t i = k; i < n; ++i) {
                pivot = std::abs(m[i][k]) > std::abs(m[pivot][k]) ? i : pivot;
            }
            std::swap(m[k], m[pivot]);
            for (std::size_t i = 0; i < n; ++i) {
                if (double const factor = m[i][k] / m[k][k]; i != k && factor != 0) {
                    for (std::size_t j = k; j <= n; ++j) {
                        m[i][j] -= factor * m[k][j];
                    }
                }
            }
        }
        double sum = 0;
        for (std::size_t k = 0; k < resistors_.size(); ++k) {
            double const current = m[nodes_ + k][n] / m[nodes_ + k][nodes_ + k];
            sum += resistors_[k].b == 0 ? current : 0.0;
        }
        return sum;
    }

private:
    struct resistor_between {
        std::size_t a;
        std::size_t b;
        double ohm;
    };
    std::size_t nodes_ = 2;
    std::vector<resistor_between> resistors_;
};

/// One column with all rows of the array: those without a device and open ones have no resistor. At 300 K.
double gated_circuit(gated_wires const& w, std::vector<double> const& siemens, std::vector<double> const& is_closed,
                     std::size_t array_rows) {
    gated_nodal circuit;
    std::vector<std::size_t> source;
    std::vector<std::size_t> bit;
    for (std::size_t i = 0; i < array_rows; ++i) {
        source.push_back(circuit.node());
        bit.push_back(circuit.node());
        if (i > 0) {
            circuit.resistor(source[i - 1], source[i], w.source_line_resistance);
            circuit.resistor(bit[i - 1], bit[i], w.bit_line_resistance);
        }
    }
    std::size_t const driver = circuit.node();
    circuit.resistor(1, driver, w.driver_resistance);
    circuit.resistor(driver, w.fed_at == gated_feed::opposite_end ? source.front() : source.back(),
                     w.source_line_resistance);
    std::size_t const sense = circuit.node();
    circuit.resistor(bit.back(), sense, w.bit_line_resistance);
    circuit.resistor(sense, 0, w.sense_resistance);
    std::size_t const first = w.used == gated_end::sense ? array_rows - siemens.size() : 0;
    bool is_connected = false;
    for (std::size_t i = 0; i < siemens.size(); ++i) {
        if (is_closed[i] > 0 && siemens[i] > 0) {
            std::size_t const middle = circuit.node();
            circuit.resistor(source[first + i], middle, 1 / siemens[i]);
            circuit.resistor(middle, bit[first + i], w.transistor_resistance);
            is_connected = true;
        }
    }
    return is_connected ? circuit.ground_current() : 0.0;
}

/// The block tridiagonal system of a column with wires of more than 0 ohm, row after row.
double gated_blocks(gated_wires const& w, std::vector<double> const& siemens, std::vector<double> const& is_closed) {
    double const ys = 1 / w.source_line_resistance;
    double const yb = 1 / w.bit_line_resistance;
    double const in = 1 / (w.driver_resistance + w.source_line_resistance);
    double const out = 1 / (w.sense_resistance + w.bit_line_resistance);
    std::size_t const rows = siemens.size();
    double p[2][2] = {};
    double q[2] = {};
    for (std::size_t i = 0; i < rows; ++i) {
        bool const is_fed = i == (w.fed_at == gated_feed::opposite_end ? 0 : rows - 1);
        double const g = is_closed[i] > 0 ? siemens[i] : 0.0;
        double const below = i + 1 < rows ? 1.0 : 0.0;
        double const above = i > 0 ? 1.0 : 0.0;
        double const a = g + (is_fed ? in : 0.0) + ys * (above + below) - ys * ys * p[0][0];
        double const b = -g - ys * yb * p[0][1];
        double const c = -g - yb * ys * p[1][0];
        double const d = g + yb * (above + below) + (i + 1 < rows ? 0.0 : out) - yb * yb * p[1][1];
        double const f = (is_fed ? in : 0.0) + ys * q[0];
        double const h = yb * q[1];
        double const determinant = a * d - b * c;
        p[0][0] = d / determinant;
        p[0][1] = -b / determinant;
        p[1][0] = -c / determinant;
        p[1][1] = a / determinant;
        q[0] = p[0][0] * f + p[0][1] * h;
        q[1] = p[1][0] * f + p[1][1] * h;
    }
    return out * q[1];
}

double gated_definition(gated_wires const& w, std::vector<double> const& siemens, std::vector<double> const& is_closed,
                        std::size_t array_rows) {
    return gated_column_current(
        w.path(siemens.size(), array_rows), siemens.size(), [&](std::size_t i) { return w.conductance(siemens[i]); },
        [&](std::size_t i) { return is_closed[i] > 0; });
}

struct gated_draw {
    std::mt19937 engine{7};

    double between(double low, double high) { return std::uniform_real_distribution<double>{low, high}(engine); }

    /// Microsiemens of 0 to 200, a few without a device.
    std::vector<double> conductances(std::size_t cells) {
        std::vector<double> g(cells);
        std::ranges::generate(g, [&] { return std::max(0.0, between(-10e-6, 200e-6)); });
        return g;
    }

    /// Whole numbers from 0 to `most`.
    std::vector<double> durations(std::size_t rows, int most) {
        std::vector<double> d(rows);
        std::ranges::generate(d, [&] { return std::uniform_int_distribution<int>{0, most}(engine); });
        return d;
    }
};

std::vector<double> gated_column_of(std::vector<double> const& cells, std::size_t columns, std::size_t j) {
    std::vector<double> column;
    for (std::size_t i = j; i < cells.size(); i += columns) {
        column.push_back(cells[i]);
    }
    return column;
}

std::vector<double> gated_closed_at(std::vector<double> const& durations, double time) {
    std::vector<double> closed(durations.size());
    std::ranges::transform(durations, closed.begin(), [&](double d) { return d >= time ? 1.0 : 0.0; });
    return closed;
}

double gated_largest(std::vector<double> const& x) { return *std::ranges::max_element(x); }

/// Columns of the engine: states and sums with lanes to spare that hold what no one may look at.
struct gated_strip {
    std::size_t rows;
    std::size_t columns;
    std::size_t stride = (columns + xcim::lanes) / xcim::lanes * xcim::lanes;
    std::size_t array_rows = rows;
    double unit = 2e-6;
    std::vector<float> plus{};
    std::vector<float> minus{};
    std::vector<float> sums{};

    [[nodiscard]] std::vector<float> states(std::vector<double> const& siemens) const {
        std::vector<float> padded(rows * stride, std::numeric_limits<float>::quiet_NaN());
        for (std::size_t i = 0; i < rows; ++i) {
            for (std::size_t j = 0; j < columns; ++j) {
                padded[i * stride + j] = static_cast<float>(siemens[i * columns + j] / unit);
            }
        }
        return padded;
    }

    void sum(gated_wires const& w, std::vector<float> const& drives) {
        std::size_t const phases = drives.size() / rows;
        sums.assign(phases * stride, -1.0F);
        w.sum({rows,
               columns,
               stride,
               {static_cast<int>(array_rows), static_cast<int>(columns)},
               unit,
               plus.data(),
               minus.empty() ? nullptr : minus.data(),
               drives.data(),
               phases,
               sums.data()});
    }
};

static_assert(xcim::SwitchedInterconnect<gated_wires>);
static_assert(xcim::Interconnect<gated_wires>);

}  // namespace

TEST_CASE("wire::gated is what Kirchhoff's laws say of the whole circuit") {
    gated_draw draw;
    for (gated_feed const fed_at : {gated_feed::opposite_end, gated_feed::same_end}) {
        for (gated_end const used : {gated_end::sense, gated_end::far}) {
            for (unsigned zeros = 0; zeros < 32; ++zeros) {
                auto const ohm = [&](unsigned k) { return (zeros >> k) % 2 == 1 ? 0.0 : draw.between(5.0, 500.0); };
                gated_wires const w{.source_line_resistance = ohm(0),
                                    .bit_line_resistance = ohm(1),
                                    .driver_resistance = ohm(2),
                                    .sense_resistance = ohm(3),
                                    .transistor_resistance = 10 * ohm(4),
                                    .fed_at = fed_at,
                                    .used = used};
                std::size_t const rows = 1 + zeros % 6;
                std::size_t const array_rows = rows + zeros % 3;
                auto const g = draw.conductances(rows);
                auto const closed = draw.durations(rows, 1);
                double const right = gated_circuit(w, g, closed, array_rows);
                CAPTURE(zeros);
                CHECK(gated_definition(w, g, closed, array_rows) == doctest::Approx(right).epsilon(1e-11));
                auto const solved = gated_currents(w, {g, rows, 1, array_rows}, closed, 0.2);
                CHECK(solved.at(0) == doctest::Approx(0.2 * right).epsilon(1e-11));
            }
        }
    }
}

TEST_CASE("wire::gated: the definition solves the block tridiagonal system of long columns") {
    gated_draw draw;
    for (gated_feed const fed_at : {gated_feed::opposite_end, gated_feed::same_end}) {
        for (std::size_t const rows : {1U, 2U, 40U, 300U}) {
            gated_wires const w{.source_line_resistance = 2.5,
                                .bit_line_resistance = 1,
                                .driver_resistance = 50,
                                .sense_resistance = 10,
                                .fed_at = fed_at};
            auto const g = draw.conductances(rows);
            std::vector<double> const all(rows, 1.0);
            auto const some = draw.durations(rows, 1);
            for (auto const& closed : {all, some}) {
                CHECK(gated_definition(w, g, closed, rows) ==
                      doctest::Approx(gated_blocks(w, g, closed)).epsilon(1e-10));
            }
        }
    }
}

TEST_CASE("wire::gated: switching rows off one after the other is solving every slot by itself") {
    gated_draw draw;
    for (std::size_t const rows : {1U, 2U, 15U, 16U, 17U, 33U, 100U, 161U, 257U}) {
        for (int const most : {1, 3, 15, 255}) {
            gated_wires const w{.source_line_resistance = draw.between(0.0, 5.0),
                                .bit_line_resistance = draw.between(0.0, 5.0),
                                .driver_resistance = 50,
                                .fed_at = most == 3 ? gated_feed::same_end : gated_feed::opposite_end};
            std::size_t const columns = 1 + (rows + static_cast<std::size_t>(most)) % 37;
            auto const g = draw.conductances(rows * columns);
            auto durations = draw.durations(rows, most);
            if (most == 15) {  // any numbers will do
                std::ranges::transform(durations, durations.begin(), [](double d) { return std::sqrt(d); });
            }
            auto const solved = gated_slot_currents(w, {g, rows, columns}, durations, 0.2);
            auto distinct = durations;
            std::ranges::sort(distinct);
            distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
            std::erase(distinct, 0.0);
            REQUIRE(solved.ends == distinct);
            REQUIRE(solved.charges.size() == columns);
            if (distinct.empty()) {
                CHECK(solved.charges == std::vector<double>(columns, 0.0));
                continue;
            }
            double const bound = 1e-10 * gated_largest(solved.currents);
            for (std::size_t j = 0; j < columns; ++j) {
                double charge = 0;
                double before = 0;
                double worst = 0;
                for (std::size_t s = 0; s < distinct.size(); ++s) {
                    double const right = 0.2 * gated_definition(w, gated_column_of(g, columns, j),
                                                                gated_closed_at(durations, distinct[s]), rows);
                    worst = std::max(worst, std::abs(solved.currents[s * columns + j] - right));
                    charge += (distinct[s] - before) * right;
                    before = distinct[s];
                }
                CHECK(worst <= bound);
                CHECK(std::abs(solved.charges[j] - charge) <= 1e-10 * gated_largest(solved.charges));
            }
        }
    }
}

TEST_CASE("wire::gated sums phases of the engine in float") {
    gated_draw draw;
    for (std::size_t const rows : {5U, 64U, 130U}) {
        for (std::size_t const columns : {1U, 21U, 150U}) {
            for (double const transistor : {0.0, 3000.0}) {
                gated_wires const w{.source_line_resistance = 2.5,
                                    .bit_line_resistance = 1,
                                    .driver_resistance = 50,
                                    .transistor_resistance = transistor};
                auto const plus = draw.conductances(rows * columns);
                auto const minus = draw.conductances(rows * columns);
                gated_strip strip{.rows = rows, .columns = columns};
                strip.array_rows = rows + 9;
                strip.plus = strip.states(plus);
                std::vector<double> durations;
                for (int const most : {1, 255, 0, 15}) {
                    auto const phase = draw.durations(rows, most);
                    durations.insert(durations.end(), phase.begin(), phase.end());
                }
                std::vector<float> const drives(durations.begin(), durations.end());
                for (bool const has_pairs : {false, true}) {
                    strip.minus = has_pairs ? strip.states(minus) : std::vector<float>{};
                    strip.sum(w, drives);
                    for (std::size_t phase = 0; phase < 4; ++phase) {
                        std::span<double const> const times{durations.data() + phase * rows, rows};
                        auto const p = gated_charges(w, {plus, rows, columns, rows + 9}, times, 1.0);
                        auto const m = gated_charges(w, {minus, rows, columns, rows + 9}, times, 1.0);
                        double worst = 0;
                        for (std::size_t j = 0; j < columns; ++j) {
                            double const right = (p[j] - (has_pairs ? m[j] : 0.0)) / strip.unit;
                            worst = std::max(
                                worst, std::abs(static_cast<double>(strip.sums[phase * strip.stride + j]) - right));
                        }
                        CHECK(worst <= 2e-6 * gated_largest(p) / strip.unit);
                    }
                }
            }
        }
    }
}

TEST_CASE("wire::gated without resistance sums the cells") {
    gated_draw draw;
    std::size_t const rows = 70;
    gated_strip strip{.rows = rows, .columns = 20};
    strip.unit = 1;
    std::vector<double> levels(rows * strip.columns);
    std::ranges::generate(levels, [&] { return draw.durations(1, 15)[0]; });
    strip.plus = strip.states(levels);
    auto const durations = draw.durations(rows, 7);
    strip.sum({.source_line_resistance = 0, .bit_line_resistance = 0}, {durations.begin(), durations.end()});
    for (std::size_t j = 0; j < strip.columns; ++j) {
        double right = 0;
        for (std::size_t i = 0; i < rows; ++i) {
            right += durations[i] * levels[i * strip.columns + j];
        }
        CHECK(static_cast<double>(strip.sums[j]) == right);  // integers below 2^24
    }
}

TEST_CASE("wire::gated: open cells are not there") {
    gated_draw draw;
    std::size_t const rows = 90;
    std::size_t const columns = 9;
    gated_wires const w{.source_line_resistance = 5, .bit_line_resistance = 3, .driver_resistance = 50};
    auto const g = draw.conductances(rows * columns);
    auto const closed = draw.durations(rows, 1);
    auto const currents = gated_currents(w, {g, rows, columns}, closed, 0.2);
    auto others = g;
    auto none = g;
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < columns && closed[i] == 0; ++j) {
            others[i * columns + j] = draw.between(0, 1e-3);
            none[i * columns + j] = 0;
        }
    }
    CHECK(gated_currents(w, {others, rows, columns}, closed, 0.2) == currents);
    // A row without devices is as good as open.
    auto const right = gated_currents(w, {none, rows, columns}, std::vector<double>(rows, 1.0), 0.2);
    for (std::size_t j = 0; j < columns; ++j) {
        CHECK(currents[j] == doctest::Approx(right[j]).epsilon(1e-12));
    }
}

TEST_CASE("wire::gated: a closed cell adds to the current, by less than it carries alone") {
    gated_draw draw;
    std::size_t const rows = 48;
    std::size_t const columns = 3;
    for (gated_feed const fed_at : {gated_feed::opposite_end, gated_feed::same_end}) {
        gated_wires const w{
            .source_line_resistance = 4, .bit_line_resistance = 2, .driver_resistance = 50, .fed_at = fed_at};
        std::vector<double> const g(rows * columns, 150e-6);
        gated_cells const cells{g, rows, columns};
        std::vector<double> const none(rows, 0.0);
        auto closed = none;
        auto before = gated_currents(w, cells, closed, 1.0);
        CHECK(gated_largest(before) == 0.0);
        for (std::size_t n = 0; n < rows; ++n) {
            std::size_t const row = n * 29 % rows;
            auto alone = none;
            alone[row] = closed[row] = 1;
            auto const now = gated_currents(w, cells, closed, 1.0);
            auto const single = gated_currents(w, cells, alone, 1.0);
            for (std::size_t j = 0; j < columns; ++j) {
                CHECK(now[j] > before[j]);
                // No superposition: a matrix in place of the network would make these equal.
                CHECK(now[j] <= (before[j] + single[j]) * (1 + 1e-12));
            }
            before = now;
        }
        auto half = none;
        std::fill_n(half.begin(), rows / 2, 1.0);
        auto other_half = none;
        std::fill_n(other_half.rbegin(), rows / 2, 1.0);
        double const parts = gated_currents(w, cells, half, 1.0)[0] + gated_currents(w, cells, other_half, 1.0)[0];
        CHECK(before[0] < 0.8 * parts);
    }
}

TEST_CASE("wire::gated: opposite ends make rows equal, the same end does not") {
    std::size_t const rows = 64;
    gated_wires const opposite{.source_line_resistance = 2, .bit_line_resistance = 2, .driver_resistance = 50};
    gated_wires same = opposite;
    same.fed_at = gated_feed::same_end;

    // The wire in the way of a single closed cell: rows + 1 segments for all rows, or 2 to 2 rows.
    std::vector<double> const equal(rows, 1e-4);
    for (std::size_t row = 0; row < rows; ++row) {
        std::vector<double> alone(rows, 0.0);
        alone[row] = 1;
        auto const ohms = [&](gated_wires const& w) { return 1 / gated_currents(w, {equal, rows, 1}, alone, 1.0)[0]; };
        CHECK(ohms(opposite) == doctest::Approx(1e4 + 50 + 2.0 * (rows + 1)).epsilon(1e-12));
        CHECK(ohms(same) == doctest::Approx(1e4 + 50 + 2.0 * 2 * static_cast<double>(rows - row)).epsilon(1e-12));
    }

    // A quarter of the rows at either end: what they carry together depends on the place only where both lines are fed
    // from the same end.
    std::vector<double> first(rows, 0.0);
    std::vector<double> last(rows, 0.0);
    std::fill_n(first.begin(), rows / 4, 1.0);
    std::fill_n(last.rbegin(), rows / 4, 1.0);
    auto const ratio = [&](gated_wires const& w) {
        gated_cells const cells{equal, rows, 1};
        return gated_currents(w, cells, last, 1.0)[0] / gated_currents(w, cells, first, 1.0)[0];
    };
    CHECK(ratio(opposite) == doctest::Approx(1).epsilon(1e-12));
    CHECK(ratio(same) > 1.2);
}

TEST_CASE("wire::gated: unused rows are wire") {
    gated_draw draw;
    std::size_t const rows = 20;
    std::size_t const array_rows = 55;
    std::size_t const columns = 4;
    auto const g = draw.conductances(rows * columns);
    auto const durations = draw.durations(rows, 15);
    for (gated_feed const fed_at : {gated_feed::opposite_end, gated_feed::same_end}) {
        for (gated_end const used : {gated_end::sense, gated_end::far}) {
            gated_wires const w{.source_line_resistance = 7,
                                .bit_line_resistance = 3,
                                .driver_resistance = 20,
                                .sense_resistance = 5,
                                .fed_at = fed_at,
                                .used = used};
            std::size_t const first = used == gated_end::sense ? array_rows - rows : 0;
            std::vector<double> all(array_rows * columns, 0.0);
            std::ranges::copy(g, all.begin() + static_cast<std::ptrdiff_t>(first * columns));
            std::vector<double> all_durations(array_rows, 15.0);
            std::ranges::copy(durations, all_durations.begin() + static_cast<std::ptrdiff_t>(first));
            auto const right = gated_charges(w, {all, array_rows, columns}, all_durations, 0.2);
            auto const charges = gated_charges(w, {g, rows, columns, array_rows}, durations, 0.2);
            for (std::size_t j = 0; j < columns; ++j) {
                CHECK(charges[j] == doctest::Approx(right[j]).epsilon(1e-12));
            }
        }
    }
}

TEST_CASE("wire::gated: ladders whose numbers leave the range of floating point") {
    gated_draw draw;
    // The definition scales its numbers every 100 rows or so of such wires.
    gated_wires const steep{.source_line_resistance = 3000, .bit_line_resistance = 3000, .driver_resistance = 50};
    for (std::size_t rows = 95; rows < 125; ++rows) {
        std::vector<double> const g(rows, 1e-3);
        std::vector<double> const all(rows, 1.0);
        CHECK(gated_definition(steep, g, all, rows) == doctest::Approx(gated_blocks(steep, g, all)).epsilon(1e-9));
    }

    std::size_t const rows = 900;
    for (double const ohm : {30.0, 3000.0}) {  // beyond float, beyond double
        gated_wires const w{.source_line_resistance = ohm, .bit_line_resistance = ohm, .driver_resistance = 50};
        gated_strip strip{.rows = rows, .columns = 3};
        std::vector<double> g(rows * 3, 1e-3);
        for (std::size_t i = 0; i < rows; ++i) {
            g[3 * i + 1] = 1e-9;  // this column stays in the range
        }
        auto const durations = draw.durations(rows, 2);
        strip.plus = strip.states(g);
        strip.sum(w, {durations.begin(), durations.end()});
        auto const slots = gated_slot_currents(w, {g, rows, 3}, durations, 1.0);
        for (std::size_t j = 0; j < 3; ++j) {
            auto const column = gated_column_of(g, 3, j);
            double charge = 0;
            for (std::size_t s = 0; s < 2; ++s) {
                double const right = gated_definition(w, column, gated_closed_at(durations, slots.ends[s]), rows);
                REQUIRE(std::isfinite(right));
                CHECK(right > 0);
                CHECK(slots.currents[s * 3 + j] == doctest::Approx(right).epsilon(1e-10));
                charge += right;
            }
            CHECK(slots.charges[j] == doctest::Approx(charge).epsilon(1e-10));
            CHECK(static_cast<double>(strip.sums[j]) == doctest::Approx(charge / strip.unit).epsilon(1e-5));
        }
    }
}

TEST_CASE("wire::gated: warm wires, switches, words") {
    std::vector<double> const g(40, 1e-4);
    std::vector<double> const closed(40, 1.0);
    gated_wires const cold{.source_line_resistance = 2, .bit_line_resistance = 1, .driver_resistance = 50};
    gated_wires warm = cold;
    warm.temperature = 400;
    gated_wires const scaled{
        .source_line_resistance = 2 * 1.451, .bit_line_resistance = 1.451, .driver_resistance = 50};
    auto const of = [&](gated_wires const& w) { return gated_currents(w, {g, 40, 1}, closed, 0.2)[0]; };
    CHECK(of(warm) == doctest::Approx(of(scaled)).epsilon(1e-12));
    CHECK(of(warm) < of(cold));

    gated_wires switched = cold;
    switched.transistor_resistance = 1e4;
    std::vector<double> const halves(40, 5e-5);
    CHECK(of(switched) == doctest::Approx(gated_currents(cold, {halves, 40, 1}, closed, 0.2)[0]).epsilon(1e-12));

    CHECK(to_string(cold) ==
          "gated cells, source lines of 2.000000 ohm a cell, bit lines of 1.000000, fed at the opposite end");
    CHECK(cold.wrong().empty());
    auto wrong = cold;
    wrong.sense_resistance = -1;
    CHECK(wrong.wrong() == "wire::gated.sense_resistance is -1.000000; a finite number of ohms from 0 on is needed");
    wrong = cold;
    wrong.source_line_resistance = std::numeric_limits<double>::infinity();
    CHECK(wrong.wrong().starts_with("wire::gated.source_line_resistance is inf;"));
    wrong = cold;
    wrong.temperature = 10;
    CHECK(wrong.wrong().starts_with("wire::gated.temperature_coefficient is 0.0045"));
}

TEST_CASE("wire::gated says what is wrong with an array") {
    gated_wires const w;
    std::vector<double> const g(6, 1e-4);
    std::vector<double> const closed(2, 1.0);
    CHECK_THROWS_AS(static_cast<void>(gated_currents(w, {g, 3, 3}, closed, 0.2)), xcim::error);
    CHECK_THROWS_AS(static_cast<void>(gated_currents(w, {g, 3, 2}, closed, 0.2)), xcim::error);
    CHECK_THROWS_AS(static_cast<void>(gated_currents(w, {g, 2, 3, 1}, closed, 0.2)), xcim::error);
    std::vector<double> const negative{1.0, -1.0};
    CHECK_THROWS_AS(static_cast<void>(gated_charges(w, {g, 2, 3}, negative, 0.2)), xcim::error);
    CHECK_THROWS_AS(static_cast<void>(gated_currents(w, {g, 2, 3}, negative, 0.2)), xcim::error);
    std::vector<double> const not_finite(6, std::numeric_limits<double>::quiet_NaN());
    CHECK_THROWS_AS(static_cast<void>(gated_currents(w, {not_finite, 2, 3}, closed, 0.2)), xcim::error);
    gated_wires const minus{.bit_line_resistance = -1};
    CHECK_THROWS_WITH_AS(static_cast<void>(gated_currents(minus, {g, 2, 3}, closed, 0.2)),
                         "xcim: wire::gated.bit_line_resistance is -1.000000; a finite number of ohms from 0 on is "
                         "needed",
                         xcim::error);

    gated_strip strip{.rows = 2, .columns = 3};
    strip.plus = strip.states(g);
    CHECK_THROWS_AS(strip.sum(w, {1.0F, -1.0F}), xcim::error);
    strip.array_rows = 1;
    CHECK_THROWS_AS(strip.sum(w, {1.0F, 1.0F}), xcim::error);
    strip.array_rows = 2;
    strip.unit = 0;
    CHECK_THROWS_WITH_AS(strip.sum(w, {1.0F, 1.0F}),
                         "xcim: wire::gated needs a cell with conductances: its conductance_step(levels) gives the "
                         "siemens of one cell-LSB, found 0.000000",
                         xcim::error);
}
