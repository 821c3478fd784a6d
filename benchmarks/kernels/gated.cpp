/// \file
/// Gated arrays with 8-bit pulse widths, rows x columns: wire::gated in double and as the engine calls it, every slot
/// by itself on the same lanes, and sparse direct solvers (Eigen), which keep pattern and ordering and factorise the
/// whole array for a slot, all columns in one matrix. Where that takes long they solve some of the slots; us_per_slot
/// compares.

#include <xcim/wire/gated.hpp>

#include <Eigen/OrderingMethods>
#include <Eigen/SparseCholesky>
#include <Eigen/SparseLU>
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

namespace {

using matrix = Eigen::SparseMatrix<double>;

struct problem {
    std::size_t rows;
    std::size_t columns;
    xcim::wire::gated wires{
        .source_line_resistance = 1, .bit_line_resistance = 1, .driver_resistance = 50, .sense_resistance = 10};
    std::vector<double> siemens{};
    std::vector<double> durations{};
    xcim::wire::gated_slots right{};  // by the definition

    /// Half of the cells at 1/6000 S, half at 1/900000.
    explicit problem(benchmark::State const& state)
        : rows(static_cast<std::size_t>(state.range(0))), columns(static_cast<std::size_t>(state.range(1))) {
        std::mt19937 engine{1};
        for (std::size_t i = 0; i < rows * columns; ++i) {
            siemens.push_back(engine() % 2 == 0 ? 1 / 6000.0 : 1 / 900000.0);
        }
        for (std::size_t i = 0; i < rows; ++i) {
            durations.push_back(static_cast<double>(engine() % 256));
        }
        right.ends = durations;
        std::ranges::sort(right.ends);
        right.ends.erase(std::unique(right.ends.begin(), right.ends.end()), right.ends.end());
        std::erase(right.ends, 0.0);
        right.charges.resize(columns);
        auto const path = wires.path(rows, rows);
        for (std::size_t s = 0; s < right.ends.size(); ++s) {
            for (std::size_t j = 0; j < columns; ++j) {
                right.currents.push_back(gated_column_current(
                    path, rows, [&](std::size_t i) { return siemens[i * columns + j]; },
                    [&](std::size_t i) { return durations[i] >= right.ends[s]; }));
                right.charges[j] += (right.ends[s] - (s == 0 ? 0.0 : right.ends[s - 1])) * right.currents.back();
            }
        }
    }

    static void check(double const* found, double const* right, std::size_t size, double bound) {
        double const largest = *std::max_element(right, right + size);
        for (std::size_t i = 0; i < size; ++i) {
            if (!(std::abs(found[i] - right[i]) <= bound * largest)) {
                throw std::runtime_error("wrong current");
            }
        }
    }

