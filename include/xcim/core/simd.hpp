#pragma once

/// \file
/// The only header that includes xsimd. A scalar is a batch of one: every function here takes `float` or
/// `batch<float>` alike, so a kernel written once is both the SIMD loop and the scalar reference of the tests.

#include <xcim/config.hpp>

// g++ 12 warns of its own AVX-512 intrinsics, whose "undefined" operands it takes for uninitialised variables.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <xsimd/xsimd.hpp>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace xcim::inline XCIM_ABI {

template <class T>
using batch = xsimd::batch<T, xsimd::default_arch>;

/// Number of column sums in one batch: 4, 8 or 16.
inline constexpr std::size_t lanes = batch<float>::size;

/// `value` is float (one column) or batch<float> (`lanes` columns).
template <class V>
concept value = std::same_as<V, float> || std::same_as<V, batch<float>>;

/// The unsigned word that goes with a value: std::uint32_t or batch<std::uint32_t>.
template <value V>
using word_of = std::conditional_t<std::same_as<V, float>, std::uint32_t, batch<std::uint32_t>>;

template <value V>
inline constexpr std::size_t width_of = std::same_as<V, float> ? 1 : lanes;

template <value V>
XCIM_INLINE V load(float const* from) {
    if constexpr (std::same_as<V, float>) {
        return *from;
    } else {
        return V::load_unaligned(from);
    }
}

XCIM_INLINE void store(float* to, float v) { *to = v; }
XCIM_INLINE void store(float* to, batch<float> const& v) { v.store_unaligned(to); }

/// Nearest integer, ties to even.
XCIM_INLINE float round_half_even(float v) { return std::nearbyint(v); }
XCIM_INLINE batch<float> round_half_even(batch<float> const& v) { return xsimd::nearbyint(v); }

/// Square root, correctly rounded on every target.
XCIM_INLINE float square_root(float v) { return std::sqrt(v); }
XCIM_INLINE batch<float> square_root(batch<float> const& v) { return xsimd::sqrt(v); }

/// Largest integer not above v.
XCIM_INLINE float round_down(float v) { return std::floor(v); }
XCIM_INLINE batch<float> round_down(batch<float> const& v) { return xsimd::floor(v); }

template <value V>
XCIM_INLINE V min(V a, V b) {
    if constexpr (std::same_as<V, float>) {
        return a < b ? a : b;
    } else {
        return xsimd::min(a, b);
    }
}

template <value V>
XCIM_INLINE V max(V a, V b) {
    if constexpr (std::same_as<V, float>) {
        return a > b ? a : b;
    } else {
        return xsimd::max(a, b);
    }
}

template <value V>
XCIM_INLINE V clamp(V v, V lowest, V highest) {
    return min(max(v, lowest), highest);
}

template <value V>
XCIM_INLINE V abs(V v) {
    if constexpr (std::same_as<V, float>) {
        return std::fabs(v);
    } else {
        return xsimd::abs(v);
    }
}

/// condition ? a : b, lane by lane.
XCIM_INLINE float select(bool condition, float a, float b) { return condition ? a : b; }
XCIM_INLINE batch<float> select(batch<float>::batch_bool_type const& condition, batch<float> const& a,
                                batch<float> const& b) {
    return xsimd::select(condition, a, b);
}

/// The same number, but the compiler may not fuse the operation that made it with the one that uses it. A product that
/// is added somewhere is rounded the same on targets with and without fused multiply-add only if it goes through here.
template <class V>
XCIM_INLINE V unfused(V v) {
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
    if constexpr (std::is_floating_point_v<V>) {
        asm("" : "+x"(v));
    } else {
#if defined(__AVX512F__)
        asm("" : "+v"(v.data));
#else
        asm("" : "+x"(v.data));
#endif
    }
#elif defined(__GNUC__) && defined(__aarch64__)
    if constexpr (std::is_floating_point_v<V>) {
        asm("" : "+w"(v));
    } else {
        asm("" : "+w"(v.data));
    }
#endif
    return v;
}

/// a * b + c rounded once, on every target: the hardware's instruction where the compiler may use it, else the C
/// library's, so that results do not depend on which.
XCIM_INLINE float fused_multiply_add(float a, float b, float c) { return std::fma(a, b, c); }
XCIM_INLINE batch<float> fused_multiply_add(batch<float> const& a, batch<float> const& b, batch<float> const& c) {
#if defined(__AVX512F__)
    return batch<float>(_mm512_fmadd_ps(a.data, b.data, c.data));  // xsimd 8.1 multiplies, then adds
#elif defined(__FMA__) || defined(__aarch64__)
    return xsimd::fma(a, b, c);
#else
    alignas(64) float x[lanes];
    alignas(64) float y[lanes];
    alignas(64) float z[lanes];
    a.store_unaligned(x);
    b.store_unaligned(y);
    c.store_unaligned(z);
    for (std::size_t i = 0; i < lanes; ++i) {
        z[i] = std::fma(x[i], y[i], z[i]);
    }
    return batch<float>::load_unaligned(z);
#endif
}

