#pragma once

/// \file
/// Column sums of one block of 64 columns for many input rows at once, by the matrix unit:
///
///     sums[m][p][c] = sum over rows k of level[m][p][k] * cell[k][c]
///
/// One product of bytes whatever the number of drive bits and cell bits, where accumulate.hpp needs a pass a bit or a
/// group of bits. The same integers as accumulate_bits.
/// Tests: tests/unit/macro/matrix_sums.cpp. Benchmark: benchmarks/kernels/matrix_sums.cpp.

#include <xcim/core/integer_gemm.hpp>
#include <xcim/macro/accumulate.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace xcim::inline XCIM_ABI {

/// Works on one block of columns at a time, for any number of groups of input rows:
///
///     matrix_sums::fill_levels(...)                  once an input row, tile and strip of phases
///     matrix_sums unit;                              one a thread, on the thread that uses it
///     unit.take_cells(block, top_level)              once a block and row block: expands the packed bits to bytes
///     unit.sum(levels, rows * phases, sums)          for `rows_at_once` (input row, phase) pairs or fewer
///
/// One byte holds two one-bit cells where the sums allow it: column c plus 254 times column c + 32. The first sum is
/// the remainder of the common one as long as it is below 254, which the ones of the column and the largest level
/// decide; that halves the products.
///
/// Expanding costs as much as the sums of three input rows of eight one-bit phases: 8 input rows or more should
/// share it. Levels are 0 to 255, cells -128 to 127: see is_available.
class matrix_sums {
public:
    /// Pairs of input row and phase that are summed together: their sums stay in the first-level cache.
    static constexpr std::size_t rows_at_once = 32;

    /// Whether this target and machine have the matrix unit and these widths fit its bytes.
    [[nodiscard]] static bool is_available(int drive_bits, int cell_bits, bool is_signed_cell);

    /// Bytes of the levels of one phase of one input row of a tile with so many rows.
    [[nodiscard]] static constexpr std::size_t row_bytes(std::size_t rows) { return (rows + 63) / 64 * 64; }

    /// Bytes of a buffer for so many pairs of input row and phase; those behind the last may hold anything.
    [[nodiscard]] static constexpr std::size_t level_bytes(std::size_t pairs, std::size_t rows) {
        return (pairs + 15) / 16 * 16 * row_bytes(rows);
    }

    /// levels (phases, row_bytes) of one input row; `codes` is readable up to the next multiple of 32.
    static void fill_levels(std::uint16_t const* codes, std::size_t rows, std::span<digit const> phases,
                            std::uint8_t* levels);

    /// Takes over the cells of a block, to be driven with levels up to `top_level`; `block` is not needed afterwards.
    void take_cells(tile_block const& block, int top_level);

    /// Sums of `pairs` pairs of input row and phase, at most rows_at_once: sums (pairs rounded up to 16, 64), exact
    /// integers in cell-LSB; columns beyond block.columns and pairs beyond the last are not defined.
    ///
    /// \param levels  (pairs, row_bytes), on a cache line
    void sum(std::uint8_t const* levels, std::size_t pairs, float* sums);

#if defined(XCIM_HAS_AMX)
private:
    static constexpr std::size_t column_tile = detail::dot_outputs;
    static constexpr std::size_t partner = block_columns / 2;  ///< columns from a cell to the one that shares its byte
    static constexpr int partner_weight = 254;

    [[nodiscard]] static bool can_share_bytes(tile_block const& block, int top_level);
    void expand(tile_block const& block);
    template <amx::signs Signs>
    void multiply(std::uint8_t const* levels, std::size_t pairs, std::size_t columns, std::size_t stride,
                  std::int32_t* sums) const;
    static void split(std::int32_t const* common, std::size_t pairs, float* sums);

    std::size_t columns_ = 0;
    std::size_t row_bytes_ = 0;
    bool shares_bytes_ = false;
    aligned_vector<std::int8_t> cells_;  // (column tiles of 16, row_bytes / 4, 16, 4)
    amx::session unit_;
#endif
};

#if defined(XCIM_HAS_AMX)

inline bool matrix_sums::is_available(int drive_bits, int cell_bits, bool is_signed_cell) {
    return drive_bits <= 8 && cell_bits <= (is_signed_cell ? 8 : 7) && amx::is_allowed();
}

