#pragma once

/// \file
/// One register of 32-bit integers (16, 8 or 4 of them), and what the packing of four registers of words into one of
/// bytes needs. Where the compiler target has none, `has_word_register` is false and plain loops are used instead.

#include <xcim/core/byte_batch.hpp>
#include <xcim/core/shift_round.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(XCIM_HAS_BYTE_BATCH) && defined(__GNUC__)
#define XCIM_HAS_WORD_REGISTER 1
#endif

namespace xcim::inline XCIM_ABI {

#if defined(XCIM_HAS_WORD_REGISTER)

inline constexpr bool has_word_register = true;

namespace detail {

// Registers with operators: what is written for a number also works on all lanes.
using word_register [[gnu::vector_size(sizeof(byte_register))]] = std::int32_t;
using unsigned_word_register [[gnu::vector_size(sizeof(byte_register))]] = std::uint32_t;
using float_register [[gnu::vector_size(sizeof(byte_register))]] = float;
using half_register [[gnu::vector_size(sizeof(byte_register))]] = std::int16_t;

inline constexpr std::size_t register_words = sizeof(byte_register) / sizeof(std::int32_t);

XCIM_INLINE byte_register bytes_of(word_register v) { return __builtin_bit_cast(byte_register, v); }
XCIM_INLINE byte_register bytes_of(half_register v) { return __builtin_bit_cast(byte_register, v); }
XCIM_INLINE word_register words_of(byte_register v) { return __builtin_bit_cast(word_register, v); }

XCIM_INLINE std::uint32_t or_of_words(__m128i v) {
    v = _mm_or_si128(v, _mm_shuffle_epi32(v, 0x4E));
    return static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm_or_si128(v, _mm_shuffle_epi32(v, 0xB1))));
}

