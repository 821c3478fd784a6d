#pragma once

/// \file
/// One register of bytes (64, 32 or 16 of them) and the 16-entry table look-up (PSHUFB) behind multi-level column sums.
/// Where the compiler target has none, `has_byte_batch` is false and the popcount path is used instead.

#include <xcim/config.hpp>

#include <cstddef>
#include <cstdint>

// A register of bytes must be as wide as one of floats: their columns are the same.
#if !defined(XCIM_NO_WIDE) && (defined(__AVX512BW__) || (defined(__AVX2__) && !defined(__AVX512F__)) ||                \
                               (defined(__SSSE3__) && !defined(__AVX__)))
#define XCIM_HAS_BYTE_BATCH 1
#include <immintrin.h>
#endif

namespace xcim::inline XCIM_ABI {

#if defined(XCIM_HAS_BYTE_BATCH)

inline constexpr bool has_byte_batch = true;

namespace detail {

#if defined(__AVX512BW__)
using byte_register = __m512i;
XCIM_INLINE byte_register load_bytes(void const* p) { return _mm512_loadu_si512(p); }
XCIM_INLINE byte_register broadcast_16(void const* p) {
    return _mm512_broadcast_i32x4(_mm_loadu_si128(static_cast<__m128i const*>(p)));
}
XCIM_INLINE byte_register shuffle_16(byte_register table, byte_register index) {
    return _mm512_shuffle_epi8(table, index);
}
XCIM_INLINE byte_register add_8(byte_register a, byte_register b) { return _mm512_add_epi8(a, b); }
XCIM_INLINE byte_register add_16(byte_register a, byte_register b) { return _mm512_add_epi16(a, b); }
XCIM_INLINE byte_register bit_and(byte_register a, byte_register b) { return _mm512_and_si512(a, b); }
XCIM_INLINE byte_register high_bytes_16(byte_register a) { return _mm512_srli_epi16(a, 8); }
XCIM_INLINE byte_register zero_bytes() { return _mm512_setzero_si512(); }
XCIM_INLINE void store_bytes(void* p, byte_register v) { _mm512_storeu_si512(p, v); }
XCIM_INLINE byte_register subtract_16(byte_register a, byte_register b) { return _mm512_sub_epi16(a, b); }
XCIM_INLINE byte_register shift_up_8(byte_register a) { return _mm512_slli_epi16(a, 8); }
XCIM_INLINE byte_register levels_of(std::uint16_t const* codes, int shift, int mask) {
    __m256i const v =
        _mm256_srl_epi16(_mm256_loadu_si256(reinterpret_cast<__m256i const*>(codes)), _mm_cvtsi32_si128(shift));
    __m256i const packed = _mm256_permute4x64_epi64(
        _mm256_packus_epi16(_mm256_and_si256(v, _mm256_set1_epi16(static_cast<short>(mask))), _mm256_setzero_si256()),
        0x08);
    return _mm512_broadcast_i32x4(_mm256_castsi256_si128(packed));
}
#elif defined(__AVX2__)
using byte_register = __m256i;
XCIM_INLINE byte_register load_bytes(void const* p) { return _mm256_loadu_si256(static_cast<__m256i const*>(p)); }
XCIM_INLINE byte_register broadcast_16(void const* p) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(static_cast<__m128i const*>(p)));
}
XCIM_INLINE byte_register shuffle_16(byte_register table, byte_register index) {
    return _mm256_shuffle_epi8(table, index);
}
XCIM_INLINE byte_register add_8(byte_register a, byte_register b) { return _mm256_add_epi8(a, b); }
XCIM_INLINE byte_register add_16(byte_register a, byte_register b) { return _mm256_add_epi16(a, b); }
XCIM_INLINE byte_register bit_and(byte_register a, byte_register b) { return _mm256_and_si256(a, b); }
XCIM_INLINE byte_register high_bytes_16(byte_register a) { return _mm256_srli_epi16(a, 8); }
XCIM_INLINE byte_register zero_bytes() { return _mm256_setzero_si256(); }
XCIM_INLINE void store_bytes(void* p, byte_register v) { _mm256_storeu_si256(static_cast<__m256i*>(p), v); }
XCIM_INLINE byte_register subtract_16(byte_register a, byte_register b) { return _mm256_sub_epi16(a, b); }
XCIM_INLINE byte_register shift_up_8(byte_register a) { return _mm256_slli_epi16(a, 8); }
XCIM_INLINE byte_register levels_of(std::uint16_t const* codes, int shift, int mask) {
    __m128i const v = _mm_srl_epi16(_mm_loadu_si128(reinterpret_cast<__m128i const*>(codes)), _mm_cvtsi32_si128(shift));
    __m128i const level = _mm_and_si128(v, _mm_set1_epi16(static_cast<short>(mask)));
    return _mm256_broadcastsi128_si256(_mm_packus_epi16(level, level));
}
#else
using byte_register = __m128i;
XCIM_INLINE byte_register load_bytes(void const* p) { return _mm_loadu_si128(static_cast<__m128i const*>(p)); }
XCIM_INLINE byte_register broadcast_16(void const* p) { return load_bytes(p); }
XCIM_INLINE byte_register shuffle_16(byte_register table, byte_register index) {
    return _mm_shuffle_epi8(table, index);
}
XCIM_INLINE byte_register add_8(byte_register a, byte_register b) { return _mm_add_epi8(a, b); }
XCIM_INLINE byte_register add_16(byte_register a, byte_register b) { return _mm_add_epi16(a, b); }
XCIM_INLINE byte_register bit_and(byte_register a, byte_register b) { return _mm_and_si128(a, b); }
XCIM_INLINE byte_register high_bytes_16(byte_register a) { return _mm_srli_epi16(a, 8); }
XCIM_INLINE byte_register zero_bytes() { return _mm_setzero_si128(); }
XCIM_INLINE void store_bytes(void* p, byte_register v) { _mm_storeu_si128(static_cast<__m128i*>(p), v); }
XCIM_INLINE byte_register subtract_16(byte_register a, byte_register b) { return _mm_sub_epi16(a, b); }
XCIM_INLINE byte_register shift_up_8(byte_register a) { return _mm_slli_epi16(a, 8); }
XCIM_INLINE byte_register levels_of(std::uint16_t const* codes, int shift, int mask) {
    __m128i const v = _mm_srl_epi16(_mm_loadl_epi64(reinterpret_cast<__m128i const*>(codes)), _mm_cvtsi32_si128(shift));
    __m128i const level = _mm_and_si128(v, _mm_set1_epi16(static_cast<short>(mask)));
    return _mm_packus_epi16(level, level);
}
#endif

inline constexpr std::size_t register_bytes = sizeof(byte_register);

}  // namespace detail

#else

inline constexpr bool has_byte_batch = false;

#endif

}  // namespace xcim::inline XCIM_ABI
