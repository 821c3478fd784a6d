#pragma once

/// \file
/// Column sums of one block of 64 columns of stored bits for one input row and one tile: the main loops of the library.
/// Other cells: macro/cell_sums.hpp.
///
/// Two paths give the same integers:
///   popcount   AND + popcount of packed words, one pass a phase: 1-bit drive where the target has VPOPCNTDQ, and the
///              portable reference for any drive (one pass a bit);
///   look-up    four rows at a time through a 16-entry table of their partial sums (PSHUFB), one pass for a whole group
///              of up to four drive bits.
/// Benchmark: benchmarks/macro/layers.cpp, benchmarks/kernels/matrix_sums.cpp. Tests: tests/unit/macro/accumulate.cpp.

#include <xcim/concepts/cell_type.hpp>
#include <xcim/core/byte_batch.hpp>
#include <xcim/macro/programmed.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// Phases processed together: their partial sums live in registers.
inline constexpr std::size_t strip_phases = 8;

/// One input row of one tile.
struct tile_input {
    std::uint32_t const* planes = nullptr;  ///< (words, plane_count): bit planes, phase fastest
    std::size_t plane_count = 0;
    std::uint8_t const* tables = nullptr;  ///< (look-up passes, groups, 16), where the look-up path runs
    float const* drives = nullptr;         ///< (phases, rows): what each row is driven with, where cells are called
};

/// One block of columns of one tile.
struct tile_block {
    std::uint32_t const* words = nullptr;   ///< (cell bits, tile words, 64)
    std::uint8_t const* nibbles = nullptr;  ///< (cell bits, 8 tile words, 64)
    float const* states = nullptr;          ///< (rows, 64)
    std::size_t tile_words = 0;             ///< words per column stored
    std::size_t rows = 0;                   ///< rows used
    std::size_t cell_bits = 1;
    std::size_t columns = 0;  ///< columns used of the block, the rest is padding
    bool is_signed = false;   ///< the top bit of a cell counts negatively

    /// What bit b of a cell stands for.
    [[nodiscard]] float bit_weight(std::size_t b) const {
        auto const magnitude = static_cast<float>(1U << b);
        return is_signed && b + 1 == cell_bits ? -magnitude : magnitude;
    }
};

