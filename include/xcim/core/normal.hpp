#pragma once

/// \file
/// Standard normal draws from 16 random bits each: the hot spot of every noisy simulation.
///
///     z = sign * Q((2k + 1) / 2^17),   k = 15 random bits,   Q(u) = -Phi^-1(u)
///
/// Q is a cubic in f = 2k + 1 on each half octave of f, so the coefficients are 32 numbers each that AVX-512 looks up
/// with one permutation. The four outermost values of k are refined with 32 further bits, so the tails are continuous
/// and reach 7.8 sigma. The same operations run on every target: same bits, same numbers.
///
/// Accuracy: |z - Q| < 2.3e-5 for every k; the distribution function differs from the normal one by less than 1.7e-5
/// anywhere (8e-6 from the cubics, 8e-6 from the 16-bit grid); spacing of neighbouring values 4e-5 sigma in the middle,
/// 0.06 sigma at 3.8 sigma, where the refinement begins.
/// Tests: tests/unit/core/normal.cpp (every k against erfc; moments, Kolmogorov-Smirnov, tails).
/// Benchmark: benchmarks/kernels/normal.cpp.

#include <xcim/core/random.hpp>
#include <xcim/core/simd.hpp>

#include <array>
#include <cmath>
#include <cstdint>

namespace xcim::inline XCIM_ABI {

namespace detail {

/// Minimax cubics, coefficient i of half octave s at [i][(30 + s) mod 32]: that is where the low five bits of
/// (bits of f) >> 22 point. Fitted to the inverse normal distribution function in double precision.
alignas(64) inline constexpr std::array<std::array<float, 32>, 4> normal_cubic{{
    {0x1.2231aap+2f, 0x1.1d7a20p+2f, 0x1.18b700p+2f, 0x1.13d9fep+2f, 0x1.0eefdep+2f, 0x1.09e9d6p+2f, 0x1.04d4e6p+2f,
     0x1.ff4368p+1f, 0x1.f4bafap+1f, 0x1.e9f08cp+1f, 0x1.deff0ep+1f, 0x1.d3c51ap+1f, 0x1.c85e0ep+1f, 0x1.bca6d8p+1f,
     0x1.b0bb38p+1f, 0x1.a47626p+1f, 0x1.97f3acp+1f, 0x1.8b0c76p+1f, 0x1.7ddcaep+1f, 0x1.703a3cp+1f, 0x1.62413cp+1f,
     0x1.53c436p+1f, 0x1.44def0p+1f, 0x1.355fdep+1f, 0x1.256232p+1f, 0x1.14afcep+1f, 0x1.0364f6p+1f, 0x1.e29fa6p+0f,
     0x1.bda83ap+0f, 0x1.9be73cp+0f, 0x1.2b6640p+2f, 0x1.26d118p+2f},
    {-0x1.14897ap-2f,  -0x1.8dd706p-3f,  -0x1.1deab0p-3f,  -0x1.9bc970p-4f,  -0x1.284962p-4f,  -0x1.ab41dcp-5f,
     -0x1.33d478p-5f,  -0x1.bc8b1ep-6f,  -0x1.40c7c6p-6f,  -0x1.d0055cp-7f,  -0x1.4f70d2p-7f,  -0x1.e62e72p-8f,
     -0x1.603622p-8f,  -0x1.ffae8ep-9f,  -0x1.73a24cp-9f,  -0x1.0eb5f2p-9f,  -0x1.8a759ap-10f, -0x1.20553cp-10f,
     -0x1.a5c2f2p-11f, -0x1.35a0bep-11f, -0x1.c72178p-12f, -0x1.4ffc36p-12f, -0x1.f10532p-13f, -0x1.71991ep-13f,
     -0x1.13b35ap-13f, -0x1.9e1f60p-14f, -0x1.389790p-14f, -0x1.dc8222p-15f, -0x1.6fe286p-15f, -0x1.29d950p-15f,
     -0x1.0c0062p-1f,  -0x1.812f78p-2f},
    {0x1.b4a45ep-5f,  0x1.bd9bd2p-6f,  0x1.c29f26p-7f,  0x1.cc51e6p-8f,  0x1.d1f98ap-9f,  0x1.dc857ep-10f,
     0x1.e2eeccp-11f, 0x1.ee78dep-12f, 0x1.f5c886p-13f, 0x1.013f60p-13f, 0x1.057188p-14f, 0x1.0c7fc6p-15f,
     0x1.1159cap-16f, 0x1.19402ap-17f, 0x1.1ee816p-18f, 0x1.27d624p-19f, 0x1.2e7d26p-20f, 0x1.38b008p-21f,
     0x1.40954ep-22f, 0x1.4c5a7ap-23f, 0x1.55cc36p-24f, 0x1.637fc0p-25f, 0x1.6ed29cp-26f, 0x1.7eca76p-27f,
     0x1.8c2ce6p-28f, 0x1.9e655cp-29f, 0x1.ad643ap-30f, 0x1.c170e2p-31f, 0x1.d73108p-32f, 0x1.14a47ep-32f,
     0x1.a7d8f2p-3f,  0x1.b02d9ap-4f},
    {-0x1.35c944p-8f,  -0x1.c2536ep-10f, -0x1.3f8ba6p-11f, -0x1.d0f26ep-13f, -0x1.4a3f3cp-14f, -0x1.e105d8p-16f,
     -0x1.560bf2p-17f, -0x1.f2cd20p-19f, -0x1.632326p-20f, -0x1.034b9ep-21f, -0x1.71c2a2p-23f, -0x1.0e63bep-24f,
     -0x1.823882p-26f, -0x1.1aee18p-27f, -0x1.94e8b4p-29f, -0x1.293be0p-30f, -0x1.aa5450p-32f, -0x1.39b66ep-33f,
     -0x1.c3236cp-35f, -0x1.4ce750p-36f, -0x1.e031f6p-38f, -0x1.63830cp-39f, -0x1.0151b0p-40f, -0x1.7e8048p-42f,
     -0x1.161656p-43f, -0x1.9fafa2p-45f, -0x1.30f7eap-46f, -0x1.d157b4p-48f, -0x1.6e807cp-49f, -0x1.73656cp-50f,
     -0x1.2cd780p-5f,  -0x1.b4f540p-7f},
}};

inline constexpr float refined_below = 8.0F;  // f of the four outermost k are 1, 3, 5, 7

template <value V>
XCIM_INLINE V look_up(std::array<float, 32> const& table, word_of<V> index) {
    if constexpr (std::same_as<V, float>) {
        return table[index & 31U];
    } else {
#if defined(__AVX512F__) && !defined(XCIM_NO_WIDE)
        return V(_mm512_permutex2var_ps(_mm512_load_ps(table.data()), index.data, _mm512_load_ps(table.data() + 16)));
#else
        alignas(64) std::array<std::uint32_t, lanes> at;
        alignas(64) std::array<float, lanes> found;
        index.store_unaligned(at.data());
        for (std::size_t i = 0; i < lanes; ++i) {
            found[i] = table[at[i] & 31U];
        }
        return V::load_unaligned(found.data());
#endif
    }
}

/// -Phi^-1(u) for 0 < u < 0.02: Acklam's rational approximation of the tail (relative error below 1.2e-9).
inline double normal_tail(double u) {
    double const r = std::sqrt(-2.0 * std::log(u));
    double const numerator = ((((-7.784894002430293e-03 * r - 3.223964580411365e-01) * r - 2.400758277161838e+00) * r -
                               2.549732539343734e+00) *
                                  r +
                              4.374664141464968e+00) *
                                 r +
                             2.938163982698783e+00;
    double const denominator = (((7.784695709041462e-03 * r + 3.224671290700398e-01) * r + 2.445134137142996e+00) * r +
                                3.754408661907416e+00) *
                                   r +
                               1.0;
    return -numerator / denominator;
}

/// |z| of the outermost k, f = 2k + 1, whose interval of probability is cut once more by 32 bits.
inline float refined_normal(float f, std::uint32_t bits) {
    double const k = (static_cast<double>(f) - 1.0) / 2.0;
    double const u = (k + (static_cast<double>(bits) + 0.5) / 4294967296.0) / 65536.0;
    return static_cast<float>(normal_tail(u));
}

/// |z| before refinement, from the odd number f = 2k + 1.
template <value V>
XCIM_INLINE V normal_magnitude(V f) {
    auto const segment = bits_of(f) >> 22;
    V z = look_up<V>(normal_cubic[3], segment);
    for (int i = 2; i >= 0; --i) {
        z = fused_multiply_add(z, f, look_up<V>(normal_cubic[static_cast<std::size_t>(i)], segment));
    }
    return z;
}

/// f = 2k + 1 of 16 bits whose top one is the sign: bits & 0xFFFE | 1.
template <class Word>
XCIM_INLINE Word odd_of(Word const& bits) {
#if defined(__AVX512F__) && !defined(XCIM_NO_WIDE)
    if constexpr (std::same_as<Word, batch<std::uint32_t>>) {
        return Word(_mm512_ternarylogic_epi32(bits.data, _mm512_set1_epi32(0xFFFE), _mm512_set1_epi32(1), 0xEA));
    } else
#endif
    {
        return (bits & Word(0xFFFEU)) | Word(1U);
    }
}

/// z with its sign bit flipped where the top bit of `bits` is set.
template <value V>
XCIM_INLINE V signed_by(V z, word_of<V> const& bits) {
#if defined(__AVX512F__) && !defined(XCIM_NO_WIDE)
    if constexpr (!std::same_as<V, float>) {
        auto const flipped = _mm512_ternarylogic_epi32(_mm512_castps_si512(z.data), bits.data,
                                                       _mm512_set1_epi32(static_cast<int>(0x80000000U)), 0x78);
        return V(_mm512_castsi512_ps(flipped));
    } else
#endif
    {
        return float_of_bits(word_of<V>(bits_of(z) ^ (bits & word_of<V>(0x80000000U))));
    }
}

/// Sign words (top bit) and odd numbers f of the two draws in 32 random bits: each half gives one, the high half first,
/// its top bit the sign, the 15 bits below it k.
template <value V>
struct two_draws {
    std::array<word_of<V>, 2> sign;
    std::array<V, 2> odd;

