#include <doctest/doctest.h>

#include <xcim/wire/crossbar.hpp>
#include <xcim/wire/first_order.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace xcim;

namespace {

/// The circuit written down resistor by resistor, one node for what wires without resistance join, and solved by
/// elimination: small arrays only.
class crossbar_by_nodes {
public:
    explicit crossbar_by_nodes(wire::crossbar_circuit const& circuit)
        : circuit_{circuit}, rows_{circuit.rows()}, columns_{circuit.columns()},
          joined_(2 * rows_ * columns_ + rows_ + 1) {
        std::iota(joined_.begin(), joined_.end(), std::size_t{0});
        auto const& r = circuit.resistances();
        for (std::size_t i = 0; i < rows_; ++i) {
            for (std::size_t j = 0; j < columns_; ++j) {
                std::size_t const w = word(i, j);
                std::size_t const b = bit(i, j);
                connect(w, b, circuit.conductances()[i * columns_ + j]);
                resistor(j == 0 ? driver(i) : word(i, j - 1), w, r.word_line + (j == 0 ? r.driver : 0.0));
                resistor(b, i + 1 == rows_ ? ground() : bit(i + 1, j), r.bit_line + (i + 1 == rows_ ? r.sense : 0.0));
            }
        }
    }

    /// Voltages of all nodes.
    [[nodiscard]] std::vector<double> nodes(std::vector<double> const& voltages) const {
        std::size_t const n = joined_.size();
        std::vector<double> a(n * n);
        std::vector<double> x(n);
        std::vector<bool> is_given(n);
        is_given[root(ground())] = true;
        for (std::size_t i = 0; i < rows_; ++i) {
            is_given[root(driver(i))] = true;
            x[root(driver(i))] = voltages[i];
        }
        for (std::size_t k = 0; k < n; ++k) {
            if (is_given[k] || root(k) != k) {
                a[k * n + k] = 1;
            }
        }
        for (auto const& [from, to, siemens] : links_) {
            for (auto const& [p, q] : {std::pair{root(from), root(to)}, std::pair{root(to), root(from)}}) {
                if (!is_given[p] && p != q) {
                    a[p * n + p] += siemens;
                    a[p * n + q] -= siemens;
                }
            }
        }
        for (std::size_t k = 0; k < n; ++k) {
            std::size_t pivot = k;
            for (std::size_t i = k; i < n; ++i) {
                pivot = std::abs(a[i * n + k]) > std::abs(a[pivot * n + k]) ? i : pivot;
            }
            std::swap_ranges(a.begin() + static_cast<std::ptrdiff_t>(k * n),
                             a.begin() + static_cast<std::ptrdiff_t>((k + 1) * n),
                             a.begin() + static_cast<std::ptrdiff_t>(pivot * n));
            std::swap(x[k], x[pivot]);
            for (std::size_t i = k + 1; i < n; ++i) {
                double const factor = a[i * n + k] / a[k * n + k];
                if (factor != 0) {
                    for (std::size_t j = k; j < n; ++j) {
                        a[i * n + j] -= factor * a[k * n + j];
                    }
                    x[i] -= factor * x[k];
                }
            }
        }
        for (std::size_t k = n; k-- > 0;) {
            for (std::size_t j = k + 1; j < n; ++j) {
                x[k] -= a[k * n + j] * x[j];
            }
            x[k] /= a[k * n + k];
        }
        std::vector<double> result;
        for (std::size_t k = 0; k < n; ++k) {
            result.push_back(x[root(k)]);
        }
        return result;
    }

    [[nodiscard]] std::vector<double> currents(std::vector<double> const& voltages) const {
        auto const x = nodes(voltages);
        std::vector<double> sums(columns_);
        for (std::size_t i = 0; i < rows_; ++i) {
            for (std::size_t j = 0; j < columns_; ++j) {
                sums[j] += circuit_.conductances()[i * columns_ + j] * (x[word(i, j)] - x[bit(i, j)]);
            }
        }
        return sums;
    }

