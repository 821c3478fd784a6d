#pragma once

/// \file
/// All macros of the library. Everything else is C++.
///
/// XCIM_ASSERT(condition, message)   precondition inside a loop; off with NDEBUG. Define XCIM_ASSERT_THROWS before
///                                   the first include to get an xcim::error instead of an abort (tests do).
/// XCIM_NO_WIDE                      define it to use only the portable kernels, whatever the compiler target has.
/// XCIM_INLINE                       forced inlining for the few functions whose call would dominate their work.
/// XCIM_HAS_BYTE_BATCH               set by core/byte_batch.hpp where the compiler target has PSHUFB.
/// XCIM_HAS_WORD_REGISTER            set by core/word_register.hpp where SIMD registers of 32-bit words are packed into
///                                   bytes.
/// XCIM_HAS_SHIFT_PER_WORD           set by core/word_register.hpp where every word of a register has a shift of its
/// own. XCIM_HAS_AMX                      set by core/amx.hpp where the compiler target has the matrix unit. XCIM_ABI
/// inline namespace of everything whose code depends on the compiler target, so that
///                                   objects built with different -march flags can be linked together.

#include <xcim/version.hpp>

#if defined(_MSC_VER)
#define XCIM_INLINE __forceinline
#else
#define XCIM_INLINE inline __attribute__((always_inline))
#endif

#if defined(XCIM_NO_WIDE)
#define XCIM_ABI_WIDE portable
#elif defined(__AVX512VPOPCNTDQ__) && defined(__AVX512BW__)
#define XCIM_ABI_WIDE avx512popcnt
#elif defined(__AVX512BW__)
#define XCIM_ABI_WIDE avx512bw
#elif defined(__AVX2__)
#define XCIM_ABI_WIDE avx2
#elif defined(__SSSE3__)
#define XCIM_ABI_WIDE ssse3
#else
#define XCIM_ABI_WIDE base
#endif

#if defined(XCIM_NO_WIDE)
#define XCIM_ABI_DOT plain
#elif defined(__AMX_INT8__) && defined(__AVX512VNNI__)
#define XCIM_ABI_DOT amx
#elif defined(__AVX512VNNI__)
#define XCIM_ABI_DOT vnni
#elif defined(__AVXVNNI__)
#define XCIM_ABI_DOT avxvnni
#else
#define XCIM_ABI_DOT madd
#endif

#if defined(__AVX512F__)
#define XCIM_ABI_LANES x16
#elif defined(__AVX__)
#define XCIM_ABI_LANES x8
#else
#define XCIM_ABI_LANES x4
#endif

#define XCIM_ABI_PASTE(major, minor, lanes, wide, dot) v##major##_##minor##_##lanes##_##wide##_##dot
#define XCIM_ABI_NAME(major, minor, lanes, wide, dot)  XCIM_ABI_PASTE(major, minor, lanes, wide, dot)
#define XCIM_ABI                                       XCIM_ABI_NAME(XCIM_VERSION_MAJOR, XCIM_VERSION_MINOR, XCIM_ABI_LANES, XCIM_ABI_WIDE, XCIM_ABI_DOT)

#if defined(NDEBUG) && !defined(XCIM_ASSERT_THROWS)
#define XCIM_ASSERT(condition, message) static_cast<void>(0)
#elif defined(XCIM_ASSERT_THROWS)
#include <xcim/core/error.hpp>
#define XCIM_ASSERT(condition, message)                                                                                \
    ((condition) ? static_cast<void>(0) : throw ::xcim::error(::xcim::errc::precondition, message))
#else
#include <cassert>
#define XCIM_ASSERT(condition, message) assert((condition) && (message))
#endif
