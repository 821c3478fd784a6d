#include <doctest/doctest.h>

#include <xcim/wire/ladder.hpp>

#include <cmath>
#include <random>
#include <vector>

using namespace xcim;

namespace {

/// Current into the sense node of one column by Gaussian elimination of Kirchhoff's equations at its nodes.
double ladder_nodal_current(std::vector<double> const& siemens, std::vector<double> const& ohms,
                            std::vector<double> const& volts, double sense) {
    std::size_t const n = siemens.size();
    std::vector<std::vector<double>> m(n, std::vector<double>(n + 1));
    for (std::size_t i = 0; i < n; ++i) {
        double const link = 1 / ohms[i];
        m[i][i] += siemens[i] + link;
        m[i][n] += siemens[i] * volts[i];
        if (i + 1 < n) {
            m[i][i + 1] -= link;
            m[i + 1][i] -= link;
            m[i + 1][i + 1] += link;
        } else {
            m[i][n] += link * sense;
        }
    }
    for (std::size_t k = 0; k < n; ++k) {
        for (std::size_t i = k + 1; i < n; ++i) {
            double const factor = m[i][k] / m[k][k];
            for (std::size_t j = k; j <= n; ++j) {
                m[i][j] -= factor * m[k][j];
            }
        }
    }
    for (std::size_t k = n; k-- > 0;) {
        for (std::size_t j = k + 1; j < n; ++j) {
            m[k][n] -= m[k][j] * m[j][n];
        }
        m[k][n] /= m[k][k];
    }
    return (m[n - 1][n] - sense) / ohms[n - 1];
}

}  // namespace

TEST_CASE("wire::solve_ladders: shares give the currents of Kirchhoff's equations") {
    std::mt19937 random{3};
    auto const uniform = [&] { return static_cast<double>(random() >> 8) * 0x1p-24; };
    std::size_t const columns = 5;
    for (std::size_t const rows : {std::size_t{1}, std::size_t{2}, std::size_t{40}}) {
        std::vector<double> siemens(rows * columns);
        std::vector<double> ohms(rows);
        std::vector<double> volts(rows);
        for (auto& g : siemens) {
            g = uniform() < 0.2 ? 0.0 : 2e-4 * uniform();
        }
        for (std::size_t i = 0; i < rows; ++i) {
            ohms[i] = 1 + 200 * uniform();
            volts[i] = uniform() - 0.5;
        }
        double const sense = 0.05;
        auto const solved = wire::solve_ladders(
            rows, columns,
            [&](std::size_t i, std::span<double> row) { std::copy_n(&siemens[i * columns], columns, row.begin()); },
            [&](std::size_t i) { return ohms[i]; });
        for (std::size_t j = 0; j < columns; ++j) {
            std::vector<double> column;
            double current = 0;
            double seen = 0;
            for (std::size_t i = 0; i < rows; ++i) {
                double const g = siemens[i * columns + j];
                column.push_back(g);
                current += g * solved.row(i)[j] * (volts[i] - sense);
                seen += g * solved.row(i)[j];
                CHECK((solved.row(i)[j] > 0 && solved.row(i)[j] <= 1));
            }
            double const right = ladder_nodal_current(column, ohms, volts, sense);
            CHECK(std::abs(current - right) <= 1e-13 * seen + 1e-18);  // columns without a device included
            CHECK(std::abs(seen - solved.seen[j]) <= 1e-13 * seen);
        }
    }
}

TEST_CASE("wire::every_cell: a chain that is known in closed form; without resistance everything arrives") {
    auto const same = [](std::size_t, std::span<double> row) { std::ranges::fill(row, 1.0); };
    // 1 S at each of three nodes, 1 ohm behind each: Y = 1, 3/2, 8/5; shares 1/2, 2/5, 5/13 from the far end on.
    auto const chain = wire::every_cell{}(3, 2, {1, 1}, same);
    for (std::size_t j = 0; j < 2; ++j) {
        CHECK(chain.row(2)[j] == doctest::Approx(5.0 / 13).epsilon(1e-15));
        CHECK(chain.row(1)[j] == doctest::Approx(2.0 / 13).epsilon(1e-15));
        CHECK(chain.row(0)[j] == doctest::Approx(1.0 / 13).epsilon(1e-15));
        CHECK(chain.seen[j] == doctest::Approx(8.0 / 13).epsilon(1e-15));
    }
    auto const open = wire::every_cell{}(3, 2, {0, 0}, same);
    CHECK(open.shares == std::vector<double>(6, 1.0));
    CHECK(open.seen == std::vector<double>(2, 3.0));
    CHECK(wire::every_cell{}(0, 2, {1, 1}, same).seen == std::vector<double>(2, 0.0));
}

TEST_CASE("wire::every_cell: lines on which nothing gets through are solved too") {
    // Far from its open end the chain looks the same from every node: y = 1 + y / (1 + 100 y).
    double const y = (1 + std::sqrt(1 + 4.0 / 100)) / 2;
    auto const chain = wire::every_cell{}(600, 2, {100, 100}, [](std::size_t, std::span<double> row) {
        row[0] = 1;
        row[1] = 1e-9;
    });
    CHECK(chain.row(599)[0] == doctest::Approx(1 / (1 + 100 * y)).epsilon(1e-14));
    CHECK(chain.row(589)[0] == doctest::Approx(std::pow(1 + 100 * y, -11)).epsilon(1e-13));
    CHECK(chain.seen[0] == doctest::Approx(y / (1 + 100 * y)).epsilon(1e-14));
    CHECK(chain.row(0)[0] == 0.0);
    CHECK(chain.row(0)[1] == doctest::Approx(1 / std::cosh(600 * std::sqrt(1e-7))).epsilon(1e-4));
}

TEST_CASE("wire::resistance_factor follows the sign of the temperature difference") {
    double const alpha = wire::copper_temperature_coefficient;
    CHECK(wire::resistance_factor(300, alpha) == 1.0);
    CHECK(wire::resistance_factor(358, alpha) == doctest::Approx(1.26158));
    CHECK(wire::resistance_factor(250, alpha) == doctest::Approx(0.7745));
}
