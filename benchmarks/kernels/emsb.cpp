/// \file
/// eMSB-Q of 32-bit integers to 8-bit codes against memcpy of as many bytes. Arguments: elements, columns of a row.
/// bytes_per_second counts what is read and what is written; a copy that moves as many bytes as the quantiser (4 in, 1
/// out for each element) reads and writes half of them each. Sizes: 64 Ki elements stay in a second-level cache of 1
/// MiB, 1 Mi in a third-level one, 16 Mi nowhere.

#include <xcim/core/aligned.hpp>
#include <xcim/quant/emsb_group.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>
#include <span>
#include <stdexcept>
#include <vector>

namespace {

using xcim::emsb_format;
using xcim::rounding;

int shift_of(std::int32_t found, emsb_format f) {
    return xcim::emsb_shift(static_cast<int>(std::bit_width(static_cast<std::uint32_t>(found))), f);
}

struct problem {
    explicit problem(benchmark::State const& state)
        : columns{static_cast<std::size_t>(state.range(1))}, rows{static_cast<std::size_t>(state.range(0)) / columns},
          v(rows * columns), q(v.size()), shifts(rows) {
        std::mt19937 engine{1};
        for (auto& x : v) {
            x = static_cast<std::int32_t>(engine()) >> 10;
        }
    }

    void quantise(emsb_format f) {
        xcim::emsb_rows(xcim::strided_rows<std::int32_t const>{v.data(), rows, columns, columns},
                        xcim::strided_rows<std::int8_t>{q.data(), rows, columns, columns}, std::span{shifts}, f);
    }

    /// Codes must be right before their time means anything.
    void check(emsb_format f) const {
        for (std::size_t r = 0; r < rows; ++r) {
            std::int32_t found = 0;
            for (std::size_t i = r * columns; i < (r + 1) * columns; ++i) {
                found |= v[i] < 0 ? ~v[i] : v[i];
            }
            int const s = shift_of(found, f);
            bool is_right = shifts[r] == s;
            for (std::size_t i = r * columns; i < (r + 1) * columns; ++i) {
                is_right = is_right && q[i] == std::clamp(xcim::shift_round(v[i], s, f.round), f.lowest(), f.highest());
            }
            if (!is_right) {
                throw std::runtime_error("wrong codes");
            }
        }
    }

    std::size_t columns;
    std::size_t rows;
    xcim::aligned_vector<std::int32_t> v;  // (rows, columns)
    xcim::aligned_vector<std::int8_t> q;   // (rows, columns)
    std::vector<int> shifts;               // (rows)
};

void report(benchmark::State& state, std::size_t elements) {
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(5 * elements));
}

template <rounding How>
void emsb(benchmark::State& state) {
    problem p{state};
    emsb_format const f{8, true, How};
    p.quantise(f);
    p.check(f);
    for (auto _ : state) {
        p.quantise(f);
        benchmark::ClobberMemory();
    }
    report(state, p.v.size());
}

/// The bytes of so many elements, half of them read and half of them written.
void copy(benchmark::State& state) {
    std::size_t const elements = static_cast<std::size_t>(state.range(0));
    xcim::aligned_vector<char> const from(elements * 5 / 2, 1);
    xcim::aligned_vector<char> to(from.size());
    for (auto _ : state) {
        std::memcpy(to.data(), from.data(), from.size());
        benchmark::ClobberMemory();
    }
    report(state, elements);
}

/// Element by element, shift_round for each: what the definition costs.
void by_definition(benchmark::State& state) {
    problem p{state};
    emsb_format const f{};
    for (auto _ : state) {
        for (std::size_t r = 0; r < p.rows; ++r) {
            std::int32_t found = 0;
            for (std::size_t i = r * p.columns; i < (r + 1) * p.columns; ++i) {
                found |= p.v[i] < 0 ? ~p.v[i] : p.v[i];
            }
            int const s = shift_of(found, f);
            for (std::size_t i = r * p.columns; i < (r + 1) * p.columns; ++i) {
                p.q[i] = static_cast<std::int8_t>(
                    std::clamp(xcim::shift_round(p.v[i], s, f.round), f.lowest(), f.highest()));
            }
        }
        benchmark::ClobberMemory();
    }
    report(state, p.v.size());
}

void sizes(benchmark::internal::Benchmark* b) {
    b->ArgNames({"elements", "columns"});
    for (int const elements : {1 << 16, 1 << 20, 1 << 24}) {
        for (int const columns : {8, 16, 32, 64, 197, 256, 768, 4096}) {
            b->Args({elements, columns});
        }
    }
}

BENCHMARK(copy)->ArgName("elements")->Arg(1 << 16)->Arg(1 << 20)->Arg(1 << 24);
BENCHMARK(emsb<rounding::half_up>)->Apply(sizes);
BENCHMARK(emsb<rounding::floor>)->Apply(sizes);
BENCHMARK(emsb<rounding::half_even>)->Apply(sizes);
BENCHMARK(by_definition)->ArgNames({"elements", "columns"})->Args({1 << 16, 768});

}  // namespace
