#pragma once

/// \file
/// Normals of a grid of neighbouring sites, (rows, columns), from streams: what is drawn for every conversion. The
/// sixteen streams of a counter run down the grid in strips of sixteen columns; every word gives two rows their draws:
///
///     grid[2 q][16 g + i], grid[2 q + 1][16 g + i] = high, low half of word g ceil(rows / 2) + q of stream i
///
/// A number depends on key, counter, rows and its place in the grid alone, and has the distribution of core/normal.hpp;
/// 32 further bits for the outermost draws come from Threefry.
/// Tests: tests/unit/core/stream_normal.cpp, tests/statistical/random.cpp. Benchmark: benchmarks/kernels/normal.cpp.

#include <xcim/core/normal.hpp>

#include <cstddef>
#include <cstdint>

namespace xcim::inline XCIM_ABI {

namespace detail {

[[nodiscard]] constexpr std::size_t words_of_rows(std::size_t rows) { return (rows + 1) / 2; }

/// Which of the draws of its stream this is.
[[nodiscard]] constexpr std::size_t slot_of(std::size_t rows, std::size_t row, std::size_t column) {
    return 2 * (column / stream_count * words_of_rows(rows) + row / 2) + row % 2;
}

/// Writes the outermost draws of sixteen columns again, refined; `streams` as they were in front of these columns.
template <class Draw>
[[gnu::noinline]] void refine_columns(Draw const& draw, xoroshiro<stream_words> streams, word_pair<> key,
                                      word_pair<> counter, std::size_t rows, std::size_t first_column, float* out,
                                      std::size_t stride) {
    for (std::size_t row = 0; row < rows; row += 2) {
        stream_words const random = streams.next();
        for (std::size_t i = 0; i < stream_count; i += lanes) {
            two_draws<batch<float>> const draws{random.words[i / lanes]};
            auto const counter_of = [&](std::size_t l) {
                return word_pair<>{counter.first, counter.second + static_cast<std::uint32_t>(i + l)};
            };
            for (std::size_t half = 0; half < 2; ++half) {
                refine_outermost(draw, draws, half, key, counter_of, slot_of(rows, row + half, first_column),
                                 out + (row + half) * stride + first_column + i);
            }
        }
    }
}

template <class Draw>
void fill_grid(Draw const& draw, word_pair<> key, word_pair<> counter, std::size_t rows, std::size_t columns,
               float* out, std::size_t stride) {
    using V = batch<float>;
    auto streams = open_streams(key, counter);
    V const unsure(draw.unsure_below);
    for (std::size_t c = 0; c < columns; c += stream_count) {
        auto const start = streams;
        V outermost = unsure;
        for (std::size_t row = 0; row < rows; row += 2) {
            stream_words const random = streams.next();
            for (std::size_t i = 0; i < stream_count; i += lanes) {
                two_draws<V> const draws{random.words[i / lanes]};
                for (std::size_t half = 0; half < 2; ++half) {
                    outermost = min(outermost, draws.odd[half]);
                    store(out + (row + half) * stride + c + i,
                          signed_by(draw.magnitude(draws.odd[half]), draws.sign[half]));
                }
            }
        }
        if (xsimd::any(outermost < unsure)) [[unlikely]] {
            refine_columns(draw, start, key, counter, rows, c, out, stride);
        }
    }
}

}  // namespace detail

/// The standard normal at one place of the grid of a counter: the scalar definition. The low four bits of
/// `counter.second` must be zero.
[[nodiscard]] inline float grid_normal(word_pair<> key, word_pair<> counter, std::size_t rows, std::size_t row,
                                       std::size_t column) {
    std::size_t const i = column % stream_count;
    std::size_t const slot = detail::slot_of(rows, row, column);
    auto stream = open_stream(key, counter, i);
    for (std::size_t skipped = 0; skipped < slot / 2; ++skipped) {
        stream.next();
    }
    detail::two_draws<float> const draws{stream.next()};
    counter.second += static_cast<std::uint32_t>(i);
    return detail::signed_draw(detail::standard_draw{}, draws.odd[row % 2], draws.sign[row % 2], key, counter, slot);
}

/// All of them: the normal of (row, column) to out[row * stride + column]. `out` must be writable up to the next even
/// number of rows and the next multiple of sixteen columns.
inline void fill_normal_grid(word_pair<> key, word_pair<> counter, std::size_t rows, std::size_t columns, float* out,
                             std::size_t stride) {
    detail::fill_grid(detail::standard_draw{}, key, counter, rows, columns, out, stride);
}

}  // namespace xcim::inline XCIM_ABI