    [[nodiscard]] std::size_t word(std::size_t i, std::size_t j) const { return i * columns_ + j; }
    [[nodiscard]] std::size_t bit(std::size_t i, std::size_t j) const { return rows_ * columns_ + i * columns_ + j; }

private:
    struct link {
        std::size_t from;
        std::size_t to;
        double siemens;
    };

    [[nodiscard]] std::size_t driver(std::size_t i) const { return 2 * rows_ * columns_ + i; }
    [[nodiscard]] std::size_t ground() const { return joined_.size() - 1; }
    [[nodiscard]] std::size_t root(std::size_t k) const { return joined_[k] == k ? k : root(joined_[k]); }

    void connect(std::size_t from, std::size_t to, double siemens) { links_.push_back({from, to, siemens}); }

    void resistor(std::size_t from, std::size_t to, double ohm) {
        if (ohm > 0) {
            connect(from, to, 1 / ohm);
        } else {
            joined_[root(to)] = root(from);
        }
    }

    wire::crossbar_circuit const& circuit_;
    std::size_t rows_;
    std::size_t columns_;
    std::vector<std::size_t> joined_;
    std::vector<link> links_;
};

/// Cells of two levels, some missing; `siemens` the larger one.
std::vector<double> crossbar_cells(std::size_t cells, double siemens, unsigned seed = 1) {
    std::mt19937 engine{seed};
    std::vector<double> g(cells);
    for (double& x : g) {
        auto const kind = engine() % 5;
        x = kind == 0 ? 0.0 : kind < 3 ? siemens : siemens / 20;
    }
    return g;
}

std::vector<double> crossbar_voltages(std::size_t rows) {
    std::mt19937 engine{2};
    std::vector<double> v(rows);
    for (double& x : v) {
        x = 0.1 * static_cast<double>(engine() % 4) - 0.1;
    }
    return v;
}

std::vector<double> crossbar_currents(std::vector<double> const& matrix, std::vector<double> const& voltages) {
    std::size_t const columns = matrix.size() / voltages.size();
    std::vector<double> currents(columns);
    for (std::size_t k = 0; k < matrix.size(); ++k) {
        currents[k % columns] += voltages[k / columns] * matrix[k];
    }
    return currents;
}

/// Largest difference over the largest magnitude.
double crossbar_difference(std::vector<double> const& a, std::vector<double> const& b) {
    REQUIRE(a.size() == b.size());
    double largest = 0;
    double difference = 0;
    for (std::size_t k = 0; k < a.size(); ++k) {
        largest = std::max(largest, std::abs(b[k]));
        difference = std::max(difference, std::abs(a[k] - b[k]));
    }
    return largest > 0 ? difference / largest : difference;
}

void check_crossbar_by_nodes(wire::crossbar_circuit const& circuit) {
    auto const& r = circuit.resistances();
    CAPTURE(circuit.rows());
    CAPTURE(circuit.columns());
    CAPTURE(r.word_line);
    CAPTURE(r.bit_line);
    CAPTURE(r.driver);
    CAPTURE(r.sense);
    auto const v = crossbar_voltages(circuit.rows());
    crossbar_by_nodes const reference{circuit};
    auto const right = reference.currents(v);
    auto const matrix = wire::effective_matrix(circuit);
    CHECK(matrix.deviation < 1e-9);
    CHECK(crossbar_difference(crossbar_currents(matrix.values, v), right) < 1e-10);
    auto const solved = wire::solve(circuit, v, {.tolerance = 1e-10});
    CHECK(crossbar_difference(solved.currents, right) < 1e-10);

    auto const x = reference.nodes(v);
    auto const nodes = wire::nodes_of(circuit, solved, v);
    std::size_t const cells = circuit.conductances().size();
    double worst = 0;
    for (std::size_t k = 0; k < cells; ++k) {
        worst = std::max({worst, std::abs(nodes.word_lines[k] - x[k]), std::abs(nodes.bit_lines[k] - x[cells + k]),
                          std::abs(solved.cell_voltages[k] - (x[k] - x[cells + k]))});
    }
    CHECK(worst < 1e-10);
}

/// An array with its tensors, as the engine hands it to wires.
struct crossbar_array {
    std::size_t rows;
    std::size_t columns;
    std::vector<float> plus = std::vector<float>(rows * columns);
    std::vector<float> minus{};
    double unit = 1e-5;
    std::vector<float> effective = std::vector<float>(rows * columns);
    std::vector<float> attenuation = std::vector<float>(rows * columns, 1.0F);
    std::vector<float> offsets = std::vector<float>(columns);

