/// \file
/// A macro whose encoder schedules word lines (at most eight ones a cycle) against one that drives whole bit planes:
/// 16 rows of 1024 signed 8-bit inputs, 1024 outputs of 8-bit weights, one array of 1024 rows.
///
/// Figure of merit: time per column and bit plane, `ns_per_plane`, whatever the cycles the plane takes; beside it
/// `ns_per_conversion`. Ratios inside one run are what counts.

#include <xcim/noise/sense_variation.hpp>
#include <xcim/xcim.hpp>

#include <benchmark/benchmark.h>

#include <random>

namespace {

constexpr std::size_t rows = 16;
constexpr std::size_t depth = 1024;
constexpr std::size_t outputs = 1024;

xt::xarray<float> normal_tensor(std::vector<std::size_t> const& shape, unsigned seed) {
    xt::xarray<float> t = xt::xarray<float>::from_shape(shape);
    std::mt19937 engine{seed};
    std::normal_distribution<float> normal;
    for (auto& v : t) {
        v = normal(engine);
    }
    return t;
}

template <class Encoding, class Noise, class Converter>
auto composed(Encoding encoding, Noise noise, Converter adc) {
    return xcim::CimMacro{xcim::quant::symmetric{8},
                          xcim::mapping::bit_slice{.array = {1024, 8192}},
                          encoding,
                          xcim::cell::sram{},
                          noise,
                          adc};
}

/// Conversions of one column in all planes of all rows.
template <class Macro>
double conversions(Macro const& macro, xt::xarray<float> const& x) {
    using encoding = std::remove_cvref_t<decltype(macro.encoding())>;
    if constexpr (xcim::ScheduledEncoder<encoding>) {
        auto const q = macro.quantise_inputs(xcim::ref(x), rows);
        auto const planes = static_cast<std::size_t>(q.digits.planes);
        std::vector<std::uint32_t> packed(xcim::words_for(depth) * planes);
        std::size_t cycles = 0;
        for (std::size_t m = 0; m < rows; ++m) {
            xcim::pack_planes(q.words.data() + m * depth, depth, q.digits.planes, packed.data());
            for (std::size_t p = 0; p < planes; ++p) {
                cycles += xcim::count_cycles({packed.data() + p, planes, depth}, macro.encoding().controllers);
            }
        }
        return static_cast<double>(cycles);
    } else {
        return static_cast<double>(rows * 8);
    }
}

/// `at_once` rows a call: fewer than five and the popcount main loop runs, else the matrix unit where there is one.
template <class Macro>
void multiply(benchmark::State& state, Macro const& macro, xcim::run_options const& options,
              std::size_t at_once = rows) {
    auto const x = normal_tensor({rows, depth}, 1);
    auto const array = macro.program(normal_tensor({outputs, depth}, 2));
    std::vector<xt::xarray<float>> parts;
    for (std::size_t m = 0; m < rows; m += at_once) {
        xt::xarray<float> part = xt::xarray<float>::from_shape({at_once, depth});
        std::copy_n(x.data() + m * depth, at_once * depth, part.data());
        parts.push_back(std::move(part));
    }
    for (auto _ : state) {
        for (auto const& part : parts) {
            auto const y = xcim::linear(macro, part, array, options);
            benchmark::DoNotOptimize(y.data());
        }
    }
    auto const rate = [&](double count) {
        return benchmark::Counter(count * static_cast<double>(state.iterations()) * 1e-9,
                                  benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    };
    double const columns = static_cast<double>(outputs) * 8;
    state.counters["ns_per_plane"] = rate(columns * static_cast<double>(rows) * 8);
    state.counters["ns_per_conversion"] = rate(columns * conversions(macro, x));
}

constexpr xcim::run_options every_cycle{.seed = 1, .every_cycle = true};

void plain_popcount(benchmark::State& state) {
    multiply(state, composed(xcim::encoding::bit_serial{}, xcim::noise::none{}, xcim::adc::exact_count{}), every_cycle,
             4);
}
void plain_as_it_comes(benchmark::State& state) {
    multiply(state, composed(xcim::encoding::bit_serial{}, xcim::noise::none{}, xcim::adc::exact_count{}), every_cycle);
}
void sift(benchmark::State& state) {
    multiply(state, composed(xcim::encoding::bit_sift{}, xcim::noise::none{}, xcim::adc::exact_count{}), every_cycle);
}
void sift_saturating(benchmark::State& state) {  // three bits hold 0 to 7
    multiply(state, composed(xcim::encoding::bit_sift{}, xcim::noise::none{}, xcim::adc::uniform{3}), every_cycle);
}
void sift_collapsed(benchmark::State& state) {
    multiply(state, composed(xcim::encoding::bit_sift{}, xcim::noise::none{}, xcim::adc::exact_count{}), {});
}
void sift_varying_cells(benchmark::State& state) {
    multiply(state,
             composed(xcim::encoding::bit_sift{}, xcim::noise::sense_variation{{.on = 0.0295}},
                      xcim::adc::exact_count{.counts_only = true}),
             every_cycle);
}
void sift_gaussian(benchmark::State& state) {
    multiply(state,
             composed(xcim::encoding::bit_sift{}, xcim::noise::gaussian{xcim::in_cell_lsb(0.1)},
                      xcim::adc::exact_count{.counts_only = true}),
             every_cycle);
}

BENCHMARK(plain_popcount)->Unit(benchmark::kMillisecond);
BENCHMARK(plain_as_it_comes)->Unit(benchmark::kMillisecond);
BENCHMARK(sift)->Unit(benchmark::kMillisecond);
BENCHMARK(sift_saturating)->Unit(benchmark::kMillisecond);
BENCHMARK(sift_collapsed)->Unit(benchmark::kMillisecond);
BENCHMARK(sift_varying_cells)->Unit(benchmark::kMillisecond);
BENCHMARK(sift_gaussian)->Unit(benchmark::kMillisecond);

}  // namespace
