/// \file
/// Integer attention, fused and unfused, beside attention in float: time, and bytes that are held at most while it runs
/// (all memory from operator new, counted). Arguments: tokens N, width D, heads H; one thread.

#include <xcim/ops/integer_attention.hpp>

#include <benchmark/benchmark.h>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <new>
#include <random>
#include <vector>

namespace {

std::atomic<std::size_t> held{0};
std::atomic<std::size_t> peak{0};

/// Memory with its size in front of it.
constexpr std::size_t header = 64;

void* counted(std::size_t size) {
    auto* const block = static_cast<std::byte*>(std::aligned_alloc(64, (size + header + 63) / 64 * 64));
    if (block == nullptr) {
        throw std::bad_alloc{};
    }
    *reinterpret_cast<std::size_t*>(block) = size;
    std::size_t const now = held += size;
    for (std::size_t seen = peak; seen < now && !peak.compare_exchange_weak(seen, now);) {
    }
    return block + header;
}

void release(void* p) {
    if (p != nullptr) {
        auto* const block = static_cast<std::byte*>(p) - header;
        held -= *reinterpret_cast<std::size_t*>(block);
        std::free(block);
    }
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void operator delete(void* p) noexcept { release(p); }
void operator delete(void* p, std::size_t) noexcept { release(p); }

namespace {

using codes_tensor = xt::xarray<std::int32_t>;

struct problem {
    explicit problem(benchmark::State const& s)
        : tokens(static_cast<std::size_t>(s.range(0))), width(static_cast<std::size_t>(s.range(1))),
          heads(static_cast<std::size_t>(s.range(2))), x(codes({tokens, width})),
          exponents(codes_tensor::from_shape({tokens})) {
        exponents.fill(-4);
        for (auto* const to : {&weights.query, &weights.key, &weights.value, &weights.output}) {
            *to = {codes({width, width}), 0x1p-9, {}};
        }
    }

    codes_tensor codes(std::vector<std::size_t> const& shape) {
        auto t = codes_tensor::from_shape(shape);
        for (auto& v : t) {
            v = static_cast<std::int32_t>(engine() % 255) - 127;
        }
        return t;
    }

    std::mt19937 engine{1};
    std::size_t tokens;
    std::size_t width;
    std::size_t heads;
    xcim::integer_attention_weights weights;
    codes_tensor x;
    codes_tensor exponents;
};

/// Runs once for the memory, then for the time.
template <class Once>
void measure(benchmark::State& state, problem const& p, Once const& once) {
    std::size_t const before = held;
    peak = before;
    once();
    state.counters["peak_bytes"] = {static_cast<double>(peak - before), benchmark::Counter::kDefaults,
                                    benchmark::Counter::kIs1024};
    for (auto _ : state) {
        once();
        benchmark::ClobberMemory();
    }
    state.counters["ns_per_score"] = benchmark::Counter(static_cast<double>(state.iterations()) *
                                                            static_cast<double>(p.tokens * p.tokens * p.heads) * 1e-9,
                                                        benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void run_integers(benchmark::State& state, xcim::integer_attention_call const& call) {
    problem const p{state};
    xcim::integer_attention_options options;
    options.heads = p.heads;
    options.input_scale = 0x1p-3;
    auto const layer = xcim::program_integer_attention(p.weights, options);
    measure(state, p, [&] { benchmark::DoNotOptimize(xcim::integer_attention(layer, p.x, p.exponents, call)); });
}

void fused(benchmark::State& state) {
    run_integers(state, {.rows_in_flight = static_cast<std::size_t>(state.range(3))});
}

void unfused(benchmark::State& state) { run_integers(state, {.flow = xcim::dataflow::unfused}); }

/// y[r][n] = sum over k of x[r][k] * w[n][k], in batches.
void float_product(float const* x, std::size_t x_stride, std::size_t rows, float const* w, std::size_t w_stride,
                   std::size_t outputs, std::size_t inputs, float* y, std::size_t y_stride) {
    using word = xcim::batch<float>;
    auto const dots = [&]<std::size_t Outputs>(float const* xr, std::size_t n, float* to) {
        std::array<word, Outputs> sums;
        sums.fill(word(0.0F));
        for (std::size_t k = 0; k + word::size <= inputs; k += word::size) {
            word const v = word::load_unaligned(xr + k);
            for (std::size_t i = 0; i < Outputs; ++i) {
                sums[i] += v * word::load_unaligned(w + (n + i) * w_stride + k);
            }
        }
        for (std::size_t i = 0; i < Outputs; ++i) {
            alignas(64) float parts[word::size];
            sums[i].store_aligned(parts);
            float sum = 0;
            for (float const part : parts) {
                sum += part;
            }
            for (std::size_t k = inputs / word::size * word::size; k < inputs; ++k) {
                sum += xr[k] * w[(n + i) * w_stride + k];
            }
            to[n + i] = sum;
        }
    };
    for (std::size_t r = 0; r < rows; ++r) {
        std::size_t n = 0;
        for (; n + 8 <= outputs; n += 8) {
            dots.template operator()<8>(x + r * x_stride, n, y + r * y_stride);
        }
        for (; n < outputs; ++n) {
            dots.template operator()<1>(x + r * x_stride, n, y + r * y_stride);
        }
    }
}

/// softmax(Q K^T / sqrt d_k) V with whole tensors.
void in_float(benchmark::State& state) {
    problem const p{state};
    auto const real = [](codes_tensor const& t, float scale) {
        std::vector<float> y(t.size());
        std::transform(t.begin(), t.end(), y.begin(), [&](std::int32_t v) { return scale * static_cast<float>(v); });
        return y;
    };
    auto const x = real(p.x, 0x1p-7F);
    auto const query = real(p.weights.query.codes, 0x1p-9F);
    auto const key = real(p.weights.key.codes, 0x1p-9F);
    auto const value = real(p.weights.value.codes, 0x1p-9F);
    auto const output = real(p.weights.output.codes, 0x1p-9F);
    std::size_t const n = p.tokens;
    std::size_t const d = p.width;
    std::size_t const head = d / p.heads;
    measure(state, p, [&] {
        std::vector<float> q(n * d);
        std::vector<float> k(n * d);
        std::vector<float> v(d * n);  // (D, N)
        float_product(x.data(), d, n, query.data(), d, d, d, q.data(), d);
        float_product(x.data(), d, n, key.data(), d, d, d, k.data(), d);
        float_product(value.data(), d, d, x.data(), d, n, d, v.data(), n);
        std::vector<float> scores(p.heads * n * n);
        std::vector<float> joined(n * d);
        float const scale = 1 / std::sqrt(static_cast<float>(head));
        for (std::size_t h = 0; h < p.heads; ++h) {
            float* const s = scores.data() + h * n * n;
            float_product(q.data() + h * head, d, n, k.data() + h * head, d, n, head, s, n);
            for (std::size_t r = 0; r < n; ++r) {
                std::span const row{s + r * n, n};
                float const highest = *std::max_element(row.begin(), row.end());
                using word = xcim::batch<float>;
                float sum = 0;
                std::size_t i = 0;
                word sums(0.0F);
                for (; i + word::size <= n; i += word::size) {
                    word const e = xsimd::exp((word::load_unaligned(row.data() + i) - word(highest)) * word(scale));
                    e.store_unaligned(row.data() + i);
                    sums += e;
                }
                alignas(64) float parts[word::size];
                sums.store_aligned(parts);
                for (float const part : parts) {
                    sum += part;
                }
                for (; i < n; ++i) {
                    sum += row[i] = std::exp((row[i] - highest) * scale);
                }
                float const inverse = 1 / sum;
                for (float& e : row) {
                    e *= inverse;
                }
            }
            float_product(s, n, n, v.data() + h * head * n, n, head, n, joined.data() + h * head, d);
        }
        std::vector<float> y(n * d);
        float_product(joined.data(), d, n, output.data(), d, d, d, y.data(), d);
        benchmark::DoNotOptimize(y.data());
    });
}

void layers(benchmark::internal::Benchmark* b) {
    b->ArgNames({"N", "D", "H"})->Unit(benchmark::kMicrosecond);
    for (int const n : {128, 512, 1024, 2048, 4096}) {
        b->Args({n, 256, 4});
    }
    b->Args({1024, 1024, 16});
}

void layers_and_rows(benchmark::internal::Benchmark* b) {
    b->ArgNames({"N", "D", "H", "rows"})->Unit(benchmark::kMicrosecond);
    for (int const n : {128, 512, 1024, 2048, 4096}) {
        b->Args({n, 256, 4, 16});
    }
    for (int const rows : {1, 8, 32, 64}) {
        b->Args({1024, 256, 4, rows});
    }
    b->Args({1024, 1024, 16, 16});
}

BENCHMARK(fused)->Apply(layers_and_rows);
BENCHMARK(unfused)->Apply(layers);
BENCHMARK(in_float)->Apply(layers);

}  // namespace