inline void matrix_sums::fill_levels(std::uint16_t const* codes, std::size_t rows, std::span<digit const> phases,
                                     std::uint8_t* levels) {
    for (std::size_t k = 0; k < 32 * words_for(rows); k += 32) {
        __m512i const code = _mm512_loadu_si512(codes + k);
        for (std::size_t p = 0; p < phases.size(); ++p) {
            __m512i const level = _mm512_and_si512(_mm512_srl_epi16(code, _mm_cvtsi32_si128(phases[p].shift)),
                                                   _mm512_set1_epi16(static_cast<short>(phases[p].levels() - 1)));
            _mm256_store_si256(reinterpret_cast<__m256i*>(levels + p * row_bytes(rows) + k),
                               _mm512_cvtepi16_epi8(level));
        }
    }
}

/// Whether no sum of columns 0 to 31 reaches the weight of its partner.
inline bool matrix_sums::can_share_bytes(tile_block const& block, int top_level) {
    constexpr std::size_t most_exact = 65535;  // sums of the partner up to which `split` is exact
    bool const may = block.columns > partner && block.cell_bits == 1 && !block.is_signed;
    if (!may || block.rows * static_cast<std::size_t>(top_level) > most_exact) {
        return false;
    }
    using word = batch<std::uint32_t>;
    std::uint32_t most = 0;
    for (std::size_t c = 0; c < partner; c += lanes) {
        detail::count_register ones = word(0U).data;
        for (std::size_t k = 0; k < words_for(block.rows); ++k) {
            ones = detail::add_popcount(ones, word::load_unaligned(block.words + k * block_columns + c).data, ~0U);
        }
        most = std::max(most, _mm512_reduce_max_epu32(ones));
    }
    return most * static_cast<std::uint32_t>(top_level) < static_cast<std::uint32_t>(partner_weight);
}

inline void matrix_sums::take_cells(tile_block const& block, int top_level) {
    columns_ = block.columns;
    row_bytes_ = row_bytes(block.rows);
    cells_.resize(block_columns * row_bytes_);
    shares_bytes_ = can_share_bytes(block, top_level);
    expand(block);
}

inline void matrix_sums::expand(tile_block const& block) {
    std::size_t const groups = row_bytes_ / 4;  // of four rows: a nibble of a column, a lane of a tile
    std::size_t const stored = 8 * words_for(block.rows);
    // Byte s of a lane holds a nibble of column tile s; each of its bits goes to the byte of its row.
    __m512i const row_bit = _mm512_set1_epi32(0x08040201);
    __m512i const lane = _mm512_broadcast_i32x4(_mm_set_epi32(0x0C0C0C0C, 0x08080808, 0x04040404, 0));
    auto const is_set = [&](__m512i four_rows, std::size_t s) {
        __m512i const nibble = _mm512_add_epi8(lane, _mm512_set1_epi8(static_cast<char>(s)));
        return _mm512_test_epi8_mask(_mm512_shuffle_epi8(four_rows, nibble), row_bit);
    };
    auto const weight_of = [](int weight) { return _mm512_set1_epi8(static_cast<char>(weight)); };
    if (shares_bytes_) {
        for (std::size_t g = 0; g < stored; ++g) {
            __m512i const four_rows = _mm512_loadu_si512(block.nibbles + g * block_columns);
#pragma GCC unroll 2
            for (std::size_t s = 0; s < 2; ++s) {
                __m512i const cell = _mm512_maskz_mov_epi8(is_set(four_rows, s), weight_of(1));
                _mm512_store_si512(
                    cells_.data() + (s * groups + g) * 64,
                    _mm512_mask_add_epi8(cell, is_set(four_rows, s + 2), cell, weight_of(partner_weight)));
            }
        }
    }
    for (std::size_t b = 0; b < block.cell_bits && !shares_bytes_; ++b) {
        __m512i const weight = weight_of(static_cast<int>(block.bit_weight(b)));
        std::uint8_t const* const nibbles = block.nibbles + b * block.tile_words * 8 * block_columns;
        for (std::size_t g = 0; g < stored; ++g) {
            __m512i const four_rows = _mm512_loadu_si512(nibbles + g * block_columns);
#pragma GCC unroll 4
            for (std::size_t s = 0; s < 4; ++s) {
                std::int8_t* const to = cells_.data() + (s * groups + g) * 64;
                __m512i const lower_bits = b == 0 ? _mm512_setzero_si512() : _mm512_load_si512(to);
                _mm512_store_si512(to, _mm512_mask_add_epi8(lower_bits, is_set(four_rows, s), lower_bits, weight));
            }
        }
    }
    for (std::size_t s = 0; s < 4; ++s) {
        std::fill(cells_.data() + (s * groups + stored) * 64, cells_.data() + (s + 1) * groups * 64, std::int8_t{0});
    }
}

