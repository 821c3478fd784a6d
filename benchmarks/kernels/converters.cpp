/// \file
/// One conversion by every converter: strips of eight phases of 64 columns, converted, shifted and added as the engine
/// does it, the converters' normals laid out by column. adc::uniform is what the others are to be compared with.

#include <xcim/adc/calibrated.hpp>
#include <xcim/adc/cyclic.hpp>
#include <xcim/adc/oscillator.hpp>
#include <xcim/adc/pipeline.hpp>
#include <xcim/adc/ramp.hpp>
#include <xcim/adc/s_curve.hpp>
#include <xcim/adc/sar.hpp>
#include <xcim/adc/sign_magnitude.hpp>
#include <xcim/adc/stochastic.hpp>
#include <xcim/adc/tabulated.hpp>
#include <xcim/adc/uniform.hpp>
#include <xcim/core/aligned.hpp>
#include <xcim/core/normal.hpp>
#include <xcim/macro/strip.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace {

using namespace xcim;

constexpr std::size_t phases = strip_phases;
constexpr std::size_t columns = block_columns;

/// `count` rows of 64 normals; room for whole groups of four.
aligned_vector<float> normals_of(int count, std::uint32_t seed) {
    aligned_vector<std::uint32_t> ids(columns);
    std::iota(ids.begin(), ids.end(), 0U);
    aligned_vector<float> normals((static_cast<std::size_t>(count) + 4) * columns);
    for (std::uint32_t quad = 0; 4 * quad < static_cast<std::uint32_t>(count); ++quad) {
        fill_normals({seed, 1}, ids.data(), quad, columns, normals.data() + 4 * quad * columns, columns);
    }
    return normals;
}

template <class A>
void convert(benchmark::State& state, A const& adc) {
    column_context context;
    context.rows = 255;
    context.full_scale = 255 * 15;
    context.signed_sums = state.range(0) != 0;
    auto const kernel = adc.prepare(context);
    using K = decltype(adc.prepare(context));

    aligned_vector<float> sums(phases * columns);
    for (std::size_t i = 0; i < sums.size(); ++i) {
        double const share = static_cast<double>(i * 797 % sums.size()) / static_cast<double>(sums.size());
        sums[i] = static_cast<float>(context.full_scale * (context.signed_sums ? 2 * share - 1 : share));
    }
    auto const fixed = normals_of(adc_column_draws_of<K>, 1);
    strip_normals drawn{std::max(1, adc_draws_of<K>)};
    auto const fresh = normals_of(static_cast<int>(drawn.values.size() / columns), 2);
    std::copy_n(fresh.begin(), drawn.values.size(), drawn.values.begin());
    std::array<float, phases> const weights{1, 2, 4, 8, 16, 32, 64, 128};

    aligned_vector<float> partial(columns);
    auto const strip = [&] {
        convert_strip<A::is_integer>(kernel, sums.data(), drawn, column_normals{fixed.data(), columns},
                                     phase_weights{weights}, columns, partial.data());
    };
    strip();
    for (std::size_t c = 0; c < columns; ++c) {
        float expected = 0;
        for (std::size_t p = 0; p < phases; ++p) {
            lane<float> const l{drawn.at(p * columns + c), strip_normals::stride, fixed.data() + c, columns};
            expected = expected + unfused(kernel(sums[p * columns + c], l) * weights[p]);
        }
        if (partial[c] != expected) {
            state.SkipWithError("a strip of batches differs from single conversions");
            return;
        }
    }
    for (auto _ : state) {
        strip();
        benchmark::DoNotOptimize(partial.data());
        benchmark::ClobberMemory();
    }
    state.counters["ns_per_conversion"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(phases * columns) * 1e-9,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

adc::tabulated table_of(int bits) {
    adc::tabulated adc;
    int const levels = 1 << bits;
    for (int i = 0; i < levels; ++i) {
        double const x = static_cast<double>(i) / levels;
        adc.values.push_back(x * x);
        if (i > 0) {
            adc.thresholds.push_back(x * x - 0.2 / levels / levels);
        }
    }
    return adc;
}

constexpr adc::capacitor_errors capacitors{.mismatch = 0.01, .comparator = 0.005, .gain_db = 60};
constexpr adc::capacitor_errors split_capacitors{
    .mismatch = 0.01, .comparator = 0.005, .gain_db = 60, .is_split = true};
constexpr adc::stage_errors stages{.mismatch = 0.005, .comparator = 0.02, .gain_db = 60, .parasitic = 0.1};
constexpr adc::curve_errors curve{
    .bend = 0.1, .bend_spread = 0.1, .gain_spread = 0.02, .offset_spread = 0.01, .series_resistance = 0.05};

BENCHMARK_CAPTURE(convert, uniform, adc::uniform{8})->Arg(0)->Arg(1);
BENCHMARK_CAPTURE(convert, calibrated, adc::calibrated{8})->Arg(0)->Arg(1);
BENCHMARK_CAPTURE(convert, calibrated_range, adc::calibrated{8, adc::range_of_full_scale(0.1, 0.6)})->Arg(0);
BENCHMARK_CAPTURE(convert, sign_magnitude, adc::sign_magnitude{8})->Arg(1);
BENCHMARK_CAPTURE(convert, stochastic, adc::stochastic{adc::calibrated{8}})->Arg(0)->Arg(1);
BENCHMARK_CAPTURE(convert, sar, adc::sar{8, capacitors})->Arg(0)->Arg(1);
BENCHMARK_CAPTURE(convert, sar_constant_bits, adc::sar{c<8>, capacitors})->Arg(0);
BENCHMARK_CAPTURE(convert, sar_split, adc::sar{8, split_capacitors})->Arg(0);
BENCHMARK_CAPTURE(convert, ramp, adc::ramp{8, capacitors})->Arg(0);
BENCHMARK_CAPTURE(convert, pipeline, adc::pipeline{8, stages})->Arg(0);
BENCHMARK_CAPTURE(convert, pipeline_constant_bits, adc::pipeline{c<8>, stages})->Arg(0);
BENCHMARK_CAPTURE(convert, cyclic, adc::cyclic{8, stages})->Arg(0);
BENCHMARK_CAPTURE(convert, oscillator, adc::oscillator{1e-15, 10})->Arg(0)->Arg(1);
BENCHMARK_CAPTURE(convert, s_curve, adc::s_curve{8, curve})->Arg(1);
BENCHMARK_CAPTURE(convert, tabulated_4, table_of(4))->Arg(0);
BENCHMARK_CAPTURE(convert, tabulated_8, table_of(8))->Arg(0);

}  // namespace