namespace detail {

/// Plain registers: g++ keeps arrays of classes in memory.
using count_register = batch<std::uint32_t>::register_type;

#if defined(__AVX512VPOPCNTDQ__) && !defined(XCIM_NO_WIDE)
inline constexpr bool has_vector_popcount = true;

/// sum + popcount(w & x), lane by lane.
XCIM_INLINE count_register add_popcount(count_register sum, count_register w, std::uint32_t x) {
    return _mm512_add_epi32(sum, _mm512_popcnt_epi32(_mm512_and_si512(w, _mm512_set1_epi32(static_cast<int>(x)))));
}
#else
inline constexpr bool has_vector_popcount = false;

XCIM_INLINE count_register add_popcount(count_register sum, count_register w, std::uint32_t x) {
    using word = batch<std::uint32_t>;
    word v = word(w) & word(x);
    v = v - ((v >> 1) & word(0x55555555U));
    v = (v & word(0x33333333U)) + ((v >> 2) & word(0x33333333U));
    v = (v + (v >> 4)) & word(0x0F0F0F0FU);
    v = v + (v >> 8);
    return word(word(sum) + ((v + (v >> 16)) & word(0x3FU))).data;
}
#endif

/// sums[p][lanes] (+)= weight * popcount over the words of one batch of columns, for `Planes` consecutive planes.
template <std::size_t Planes>
XCIM_INLINE void popcount_columns(std::uint32_t const* words, std::size_t count, std::uint32_t const* planes,
                                  std::size_t plane_count, float* sums, float weight, bool first) {
    using word = batch<std::uint32_t>;
    count_register acc[Planes];
    for (std::size_t p = 0; p < Planes; ++p) {
        acc[p] = word(0U).data;
    }
    for (std::size_t k = 0; k < count; ++k) {
        count_register const w = word::load_unaligned(words + k * block_columns).data;
        for (std::size_t p = 0; p < Planes; ++p) {
            acc[p] = add_popcount(acc[p], w, planes[k * plane_count + p]);
        }
    }
    if (first && weight == 1.0F) {
        for (std::size_t p = 0; p < Planes; ++p) {
            store(sums + p * block_columns, to_float(word(acc[p])));
        }
    } else if (first) {
        for (std::size_t p = 0; p < Planes; ++p) {
            store(sums + p * block_columns, batch<float>(to_float(word(acc[p])) * batch<float>(weight)));
        }
    } else {
        for (std::size_t p = 0; p < Planes; ++p) {
            float* const to = sums + p * block_columns;
            store(to, batch<float>(load<batch<float>>(to) + to_float(word(acc[p])) * batch<float>(weight)));
        }
    }
}

/// Column sums of `Planes` one-bit planes from plane `p` on, all columns of the block. A function of its own, so that
/// the main loop has all registers.
template <std::size_t Planes>
[[gnu::noinline]] void popcount_planes(tile_block const& block, tile_input const& input, std::size_t plane,
                                       float* sums) {
    std::size_t const words = words_for(block.rows);
    for (std::size_t b = 0; b < block.cell_bits; ++b) {
        std::uint32_t const* const bit = block.words + b * block.tile_words * block_columns;
        for (std::size_t c = 0; c < block.columns; c += lanes) {
            popcount_columns<Planes>(bit + c, words, input.planes + plane, input.plane_count, sums + c,
                                     block.bit_weight(b), b == 0);
        }
    }
}

/// Column sums of `count` one-bit planes from `first_plane` on.
XCIM_INLINE void popcount_block(tile_block const& block, tile_input const& input, std::size_t first_plane,
                                std::size_t count, float* sums) {
    std::size_t p = 0;
    for (; p + 8 <= count; p += 8) {
        popcount_planes<8>(block, input, first_plane + p, sums + p * block_columns);
    }
    for (; p + 4 <= count; p += 4) {
        popcount_planes<4>(block, input, first_plane + p, sums + p * block_columns);
    }
    for (; p < count; ++p) {
        popcount_planes<1>(block, input, first_plane + p, sums + p * block_columns);
    }
}

/// The portable way to drive several levels: one popcount pass a bit, the top one of a signed digit negative.
inline void popcount_levels(tile_block const& block, tile_input const& input, digit const& phase, float* sums) {
    alignas(64) std::array<float, block_columns> plane;
    for (int t = 0; t < phase.bits; ++t) {
        popcount_block(block, input, static_cast<std::size_t>(phase.shift + t), 1, plane.data());
        bool const is_sign = phase.is_signed && t + 1 == phase.bits;
        float const weight = static_cast<float>(1U << t) * (is_sign ? -1.0F : 1.0F);
        for (std::size_t c = 0; c < block_columns; ++c) {
            sums[c] = (t == 0 ? 0.0F : sums[c]) + plane[c] * weight;
        }
    }
}

/// Whether a phase goes through look-up tables. Those of signed digits would need signed bytes; column_sums.hpp makes
/// unsigned digits of them where it can.
constexpr bool looks_up(digit const& phase) {
    return has_byte_batch && !phase.is_signed && (phase.bits > 1 || !has_vector_popcount);
}

/// Look-up passes of a phase: one for every four bits.
constexpr std::size_t look_up_passes(int bits) { return static_cast<std::size_t>((bits + 3) / 4); }

/// Tables of one pass hold 16 bytes for every four rows, rounded up to whole words of 32 rows.
constexpr std::size_t table_bytes(std::size_t rows) { return words_for(rows) * 8 * 16; }

#if defined(XCIM_HAS_BYTE_BATCH)

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
    // Rows beyond the last are levels of other tiles: no stored bit selects them.
    for (std::size_t r = 0; r < words_for(rows) * 32; r += rows_at_once) {
        byte_register const levels = levels_of(codes + r, shift, (1 << bits) - 1);
        byte_register sum = zero_bytes();
        for (std::size_t b = 0; b < 4; ++b) {
            sum = add_8(sum, bit_and(shuffle_16(levels, index[b]), where[b]));
        }
        store_bytes(tables + 4 * r, sum);
    }
}

/// One register of columns for `Phases` phases: sums[p][c] (+)= weight * sum of the tables' entries that the stored
/// nibbles select. `Groups` entries fit a byte; groups come in multiples of eight. Phases share the loads of nibbles.
template <std::size_t Groups, std::size_t Phases>
XCIM_INLINE void look_up_columns(std::uint8_t const* nibbles, std::uint8_t const* tables, std::size_t phase_tables,
                                 std::size_t groups, float* sums, float weight, bool first) {
    constexpr std::size_t most_groups = 1024;  // 1024 groups of four rows at level 15 fit 16 bits
    for (std::size_t begin = 0; begin < groups; begin += most_groups) {
        std::size_t const end = std::min(groups, begin + most_groups);
        byte_register both[Phases];  // even columns plus 256 times the odd ones, modulo 2^16
        byte_register odd[Phases];
        for (std::size_t p = 0; p < Phases; ++p) {
            both[p] = zero_bytes();
            odd[p] = zero_bytes();
        }
        for (std::size_t g = begin; g < end; g += Groups) {
            byte_register sum[Phases];
            for (std::size_t p = 0; p < Phases; ++p) {
                sum[p] = zero_bytes();
            }
#pragma GCC unroll 8
            for (std::size_t i = 0; i < Groups; ++i) {
                byte_register const index = load_bytes(nibbles + (g + i) * block_columns);
                for (std::size_t p = 0; p < Phases; ++p) {
                    std::uint8_t const* const table = tables + p * phase_tables + 16 * (g + i);
                    sum[p] = add_8(sum[p], shuffle_16(broadcast_16(table), index));
                }
            }
            for (std::size_t p = 0; p < Phases; ++p) {
                both[p] = add_16(both[p], sum[p]);
                odd[p] = add_16(odd[p], high_bytes_16(sum[p]));
            }
        }
        for (std::size_t p = 0; p < Phases; ++p) {
            using word = batch<std::uint32_t>;
            word const even(subtract_16(both[p], shift_up_8(odd[p])));
            std::array<batch<float>, 4> const counts{to_float(word(even & word(0xFFFFU))),
                                                     to_float(word(word(odd[p]) & word(0xFFFFU))),
                                                     to_float(word(even >> 16)), to_float(word(word(odd[p]) >> 16))};
            for (std::size_t i = 0; i < 4; ++i) {
                batch<float> const sum = counts[i] * batch<float>(weight);
                float* const to = sums + p * block_columns + i * lanes;
                store(to, first && begin == 0 ? sum : batch<float>(load<batch<float>>(to) + sum));
            }
        }
    }
}

