#pragma once

/// \file
/// Codes to bit planes: bit p of 32 consecutive codes becomes one word of plane p.

#include <xcim/config.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__) && !defined(XCIM_NO_WIDE)
#include <immintrin.h>
#endif

namespace xcim::inline XCIM_ABI {

/// Number of words that hold `count` bits.
[[nodiscard]] constexpr std::size_t words_for(std::size_t count) { return (count + 31) / 32; }

namespace detail {

/// Bits `planes` of 32 codes, portable: out[p] gets bit p of codes[0..31], code 0 in the lowest bit.
inline void transpose_portable(std::uint16_t const* codes, int planes, std::uint32_t* out) {
    std::fill_n(out, planes, 0U);
    for (unsigned i = 0; i < 32; ++i) {
        for (int p = 0; p < planes; ++p) {
            out[p] |= ((std::uint32_t{codes[i]} >> p) & 1U) << i;
        }
    }
}

#if defined(__SSE2__) && !defined(__AVX512BW__) && !defined(XCIM_NO_WIDE)
/// Planes 0 to `planes` - 1 (at most 8) of 32 bytes: the top bit of every byte is one instruction away.
inline void transpose_bytes(__m128i low, __m128i high, int planes, std::uint32_t* out) {
    for (int shift = planes; shift < 8; ++shift) {
        low = _mm_add_epi8(low, low);
        high = _mm_add_epi8(high, high);
    }
    for (int p = planes - 1; p >= 0; --p) {
        out[p] = static_cast<std::uint32_t>(_mm_movemask_epi8(low)) |
                 static_cast<std::uint32_t>(_mm_movemask_epi8(high)) << 16;
        low = _mm_add_epi8(low, low);
        high = _mm_add_epi8(high, high);
    }
}
#endif

inline void transpose(std::uint16_t const* codes, int planes, std::uint32_t* out) {
#if defined(__AVX512BW__) && !defined(XCIM_NO_WIDE)
    // Doubling moves the next bit to the top, where one instruction collects it.
    __m512i all = _mm512_sll_epi16(_mm512_loadu_si512(codes), _mm_cvtsi32_si128(16 - planes));
    auto const collect = [&](int p) {
        out[p] = _cvtmask32_u32(_mm512_movepi16_mask(all));
        all = _mm512_add_epi16(all, all);
    };
    int p = planes - 1;
    for (; p >= 7; p -= 8) {
        collect(p), collect(p - 1), collect(p - 2), collect(p - 3);
        collect(p - 4), collect(p - 5), collect(p - 6), collect(p - 7);
    }
    for (; p >= 0; --p) {
        collect(p);
    }
#elif defined(__SSE2__) && !defined(XCIM_NO_WIDE)
    auto const at = [&](int i) { return _mm_loadu_si128(reinterpret_cast<__m128i const*>(codes) + i); };
    auto const byte = _mm_set1_epi16(0xFF);
    auto const low_bytes = [&](int i) {
        return _mm_packus_epi16(_mm_and_si128(at(i), byte), _mm_and_si128(at(i + 1), byte));
    };
    auto const high_bytes = [&](int i) {
        return _mm_packus_epi16(_mm_srli_epi16(at(i), 8), _mm_srli_epi16(at(i + 1), 8));
    };
    transpose_bytes(low_bytes(0), low_bytes(2), std::min(planes, 8), out);
    if (planes > 8) {
        transpose_bytes(high_bytes(0), high_bytes(2), planes - 8, out + 8);
    }
#else
    transpose_portable(codes, planes, out);
#endif
}

}  // namespace detail

/// Packs `count` codes of at most 16 planes: out[k * planes + p] holds bit p of codes 32 k to 32 k + 31; bits beyond
/// `count` are zero. `codes` must be readable up to the next multiple of 32.
inline void pack_planes(std::uint16_t const* codes, std::size_t count, int planes, std::uint32_t* out) {
    std::size_t const words = words_for(count);
    for (std::size_t k = 0; k < words; ++k) {
        detail::transpose(codes + 32 * k, planes, out + k * static_cast<std::size_t>(planes));
    }
    if (count % 32 != 0) {
        std::uint32_t const used = (std::uint32_t{1} << (count % 32)) - 1;
        for (int p = 0; p < planes; ++p) {
            out[(words - 1) * static_cast<std::size_t>(planes) + static_cast<std::size_t>(p)] &= used;
        }
    }
}

}  // namespace xcim::inline XCIM_ABI
