/// \file
/// Column sums of 255 rows: one input row at a time (popcount, look-up) against many at once by the matrix unit, tables
/// and levels made once for 8 blocks of 64 columns. Arguments: drive bits, input rows that share the expanded cells.

#include <xcim/macro/matrix_sums.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <vector>

namespace {

constexpr std::size_t rows = 255;
constexpr std::size_t words = xcim::words_for(rows);
constexpr std::size_t blocks = 8;
constexpr std::size_t stride = 32 * words + 32;

struct problem {
    explicit problem(benchmark::State const& s)
        : drive_bits(static_cast<int>(s.range(0))), inputs(static_cast<std::size_t>(s.range(1))) {
        std::mt19937 engine{1};
        std::generate(bits.begin(), bits.end(), [&] { return static_cast<std::uint32_t>(engine()); });
        std::generate(nibbles.begin(), nibbles.end(), [&] { return static_cast<std::uint8_t>(engine() & 15U); });
        codes.resize(inputs * stride);
        std::generate(codes.begin(), codes.end(), [&] { return static_cast<std::uint16_t>(engine() & 255U); });
        for (int shift = 0; shift < 8; shift += drive_bits) {
            phases.push_back({shift, drive_bits, 1 << shift, false});
        }
    }

    [[nodiscard]] xcim::tile_block block(std::size_t b) const {
        return {bits.data() + b * words * 64, nibbles.data() + b * words * 512, nullptr, words, rows, 1, 64, false};
    }

    void report(benchmark::State& state) const {
        auto const sums = static_cast<double>(inputs * blocks * 64 * phases.size());
        state.counters["ns_per_sum"] = benchmark::Counter(sums * static_cast<double>(state.iterations()) * 1e-9,
                                                          benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    }

    int drive_bits;
    std::size_t inputs;
    xcim::aligned_vector<std::uint32_t> bits = xcim::aligned_vector<std::uint32_t>(blocks * words * 64);
    xcim::aligned_vector<std::uint8_t> nibbles = xcim::aligned_vector<std::uint8_t>(blocks * words * 512);
    std::vector<std::uint16_t> codes;  // (inputs, stride)
    std::vector<xcim::digit> phases;
};

void by_row(benchmark::State& state) {
    problem const p{state};
    std::size_t const table_bytes = xcim::look_up_table_bytes(p.phases, rows);
    xcim::aligned_vector<std::uint32_t> planes(p.inputs * words * 8);
    xcim::aligned_vector<std::uint8_t> tables(p.inputs * table_bytes);
    xcim::aligned_vector<float> sums(8 * 64);
    for (auto _ : state) {
        for (std::size_t m = 0; m < p.inputs; ++m) {
            if (p.drive_bits == 1) {
                xcim::pack_planes(p.codes.data() + m * stride, rows, 8, planes.data() + m * words * 8);
            }
            xcim::fill_look_up_tables(p.codes.data() + m * stride, rows, p.phases, tables.data() + m * table_bytes);
        }
        for (std::size_t b = 0; b < blocks; ++b) {
            for (std::size_t m = 0; m < p.inputs; ++m) {
                xcim::accumulate_bits(p.block(b),
                                      {planes.data() + m * words * 8, 8, tables.data() + m * table_bytes, nullptr},
                                      p.phases, sums.data());
                benchmark::ClobberMemory();
            }
        }
    }
    p.report(state);
}

void by_matrix_unit(benchmark::State& state) {
    problem const p{state};
    if (!xcim::matrix_sums::is_available(p.drive_bits, 1, false)) {
        state.SkipWithError("no matrix unit");
        return;
    }
    std::size_t const row_bytes = xcim::matrix_sums::row_bytes(rows);
    std::size_t const group = xcim::matrix_sums::rows_at_once / p.phases.size();
    xcim::aligned_vector<std::uint8_t> levels(xcim::matrix_sums::level_bytes(p.inputs * p.phases.size(), rows));
    xcim::aligned_vector<float> sums(xcim::matrix_sums::rows_at_once * 64);
    xcim::matrix_sums unit;
    for (auto _ : state) {
        for (std::size_t m = 0; m < p.inputs; ++m) {
            xcim::matrix_sums::fill_levels(p.codes.data() + m * stride, rows, p.phases,
                                           levels.data() + m * p.phases.size() * row_bytes);
        }
        for (std::size_t b = 0; b < blocks; ++b) {
            unit.take_cells(p.block(b), (1 << p.drive_bits) - 1);
            for (std::size_t m = 0; m < p.inputs; m += group) {
                unit.sum(levels.data() + m * p.phases.size() * row_bytes,
                         std::min(group, p.inputs - m) * p.phases.size(), sums.data());
                benchmark::ClobberMemory();
            }
        }
    }
    p.report(state);
}

void sizes(benchmark::internal::Benchmark* b) {
    b->ArgNames({"drive_bits", "inputs"})->ArgsProduct({{1, 2, 4, 8}, {1, 2, 4, 8, 16, 32, 64}});
}

BENCHMARK(by_row)->ArgNames({"drive_bits", "inputs"})->ArgsProduct({{1, 2, 4, 8}, {8}});
BENCHMARK(by_matrix_unit)->Apply(sizes);

}  // namespace
