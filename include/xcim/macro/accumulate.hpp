#pragma once

/// \file
/// Column sums of one block of 64 columns for one input row and one tile: the main loops of the library.
///
/// Three paths give the same integers:
///   popcount   AND + popcount of packed words, one pass a phase: 1-bit drive where the target has VPOPCNTDQ, and the
///              portable reference for any drive (one pass a bit);
///   look-up    four rows at a time through a 16-entry table of their partial sums (PSHUFB), one pass for a whole group
///              of up to four drive bits;
///   cells      any other cell: its kernel is called for every cell, sums are float.
/// Benchmark: benchmarks/macro/layers.cpp, benchmarks/kernels/accumulate.cpp. Tests: tests/unit/macro/accumulate.cpp.

#include <xcim/concepts/cell_type.hpp>
#include <xcim/core/byte_batch.hpp>
#include <xcim/macro/programmed.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// Phases processed together: their partial sums live in registers.
inline constexpr std::size_t strip_phases = 8;

/// One input row of one tile.
struct tile_input {
    std::uint32_t const* planes = nullptr;  ///< (words, plane_count): bit planes, phase fastest
    std::size_t plane_count = 0;
    std::uint16_t const* codes = nullptr;  ///< (rows): packed words of digits
    std::uint8_t const* tables = nullptr;  ///< (look-up passes, groups, 16), where the look-up path runs
};

/// One block of columns of one tile.
struct tile_block {
    std::uint32_t const* words = nullptr;   ///< (cell bits, tile words, stride)
    std::uint8_t const* nibbles = nullptr;  ///< (cell bits, 8 * tile words, stride)
    float const* states = nullptr;          ///< (rows, stride)
    std::size_t stride = 0;
    std::size_t tile_words = 0;  ///< words per column stored
    std::size_t rows = 0;        ///< rows used
    std::size_t cell_bits = 1;
    std::size_t columns = 0;  ///< columns used of the block, the rest is padding
};

