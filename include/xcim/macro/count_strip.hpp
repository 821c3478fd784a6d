#pragma once

/// \file
/// Gaussian noise in front of a converter that counts, in one pass over a strip: draw, add, clip, shift and add stay in
/// registers. Two phases share a 32-bit lane, sixteen bits each, in the order in which the streams draw them.
///
/// The same codes as convert_strip with the counting_converter and its draws.
/// Tests: tests/unit/macro/count_strip.cpp. Benchmark: benchmarks/macro/layers.cpp.

#include <xcim/concepts/readout.hpp>
#include <xcim/macro/strip.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace xcim::inline XCIM_ABI {

#if defined(__AVX512BW__) && !defined(XCIM_NO_WIDE)

namespace detail {

/// Weights of two phases in the halves of a word, the earlier one in the high half; false where one does not fit.
inline bool pair_weights(std::span<float const> weights, std::uint32_t* pairs) {
    auto const used = static_cast<__mmask16>((1U << weights.size()) - 1U);
    __m512 const wide = _mm512_maskz_loadu_ps(used, weights.data());
    __m256i const words = _mm512_cvtsepi32_epi16(_mm512_cvtps_epi32(wide));
    __m128i const in_order = _mm256_castsi256_si128(words);
    _mm_store_si128(reinterpret_cast<__m128i*>(pairs),
                    _mm_or_si128(_mm_slli_epi32(in_order, 16), _mm_srli_epi32(in_order, 16)));
    return _mm512_cmp_ps_mask(_mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(words)), wide, _CMP_NEQ_UQ) == 0;
}

/// sum over both halves of a lane, added to `total`.
XCIM_INLINE __m512i add_pairs(__m512i total, __m512i codes, __m512i weights) {
#if defined(__AVX512VNNI__)
    return _mm512_dpwssd_epi32(total, codes, weights);
#else
    return _mm512_add_epi32(total, _mm512_madd_epi16(codes, weights));
#endif
}

/// k below which a draw has |n| >= j: its f = 2 k + 1 is below t_j.
inline int count_below(float odd) { return (static_cast<int>(odd) - 1) / 2; }

template <int Count>
bool count_strip(counting_converter const& converter, strip_site const& site, float const* sums,
                 std::span<float const> weights, std::size_t columns, float* partial) {
    alignas(16) std::array<std::uint32_t, strip_phases / 2> pairs;
    if (!pair_weights(weights, pairs.data())) {
        return false;
    }
    std::size_t const phases = weights.size();
    __m512i const one = _mm512_set1_epi16(1);
    __m512i const highest = _mm512_set1_epi16(static_cast<short>(converter.highest));
    // A draw is a sign bit and k below it: as unsigned words the positive ones with small k are the smallest, as
    // signed words the negative ones are.
    __m512i up[std::size_t{Count} + 1];
    __m512i down[std::size_t{Count} + 1];
    for (std::size_t j = 1; j <= Count; ++j) {
        int const k = count_below(converter.noise.below(j));
        up[j] = _mm512_set1_epi16(static_cast<short>(k));
        down[j] = _mm512_set1_epi16(static_cast<short>(k - 32768));
    }
    __m512i outermost = _mm512_set1_epi16(-1);  // 2 k
    __m512i totals[block_columns / stream_count];
    auto streams = open_streams(site.key, site.counter(0));
    for (std::size_t c = 0; c < columns; c += stream_count) {
        __m512i total = _mm512_setzero_si512();
        for (std::size_t p = 0; p < phases; p += 2) {
            float const* const first = sums + p * block_columns + c;
            float const* const second = p + 1 < phases ? first + block_columns : first;
            __m512i const random = streams.next().words[0].data;
            outermost = _mm512_min_epu16(outermost, _mm512_add_epi16(random, random));
            __m512i codes = _mm512_mask_blend_epi16(0xAAAAAAAA, _mm512_cvtps_epi32(_mm512_loadu_ps(second)),
                                                    _mm512_slli_epi32(_mm512_cvtps_epi32(_mm512_loadu_ps(first)), 16));
            for (std::size_t j = 1; j <= Count; ++j) {
                codes = _mm512_mask_add_epi16(codes, _mm512_cmplt_epu16_mask(random, up[j]), codes, one);
                codes = _mm512_mask_sub_epi16(codes, _mm512_cmplt_epi16_mask(random, down[j]), codes, one);
            }
            codes = _mm512_min_epi16(_mm512_max_epi16(codes, _mm512_setzero_si512()), highest);
            total = add_pairs(total, codes, _mm512_set1_epi32(static_cast<int>(pairs[p / 2])));
        }
        totals[c / stream_count] = total;
    }
    auto const unsure = static_cast<short>(2 * count_below(converter.noise.unsure_below() + 1.0F));
    if (_mm512_cmplt_epu16_mask(outermost, _mm512_set1_epi16(unsure)) != 0) [[unlikely]] {
        return false;
    }
    for (std::size_t c = 0; c < columns; c += stream_count) {
        _mm512_storeu_ps(partial + c,
                         _mm512_add_ps(_mm512_loadu_ps(partial + c), _mm512_cvtepi32_ps(totals[c / stream_count])));
    }
    return true;
}

}  // namespace detail

/// partial[c] += sum over phases of weight(p) * code(sums[p][c]), if this target can and nothing rare happens: sums or
/// weights of more than 15 bits, a draw so far out that it is to be refined. Else false, and partial is as it was.
///
/// \param largest_sum  no sum is farther from zero
inline bool count_strip(counting_converter const& converter, strip_site const& site, float const* sums,
                        double largest_sum, phase_weights const& weights, std::size_t columns, float* partial) {
    if (largest_sum > 32000 || converter.highest > 32000.0F) {
        return false;
    }
    return converter.noise.with_count([&]<int Count>() {
        return detail::count_strip<Count>(converter, site, sums, weights.weights, columns, partial);
    });
}

#else

inline bool count_strip(counting_converter const&, strip_site const&, float const*, double, phase_weights const&,
                        std::size_t, float*) {
    return false;
}

#endif

/// Weights that differ between columns.
inline bool count_strip(counting_converter const&, strip_site const&, float const*, double, cycle_weights const&,
                        std::size_t, float*) {
    return false;
}

}  // namespace xcim::inline XCIM_ABI
