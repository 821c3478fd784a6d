/// \file
/// Products of cells that differ from one another against an sgemm of the same shape on one thread: 256 rows, all sums
/// of `columns` columns for `inputs` input rows.
///
/// sgemm       OpenBLAS, once a phase
/// sums        column sums alone, states and drives as they are
/// macro       inputs quantised, driven bit by bit or all bits at once, summed, converted, added digitally
/// noisy_macro the same with Gaussian noise in front of the converter
/// devices     8 bits at once into pairs of RRAM cells; wired_devices: the same behind the wires of crossbars
///
/// `ns_per_sum` is the figure of merit: one column sum of one phase. Ratios of medians inside one run are what counts.

#include <xcim/xcim.hpp>

#include <benchmark/benchmark.h>
#include <cblas.h>

#include <cmath>
#include <random>
#include <vector>

namespace {

constexpr std::size_t rows = 256;

struct problem {
    explicit problem(benchmark::State const& s)
        : columns{static_cast<std::size_t>(s.range(0))}, inputs{static_cast<std::size_t>(s.range(1))} {
        openblas_set_num_threads(1);
    }

    void report(benchmark::State& state, std::size_t phases) const {
        auto const sums = static_cast<double>(inputs * columns * phases);
        state.counters["ns_per_sum"] = benchmark::Counter(sums * static_cast<double>(state.iterations()) * 1e-9,
                                                          benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    }

    std::size_t columns;
    std::size_t inputs;
};

template <class Numbers>
Numbers random_numbers(std::size_t count, float lowest, unsigned seed) {
    Numbers numbers(count);
    std::mt19937 engine{seed};
    std::uniform_real_distribution<float> uniform{lowest, 1.0F};
    for (auto& v : numbers) {
        v = uniform(engine);
    }
    return numbers;
}

/// Drives (inputs, rows), states (rows, columns), states in blocks of 64 columns, and both products.
struct operands : problem {
    using numbers = xcim::aligned_vector<float>;

    explicit operands(benchmark::State const& s) : problem{s} {
        for (std::size_t r = 0; r < rows; ++r) {
            for (std::size_t c = 0; c < columns; ++c) {
                blocks[(c / 64 * rows + r) * 64 + c % 64] = states[r * columns + c];
            }
        }
    }

    void by_sgemm() {
        auto const n = static_cast<blasint>(columns);
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, static_cast<blasint>(inputs), n, rows, 1.0F,
                    drives.data(), rows, states.data(), n, 0.0F, product.data(), n);
    }

    /// A block of columns at a time, `drives_at_once` input rows at a time: use(m, c, sums) as they come.
    template <class Use>
    void by_cell_sums(Use const& use) {
        xcim::cell_sums sums;
        for (std::size_t first = 0; first < inputs; first += xcim::cell_sums::drives_at_once) {
            std::size_t const count = std::min(xcim::cell_sums::drives_at_once, inputs - first);
            for (std::size_t c = 0; c < columns; c += 64) {
                sums.take({blocks.data() + c * rows, drives.data() + first * rows, nullptr}, {rows, 1, count, 64});
                for (std::size_t m = 0; m < count; ++m) {
                    use(first + m, c, sums.of(xcim::multiply_cells{}, m));
                }
            }
        }
    }

    /// The largest distance of the two products, in sums of 256 products of numbers up to 1.
    [[nodiscard]] float distance() {
        by_sgemm();
        float worst = 0;
        by_cell_sums([&](std::size_t m, std::size_t first, float const* sums) {
            for (std::size_t c = 0; c < 64; ++c) {
                worst = std::max(worst, std::fabs(sums[c] - product[m * columns + first + c]));
            }
        });
        return worst;
    }

    numbers drives = random_numbers<numbers>(inputs * rows, -1.0F, 1);
    numbers states = random_numbers<numbers>(rows * columns, -1.0F, 2);
    numbers blocks = numbers(rows * columns);
    numbers product = numbers(inputs * columns);
};

void sgemm(benchmark::State& state) {
    operands o{state};
    for (auto _ : state) {
        o.by_sgemm();
        benchmark::ClobberMemory();
    }
    o.report(state, 1);
}

void sums(benchmark::State& state) {
    operands o{state};
    if (o.distance() > 1e-4F) {
        state.SkipWithError("not the product");
        return;
    }
    for (auto _ : state) {
        o.by_cell_sums([](std::size_t, std::size_t, float const* s) { benchmark::DoNotOptimize(*s); });
    }
    o.report(state, 1);
}

/// Weights of 4 bits summed in the analog domain, so that columns are outputs.
template <class Noise>
auto make_macro(int drive_bits, Noise noise) {
    return xcim::CimMacro{xcim::quant::operands{xcim::quant::symmetric{4}, xcim::quant::unsigned_range{8}},
                          xcim::mapping::weight_parallel{{static_cast<int>(rows), 64}},
                          xcim::encoding::bit_parallel{drive_bits},
                          xcim::cell::current{.levels = 16},
                          noise,
                          xcim::adc::uniform{8}};
}

template <class Macro>
void run(benchmark::State& state, Macro const& macro) {
    problem const p{state};
    auto const numbers = [](std::size_t n, std::size_t k, float lowest, unsigned seed) {
        xt::xarray<float> t = xt::xarray<float>::from_shape({n, k});
        auto const v = random_numbers<std::vector<float>>(t.size(), lowest, seed);
        std::copy(v.begin(), v.end(), t.begin());
        return t;
    };
    auto const x = numbers(p.inputs, rows, 0.0F, 1);
    auto const w = numbers(p.columns, rows, -1.0F, 2);
    auto const array = macro.program(w);
    for (auto _ : state) {
        auto const y = xcim::linear(macro, x, array, {.seed = 1});
        benchmark::DoNotOptimize(y.data());
    }
    p.report(state, macro.conversions_per_row(array) / p.columns);
}

void macro(benchmark::State& state) { run(state, make_macro(static_cast<int>(state.range(2)), xcim::noise::none{})); }

auto device_macro() { return make_macro(8, xcim::noise::none{}).with(xcim::cell::pair{xcim::cell::rram{.levels = 8}}); }

void devices(benchmark::State& state) { run(state, device_macro()); }

void wired_devices(benchmark::State& state) { run(state, device_macro().with(xcim::wire::crossbar{})); }

void noisy_macro(benchmark::State& state) {
    run(state, make_macro(static_cast<int>(state.range(2)), xcim::noise::gaussian{xcim::in_adc_lsb(0.5)}));
}

std::vector<std::int64_t> const column_counts{64, 128, 512};
std::vector<std::int64_t> const input_counts{64, 1024};
std::vector<std::string> const products{"columns", "inputs"};
std::vector<std::string> const macros{"columns", "inputs", "drive_bits"};

BENCHMARK(sgemm)->ArgNames(products)->ArgsProduct({column_counts, input_counts});
BENCHMARK(sums)->ArgNames(products)->ArgsProduct({column_counts, input_counts});
BENCHMARK(macro)->ArgNames(macros)->ArgsProduct({column_counts, input_counts, {1, 4, 8}});
BENCHMARK(devices)->ArgNames(products)->ArgsProduct({column_counts, input_counts});
BENCHMARK(wired_devices)->ArgNames(products)->ArgsProduct({column_counts, input_counts});
BENCHMARK(noisy_macro)->ArgNames(macros)->ArgsProduct({column_counts, input_counts, {1, 4, 8}});

}  // namespace