    crossbar_array(std::size_t r, std::size_t c, bool pairs) : rows{r}, columns{c} {
        std::mt19937 engine{3};
        minus.resize(pairs ? r * c : 0);
        for (auto* states : {&plus, &minus}) {
            for (float& s : *states) {
                s = static_cast<float>(engine() % 5);
            }
        }
    }

    template <class W>
    void apply(W const& w, geometry array) {
        for (std::size_t k = 0; k < plus.size(); ++k) {
            effective[k] = minus.empty() ? plus[k] : plus[k] - minus[k];
        }
        w.apply(wired_array{rows, columns, array, unit, plus, minus, effective, attenuation, offsets});
    }

    [[nodiscard]] double siemens(std::vector<float> const& states, std::size_t k) const {
        return unit * static_cast<double>(states[k]);
    }
};

double crossbar_sum(std::vector<double> const& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

}  // namespace

TEST_CASE("crossbar: currents and voltages are Kirchhoff's, whatever resistances are zero") {
    for (unsigned zeros = 0; zeros < 16; ++zeros) {
        wire::line_resistances const r{(zeros & 1U) != 0 ? 0.0 : 30.0, (zeros & 2U) != 0 ? 0.0 : 7.0,
                                       (zeros & 4U) != 0 ? 0.0 : 120.0, (zeros & 8U) != 0 ? 0.0 : 45.0};
        check_crossbar_by_nodes({crossbar_cells(5 * 11, 1e-3), 5, 11, r});
    }
}

TEST_CASE("crossbar: arrays of all shapes") {
    wire::line_resistances const r{11, 5, 60, 20};
    for (auto const& [rows, columns] : {std::pair<std::size_t, std::size_t>{1, 1},
                                        {1, 7},
                                        {1, 19},
                                        {6, 1},
                                        {17, 2},
                                        {3, 8},
                                        {9, 9},
                                        {2, 21},
                                        {13, 4}}) {
        check_crossbar_by_nodes({crossbar_cells(rows * columns, 1e-3, 7), rows, columns, r});
    }
}

TEST_CASE("crossbar: rows and columns without devices") {
    auto g = crossbar_cells(9 * 12, 1e-3);
    for (std::size_t k = 0; k < 12; ++k) {
        g[4 * 12 + k] = 0;
        g[k < 9 ? k * 12 + 10 : 0] = 0;
    }
    check_crossbar_by_nodes({g, 9, 12, {3, 4, 50, 0}});
    wire::crossbar_circuit const empty{std::vector<double>(6), 2, 3, {3, 4, 50, 0}};
    CHECK(wire::effective_matrix(empty).values == std::vector<double>(6));
    CHECK(wire::solve(empty, std::vector<double>{1, 1}).currents == std::vector<double>(3));
}

TEST_CASE("crossbar: heavy loss neither diverges nor costs accuracy") {
    // 1 + the largest eigenvalue is about 60: damped fixed points would need steps below 1/30.
    wire::crossbar_circuit const heavy{crossbar_cells(10 * 10, 1e-2), 10, 10, {50, 50, 500, 500}};
    check_crossbar_by_nodes(heavy);
    CHECK(wire::solve(heavy, crossbar_voltages(10)).iterations < 60);
    check_crossbar_by_nodes({crossbar_cells(8 * 9, 1e-2), 8, 9, {1e-7, 1e4, 1e-9, 0}});
    check_crossbar_by_nodes({crossbar_cells(8 * 9, 1e-9), 8, 9, {1, 1, 1, 1}});
}

TEST_CASE("crossbar: the driver's resistance counts once per line, for the first line as for the others") {
    // Without wires a row is a divider: M_ij = g_ij / (1 + r_driver sum_j g_ij).
    std::size_t const n = 32;
    auto const g = crossbar_cells(n * n, 1.0 / 6000);
    wire::crossbar_circuit const circuit{g, n, n, {.driver = 500}};
    auto const matrix = wire::effective_matrix(circuit).values;
    std::vector<double> right(n * n);
    for (std::size_t i = 0; i < n; ++i) {
        double const sum = std::accumulate(g.begin() + static_cast<std::ptrdiff_t>(i * n),
                                           g.begin() + static_cast<std::ptrdiff_t>((i + 1) * n), 0.0);
        for (std::size_t j = 0; j < n; ++j) {
            right[i * n + j] = g[i * n + j] / (1 + 500 * sum);
        }
    }
    CHECK(crossbar_difference(matrix, right) < 1e-12);
    // With row 0 off nothing but the other drivers is left to change the currents.
    std::vector<double> v(n, 0.2);
    v[0] = 0;
    wire::line_resistances wires{1, 1, 0, 0};
    double const without = crossbar_sum(wire::solve({g, n, n, wires}, v).currents);
    wires.driver = 500;
    double const with = crossbar_sum(wire::solve({g, n, n, wires}, v).currents);
    CHECK(without / with > 1.9);
}

TEST_CASE("crossbar: rows and columns have their own resistance") {
    auto const g = crossbar_cells(8 * 8, 1e-3);
    auto const v = crossbar_voltages(8);
    wire::crossbar_circuit const circuit{g, 8, 8, {40, 2, 0, 0}};
    auto const right = crossbar_by_nodes{circuit}.currents(v);
    auto const swapped = wire::effective_matrix({g, 8, 8, {2, 40, 0, 0}}).values;
    CHECK(crossbar_difference(crossbar_currents(wire::effective_matrix(circuit).values, v), right) < 1e-11);
    CHECK(crossbar_difference(crossbar_currents(swapped, v), right) > 0.01);
}

TEST_CASE("crossbar: reciprocity: sense nodes and drivers may change places") {
    std::size_t const rows = 70;
    std::size_t const columns = 45;
    auto const g = crossbar_cells(rows * columns, 1e-4);
    std::vector<double> turned(g.size());
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < columns; ++j) {
            turned[(columns - 1 - j) * rows + rows - 1 - i] = g[i * columns + j];
        }
    }
    auto const there = wire::effective_matrix({g, rows, columns, {2, 5, 60, 15}}).values;
    auto const back = wire::effective_matrix({turned, columns, rows, {5, 2, 15, 60}}).values;
    std::vector<double> expected(g.size());
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < columns; ++j) {
            expected[(columns - 1 - j) * rows + rows - 1 - i] = there[i * columns + j];
        }
    }
    CHECK(crossbar_difference(back, expected) < 1e-12);
}

