/// \file
/// Products of 8-bit integers with exact sums against oneDNN's u8 x s8 -> s32 inner product, weights packed and
/// primitive created before the clock starts. Arguments: rows, inputs, outputs, threads (outputs shared out in ranges).

#include <xcim/core/integer_gemm.hpp>
#include <xcim/core/threads.hpp>

#include <benchmark/benchmark.h>
#include <oneapi/dnnl/dnnl.hpp>

#if defined(_OPENMP)
#include <omp.h>
#endif

#include <random>
#include <stdexcept>
#include <vector>

namespace {

struct problem {
    explicit problem(benchmark::State const& s)
        : rows(static_cast<std::size_t>(s.range(0))), inputs(static_cast<std::size_t>(s.range(1))),
          outputs(static_cast<std::size_t>(s.range(2))), threads(static_cast<int>(s.range(3))), x(rows * inputs),
          w(outputs * inputs), y(rows * outputs) {
        std::mt19937 engine{1};
        for (auto& v : x) {
            v = static_cast<std::uint8_t>(engine() >> 7);
        }
        for (auto& v : w) {
            v = static_cast<std::int8_t>(engine() >> 7);
        }
    }

    /// Both programs must compute the product before its time means anything.
    void check() const {
        for (std::size_t i = 0; i < y.size(); i += 97) {
            std::int32_t right = 0;
            for (std::size_t k = 0; k < inputs; ++k) {
                right += x[i / outputs * inputs + k] * w[i % outputs * inputs + k];
            }
            if (y[i] != right) {
                throw std::runtime_error("wrong product");
            }
        }
    }

    void report(benchmark::State& state) const {
        state.counters["MAC/s"] =
            benchmark::Counter(static_cast<double>(rows * inputs * outputs) * static_cast<double>(state.iterations()),
                               benchmark::Counter::kIsRate);
    }

    std::size_t rows;
    std::size_t inputs;
    std::size_t outputs;
    int threads;
    xcim::aligned_vector<std::uint8_t> x;  // (rows, inputs)
    std::vector<std::int8_t> w;            // (outputs, inputs)
    xcim::aligned_vector<std::int32_t> y;  // (rows, outputs)
};

template <class Multiply>
void run_xcim(benchmark::State& state, Multiply const& multiply) {
    problem p{state};
    xcim::integer_weights const packed{p.w.data(), p.outputs, p.inputs};
    auto const parts = static_cast<std::size_t>(p.threads);
    auto const edge = [&](std::size_t part) {
        constexpr std::size_t grain = 2 * xcim::integer_weights::output_multiple;
        return part == parts ? p.outputs : p.outputs / grain * part / parts * grain;
    };
    auto const once = [&] {
        xcim::for_each_task(parts, p.threads, [&](std::size_t t) { multiply(packed, p, edge(t), edge(t + 1)); });
    };
    once();
    p.check();
    for (auto _ : state) {
        once();
        benchmark::ClobberMemory();
    }
    p.report(state);
}

void xcim_product(benchmark::State& state) {
    run_xcim(state, [](auto const& packed, problem& p, std::size_t first, std::size_t last) {
        xcim::multiply_integers(packed, {p.x.data(), p.inputs, p.rows, false}, first, last, p.y.data(), p.outputs);
    });
}

/// What a machine without a matrix unit runs.
void xcim_dot_products(benchmark::State& state) {
    run_xcim(state, [](auto const& packed, problem& p, std::size_t first, std::size_t last) {
        xcim::detail::multiply_by_dots(packed, {p.x.data(), p.inputs, p.rows, false},
                                       {first, last, p.y.data(), p.outputs});
    });
}

void onednn(benchmark::State& state) {
    using dnnl::memory;
    problem p{state};
#if defined(_OPENMP)
    omp_set_num_threads(p.threads);
#endif
    auto const m = static_cast<memory::dim>(p.rows);
    auto const k = static_cast<memory::dim>(p.inputs);
    auto const n = static_cast<memory::dim>(p.outputs);
    dnnl::engine engine{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream{engine};
    memory::desc const x{{m, k}, memory::data_type::u8, memory::format_tag::ab};
    memory::desc const w{{n, k}, memory::data_type::s8, memory::format_tag::ab};
    memory::desc const any{{n, k}, memory::data_type::s8, memory::format_tag::any};
    memory::desc const y{{m, n}, memory::data_type::s32, memory::format_tag::ab};
    using product = dnnl::inner_product_forward;
    auto const kind = dnnl::prop_kind::forward_inference;
#if DNNL_VERSION_MAJOR >= 3
    product::primitive_desc const description{engine, kind, x, any, y};
#else
    product::primitive_desc const description{product::desc{kind, x, any, y}, engine};
#endif
    memory plain{w, engine, p.w.data()};
    memory packed{description.weights_desc(), engine};
    dnnl::reorder{plain, packed}.execute(stream, plain, packed);
    product const primitive{description};
    std::unordered_map<int, memory> const arguments{
        {DNNL_ARG_SRC, {x, engine, p.x.data()}}, {DNNL_ARG_WEIGHTS, packed}, {DNNL_ARG_DST, {y, engine, p.y.data()}}};
    auto const once = [&] {
        primitive.execute(stream, arguments);
        stream.wait();
    };
    once();
    p.check();
    for (auto _ : state) {
        once();
        benchmark::ClobberMemory();
    }
    p.report(state);
}

void sizes(benchmark::internal::Benchmark* b) {
    b->ArgNames({"rows", "inputs", "outputs", "threads"})->Unit(benchmark::kMicrosecond)->UseRealTime();
    for (int const threads : {1, 2}) {
        b->Args({512, 768, 768, threads})
            ->Args({2048, 576, 64, threads})
            ->Args({64, 768, 3072, threads})
            ->Args({1024, 4608, 512, threads});
    }
}

BENCHMARK(xcim_product)->Apply(sizes);
BENCHMARK(xcim_dot_products)->Apply(sizes);
BENCHMARK(onednn)->Apply(sizes);

}  // namespace
