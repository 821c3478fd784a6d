/// \file
/// Passive arrays with resistance in all lines: the currents of one input vector and the effective matrix, which is all
/// input vectors at once, against Eigen's SparseLU of the 2 R C node equations (column approximate minimum degree;
/// analysis, factorisation and one solution), and what peers do: a damped fixed point to 1e-3. RRAM cells of 6 kohm and
/// 900 kohm, half of them each, drivers of 50 ohm. Arguments: rows, columns, ohm of a segment.

#include <xcim/wire/crossbar.hpp>

#include <Eigen/Sparse>
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>
#include <vector>

namespace {

using namespace xcim;

struct crossbar_problem {
    explicit crossbar_problem(benchmark::State const& state)
        : rows(static_cast<std::size_t>(state.range(0))),
          columns(static_cast<std::size_t>(state.range(1))), circuit{cells(rows * columns),
                                                                     rows,
                                                                     columns,
                                                                     {.word_line = static_cast<double>(state.range(2)),
                                                                      .bit_line = static_cast<double>(state.range(2)),
                                                                      .driver = 50}},
          voltages(rows) {
        std::mt19937 engine{2};
        for (double& v : voltages) {
            v = engine() % 2 == 0 ? 0.2 : 0.0;
        }
    }

    static std::vector<double> cells(std::size_t count) {
        std::mt19937 engine{1};
        std::vector<double> g(count);
        for (double& x : g) {
            x = engine() % 2 == 0 ? 1.0 / 6000 : 1.0 / 900000;
        }
        return g;
    }

    [[nodiscard]] std::vector<double> product(std::vector<double> const& matrix) const {
        std::vector<double> currents(columns);
        for (std::size_t i = 0; i < rows; ++i) {
            for (std::size_t j = 0; j < columns; ++j) {
                currents[j] += voltages[i] * matrix[i * columns + j];
            }
        }
        return currents;
    }

    /// Node equations, word lines first.
    [[nodiscard]] Eigen::SparseMatrix<double> nodes() const {
        auto const& r = circuit.resistances();
        std::vector<Eigen::Triplet<double, Eigen::Index>> entries;
        auto const link = [&](std::size_t p, std::size_t q, double siemens) {
            auto const a = static_cast<Eigen::Index>(p);
            auto const b = static_cast<Eigen::Index>(q);
            entries.emplace_back(a, a, siemens);
            entries.emplace_back(b, b, siemens);
            entries.emplace_back(a, b, -siemens);
            entries.emplace_back(b, a, -siemens);
        };
        auto const to_source = [&](std::size_t p, double siemens) {
            entries.emplace_back(static_cast<Eigen::Index>(p), static_cast<Eigen::Index>(p), siemens);
        };
        std::size_t const cells = rows * columns;
        for (std::size_t k = 0; k < cells; ++k) {
            link(k, cells + k, circuit.conductances()[k]);
            k % columns == 0 ? to_source(k, 1 / (r.word_line + r.driver)) : link(k - 1, k, 1 / r.word_line);
            if (k + columns < cells) {
                link(cells + k, cells + k + columns, 1 / r.bit_line);
            } else {
                to_source(cells + k, 1 / (r.bit_line + r.sense));
            }
        }
        auto const n = static_cast<Eigen::Index>(2 * cells);
        Eigen::SparseMatrix<double> matrix(n, n);
        matrix.setFromTriplets(entries.begin(), entries.end());
        return matrix;
    }

    [[nodiscard]] std::vector<double> by_sparse_lu(Eigen::SparseMatrix<double> const& matrix) const {
        auto const& r = circuit.resistances();
        Eigen::VectorXd right = Eigen::VectorXd::Zero(matrix.rows());
        for (std::size_t i = 0; i < rows; ++i) {
            right[static_cast<Eigen::Index>(i * columns)] = voltages[i] / (r.word_line + r.driver);
        }
        Eigen::SparseLU<Eigen::SparseMatrix<double>, Eigen::COLAMDOrdering<int>> lu;
        lu.analyzePattern(matrix);
        lu.factorize(matrix);
        Eigen::VectorXd const x = lu.solve(right);
        std::vector<double> currents(columns);
        for (std::size_t j = 0; j < columns; ++j) {
            currents[j] = x[static_cast<Eigen::Index>((2 * rows - 1) * columns + j)] / (r.bit_line + r.sense);
        }
        return currents;
    }

    /// Iterations of u <- u + gamma (v - D(g u) - u) until no cell is off by more than 1e-3 of 0.2 V; gamma starts at 1
    /// and is made 0.98 of itself whenever the error grows beyond bounds, from the start again.
    [[nodiscard]] std::vector<double> by_fixed_point() const {
        std::size_t const cells = rows * columns;
        for (double gamma = 1; gamma > 0.01; gamma *= 0.98) {
            std::vector<double> u(cells);
            for (std::size_t k = 0; k < cells; ++k) {
                u[k] = voltages[k / columns];
            }
            for (int iteration = 0; iteration < 1000; ++iteration) {
                std::vector<double> currents(cells);
                for (std::size_t k = 0; k < cells; ++k) {
                    currents[k] = circuit.conductances()[k] * u[k];
                }
                auto const word = circuit.word_line_drops(currents);
                auto const bit = circuit.bit_line_drops(currents);
                double worst = 0;
                for (std::size_t k = 0; k < cells; ++k) {
                    double const off = voltages[k / columns] - word[k] - bit[k] - u[k];
                    worst = std::max(worst, std::abs(off));
                    u[k] += gamma * off;
                }
                if (worst < 1e-3 * 0.2) {
                    std::vector<double> sums(columns);
                    for (std::size_t k = 0; k < cells; ++k) {
                        sums[k % columns] += circuit.conductances()[k] * u[k];
                    }
                    return sums;
                }
                if (!(worst < 10)) {
                    break;
                }
            }
        }
        throw std::runtime_error("the fixed point does not converge");
    }