TEST_CASE("wire::solve: no current is further off than the bound it reports") {
    wire::crossbar_circuit const circuit{crossbar_cells(64 * 40, 1.0 / 6000), 64, 40, {5, 5, 50, 0}};
    auto const v = crossbar_voltages(64);
    auto const exact = crossbar_currents(wire::effective_matrix(circuit).values, v);
    int last = 0;
    for (double const tolerance : {1e-2, 1e-5, 1e-8}) {
        auto const solved = wire::solve(circuit, v, {.tolerance = tolerance});
        double largest = 0;
        double worst = 0;
        for (std::size_t j = 0; j < exact.size(); ++j) {
            largest = std::max(largest, std::abs(solved.currents[j]));
            worst = std::max(worst, std::abs(solved.currents[j] - exact[j]));
        }
        CHECK(worst <= solved.error_bound + 1e-15);
        CHECK(solved.error_bound <= tolerance * largest);
        CHECK(solved.residual > 0);
        CHECK(solved.iterations > last);
        last = solved.iterations;
    }
}

TEST_CASE("wire::solve_each solves one vector after the other") {
    wire::crossbar_circuit const circuit{crossbar_cells(5 * 4, 1e-3), 5, 4, {5, 5, 50, 0}};
    auto const v = crossbar_voltages(15);
    auto const solutions = wire::solve_each(circuit, v);
    REQUIRE(solutions.size() == 3);
    for (std::size_t b = 0; b < 3; ++b) {
        CHECK(solutions[b].currents == wire::solve(circuit, std::span{v}.subspan(5 * b, 5)).currents);
    }
    CHECK_THROWS_AS((void)wire::solve_each(circuit, std::span{v}.first(7)), error);
}