    static void report(benchmark::State& state, std::size_t slots) {
        state.counters["us_per_slot"] =
            benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(slots) * 1e-6,
                               benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
        state.counters["slots"] = static_cast<double>(slots);
    }
};

/// Charges in double.
void charges(benchmark::State& state) {
    problem const p{state};
    std::vector<double> found;
    for (auto _ : state) {
        found = gated_charges(p.wires, {p.siemens, p.rows, p.columns}, p.durations, 1.0);
        benchmark::DoNotOptimize(found.data());
    }
    problem::check(found.data(), p.right.charges.data(), p.columns, 1e-10);
    problem::report(state, p.right.ends.size());
}

/// Sums of the engine, float.
void sums(benchmark::State& state) {
    problem const p{state};
    double const unit = 1e-6;
    std::size_t const stride = (p.columns + xcim::lanes - 1) / xcim::lanes * xcim::lanes;
    std::vector<float> states(p.rows * stride);
    for (std::size_t i = 0; i < p.siemens.size(); ++i) {
        states[i / p.columns * stride + i % p.columns] = static_cast<float>(p.siemens[i] / unit);
    }
    std::vector<float> const drives(p.durations.begin(), p.durations.end());
    std::vector<float> out(stride);
    xcim::switched_columns const columns{
        p.rows, p.columns,     stride,  {static_cast<int>(p.rows), static_cast<int>(p.columns)},
        unit,   states.data(), nullptr, drives.data(),
        1,      out.data()};
    for (auto _ : state) {
        p.wires.sum(columns);
        benchmark::DoNotOptimize(out.data());
    }
    std::vector<double> found;
    for (std::size_t j = 0; j < p.columns; ++j) {
        found.push_back(static_cast<double>(out[j]) * unit);
    }
    problem::check(found.data(), p.right.charges.data(), p.columns, 1e-5);
    problem::report(state, p.right.ends.size());
}

/// Nothing kept from slot to slot: the closed cells of every slot in one chain, double, four batches at a time.
void slot_by_slot(benchmark::State& state) {
    using xcim::fused_multiply_add;
    using lane_type = xcim::batch<double>;
    constexpr std::size_t group = xcim::wire::detail::gated_columns<double>::group;
    constexpr std::size_t width = lane_type::size;
    problem const p{state};
    auto const path = p.wires.path(p.rows, p.rows);
    std::vector<double> found(p.columns);
    std::vector<std::size_t> closed;
    for (auto _ : state) {
        std::ranges::fill(found, 0.0);
        double before = 0;
        for (double const end : p.right.ends) {
            closed.clear();
            for (std::size_t i = 0; i < p.rows; ++i) {
                if (p.durations[i] >= end) {
                    closed.push_back(i);
                }
            }
            for (std::size_t j = 0; j < p.columns; j += group * width) {
                lane_type a[group];
                lane_type b[group];
                lane_type c[group];
                lane_type d[group];
                for (std::size_t k = 0; k < group; ++k) {
                    a[k] = d[k] = lane_type(1.0);
                    b[k] = c[k] = lane_type(0.0);
                }
                auto const follow = [&](std::size_t segments) {
                    lane_type const r(static_cast<double>(segments) * path.segment);
                    for (std::size_t k = 0; k < group; ++k) {
                        b[k] = fused_multiply_add(r, a[k], b[k]);
                        d[k] = fused_multiply_add(r, c[k], d[k]);
                    }
                };
                std::size_t at = 0;
                for (std::size_t const i : closed) {
                    follow(i - at);
                    at = i;
                    for (std::size_t k = 0; k < group; ++k) {
                        auto const g = lane_type::load_unaligned(p.siemens.data() + i * p.columns + j + k * width);
                        a[k] = fused_multiply_add(g, b[k], a[k]);
                        c[k] = fused_multiply_add(g, d[k], c[k]);
                    }
                }
                follow(p.rows - 1 - at);
                double const top = path.top_share;
                for (std::size_t k = 0; k < group; ++k) {
                    lane_type const ladder = lane_type(top * top) * a[k] + lane_type(2 * top * (1 - top)) +
                                             lane_type((1 - top) * (1 - top)) * d[k] + lane_type(path.series) * c[k];
                    double* const q = found.data() + j + k * width;
                    fused_multiply_add(lane_type(end - before), c[k] / ladder, lane_type::load_unaligned(q))
                        .store_unaligned(q);
                }
            }
            before = end;
        }
        benchmark::DoNotOptimize(found.data());
    }
    problem::check(found.data(), p.right.charges.data(), p.columns, 1e-10);
    problem::report(state, p.right.ends.size());
}

/// The nodes of all columns. Open cells stay in the pattern.
class network {
public:
    explicit network(problem const& p) : p_{p}, matrix_(size(), size()), right_(size()) {
        double const source = 1 / p.wires.source_line_resistance;
        double const bit = 1 / p.wires.bit_line_resistance;
        double const in = 1 / (p.wires.driver_resistance + p.wires.source_line_resistance);
        double const out = 1 / (p.wires.sense_resistance + p.wires.bit_line_resistance);
        std::vector<Eigen::Triplet<double>> entries;
        right_.setZero();
        for (std::size_t j = 0; j < p.columns; ++j) {
            for (std::size_t i = 0; i < p.rows; ++i) {
                int const s = place(i, j);
                int const b = s + 1;
                bool const is_last = i + 1 == p.rows;
                entries.emplace_back(s, s, (i == 0 ? in : source) + (is_last ? 0.0 : source));
                entries.emplace_back(b, b, (i == 0 ? 0.0 : bit) + (is_last ? out : bit));
                entries.emplace_back(s, b, 0.0);
                entries.emplace_back(b, s, 0.0);
                if (i > 0) {
                    entries.emplace_back(s, place(i - 1, j), -source);
                    entries.emplace_back(place(i - 1, j), s, -source);
                    entries.emplace_back(b, place(i - 1, j) + 1, -bit);
                    entries.emplace_back(place(i - 1, j) + 1, b, -bit);
                }
            }
            right_[place(0, j)] = in;
        }
        out_ = out;
        matrix_.setFromTriplets(entries.begin(), entries.end());
        matrix_.makeCompressed();
        for (std::size_t j = 0; j < p.columns; ++j) {
            for (std::size_t i = 0; i < p.rows; ++i) {
                int const s = place(i, j);
                values_.push_back({value_at(s, s), value_at(s + 1, s + 1), value_at(s, s + 1), value_at(s + 1, s)});
            }
        }
        wire_values_.assign(matrix_.valuePtr(), matrix_.valuePtr() + matrix_.nonZeros());
    }

