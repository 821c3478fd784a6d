/// \file
/// Cycles and schedules of bit planes, against reading the planes with popcount. A call takes the 8 planes of 64 tokens
/// of 1024 inputs; the argument is the share of ones in percent.

#include <xcim/core/word_line_schedule.hpp>
#include <xcim/cost/gemv_cycles.hpp>

#include <benchmark/benchmark.h>

#include <random>
#include <span>
#include <vector>

namespace {

constexpr std::size_t tokens = 64;
constexpr std::size_t planes = 8;
constexpr std::size_t depth = 1024;
constexpr std::size_t token_words = xcim::words_for(depth) * planes;

std::vector<std::uint32_t> random_planes(std::int64_t percent) {
    std::mt19937 random{1};
    std::vector<std::uint32_t> words(tokens * token_words);
    for (auto& word : words) {
        for (int bit = 0; bit < 32; ++bit) {
            word |= std::uint32_t{random() % 100 < static_cast<std::uint64_t>(percent)} << bit;
        }
    }
    return words;
}

/// Time of an iteration over `count`, in ns.
void report(benchmark::State& state, char const* name, std::size_t count) {
    state.counters[name] =
        benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(count) * 1e-9,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// Calls use(plane) for all planes, again and again.
template <class Use>
void run(benchmark::State& state, Use const& use) {
    auto const words = random_planes(state.range(0));
    std::size_t sum = 0;
    for (auto _ : state) {
        for (std::size_t t = 0; t < tokens; ++t) {
            for (std::size_t p = 0; p < planes; ++p) {
                sum += use(xcim::bit_plane_view{words.data() + t * token_words + p, planes, depth});
            }
        }
        benchmark::DoNotOptimize(sum);
    }
    report(state, "ns_per_plane", tokens * planes);
}

void plane_popcount(benchmark::State& state) {
    run(state, [](xcim::bit_plane_view plane) {
        std::size_t ones = 0;
        for (std::size_t k = 0; k < xcim::words_for(plane.rows); ++k) {
            ones += static_cast<std::size_t>(std::popcount(plane.words[k * plane.stride]));
        }
        return ones;
    });
}

/// Numbers that the compiler does not know.
xcim::sift_controllers controllers(int slice, xcim::sift_rule rule) {
    xcim::sift_controllers c{.slice = slice, .rule = rule};
    benchmark::DoNotOptimize(c);
    return c;
}

template <xcim::sift_rule Rule, int Slice>
void counted(benchmark::State& state) {
    auto const c = controllers(Slice, Rule);
    run(state, [&](xcim::bit_plane_view plane) { return xcim::count_cycles(plane, c); });
}

/// All planes of a token together.
template <int Slice>
void counted_together(benchmark::State& state) {
    auto const c = controllers(Slice, xcim::sift_rule::next_fit);
    auto words = random_planes(state.range(0));
    words.resize(words.size() + xcim::lanes);
    std::size_t sum = 0;
    for (auto _ : state) {
        for (std::size_t t = 0; t < tokens; ++t) {
            sum += xcim::count_cycles({words.data() + t * token_words, planes, depth}, planes, c);
        }
        benchmark::DoNotOptimize(sum);
    }
    report(state, "ns_per_plane", tokens * planes);
}

template <xcim::sift_rule Rule>
void scheduled(benchmark::State& state) {
    auto const c = controllers(32, Rule);
    xcim::word_line_schedule schedule;
    run(state, [&](xcim::bit_plane_view plane) {
        schedule.plan(plane, c);
        return schedule.cycles() + schedule.rows().size();
    });
}

/// From codes: packed, then counted.
void gemv_cycles(benchmark::State& state) {
    std::mt19937 random{2};
    std::vector<std::int8_t> codes(tokens * depth);
    for (auto& code : codes) {
        code = static_cast<std::int8_t>(random());
    }
    for (auto _ : state) {
        auto const cycles = xcim::cost::gemv_cycles(std::span<std::int8_t const>{codes}, depth, {8, true});
        benchmark::DoNotOptimize(cycles);
    }
    report(state, "ns_per_token", tokens);
}

using enum xcim::sift_rule;
BENCHMARK(plane_popcount)->Arg(50);
BENCHMARK_TEMPLATE(counted, ideal, 32)->Arg(50);
BENCHMARK_TEMPLATE(counted, next_fit, 32)->Arg(10)->Arg(50);
BENCHMARK_TEMPLATE(counted, next_fit, 8)->Arg(50);
BENCHMARK_TEMPLATE(counted, next_fit, 20)->Arg(50);
BENCHMARK_TEMPLATE(counted, next_fit, 128)->Arg(50);
BENCHMARK_TEMPLATE(counted, first_fit, 32)->Arg(10)->Arg(50);
BENCHMARK_TEMPLATE(counted_together, 8)->Arg(50);
BENCHMARK_TEMPLATE(counted_together, 20)->Arg(50);
BENCHMARK_TEMPLATE(counted_together, 32)->Arg(50);
BENCHMARK_TEMPLATE(scheduled, next_fit)->Arg(10)->Arg(50);
BENCHMARK_TEMPLATE(scheduled, first_fit)->Arg(50);
BENCHMARK_TEMPLATE(scheduled, ideal)->Arg(50);
BENCHMARK_TEMPLATE(scheduled, fixed)->Arg(50);
BENCHMARK(gemv_cycles);

}  // namespace