namespace detail {

#if defined(__AVX512VPOPCNTDQ__) && !defined(XCIM_NO_WIDE)
inline constexpr bool has_vector_popcount = true;
XCIM_INLINE batch<std::uint32_t> popcount(batch<std::uint32_t> const& v) {
    return batch<std::uint32_t>(_mm512_popcnt_epi32(v.data));
}
#else
inline constexpr bool has_vector_popcount = false;
XCIM_INLINE batch<std::uint32_t> popcount(batch<std::uint32_t> const& v) {
    using word = batch<std::uint32_t>;
    word x = v - ((v >> 1) & word(0x55555555U));
    x = (x & word(0x33333333U)) + ((x >> 2) & word(0x33333333U));
    x = (x + (x >> 4)) & word(0x0F0F0F0FU);
    x = x + (x >> 8);
    return (x + (x >> 16)) & word(0x3FU);
}
#endif

/// sums[p][lanes] (+)= weight * popcount over the words of one batch of columns, for `Planes` consecutive planes.
template <std::size_t Planes>
XCIM_INLINE void popcount_columns(std::uint32_t const* words, std::size_t stride, std::size_t count,
                                  std::uint32_t const* planes, std::size_t plane_count, float* sums, float weight,
                                  bool first) {
    using word = batch<std::uint32_t>;
    // Plain registers: g++ keeps an array of xsimd batches in memory.
    typename word::register_type acc[Planes];
    for (auto& a : acc) {
        a = word(0U).data;
    }
    for (std::size_t k = 0; k < count; ++k) {
        word const w = word::load_unaligned(words + k * stride);
        for (std::size_t p = 0; p < Planes; ++p) {
            acc[p] = (word(acc[p]) + popcount(w & word(planes[k * plane_count + p]))).data;
        }
    }
    if (first) {
        for (std::size_t p = 0; p < Planes; ++p) {
            store(sums + p * block_columns, to_float(word(acc[p])));
        }
        return;
    }
    for (std::size_t p = 0; p < Planes; ++p) {
        float* const to = sums + p * block_columns;
        store(to, batch<float>(load<batch<float>>(to) + to_float(word(acc[p])) * batch<float>(weight)));
    }
}

/// Column sums of `count` one-bit planes from `first_plane` on.
XCIM_INLINE void popcount_block(tile_block const& block, tile_input const& input, std::size_t first_plane,
                                std::size_t count, float* sums) {
    std::size_t const words = words_for(block.rows);
    for (std::size_t b = 0; b < block.cell_bits; ++b) {
        std::uint32_t const* const bit = block.words + b * block.tile_words * block.stride;
        auto const weight = static_cast<float>(1U << b);
        for (std::size_t c = 0; c < block.columns; c += lanes) {
            std::size_t p = 0;
            auto const run = [&]<std::size_t Planes>(std::integral_constant<std::size_t, Planes>) {
                for (; p + Planes <= count; p += Planes) {
                    popcount_columns<Planes>(bit + c, block.stride, words, input.planes + first_plane + p,
                                             input.plane_count, sums + p * block_columns + c, weight, b == 0);
                }
            };
            run(std::integral_constant<std::size_t, 8>{});
            run(std::integral_constant<std::size_t, 4>{});
            run(std::integral_constant<std::size_t, 1>{});
        }
    }
}

/// The portable way to drive several levels: one popcount pass a bit.
inline void popcount_levels(tile_block const& block, tile_input const& input, digit const& phase, float* sums) {
    alignas(64) std::array<float, block_columns> plane;
    for (int t = 0; t < phase.bits; ++t) {
        popcount_block(block, input, static_cast<std::size_t>(phase.shift + t), 1, plane.data());
        for (std::size_t c = 0; c < block_columns; ++c) {
            sums[c] = (t == 0 ? 0.0F : sums[c]) + plane[c] * static_cast<float>(1U << t);
        }
    }
}

/// Whether a phase of so many bits goes through look-up tables.
constexpr bool looks_up(int bits) { return has_byte_batch && (bits > 1 || !has_vector_popcount); }

/// Look-up passes of a phase: one for every four bits.
constexpr std::size_t look_up_passes(int bits) { return static_cast<std::size_t>((bits + 3) / 4); }

/// Tables of one pass hold 16 bytes for every four rows, rounded up to whole words of 32 rows.
constexpr std::size_t table_bytes(std::size_t rows) { return words_for(rows) * 8 * 16; }

#if defined(__SSSE3__) && !defined(XCIM_NO_WIDE)

/// tables[g][i] = sum of the levels of those of the rows 4 g to 4 g + 3 whose bit is set in i; levels below 16.
inline void build_tables(std::uint16_t const* codes, std::size_t rows, int shift, int bits, std::uint8_t* tables) {
    // Lane L of a register takes rows 4 L to 4 L + 3 of the 16 that are broadcast, each where its bit is set.
    constexpr std::size_t rows_at_once = register_bytes / 4;
    byte_register index[4];
    byte_register where[4];
    for (std::size_t b = 0; b < 4; ++b) {
        std::array<std::uint8_t, register_bytes> i;
        std::array<std::uint8_t, register_bytes> w;
        for (std::size_t k = 0; k < register_bytes; ++k) {
            i[k] = static_cast<std::uint8_t>(k / 16 * 4 + b);
            w[k] = ((k % 16) >> b) & 1U ? 0xFF : 0;
        }
        index[b] = load_bytes(i.data());
        where[b] = load_bytes(w.data());
    }
    int const mask = (1 << bits) - 1;
    for (std::size_t r = 0; r < words_for(rows) * 32; r += rows_at_once) {
        alignas(16) std::array<std::uint8_t, 16> level{};
        for (std::size_t i = 0; i < std::min(rows_at_once, rows - std::min(rows, r)); ++i) {
            level[i] = static_cast<std::uint8_t>((codes[r + i] >> shift) & mask);
        }
        byte_register const levels = broadcast_16(level.data());
        byte_register sum = zero_bytes();
        for (std::size_t b = 0; b < 4; ++b) {
            sum = add_8(sum, bit_and(shuffle_16(levels, index[b]), where[b]));
        }
        store_bytes(tables + 4 * r, sum);
    }
}

/// One register of columns: sums[c] (+)= weight * sum of the tables' entries that the stored nibbles select. `Groups`
/// entries fit a byte; groups come in multiples of eight.
template <std::size_t Groups>
XCIM_INLINE void look_up_columns(std::uint8_t const* nibbles, std::size_t stride, std::uint8_t const* tables,
                                 std::size_t groups, float* sums, float weight, bool first) {
    constexpr std::size_t most_groups = 1024;  // 1024 groups of four rows at level 15 fit 16 bits
    for (std::size_t begin = 0; begin < groups; begin += most_groups) {
        std::size_t const end = std::min(groups, begin + most_groups);
        byte_register both = zero_bytes();  // even columns plus 256 times the odd ones, modulo 2^16
        byte_register odd = zero_bytes();
        for (std::size_t g = begin; g < end; g += Groups) {
            byte_register sum = shuffle_16(broadcast_16(tables + 16 * g), load_bytes(nibbles + g * stride));
#pragma GCC unroll 8
            for (std::size_t i = 1; i < Groups; ++i) {
                sum =
                    add_8(sum, shuffle_16(broadcast_16(tables + 16 * (g + i)), load_bytes(nibbles + (g + i) * stride)));
            }
            both = add_16(both, sum);
            odd = add_16(odd, high_bytes_16(sum));
        }
        std::array<std::uint16_t, register_bytes / 2> b;
        std::array<std::uint16_t, register_bytes / 2> o;
        store_bytes(b.data(), both);
        store_bytes(o.data(), odd);
        bool const sets = first && begin == 0;
        for (std::size_t i = 0; i < b.size(); ++i) {
            auto const even = static_cast<std::uint16_t>(b[i] - (o[i] << 8));
            sums[2 * i] = (sets ? 0.0F : sums[2 * i]) + weight * static_cast<float>(even);
            sums[2 * i + 1] = (sets ? 0.0F : sums[2 * i + 1]) + weight * static_cast<float>(o[i]);
        }
    }
}

inline void look_up_block(tile_block const& block, std::uint8_t const* tables, digit const& phase, float* sums) {
    std::size_t const groups = words_for(block.rows) * 8;
    for (std::size_t pass = 0; pass < look_up_passes(phase.bits); ++pass) {
        int const bits = std::min(4, phase.bits - 4 * static_cast<int>(pass));
        std::uint8_t const* const table = tables + pass * table_bytes(block.rows);
        for (std::size_t b = 0; b < block.cell_bits; ++b) {
            std::uint8_t const* const bit = block.nibbles + b * block.tile_words * 8 * block.stride;
            auto const weight = static_cast<float>(1U << (4 * pass + b));
            for (std::size_t c = 0; c < block.columns; c += register_bytes) {
                bool const sets = pass == 0 && b == 0;
                if (bits == 4) {  // entries up to 60
                    look_up_columns<4>(bit + c, block.stride, table, groups, sums + c, weight, sets);
                } else {  // entries up to 28
                    look_up_columns<8>(bit + c, block.stride, table, groups, sums + c, weight, sets);
                }
            }
        }
    }
}

#else

inline void build_tables(std::uint16_t const*, std::size_t, int, int, std::uint8_t*) {}
inline void look_up_block(tile_block const&, std::uint8_t const*, digit const&, float*) {}

#endif

}  // namespace detail

