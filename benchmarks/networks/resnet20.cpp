/// \file
/// ResNet-20 for CIFAR-10 on a macro: images per second and peak memory. Weights and images are random: neither time
/// nor memory depends on their values.

#include "networks/resnet20.hpp"
#include "networks/macro_backend.hpp"

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

networks::weight_map random_weights() {
    networks::weight_map weights;
    auto const add = [&](std::string const& name, std::size_t out, std::size_t in) {
        weights[name + ".weight"] = random_tensor({out, in, 3, 3}, -0.1F, 0.1F);
        weights[name + ".bias"] = random_tensor({out}, -0.1F, 0.1F);
    };
    add("conv1", 16, 3);
    for (std::size_t stage = 1, in = 16; stage <= 3; ++stage) {
        std::size_t const out = 8U << stage;
        for (std::size_t block = 0; block < 3; ++block, in = out) {
            auto const prefix = "layer" + std::to_string(stage) + "." + std::to_string(block) + ".";
            add(prefix + "conv1", out, in);
            add(prefix + "conv2", out, out);
        }
    }
    weights["linear.weight"] = random_tensor({10, 64}, -0.1F, 0.1F);
    weights["linear.bias"] = random_tensor({10}, -0.1F, 0.1F);
    return weights;
}

/// W8A8, 255 rows, 8-bit ADC, noise of 0.1 % of full scale; arguments: input bits per phase, threads.
void resnet20_batch_64(benchmark::State& state) {
    auto const run = [&](auto encoding) {
        auto const macro =
            xcim::CimMacro{xcim::quant::operands{xcim::quant::symmetric{8}, xcim::quant::unsigned_range{8}},
                           xcim::mapping::channel_block{.array = {255, 64}},
                           encoding,
                           xcim::cell::sram{},
                           xcim::noise::gaussian{xcim::of_full_scale(0.001)},
                           xcim::adc::uniform{8}};
        networks::resnet20 const network{random_weights()};
        networks::macro_backend backend{macro, {.seed = 1, .threads = static_cast<int>(state.range(1))}};
        auto const images = random_tensor({64, 3, 32, 32}, -2.0F, 2.0F);
        for (auto _ : state) {
            auto const logits = network(backend, images);
            benchmark::DoNotOptimize(logits.data());
        }
    };
    if (state.range(0) == 1) {
        run(xcim::encoding::bit_serial{});
    } else {
        run(xcim::encoding::bit_parallel{static_cast<int>(state.range(0))});
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    state.counters["images_per_second"] =
        benchmark::Counter(64.0 * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
    state.counters["peak_MiB_so_far"] = static_cast<double>(usage.ru_maxrss) / 1024.0;
}

BENCHMARK(resnet20_batch_64)
    ->ArgNames({"bits_per_phase", "threads"})
    ->Args({1, 1})
    ->Args({1, 2})
    ->Args({4, 1})
    ->Args({4, 2})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
