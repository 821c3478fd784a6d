/// \file
/// ResNet-20 and ResNet-18 for CIFAR-10 on a macro: images per second and peak memory. Weights and images are random:
/// neither time nor memory depends on their values.

#include "networks/macro_backend.hpp"
#include "networks/resnet18.hpp"
#include "networks/resnet20.hpp"

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <random>
#include <string>

namespace {

networks::tensor random_tensor(std::vector<std::size_t> const& shape, float lowest, float highest) {
    static std::mt19937 engine{1};
    std::uniform_real_distribution<float> uniform{lowest, highest};
    networks::tensor t = networks::tensor::from_shape(shape);
    for (auto& v : t) {
        v = uniform(engine);
    }
    return t;
}

/// What a residual network's weights are made of.
struct residual_shape {
    std::size_t first_width = 16;
    std::size_t stages = 3;
    std::size_t blocks = 3;
    bool has_shortcut_convolutions = false;
    std::string classifier = "linear";
};

networks::weight_map random_weights(residual_shape const& shape) {
    networks::weight_map weights;
    auto const add = [&](std::string const& name, std::size_t out, std::size_t in, std::size_t kernel = 3) {
        weights[name + ".weight"] = random_tensor({out, in, kernel, kernel}, -0.1F, 0.1F);
        weights[name + ".bias"] = random_tensor({out}, -0.1F, 0.1F);
    };
    add("conv1", shape.first_width, 3);
    std::size_t in = shape.first_width;
    for (std::size_t stage = 0; stage < shape.stages; ++stage) {
        std::size_t const out = shape.first_width << stage;
        for (std::size_t block = 0; block < shape.blocks; ++block, in = out) {
            auto const prefix = "layer" + std::to_string(stage + 1) + "." + std::to_string(block) + ".";
            add(prefix + "conv1", out, in);
            add(prefix + "conv2", out, out);
            if (shape.has_shortcut_convolutions && in != out) {
                add(prefix + "downsample.0", out, in, 1);
            }
        }
    }
    weights[shape.classifier + ".weight"] = random_tensor({10, in}, -0.1F, 0.1F);
    weights[shape.classifier + ".bias"] = random_tensor({10}, -0.1F, 0.1F);
    return weights;
}

/// 255 rows, 8-bit ADC, noise of 0.1 % of full scale; arguments: input bits per phase, threads.
template <class Network>
void run(benchmark::State& state, Network const& network, int bits, std::size_t batch) {
    auto const macro =
        xcim::CimMacro{xcim::quant::operands{xcim::quant::symmetric{bits}, xcim::quant::unsigned_range{bits}},
                       xcim::mapping::channel_block{.array = {255, 64}},
                       xcim::encoding::bit_parallel{static_cast<int>(state.range(0))},
                       xcim::cell::sram{},
                       xcim::noise::gaussian{xcim::of_full_scale(0.001)},
                       xcim::adc::uniform{8}};
    networks::macro_backend backend{macro, {.seed = 1, .threads = static_cast<int>(state.range(1))}};
    auto const images = random_tensor({batch, 3, 32, 32}, -2.0F, 2.0F);
    static_cast<void>(network(backend, images));  // programs the weights
    for (auto _ : state) {
        auto const logits = network(backend, images);
        benchmark::DoNotOptimize(logits.data());
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    auto const count = static_cast<double>(batch) * static_cast<double>(state.iterations());
    state.counters["images_per_second"] = benchmark::Counter(count, benchmark::Counter::kIsRate);
    state.counters["ms_per_image"] =
        benchmark::Counter(count * 1e-3, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.counters["peak_MiB_so_far"] = static_cast<double>(usage.ru_maxrss) / 1024.0;
}

void resnet20_w8a8(benchmark::State& state) { run(state, networks::resnet20{random_weights({})}, 8, 64); }

void resnet18_w4a4(benchmark::State& state) {
    run(state, networks::resnet18{random_weights({64, 4, 2, true, "fc"})}, 4, 16);
}

void arguments(benchmark::internal::Benchmark* b) {
    b->ArgNames({"bits_per_phase", "threads"})
        ->ArgsProduct({{1, 4}, {1, 2}})
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
}

BENCHMARK(resnet20_w8a8)->Apply(arguments);
BENCHMARK(resnet18_w4a4)->Apply(arguments);

}  // namespace