TEST_CASE("wire::gradients_of agrees with differences") {
    std::size_t const rows = 6;
    std::size_t const columns = 9;
    wire::line_resistances const r{8, 3, 40, 10};
    auto const g = crossbar_cells(rows * columns, 1e-3);
    auto const v = crossbar_voltages(rows);
    std::vector<double> weights;
    for (std::size_t j = 0; j < columns; ++j) {
        weights.push_back(std::cos(static_cast<double>(j)));
    }
    auto const loss = [&](std::vector<double> const& cells, std::vector<double> const& inputs) {
        auto const currents = crossbar_currents(wire::effective_matrix({cells, rows, columns, r}).values, inputs);
        return std::inner_product(currents.begin(), currents.end(), weights.begin(), 0.0);
    };
    wire::crossbar_circuit const circuit{g, rows, columns, r};
    auto const gradients =
        wire::gradients_of(circuit, wire::solve(circuit, v, {.tolerance = 1e-12}), weights, {.tolerance = 1e-12});
    double worst = 0;
    for (std::size_t k = 0; k < g.size(); ++k) {
        double const step = 1e-7;
        auto above = g;
        above[k] += 2 * step;
        auto below = g;
        // A device that is missing cannot become less.
        double const down = std::min(2 * step, below[k]);
        below[k] -= down;
        double const difference = (loss(above, v) - loss(below, v)) / (2 * step + down);
        worst = std::max(worst, std::abs(difference - gradients.conductances[k]));
    }
    CHECK(worst < 2e-5);
    for (std::size_t i = 0; i < rows; ++i) {
        auto above = v;
        above[i] += 1;
        CHECK(gradients.voltages[i] == doctest::Approx(loss(g, above) - loss(g, v)).epsilon(1e-9));
    }
}

TEST_CASE("wire::crossbar without resistance leaves the states alone") {
    wire::crossbar const w{.word_line_resistance = 0, .bit_line_resistance = 0};
    crossbar_array a{5, 11, true};
    a.apply(w, {5, 11});
    for (std::size_t k = 0; k < a.plus.size(); ++k) {
        CHECK(a.effective[k] == a.plus[k] - a.minus[k]);
        CHECK(a.attenuation[k] == 1.0F);
    }
    // The computation itself agrees.
    auto const g = crossbar_cells(20 * 19, 1e-3);
    CHECK(wire::effective_matrix({g, 20, 19, {}}).values == g);
}

TEST_CASE("wire::crossbar: effective states are the matrix of the circuit, attenuation its ratio to the states") {
    wire::crossbar const w{.word_line_resistance = 20,
                           .bit_line_resistance = 9,
                           .driver_resistance = 300,
                           .sense_resistance = 50,
                           .temperature = 400};
    CHECK(w.resistances() == wire::line_resistances{20 * 1.451, 9 * 1.451, 300, 50});
    crossbar_array a{7, 10, false};
    for (std::size_t i = 0; i < 7; ++i) {
        a.plus[i * 10 + 3] = 0;
    }
    a.apply(w, {7, 10});
    std::vector<double> g;
    for (std::size_t k = 0; k < a.plus.size(); ++k) {
        g.push_back(a.siemens(a.plus, k));
    }
    wire::crossbar_circuit const circuit{g, 7, 10, w.resistances()};
    crossbar_by_nodes const reference{circuit};
    for (std::size_t i = 0; i < 7; ++i) {
        std::vector<double> v(7);
        v[i] = 1;
        auto const currents = reference.currents(v);
        for (std::size_t j = 0; j < 10; ++j) {
            std::size_t const k = i * 10 + j;
            CHECK(a.siemens(a.effective, k) == doctest::Approx(currents[j]).epsilon(1e-6));
            if (a.plus[k] > 0) {
                CHECK(a.attenuation[k] == doctest::Approx(std::min(1.0, currents[j] / g[k])).epsilon(1e-6));
            }
            CHECK((a.attenuation[k] > 0 && a.attenuation[k] <= 1));
            CHECK(a.offsets[j] == 0.0F);
        }
    }
    CHECK(a.attenuation[3] == 1.0F);   // a column without devices
    CHECK(a.attenuation[12] < 0.95F);  // a large state
}