    /// Largest difference over the largest current.
    [[nodiscard]] static double difference(std::vector<double> const& a, std::vector<double> const& b) {
        double largest = 0;
        double worst = 0;
        for (std::size_t j = 0; j < a.size(); ++j) {
            largest = std::max(largest, std::abs(b[j]));
            worst = std::max(worst, std::abs(a[j] - b[j]));
        }
        return worst / largest;
    }

    static void require(double difference, double bound) {
        if (!(difference <= bound)) {
            throw std::runtime_error("wrong currents");
        }
    }

    std::size_t rows;
    std::size_t columns;
    wire::crossbar_circuit circuit;
    std::vector<double> voltages;
};

void one_vector(benchmark::State& state) {
    crossbar_problem const p{state};
    wire::crossbar_solution solution;
    for (auto _ : state) {
        solution = wire::solve(p.circuit, p.voltages, {.tolerance = 1e-8});
        benchmark::DoNotOptimize(solution.currents.data());
    }
    // SparseLU is too slow, and needs too much memory, for the largest ones: those are checked by the matrix.
    auto const right = p.rows * p.columns <= 128 * 128 ? p.by_sparse_lu(p.nodes())
                                                       : p.product(wire::effective_matrix(p.circuit).values);
    crossbar_problem::require(crossbar_problem::difference(solution.currents, right), 1e-8);
    state.counters["iterations"] = solution.iterations;
    state.counters["error"] = crossbar_problem::difference(solution.currents, right);
}

void all_vectors(benchmark::State& state) {
    crossbar_problem const p{state};
    wire::effective_conductances matrix;
    for (auto _ : state) {
        matrix = wire::effective_matrix(p.circuit);
        benchmark::DoNotOptimize(matrix.values.data());
    }
    auto const right = p.rows * p.columns <= 128 * 128
                           ? p.by_sparse_lu(p.nodes())
                           : wire::solve(p.circuit, p.voltages, {.tolerance = 1e-9}).currents;
    crossbar_problem::require(crossbar_problem::difference(p.product(matrix.values), right), 1e-8);
    state.counters["error"] = crossbar_problem::difference(p.product(matrix.values), right);
}

/// One input vector through a programmed array.
void product_with_matrix(benchmark::State& state) {
    crossbar_problem const p{state};
    auto const matrix = wire::effective_matrix(p.circuit).values;
    for (auto _ : state) {
        auto const currents = p.product(matrix);
        benchmark::DoNotOptimize(currents.data());
    }
}

void sparse_lu(benchmark::State& state) {
    crossbar_problem const p{state};
    auto const nodes = p.nodes();
    std::vector<double> currents;
    for (auto _ : state) {
        currents = p.by_sparse_lu(nodes);
        benchmark::DoNotOptimize(currents.data());
    }
    crossbar_problem::require(
        crossbar_problem::difference(currents, p.product(wire::effective_matrix(p.circuit).values)), 1e-8);
}

void damped_fixed_point(benchmark::State& state) {
    crossbar_problem const p{state};
    std::vector<double> currents;
    for (auto _ : state) {
        currents = p.by_fixed_point();
        benchmark::DoNotOptimize(currents.data());
    }
    auto const right = p.product(wire::effective_matrix(p.circuit).values);
    crossbar_problem::require(crossbar_problem::difference(currents, right), 1e-2);
    state.counters["error"] = crossbar_problem::difference(currents, right);
}

void compared(benchmark::internal::Benchmark* b) {
    for (int const ohm : {1, 5}) {
        b->Args({64, 64, ohm})->Args({128, 128, ohm});
    }
    b->Unit(benchmark::kMillisecond);
}

void scaled(benchmark::internal::Benchmark* b) {
    for (int const n : {32, 256, 512}) {
        b->Args({n, n, 1});
    }
    b->Args({512, 16, 1})->Args({16, 512, 1})->Args({256, 64, 1})->Unit(benchmark::kMillisecond);
}

void largest(benchmark::internal::Benchmark* b) {
    b->Args({1024, 1024, 1})->Iterations(1)->Unit(benchmark::kMillisecond);
}

}  // namespace

BENCHMARK(sparse_lu)->Apply(compared);
BENCHMARK(one_vector)->Apply(compared);
BENCHMARK(all_vectors)->Apply(compared);
BENCHMARK(product_with_matrix)->Apply(compared);
BENCHMARK(damped_fixed_point)->Apply(compared);
BENCHMARK(one_vector)->Apply(scaled);
BENCHMARK(all_vectors)->Apply(scaled);
BENCHMARK(one_vector)->Apply(largest);
BENCHMARK(all_vectors)->Apply(largest);