// saturated_*: both arguments to half the width. Codes stand in the order of the packing instructions, which work
// within 128 bits; in_order_* puts them right. clamp_*: lanes between two numbers.
#if defined(__AVX2__)
#define XCIM_HAS_SHIFT_PER_WORD 1
#endif
#if defined(__AVX512BW__)
/// A shift count for every lane.
using shift_count = word_register;
XCIM_INLINE word_register load_words(std::int32_t const* p, std::size_t count) {
    auto const lower = static_cast<__mmask16>(0xFFFFU >> (16 - std::min<std::size_t>(count, 16)));
    return words_of(_mm512_maskz_loadu_epi32(lower, p));
}
XCIM_INLINE void store_bytes(void* p, byte_register v, std::size_t count) {
    _mm512_mask_storeu_epi8(p, (__mmask64{1} << count) - 1, v);  // count < 64
}
XCIM_INLINE half_register saturated_halves(word_register a, word_register b) {
    return __builtin_bit_cast(half_register, _mm512_packs_epi32(bytes_of(a), bytes_of(b)));
}
XCIM_INLINE byte_register saturated_bytes(half_register a, half_register b) {
    return _mm512_packs_epi16(bytes_of(a), bytes_of(b));
}
XCIM_INLINE byte_register saturated_unsigned_bytes(half_register a, half_register b) {
    return _mm512_packus_epi16(bytes_of(a), bytes_of(b));
}
XCIM_INLINE byte_register in_order_8(byte_register v) {
    return _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), v);
}
XCIM_INLINE byte_register in_order_16(byte_register v) {
    return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), v);
}
XCIM_INLINE byte_register clamp_8(byte_register v, byte_register lowest, byte_register highest) {
    return _mm512_min_epi8(_mm512_max_epi8(v, lowest), highest);
}
XCIM_INLINE byte_register min_unsigned_8(byte_register a, byte_register b) { return _mm512_min_epu8(a, b); }
XCIM_INLINE byte_register clamp_16(byte_register v, byte_register lowest, byte_register highest) {
    return _mm512_min_epi16(_mm512_max_epi16(v, lowest), highest);
}
XCIM_INLINE std::uint32_t or_of_words(word_register v) {
    __m256i const half =
        _mm256_or_si256(_mm512_castsi512_si256(bytes_of(v)), _mm512_extracti64x4_epi64(bytes_of(v), 1));
    return or_of_words(_mm_or_si128(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1)));
}
XCIM_INLINE bool has_zero_word(word_register v) { return _mm512_testn_epi32_mask(bytes_of(v), bytes_of(v)) != 0; }
/// Word i is table[index[i]].
XCIM_INLINE word_register words_at(word_register table, word_register index) {
    return words_of(_mm512_permutexvar_epi32(bytes_of(index), bytes_of(table)));
}
/// Word r of the result is the OR of register r: halves of two registers side by side, and so on.
XCIM_INLINE word_register ors_of_words(byte_register (&v)[16]) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 8; ++i) {
        v[i] = _mm512_or_si512(_mm512_shuffle_i64x2(v[i], v[i + 8], 0x44), _mm512_shuffle_i64x2(v[i], v[i + 8], 0xEE));
    }
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 4; ++i) {
        v[i] = _mm512_or_si512(_mm512_shuffle_i64x2(v[i], v[i + 4], 0x88), _mm512_shuffle_i64x2(v[i], v[i + 4], 0xDD));
    }
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 2; ++i) {
        v[i] = _mm512_or_si512(_mm512_unpacklo_epi64(v[i], v[i + 2]), _mm512_unpackhi_epi64(v[i], v[i + 2]));
    }
    __m512 const a = _mm512_castsi512_ps(v[0]);
    __m512 const b = _mm512_castsi512_ps(v[1]);
    byte_register const found = _mm512_or_si512(_mm512_castps_si512(_mm512_shuffle_ps(a, b, 0x88)),
                                                _mm512_castps_si512(_mm512_shuffle_ps(a, b, 0xDD)));
    byte_register const place = _mm512_setr_epi32(0, 2, 1, 3, 8, 10, 9, 11, 4, 6, 5, 7, 12, 14, 13, 15);
    return words_of(_mm512_permutexvar_epi32(place, found));
}
#else
#if defined(__AVX2__)
using shift_count = word_register;
XCIM_INLINE half_register saturated_halves(word_register a, word_register b) {
    return __builtin_bit_cast(half_register, _mm256_packs_epi32(bytes_of(a), bytes_of(b)));
}
XCIM_INLINE byte_register saturated_bytes(half_register a, half_register b) {
    return _mm256_packs_epi16(bytes_of(a), bytes_of(b));
}
XCIM_INLINE byte_register saturated_unsigned_bytes(half_register a, half_register b) {
    return _mm256_packus_epi16(bytes_of(a), bytes_of(b));
}
XCIM_INLINE byte_register in_order_8(byte_register v) {
    return _mm256_permutevar8x32_epi32(v, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}
XCIM_INLINE byte_register in_order_16(byte_register v) { return _mm256_permute4x64_epi64(v, 0xD8); }
XCIM_INLINE byte_register clamp_8(byte_register v, byte_register lowest, byte_register highest) {
    return _mm256_min_epi8(_mm256_max_epi8(v, lowest), highest);
}
XCIM_INLINE byte_register min_unsigned_8(byte_register a, byte_register b) { return _mm256_min_epu8(a, b); }
XCIM_INLINE byte_register clamp_16(byte_register v, byte_register lowest, byte_register highest) {
    return _mm256_min_epi16(_mm256_max_epi16(v, lowest), highest);
}
XCIM_INLINE std::uint32_t or_of_words(word_register v) {
    return or_of_words(_mm_or_si128(_mm256_castsi256_si128(bytes_of(v)), _mm256_extracti128_si256(bytes_of(v), 1)));
}
XCIM_INLINE bool has_zero_word(word_register v) {
    return _mm256_movemask_epi8(_mm256_cmpeq_epi32(bytes_of(v), zero_bytes())) != 0;
}
XCIM_INLINE word_register words_at(word_register table, word_register index) {
    return words_of(_mm256_permutevar8x32_epi32(bytes_of(table), bytes_of(index)));
}
#else
/// One shift count for all lanes.
using shift_count = int;
XCIM_INLINE half_register saturated_halves(word_register a, word_register b) {
    return __builtin_bit_cast(half_register, _mm_packs_epi32(bytes_of(a), bytes_of(b)));
}
XCIM_INLINE byte_register saturated_bytes(half_register a, half_register b) {
    return _mm_packs_epi16(bytes_of(a), bytes_of(b));
}
XCIM_INLINE byte_register saturated_unsigned_bytes(half_register a, half_register b) {
    return _mm_packus_epi16(bytes_of(a), bytes_of(b));
}
XCIM_INLINE byte_register in_order_8(byte_register v) { return v; }
XCIM_INLINE byte_register in_order_16(byte_register v) { return v; }
/// Signed bytes have no minimum here: moved up by 128 they are ordered as unsigned ones.
XCIM_INLINE byte_register clamp_8(byte_register v, byte_register lowest, byte_register highest) {
    auto const move = [](byte_register x) { return _mm_xor_si128(x, _mm_set1_epi8(-128)); };
    return move(_mm_min_epu8(_mm_max_epu8(move(v), move(lowest)), move(highest)));
}
XCIM_INLINE byte_register min_unsigned_8(byte_register a, byte_register b) { return _mm_min_epu8(a, b); }
XCIM_INLINE byte_register clamp_16(byte_register v, byte_register lowest, byte_register highest) {
    return _mm_min_epi16(_mm_max_epi16(v, lowest), highest);
}
XCIM_INLINE std::uint32_t or_of_words(word_register v) { return or_of_words(bytes_of(v)); }
XCIM_INLINE bool has_zero_word(word_register v) {
    return _mm_movemask_epi8(_mm_cmpeq_epi32(bytes_of(v), zero_bytes())) != 0;
}
#endif
XCIM_INLINE word_register load_words(std::int32_t const* p, std::size_t count) {
    std::array<std::int32_t, register_words> words{};
    std::memcpy(words.data(), p, std::min(count, register_words) * sizeof(std::int32_t));
    return words_of(load_bytes(words.data()));
}
XCIM_INLINE void store_bytes(void* p, byte_register v, std::size_t count) {
    std::array<char, register_bytes> bytes;
    store_bytes(bytes.data(), v);
    std::memcpy(p, bytes.data(), std::min(count, register_bytes));
}
XCIM_INLINE word_register ors_of_words(byte_register (&v)[register_words]) {
    std::array<std::uint32_t, register_words> found;
    for (std::size_t r = 0; r < register_words; ++r) {
        found[r] = or_of_words(words_of(v[r]));
    }
    return words_of(load_bytes(found.data()));
}
#endif

/// A count for all lanes. g++ shifts by a number that it knows to be the same in every lane with an instruction of two
/// operations instead of one: it must not know.
XCIM_INLINE shift_count same_shift(int s) {
    auto count = all_lanes<shift_count>(s);
#if defined(__AVX512BW__)
    asm("" : "+v"(count));
#elif defined(__AVX2__)
    asm("" : "+x"(count));
#endif
    return count;
}

XCIM_INLINE word_register load_words(std::int32_t const* p) { return words_of(load_bytes(p)); }

}  // namespace detail

#else

inline constexpr bool has_word_register = false;

#endif

}  // namespace xcim::inline XCIM_ABI