/// Column sums of `Phases` phases of `bits` bits whose tables follow each other. A function of its own, so that the
/// main loop has all registers.
template <std::size_t Phases>
[[gnu::noinline]] void look_up_block(tile_block const& block, std::uint8_t const* tables, int bits, float* sums) {
    std::size_t const groups = words_for(block.rows) * 8;
    std::size_t const passes = look_up_passes(bits);
    std::size_t const table_size = table_bytes(block.rows);
    for (std::size_t pass = 0; pass < passes; ++pass) {
        bool const is_full = bits - 4 * static_cast<int>(pass) >= 4;  // entries up to 60, else up to 28
        for (std::size_t b = 0; b < block.cell_bits; ++b) {
            std::uint8_t const* const bit = block.nibbles + b * block.tile_words * 8 * block_columns;
            float const weight = block.bit_weight(b) * static_cast<float>(1U << (4 * pass));
            bool const sets = pass == 0 && b == 0;
            for (std::size_t c = 0; c < block.columns; c += register_bytes) {
                if (is_full) {
                    look_up_columns<4, Phases>(bit + c, tables + pass * table_size, passes * table_size, groups,
                                               sums + c, weight, sets);
                } else {
                    look_up_columns<8, Phases>(bit + c, tables + pass * table_size, passes * table_size, groups,
                                               sums + c, weight, sets);
                }
            }
        }
    }
}

#else

inline void build_tables(std::uint16_t const*, std::size_t, int, int, std::uint8_t*) {}
template <std::size_t Phases>
void look_up_block(tile_block const&, std::uint8_t const*, int, float*) {}

#endif

}  // namespace detail

/// Bytes of look-up tables that one input row of one tile needs for these phases.
[[nodiscard]] inline std::size_t look_up_table_bytes(std::span<digit const> phases, std::size_t rows) {
    std::size_t bytes = 0;
    for (auto const& phase : phases) {
        bytes += detail::looks_up(phase) ? detail::look_up_passes(phase.bits) * detail::table_bytes(rows) : 0;
    }
    return bytes;
}

/// Fills the tables of one input row of one tile, in the order of the phases.
inline void fill_look_up_tables(std::uint16_t const* codes, std::size_t rows, std::span<digit const> phases,
                                std::uint8_t* tables) {
    for (auto const& phase : phases) {
        if (!detail::looks_up(phase)) {
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
/// width and sign; input.tables points at the tables of the first of them.
XCIM_INLINE void accumulate_bits(tile_block const& block, tile_input const& input, std::span<digit const> phases,
                                 float* sums) {
    XCIM_ASSERT(!phases.empty() && phases.size() <= strip_phases, "a strip has 1 to 8 phases");
    int const bits = phases.front().bits;
    XCIM_ASSERT(phases.back().bits == bits && phases.back().is_signed == phases.front().is_signed,
                "the phases of a strip are equally wide and have the same sign");
    if (detail::looks_up(phases.front())) {
        std::size_t const phase_tables = detail::look_up_passes(bits) * detail::table_bytes(block.rows);
        std::size_t p = 0;
        for (; p + 2 <= phases.size(); p += 2) {
            detail::look_up_block<2>(block, input.tables + p * phase_tables, bits, sums + p * block_columns);
        }
        if (p < phases.size()) {
            detail::look_up_block<1>(block, input.tables + p * phase_tables, bits, sums + p * block_columns);
        }
    } else if (bits == 1 && !phases.front().is_signed) {
        detail::popcount_block(block, input, static_cast<std::size_t>(phases.front().shift), phases.size(), sums);
    } else {
        for (std::size_t p = 0; p < phases.size(); ++p) {
            detail::popcount_levels(block, input, phases[p], sums + p * block_columns);
        }
    }
}

}  // namespace xcim::inline XCIM_ABI