template <amx::signs Signs>
void matrix_sums::multiply(std::uint8_t const* levels, std::size_t pairs, std::size_t columns, std::size_t stride,
                           std::int32_t* sums) const {
    for (std::size_t c = 0; c < columns; c += 2 * column_tile) {
        auto const run = [&]<std::size_t Rows, std::size_t Columns>() {
            detail::multiply_tiles<Rows, Columns, Signs>({levels, row_bytes_}, row_bytes_ / detail::tile_inputs,
                                                         nullptr, cells_.data() + c * row_bytes_,
                                                         column_tile * row_bytes_, sums + c, stride);
        };
        bool const two_tiles = columns - c > column_tile;
        if (pairs > detail::tile_rows) {
            two_tiles ? run.template operator()<2, 2>() : run.template operator()<2, 1>();
        } else {
            two_tiles ? run.template operator()<1, 2>() : run.template operator()<1, 1>();
        }
    }
}

/// common (pairs, 32) = sum of column c + 254 * sum of column c + 32, to sums (pairs, 64).
inline void matrix_sums::split(std::int32_t const* common, std::size_t pairs, float* sums) {
    __m512 const weight = _mm512_set1_ps(static_cast<float>(partner_weight));
    __m512 const share = _mm512_set1_ps(1.0F / static_cast<float>(partner_weight));
    __m512 const half_share = _mm512_set1_ps(0.5F / static_cast<float>(partner_weight));
    for (std::size_t i = 0; i < pairs; ++i) {
        for (std::size_t c = 0; c < partner; c += 16) {
            __m512 const both = _mm512_cvtepi32_ps(_mm512_load_si512(common + i * partner + c));
            // Half a unit away from the integers, so that rounding does not matter.
            __m512 const high = _mm512_roundscale_ps(_mm512_fmadd_ps(both, share, half_share),
                                                     _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
            float* const to = sums + i * block_columns + c;
            _mm512_storeu_ps(to, _mm512_fnmadd_ps(high, weight, both));
            _mm512_storeu_ps(to + partner, high);
        }
    }
}

inline void matrix_sums::sum(std::uint8_t const* levels, std::size_t pairs, float* sums) {
    XCIM_ASSERT(pairs <= rows_at_once, "the matrix unit sums 32 pairs of input row and phase at a time");
    unit_.configure(detail::tiles_of(2 * detail::tile_rows, 2 * column_tile));
    if (shares_bytes_) {
        alignas(64) std::array<std::int32_t, rows_at_once * partner> common;
        multiply<amx::signs::unsigned_unsigned>(levels, pairs, partner, partner, common.data());
        split(common.data(), pairs, sums);
    } else {
        auto* const integers = reinterpret_cast<std::int32_t*>(sums);
        multiply<amx::signs::unsigned_signed>(levels, pairs, columns_, block_columns, integers);
        for (float* at = sums; at < sums + pairs * block_columns; at += 16) {
            _mm512_storeu_ps(at, _mm512_cvtepi32_ps(_mm512_loadu_si512(at)));
        }
    }
}

#else

inline bool matrix_sums::is_available(int, int, bool) { return false; }
inline void matrix_sums::fill_levels(std::uint16_t const*, std::size_t, std::span<digit const>, std::uint8_t*) {}
inline void matrix_sums::take_cells(tile_block const&, int) {}
inline void matrix_sums::sum(std::uint8_t const*, std::size_t, float*) {}

#endif

}  // namespace xcim::inline XCIM_ABI