TEST_CASE("wire::crossbar: devices of a pair have neighbouring lines") {
    wire::crossbar const w{.word_line_resistance = 20, .bit_line_resistance = 9, .driver_resistance = 300};
    crossbar_array a{6, 5, true};
    a.plus[0] = 0;
    a.minus[0] = 0;
    a.apply(w, {6, 5});
    std::vector<double> g(6 * 10);
    for (std::size_t k = 0; k < 30; ++k) {
        g[2 * k] = a.siemens(a.plus, k);
        g[2 * k + 1] = a.siemens(a.minus, k);
    }
    auto const matrix = wire::effective_matrix({g, 6, 10, w.resistances()}).values;
    for (std::size_t k = 0; k < 30; ++k) {
        CHECK(a.siemens(a.effective, k) == doctest::Approx(matrix[2 * k] - matrix[2 * k + 1]).epsilon(1e-6));
        if (g[2 * k] + g[2 * k + 1] > 0) {
            double const share = (matrix[2 * k] + matrix[2 * k + 1]) / (g[2 * k] + g[2 * k + 1]);
            CHECK(a.attenuation[k] == doctest::Approx(std::min(share, 1.0)).epsilon(1e-6));
        }
    }
    CHECK((a.attenuation[0] > 0 && a.attenuation[0] < 1));
}

TEST_CASE("wire::crossbar: rows and columns that hold no weight load the lines of those that do") {
    geometry const array{9, 12};
    std::size_t const rows = 5;
    std::size_t const columns = 7;
    for (bool const is_far : {false, true}) {
        for (double const unused : {0.0, 4e-4}) {
            CAPTURE(is_far);
            CAPTURE(unused);
            wire::crossbar const w{.word_line_resistance = 15,
                                   .bit_line_resistance = 25,
                                   .driver_resistance = 100,
                                   .sense_resistance = 30,
                                   .unused_conductance = unused,
                                   .used = is_far ? wire::end_of_line::far : wire::end_of_line::sense};
            crossbar_array a{rows, columns, false};
            a.apply(w, array);
            std::vector<double> g(9 * 12, unused);
            std::size_t const first = is_far ? 0 : 4;
            for (std::size_t k = 0; k < rows * columns; ++k) {
                g[(first + k / columns) * 12 + k % columns] = a.siemens(a.plus, k);
            }
            wire::crossbar_circuit const circuit{g, 9, 12, w.resistances()};
            crossbar_by_nodes const reference{circuit};
            for (std::size_t i = 0; i < rows; ++i) {
                std::vector<double> v(9);
                v[first + i] = 1;
                auto const currents = reference.currents(v);
                for (std::size_t j = 0; j < columns; ++j) {
                    CHECK(a.siemens(a.effective, i * columns + j) == doctest::Approx(currents[j]).epsilon(1e-6));
                }
            }
        }
    }
}