/// Bytes of look-up tables that one input row of one tile needs for these phases.
[[nodiscard]] inline std::size_t look_up_table_bytes(std::span<digit const> phases, std::size_t rows) {
    std::size_t bytes = 0;
    for (auto const& phase : phases) {
        bytes += detail::looks_up(phase.bits) ? detail::look_up_passes(phase.bits) * detail::table_bytes(rows) : 0;
    }
    return bytes;
}

/// Fills the tables of one input row of one tile, in the order of the phases.
inline void fill_look_up_tables(std::uint16_t const* codes, std::size_t rows, std::span<digit const> phases,
                                std::uint8_t* tables) {
    for (auto const& phase : phases) {
        if (!detail::looks_up(phase.bits)) {
            continue;
        }
        for (std::size_t pass = 0; pass < detail::look_up_passes(phase.bits); ++pass) {
            int const done = 4 * static_cast<int>(pass);
            detail::build_tables(codes, rows, phase.shift + done, std::min(4, phase.bits - done), tables);
            tables += detail::table_bytes(rows);
        }
    }
}

/// Column sums of linear cells: sums (phases, 64), exact integers in cell-LSB. `phases` are consecutive digits of equal
/// width; input.tables points at the tables of the first of them.
inline void accumulate_bits(tile_block const& block, tile_input const& input, std::span<digit const> phases,
                            float* sums) {
    int const bits = phases.front().bits;
    if (detail::looks_up(bits)) {
        std::uint8_t const* tables = input.tables;
        for (std::size_t p = 0; p < phases.size(); ++p) {
            detail::look_up_block(block, tables, phases[p], sums + p * block_columns);
            tables += detail::look_up_passes(bits) * detail::table_bytes(block.rows);
        }
    } else if (bits == 1) {
        detail::popcount_block(block, input, static_cast<std::size_t>(phases.front().shift), phases.size(), sums);
    } else {
        for (std::size_t p = 0; p < phases.size(); ++p) {
            detail::popcount_levels(block, input, phases[p], sums + p * block_columns);
        }
    }
}

/// Column sums of any cell: sums (phases, 64), float, rows added in order.
template <class Kernel>
void accumulate_cells(Kernel const& kernel, tile_block const& block, tile_input const& input,
                      std::span<digit const> phases, float* sums) {
    using V = batch<float>;
    for (std::size_t p = 0; p < phases.size(); ++p) {
        int const mask = phases[p].levels() - 1;
        for (std::size_t c = 0; c < block.columns; c += lanes) {
            V sum(0.0F);
            for (std::size_t r = 0; r < block.rows; ++r) {
                V const drive(static_cast<float>((input.codes[r] >> phases[p].shift) & mask));
                sum = sum + unfused(V(kernel(load<V>(block.states + r * block.stride + c), drive)));
            }
            store(sums + p * block_columns + c, sum);
        }
    }
}

}  // namespace xcim::inline XCIM_ABI