    matrix const& at(double time) {
        std::ranges::copy(wire_values_, matrix_.valuePtr());
        for (std::size_t j = 0; j < p_.columns; ++j) {
            for (std::size_t i = 0; i < p_.rows; ++i) {
                if (p_.durations[i] >= time) {
                    double const g = p_.siemens[i * p_.columns + j];
                    auto const& v = values_[j * p_.rows + i];
                    double* const to = matrix_.valuePtr();
                    to[v.source] += g;
                    to[v.bit] += g;
                    to[v.upper] -= g;
                    to[v.lower] -= g;
                }
            }
        }
        return matrix_;
    }

    [[nodiscard]] Eigen::VectorXd const& right() const { return right_; }
    [[nodiscard]] double current(Eigen::VectorXd const& volts, std::size_t j) const {
        return out_ * volts[place(p_.rows - 1, j) + 1];
    }

private:
    struct cell_values {
        std::ptrdiff_t source;
        std::ptrdiff_t bit;
        std::ptrdiff_t upper;
        std::ptrdiff_t lower;
    };

    [[nodiscard]] int size() const { return static_cast<int>(2 * p_.rows * p_.columns); }
    [[nodiscard]] int place(std::size_t i, std::size_t j) const { return static_cast<int>(2 * (j * p_.rows + i)); }
    std::ptrdiff_t value_at(int row, int column) { return &matrix_.coeffRef(row, column) - matrix_.valuePtr(); }

    problem const& p_;
    matrix matrix_;
    Eigen::VectorXd right_;
    double out_ = 0;
    std::vector<double> wire_values_;
    std::vector<cell_values> values_;
};

template <class Solver>
void sparse(benchmark::State& state) {
    problem const p{state};
    network n{p};
    auto const most = static_cast<std::size_t>(state.range(2));
    std::vector<std::size_t> slots;
    for (std::size_t s = 0; s < p.right.ends.size(); s += (p.right.ends.size() + most - 1) / most) {
        slots.push_back(s);
    }
    auto const solver = std::make_unique<Solver>();
    solver->analyzePattern(n.at(0));
    std::vector<double> found(p.right.currents.size());
    Eigen::VectorXd volts;
    for (auto _ : state) {
        for (std::size_t const s : slots) {
            solver->factorize(n.at(p.right.ends[s]));
            volts = solver->solve(n.right());
            for (std::size_t j = 0; j < p.columns; ++j) {
                found[s * p.columns + j] = n.current(volts, j);
            }
        }
        benchmark::DoNotOptimize(found.data());
    }
    for (std::size_t const s : slots) {
        problem::check(found.data() + s * p.columns, p.right.currents.data() + s * p.columns, p.columns, 1e-8);
    }
    problem::report(state, slots.size());
}

void sparse_lu(benchmark::State& state) { sparse<Eigen::SparseLU<matrix, Eigen::COLAMDOrdering<int>>>(state); }
void sparse_cholesky(benchmark::State& state) { sparse<Eigen::SimplicialLDLT<matrix>>(state); }

void sizes(benchmark::internal::Benchmark* b) {
    b->Args({64, 64, 64})->Args({128, 128, 8})->Args({512, 64, 8})->Unit(benchmark::kMicrosecond);
}

BENCHMARK(charges)->Apply(sizes);
BENCHMARK(sums)->Apply(sizes);
BENCHMARK(slot_by_slot)->Apply(sizes);
BENCHMARK(sparse_lu)->Apply(sizes);
BENCHMARK(sparse_cholesky)->Apply(sizes);

}  // namespace
