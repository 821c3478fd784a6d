#pragma once

/// \file
/// From column sums to digital partial sums: noise, conversion, shift and add over a strip that stays in the
/// first-level cache. Loop and order are written here once; models supply what happens to one batch.

#include <xcim/core/stream_normal.hpp>
#include <xcim/macro/accumulate.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <utility>

namespace xcim::inline XCIM_ABI {

/// Where the draws of one strip of one block of 64 columns belong.
struct strip_site {
    word_pair<> key;          ///< of the input row and the tile
    std::uint32_t column_id;  ///< of the block's first column
    std::size_t first_phase;  ///< of the strip

    /// Counter of the streams of one draw of every conversion.
    [[nodiscard]] word_pair<> counter(std::size_t draw) const {
        return {column_id, static_cast<std::uint32_t>(first_phase * stream_count | draw << 16)};
    }
};

/// Draws of a strip: (draw, phase, column). Entries that were never filled are zero.
struct strip_normals {
    static constexpr std::size_t stride = strip_phases * block_columns;
    aligned_vector<float> values;

    /// Room for so many draws a conversion.
    explicit strip_normals(int draws) : values(static_cast<std::size_t>(draws) * stride) {}

    /// Fills `draws` draws of every conversion by fill(key, counter, phases, columns, to, stride).
    template <class Fill>
    void fill(Fill const& fill, int draws, strip_site const& site, std::size_t phases, std::size_t columns) {
        for (std::size_t draw = 0; draw < static_cast<std::size_t>(draws); ++draw) {
            fill(site.key, site.counter(draw), phases, columns, values.data() + draw * stride, block_columns);
        }
    }

    [[nodiscard]] float const* at(std::size_t offset) const { return values.data() + offset; }
};

/// The numbers of a strip's columns that stay the same for a chip: draw i of column c at values[i * stride + c].
struct column_normals {
    float const* values = nullptr;
    std::size_t stride = 0;
};

/// What the codes of a strip weigh: one number a phase where all columns are read in the same way.
struct phase_weights {
    std::span<float const> weights;

    [[nodiscard]] std::size_t phases() const { return weights.size(); }
    [[nodiscard]] XCIM_INLINE bool skips(std::size_t /*phase*/) const { return false; }
    [[nodiscard]] XCIM_INLINE batch<float> at(std::size_t phase, std::size_t /*column*/) const {
        return batch<float>(weights[phase]);
    }
};

/// The same where some cycles are read in another way: weight 0 there, (phases, 64), and phases without any.
struct cycle_weights {
    float const* weights = nullptr;
    std::size_t count = 0;
    std::uint32_t used_phases = 0;  ///< bit p: some column's weight is not 0

    [[nodiscard]] std::size_t phases() const { return count; }
    [[nodiscard]] XCIM_INLINE bool skips(std::size_t phase) const { return ((used_phases >> phase) & 1U) == 0; }
    [[nodiscard]] XCIM_INLINE batch<float> at(std::size_t phase, std::size_t column) const {
        return load<batch<float>>(weights + phase * block_columns + column);
    }
};

/// partial[c] += sum over phases of weight(p, c) * code(sums[p][c]), for one block of columns. With integer codes and
/// weights that keep the sum below 2^24 the result is exact. Several batches of columns are in flight, so that the
/// additions of one do not wait for each other.
template <bool IntegerCodes, class Converter, class Weights>
void convert_strip(Converter const& converter, float const* sums, strip_normals const& normals, column_normals fixed,
                   Weights const& weights, std::size_t columns, float* partial) {
    XCIM_ASSERT(weights.phases() <= strip_phases && columns <= block_columns, "a strip is 8 phases of 64 columns");
    using V = batch<float>;
    constexpr std::size_t in_flight = std::min<std::size_t>(4, block_columns / lanes);
    auto const each_batch = []<class F>(F&& f) {
        [&]<std::size_t... I>(std::index_sequence<I...>) { (f(std::integral_constant<std::size_t, I>{}), ...); }
        (std::make_index_sequence<in_flight>{});
    };
    Converter const convert = converter;
    for (std::size_t c = 0; c < columns; c += in_flight * lanes) {
        std::array<V, in_flight> total;
        each_batch([&](auto i) { total[i] = load<V>(partial + c + i * lanes); });
        for (std::size_t p = 0; p < weights.phases(); ++p) {
            if (weights.skips(p)) {
                continue;
            }
            each_batch([&](auto i) {
                std::size_t const column = c + i * lanes;
                std::size_t const at = p * block_columns + column;
                lane<V> const l{normals.at(at), normals.stride, fixed.values + column, fixed.stride};
                V const product = convert(load<V>(sums + at), l) * weights.at(p, column);
                // Exact products may be fused with the addition: the result is the same.
                total[i] = total[i] + (IntegerCodes ? product : unfused(product));
            });
        }
        each_batch([&](auto i) { store(partial + c + i * lanes, total[i]); });
    }
}

}  // namespace xcim::inline XCIM_ABI