    XCIM_INLINE explicit two_draws(word_of<V> const& random)
        : sign{random, word_of<V>(random << 16)}, odd{to_float(odd_of(word_of<V>(random >> 15))),
                                                      to_float(odd_of(word_of<V>(random << 1)))} {}
};

/// |z| of one draw of `counter` under `key`, refined where it is an outermost one.
inline float magnitude_of_draw(float f, word_pair<> key, word_pair<> counter, std::size_t slot) {
    return f < refined_below ? refined_normal(f, threefry<13>(derive(key, slot + 1), counter).first)
                             : normal_magnitude(f);
}

/// Draw `slot` of a site, signed; `counter` says where the bits of a refinement come from.
template <class Draw>
float signed_draw(Draw const& draw, float f, std::uint32_t sign, word_pair<> key, word_pair<> counter,
                  std::size_t slot) {
    return signed_by(draw.of_normal(magnitude_of_draw(f, key, counter, slot)), sign);
}

/// Writes those of a batch of draws again that are outermost; draw i has the counter counter_of(i).
template <class Draw, class Counter>
void refine_outermost(Draw const& draw, two_draws<batch<float>> const& draws, std::size_t half, word_pair<> key,
                      Counter const& counter_of, std::size_t slot, float* out) {
    if (!xsimd::any(draws.odd[half] < batch<float>(refined_below))) {
        return;
    }
    std::array<float, lanes> odd;
    std::array<std::uint32_t, lanes> sign;
    store(odd.data(), draws.odd[half]);
    draws.sign[half].store_unaligned(sign.data());
    for (std::size_t i = 0; i < lanes; ++i) {
        if (odd[i] < refined_below) {
            out[i] = signed_draw(draw, odd[i], sign[i], key, counter_of(i), slot);
        }
    }
}

/// What is drawn: `magnitude(f)` of the odd numbers from `unsure_below` on, `of_normal(|z|)` of the outermost ones that
/// are refined; the sign is added afterwards.
struct standard_draw {
    static constexpr float unsure_below = refined_below;
    XCIM_INLINE batch<float> magnitude(batch<float> const& f) const { return normal_magnitude(f); }
    [[nodiscard]] float of_normal(float z) const { return z; }
};

/// Four batches of counters at a time; returns the words of batch i in words[i].
using counter_words = word_group<batch<std::uint32_t>, 4>;

XCIM_INLINE word_pair<counter_words> words_of_counters(word_pair<> key, std::uint32_t const* ids,
                                                       std::uint32_t second) {
    word_pair<counter_words> counter{counter_words{}, counter_words(second)};
    for (std::size_t i = 0; i < 4; ++i) {
        counter.first.words[i] = batch<std::uint32_t>::load_unaligned(ids + i * lanes);
    }
    return threefry<13>(key, counter);
}

/// Not inlined: it would cost the loop that calls it once in some thirty rounds its registers.
[[gnu::noinline]] inline void refine_normals(word_pair<> key, std::uint32_t const* ids, std::uint32_t second,
                                             float* out, std::size_t stride) {
    auto const random = words_of_counters(key, ids, second);
    for (std::size_t j = 0; j < 4; ++j) {
        for (std::size_t i = 0; i < 4; ++i) {
            two_draws<batch<float>> const draws{(j < 2 ? random.first : random.second).words[i]};
            auto const counter_of = [&](std::size_t l) { return word_pair<>{ids[i * lanes + l], second}; };
            refine_outermost(standard_draw{}, draws, j % 2, key, counter_of, j, out + j * stride + i * lanes);
        }
    }
}

}  // namespace detail

/// Four independent standard normals, a pure function of (key, counter): the scalar definition.
[[nodiscard]] inline std::array<float, 4> four_normals(word_pair<> key, word_pair<> counter) {
    auto const random = threefry<13>(key, counter);
    std::array<float, 4> z;
    for (std::size_t j = 0; j < 4; ++j) {
        detail::two_draws<float> const draws{j < 2 ? random.first : random.second};
        z[j] = detail::signed_draw(detail::standard_draw{}, draws.odd[j % 2], draws.sign[j % 2], key, counter, j);
    }
    return z;
}

/// The same for counters (ids[i], second), i below `count`: normal j of counter i to out[j * stride + i]. `ids` must be
/// readable and `out` writable up to the next multiple of 4 * lanes.
inline void fill_normals(word_pair<> key, std::uint32_t const* ids, std::uint32_t second, std::size_t count, float* out,
                         std::size_t stride) {
    using V = batch<float>;
    for (std::size_t c = 0; c < count; c += 4 * lanes) {
        auto const random = detail::words_of_counters(key, ids + c, second);
        V outermost(detail::refined_below);
        for (std::size_t i = 0; i < 4; ++i) {
            for (std::size_t j = 0; j < 4; ++j) {
                detail::two_draws<V> const draws{(j < 2 ? random.first : random.second).words[i]};
                outermost = min(outermost, draws.odd[j % 2]);
                store(out + j * stride + c + i * lanes,
                      detail::signed_by(detail::normal_magnitude(draws.odd[j % 2]), draws.sign[j % 2]));
            }
        }
        if (xsimd::any(outermost < V(detail::refined_below))) [[unlikely]] {
            detail::refine_normals(key, ids + c, second, out + c, stride);
        }
    }
}

}  // namespace xcim::inline XCIM_ABI