TEST_CASE("wire::first_order: the ideal array's currents tell what lines lose") {
    wire::first_order const w{wire::crossbar{
        .word_line_resistance = 2, .bit_line_resistance = 1, .driver_resistance = 5, .sense_resistance = 3}};
    std::size_t const rows = 4;
    std::size_t const columns = 6;
    auto const g = crossbar_cells(rows * columns, 1e-3);
    wire::crossbar_circuit const circuit{g, rows, columns, w.wires.resistances()};
    auto const v = crossbar_voltages(rows);
    std::vector<double> ideal;
    for (std::size_t k = 0; k < g.size(); ++k) {
        ideal.push_back(g[k] * v[k / columns]);
    }
    auto const word = circuit.word_line_drops(ideal);
    auto const bit = circuit.bit_line_drops(ideal);
    std::vector<double> right(columns);
    for (std::size_t k = 0; k < g.size(); ++k) {
        right[k % columns] += g[k] * (v[k / columns] - word[k] - bit[k]);
    }
    CHECK(crossbar_difference(crossbar_currents(wire::first_order::matrix(circuit), v), right) < 1e-14);
    // The error falls with the square of the resistances.
    auto const error_of = [&](double scale) {
        wire::crossbar_circuit const scaled{g, rows, columns, {2 * scale, 1 * scale, 5 * scale, 3 * scale}};
        return crossbar_difference(wire::first_order::matrix(scaled), wire::effective_matrix(scaled).values);
    };
    CHECK(error_of(0.1) / error_of(0.01) == doctest::Approx(100).epsilon(0.1));

    crossbar_array a{rows, columns, false};
    a.apply(w, {4, 6});
    CHECK(a.effective[0] < a.plus[0] + 1e-6F);
    CHECK(to_string(w).starts_with("first order of crossbar wires, 2.0"));
    CHECK(wire::first_order{wire::crossbar{.bit_line_resistance = -1}}.wrong().starts_with("wire::crossbar.bit_line"));
}

TEST_CASE("crossbar: what is wrong is said") {
    auto const says = [](auto const& call, char const* text) {
        try {
            call();
        } catch (error const& e) {
            CAPTURE(e.what());
            CHECK(std::string(e.what()).find(text) != std::string::npos);
            return;
        }
        FAIL_CHECK("no error: " << text);
    };
    using wire::crossbar_circuit;
    says([] { crossbar_circuit{std::vector<double>(5), 2, 3, {}}; }, "5 conductances for 2 rows x 3 columns");
    says([] { crossbar_circuit{{}, 0, 3, {}}; }, "0 conductances for 0 rows x 3 columns");
    says([] { crossbar_circuit{{1, 1, -1, 1}, 2, 2, {}}; }, "row 1 and column 0 is -1.0");
    says([] { crossbar_circuit{{1}, 1, 1, {.bit_line = -2}}; }, "line_resistances.bit_line is -2.0");
    says([] { crossbar_circuit{{1}, 1, 1, {.driver = std::nan("")}}; }, "line_resistances.driver is nan");
    crossbar_circuit const circuit{crossbar_cells(36, 1e-3), 6, 6, {90, 90, 500, 0}};
    says([&] { (void)wire::solve(circuit, std::vector<double>(5)); }, "5 row voltages; the array needs 6");
    says([&] { (void)wire::solve(circuit, crossbar_voltages(6), {.iterations = 3}); }, "not solved after 3 iterations");
    says([] { crossbar_array{3, 3, false}.apply(wire::crossbar{}, {2, 3}); }, "rows used are 3, the array has 2");
    says([] { crossbar_array{3, 3, false}.apply(wire::crossbar{}, {3, 2}); }, "columns used are 3, the array has 2");
    says(
        [] {
            crossbar_array a{3, 3, false};
            a.unit = 0;
            a.apply(wire::crossbar{}, {3, 3});
        },
        "wire::crossbar needs a cell with conductances");
    CHECK(wire::crossbar{}.wrong().empty());
    CHECK(wire::crossbar{.sense_resistance = -1}.wrong() ==
          "wire::crossbar.sense_resistance is -1.000000; a finite number of ohms from 0 on is needed");
    CHECK(wire::crossbar{.unused_conductance = -1}.wrong().starts_with("wire::crossbar.unused_conductance"));
    CHECK(wire::crossbar{.temperature = 20}.wrong().starts_with("wire::crossbar.temperature_coefficient"));
    CHECK(to_string(wire::crossbar{.driver_resistance = 50}) ==
          "crossbar wires, 1.000000 and 1.000000 ohm a cell along rows and columns, drivers 50.000000 ohm, sense "
          "nodes 0.000000 ohm");
}
