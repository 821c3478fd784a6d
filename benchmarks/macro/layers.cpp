/// \file
/// Whole layers against bare main loops over the same bits: AND + popcount of packed planes, and the integer product of
/// the machine's dot-product instructions or matrix unit over planes of bytes. The faster of the two is the bound.
///
/// `conversions` per second is the figure of merit: one column sum of one tile, input phase and weight slice, converted
/// and added. Ratios of medians inside one run are what counts; the host's speed drifts.

#include <xcim/xcim.hpp>

#include <benchmark/benchmark.h>

#include <random>
#include <numeric>
#include <vector>

namespace {

xt::xarray<float> random_tensor(std::vector<std::size_t> const& shape, float lowest, unsigned seed) {
    xt::xarray<float> t = xt::xarray<float>::from_shape(shape);
    std::mt19937 engine{seed};
    std::uniform_real_distribution<float> uniform{lowest, 1.0F};
    for (auto& v : t) {
        v = uniform(engine);
    }
    return t;
}

template <class Encoding, class Noise, class Converter>
auto make_macro(Encoding encoding, Noise noise, Converter adc) {
    return xcim::CimMacro{xcim::quant::operands{xcim::quant::symmetric{8}, xcim::quant::unsigned_range{8}},
                          xcim::mapping::channel_block{.array = {255, 64}},
                          encoding,
                          xcim::cell::sram{},
                          noise,
                          adc};
}

/// 64 -> 64 channels, 3x3, 16x16 pixels, batch 8 unless said otherwise.
struct conv_size {
    std::size_t batch = 8;
    std::size_t inputs = 64;
    std::size_t outputs = 64;
    std::size_t extent = 16;
};

/// Every conversion, even where an integer product gives the same result.
constexpr xcim::run_options every_cycle{.seed = 1, .every_cycle = true};
constexpr xcim::run_options on_two_threads{.seed = 1, .threads = 2, .every_cycle = true};
constexpr xcim::run_options as_it_comes{.seed = 1};

template <class Macro>
void run_conv(benchmark::State& state, Macro const& macro, conv_size size = {},
              xcim::run_options const& options = every_cycle) {
    auto const x = random_tensor({size.batch, size.inputs, size.extent, size.extent}, 0.0F, 1);
    auto const w = random_tensor({size.outputs, size.inputs, 3, 3}, -1.0F, 2);
    auto const array = macro.program(w);
    float check = 0;
    for (auto _ : state) {
        auto const y = xcim::conv2d(macro, x, array, {.stride = 1, .padding = 1}, options);
        check += y.data()[0];
        benchmark::DoNotOptimize(check);
    }
    auto const rows = size.batch * size.extent * size.extent;
    auto const conversions = static_cast<double>(rows * macro.conversions_per_row(array));
    state.counters["conversions"] =
        benchmark::Counter(conversions * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
    state.counters["ns_per_conversion"] =
        benchmark::Counter(conversions * static_cast<double>(state.iterations()) * 1e-9,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

template <class Macro>
void run_linear(benchmark::State& state, Macro const& macro, xcim::run_options const& options = every_cycle) {
    auto const x = random_tensor({64, 768}, -1.0F, 1);
    auto const w = random_tensor({768, 768}, -1.0F, 2);
    auto const array = macro.program(w);
    for (auto _ : state) {
        auto const y = xcim::linear(macro, x, array, options);
        benchmark::DoNotOptimize(y.data());
    }
    state.counters["ns_per_conversion"] = benchmark::Counter(
        static_cast<double>(64 * macro.conversions_per_row(array)) * static_cast<double>(state.iterations()) * 1e-9,
        benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// The main loop and nothing else, written by hand for this target: counts of AND over packed planes, summed up so
/// that they cannot be optimised away. No quantisation, no window, no conversion, no shift and add.
void bare_popcount(benchmark::State& state, std::size_t rows, std::vector<std::size_t> const& tile_words,
                   std::size_t columns) {
    constexpr std::size_t phases = 8;
    std::mt19937 engine{3};
    std::size_t const words = std::accumulate(tile_words.begin(), tile_words.end(), std::size_t{0});
    xcim::aligned_vector<std::uint32_t> weights(words * columns);
    xcim::aligned_vector<std::uint32_t> inputs(rows * words * phases);
    for (auto& w : weights) {
        w = static_cast<std::uint32_t>(engine());
    }
    for (auto& w : inputs) {
        w = static_cast<std::uint32_t>(engine());
    }
    for (auto _ : state) {
        std::uint32_t total = 0;
#if defined(__AVX512VPOPCNTDQ__)
        __m512i sum = _mm512_setzero_si512();
        std::size_t first = 0;
        for (std::size_t const count : tile_words) {
            for (std::size_t c = 0; c < columns; c += 16) {
                for (std::size_t m = 0; m < rows; ++m) {
                    __m512i acc[phases];
                    for (auto& a : acc) {
                        a = _mm512_setzero_si512();
                    }
                    std::uint32_t const* const x = inputs.data() + (m * words + first) * phases;
                    for (std::size_t k = 0; k < count; ++k) {
                        __m512i const w = _mm512_loadu_si512(weights.data() + (first + k) * columns + c);
                        for (std::size_t p = 0; p < phases; ++p) {
                            __m512i const bits =
                                _mm512_and_si512(w, _mm512_set1_epi32(static_cast<int>(x[k * phases + p])));
                            acc[p] = _mm512_add_epi32(acc[p], _mm512_popcnt_epi32(bits));
                        }
                    }
                    for (auto const& a : acc) {
                        sum = _mm512_add_epi32(sum, a);
                    }
                }
            }
            first += count;
        }
        total = static_cast<std::uint32_t>(_mm512_reduce_add_epi32(sum));
#else
        for (std::size_t m = 0; m < rows; ++m) {
            for (std::size_t c = 0; c < columns; ++c) {
                for (std::size_t p = 0; p < phases; ++p) {
                    for (std::size_t k = 0; k < words; ++k) {
                        total += static_cast<std::uint32_t>(
                            __builtin_popcount(weights[k * columns + c] & inputs[(m * words + k) * phases + p]));
                    }
                }
            }
        }
#endif
        benchmark::DoNotOptimize(total);
    }
    auto const conversions = static_cast<double>(rows * columns * phases * tile_words.size());
    state.counters["conversions"] =
        benchmark::Counter(conversions * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
    state.counters["ns_per_conversion"] =
        benchmark::Counter(conversions * static_cast<double>(state.iterations()) * 1e-9,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// The same sums as an integer product of bytes that are 0 or 1: inputs (rows * phases, inputs of a tile), weights
/// (columns, inputs of a tile), sums of 32 bits. No packing, no quantisation, no conversion.
void bare_integer_product(benchmark::State& state, std::size_t rows, std::vector<std::size_t> const& tile_inputs,
                          std::size_t columns) {
    constexpr std::size_t phases = 8;
    constexpr std::size_t rows_at_once = 32;
    std::mt19937 engine{3};
    std::vector<xcim::integer_weights> weights;
    std::vector<xcim::aligned_vector<std::uint8_t>> inputs;
    for (std::size_t const k : tile_inputs) {
        std::vector<std::int8_t> w(columns * k);
        for (auto& v : w) {
            v = static_cast<std::int8_t>(engine() & 1U);
        }
        weights.emplace_back(w.data(), columns, k);
        inputs.emplace_back(rows * phases * ((k + 63) / 64 * 64));
        for (auto& v : inputs.back()) {
            v = static_cast<std::uint8_t>(engine() & 1U);
        }
    }
    xcim::aligned_vector<std::int32_t> sums(rows_at_once * columns);
    for (auto _ : state) {
        for (std::size_t t = 0; t < weights.size(); ++t) {
            std::size_t const stride = (tile_inputs[t] + 63) / 64 * 64;
            for (std::size_t m = 0; m < rows * phases; m += rows_at_once) {
                xcim::multiply_integers(weights[t], {inputs[t].data() + m * stride, stride, rows_at_once, false}, 0,
                                        columns, sums.data(), columns);
            }
        }
        benchmark::DoNotOptimize(sums.data());
    }
    auto const conversions = static_cast<double>(rows * columns * phases * tile_inputs.size());
    state.counters["ns_per_conversion"] =
        benchmark::Counter(conversions * static_cast<double>(state.iterations()) * 1e-9,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

using xcim::of_full_scale;

xcim::noise::gaussian const noise{of_full_scale(0.001)};

// conv 64 -> 64, 3x3, 16x16, batch 8: 2048 rows, 576 weights in tiles of 28, 28 and 8 channels, 512 physical columns.
void conv_bare_main_loop(benchmark::State& s) { bare_popcount(s, 2048, {8, 8, 3}, 512); }
void conv_bare_integer_product(benchmark::State& s) { bare_integer_product(s, 2048, {252, 252, 72}, 512); }
void conv_no_noise(benchmark::State& s) {
    run_conv(s, make_macro(xcim::encoding::bit_serial{}, xcim::noise::none{}, xcim::adc::uniform{8}));
}
void conv_noise(benchmark::State& s) {
    run_conv(s, make_macro(xcim::encoding::bit_serial{}, noise, xcim::adc::uniform{8}));
}
void conv_noise_two_threads(benchmark::State& s) {
    run_conv(s, make_macro(xcim::encoding::bit_serial{}, noise, xcim::adc::uniform{8}), {}, on_two_threads);
}
void conv_no_noise_two_threads(benchmark::State& s) {
    run_conv(s, make_macro(xcim::encoding::bit_serial{}, xcim::noise::none{}, xcim::adc::uniform{8}), {}, on_two_threads);
}
void conv_collapsed(benchmark::State& s) {
    run_conv(s, make_macro(xcim::encoding::bit_serial{}, xcim::noise::none{}, xcim::adc::uniform{8}), {}, as_it_comes);
}
void conv_bit_parallel_4(benchmark::State& s) {
    run_conv(s, make_macro(xcim::encoding::bit_parallel{4}, xcim::noise::none{}, xcim::adc::uniform{8}));
}
void conv_bit_parallel_4_noise(benchmark::State& s) {
    run_conv(s, make_macro(xcim::encoding::bit_parallel{4}, noise, xcim::adc::uniform{8}));
}

// One dimension at a time: time per conversion should not move.
void conv_scaling(benchmark::State& s) {
    conv_size size;
    size.batch = static_cast<std::size_t>(s.range(0));
    size.inputs = static_cast<std::size_t>(s.range(1));
    size.outputs = static_cast<std::size_t>(s.range(2));
    size.extent = static_cast<std::size_t>(s.range(3));
    run_conv(s, make_macro(xcim::encoding::bit_serial{}, noise, xcim::adc::uniform{8}), size);
}

template <class Noise>
auto signed_macro(Noise n) {
    return xcim::CimMacro{xcim::quant::symmetric{8}, xcim::mapping::bit_slice{.array = {255, 64}},
                          xcim::encoding::bit_serial{}, xcim::cell::sram{}, n, xcim::adc::uniform{8}};
}
void linear_bare_main_loop(benchmark::State& s) { bare_popcount(s, 64, {8, 8, 8, 1}, 768 * 8); }
void linear_bare_integer_product(benchmark::State& s) { bare_integer_product(s, 64, {255, 255, 255, 3}, 768 * 8); }
void linear_no_noise(benchmark::State& s) { run_linear(s, signed_macro(xcim::noise::none{})); }
void linear_noise(benchmark::State& s) { run_linear(s, signed_macro(noise)); }
void linear_noise_two_threads(benchmark::State& s) { run_linear(s, signed_macro(noise), on_two_threads); }
void linear_collapsed(benchmark::State& s) { run_linear(s, signed_macro(xcim::noise::none{}), as_it_comes); }

BENCHMARK(conv_bare_main_loop)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(conv_bare_integer_product)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(conv_collapsed)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(linear_bare_integer_product)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(linear_collapsed)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(conv_no_noise)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(conv_noise)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(conv_no_noise_two_threads)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(conv_noise_two_threads)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(conv_bit_parallel_4)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(conv_bit_parallel_4_noise)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(conv_scaling)
    ->ArgNames({"batch", "in", "out", "extent"})
    ->Args({8, 64, 64, 16})
    ->Args({16, 64, 64, 16})
    ->Args({8, 128, 64, 16})
    ->Args({8, 64, 128, 16})
    ->Args({8, 64, 64, 32})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(linear_bare_main_loop)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(linear_no_noise)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(linear_noise)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(linear_noise_two_threads)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