XCIM_INLINE batch<double> fused_multiply_add(batch<double> const& a, batch<double> const& b, batch<double> const& c) {
#if defined(__AVX512F__)
    return batch<double>(_mm512_fmadd_pd(a.data, b.data, c.data));
#elif defined(__FMA__) || defined(__aarch64__)
    return xsimd::fma(a, b, c);
#else
    alignas(64) double x[batch<double>::size];
    alignas(64) double y[batch<double>::size];
    alignas(64) double z[batch<double>::size];
    a.store_unaligned(x);
    b.store_unaligned(y);
    c.store_unaligned(z);
    for (std::size_t i = 0; i < batch<double>::size; ++i) {
        z[i] = std::fma(x[i], y[i], z[i]);
    }
    return batch<double>::load_unaligned(z);
#endif
}

/// Unsigned integers below 2^31 to float and the bits of a float.
XCIM_INLINE float to_float(std::uint32_t v) { return static_cast<float>(static_cast<std::int32_t>(v)); }
XCIM_INLINE std::uint32_t bits_of(float v) { return __builtin_bit_cast(std::uint32_t, v); }
XCIM_INLINE float float_of_bits(std::uint32_t v) { return __builtin_bit_cast(float, v); }

/// A non-negative integer held in a float, as a word.
XCIM_INLINE std::uint32_t to_word(float v) { return static_cast<std::uint32_t>(v); }

#if XSIMD_VERSION_MAJOR >= 9
XCIM_INLINE batch<std::uint32_t> to_word(batch<float> const& v) {
    return xsimd::bitwise_cast<std::uint32_t>(xsimd::to_int(v));
}
XCIM_INLINE batch<float> to_float(batch<std::uint32_t> const& v) {
    return xsimd::to_float(xsimd::bitwise_cast<std::int32_t>(v));
}
XCIM_INLINE batch<std::uint32_t> bits_of(batch<float> const& v) { return xsimd::bitwise_cast<std::uint32_t>(v); }
XCIM_INLINE batch<float> float_of_bits(batch<std::uint32_t> const& v) { return xsimd::bitwise_cast<float>(v); }
#else
XCIM_INLINE batch<std::uint32_t> to_word(batch<float> const& v) {
    return xsimd::bitwise_cast<batch<std::uint32_t>>(xsimd::to_int(v));
}
XCIM_INLINE batch<float> to_float(batch<std::uint32_t> const& v) {
    return xsimd::to_float(xsimd::bitwise_cast<batch<std::int32_t>>(v));
}
XCIM_INLINE batch<std::uint32_t> bits_of(batch<float> const& v) { return xsimd::bitwise_cast<batch<std::uint32_t>>(v); }
XCIM_INLINE batch<float> float_of_bits(batch<std::uint32_t> const& v) { return xsimd::bitwise_cast<batch<float>>(v); }
#endif

/// table[index], lane by lane; an index is a whole number from 0 on.
template <value V>
[[nodiscard]] XCIM_INLINE V table_entry(float const* table, V index) {
    if constexpr (std::same_as<V, float>) {
        return table[to_word(index)];
    } else {
#if defined(__AVX512F__) && !defined(XCIM_NO_WIDE)
        return V(_mm512_mask_i32gather_ps(_mm512_setzero_ps(), 0xFFFF, to_word(index).data, table, 4));
#elif defined(__AVX2__) && !defined(__AVX512F__) && !defined(XCIM_NO_WIDE)
        __m256 const all = _mm256_castsi256_ps(_mm256_set1_epi32(-1));
        return V(_mm256_mask_i32gather_ps(_mm256_setzero_ps(), table, to_word(index).data, all, 4));
#else
        alignas(64) std::uint32_t at[lanes];
        alignas(64) float found[lanes];
        to_word(index).store_unaligned(at);
        for (std::size_t i = 0; i < lanes; ++i) {
            found[i] = table[at[i]];
        }
        return load<V>(found);
#endif
    }
}

/// What a kernel may ask about the conversions of one batch besides the column sums themselves.
template <value V>
class lane {
public:
    lane() = default;
    lane(float const* normals, std::size_t stride, float const* fixed = nullptr, std::size_t fixed_stride = 0)
        : normals_{normals}, stride_{stride}, fixed_{fixed}, fixed_stride_{fixed_stride} {}

    /// The i-th independent standard normal of each conversion; a kernel that asks for one says `draws > i`.
    [[nodiscard]] XCIM_INLINE V normal(int i = 0) const {
        return load<V>(normals_ + static_cast<std::size_t>(i) * stride_);
    }

    /// The i-th independent standard normal of each column: drawn once for a chip, the same in every conversion. A
    /// kernel that asks for one says `column_draws > i`.
    [[nodiscard]] XCIM_INLINE V column_normal(int i = 0) const {
        return load<V>(fixed_ + static_cast<std::size_t>(i) * fixed_stride_);
    }

    /// The same conversions, counting draws from `first` and draws of columns from `first_fixed`: how stacked noise
    /// sources share them out.
    [[nodiscard]] XCIM_INLINE lane from_draw(int first, int first_fixed = 0) const {
        return {normals_ + static_cast<std::size_t>(first) * stride_, stride_,
                fixed_ + static_cast<std::size_t>(first_fixed) * fixed_stride_, fixed_stride_};
    }

private:
    float const* normals_ = nullptr;
    std::size_t stride_ = 0;
    float const* fixed_ = nullptr;
    std::size_t fixed_stride_ = 0;
};

}  // namespace xcim::inline XCIM_ABI
