#pragma once

/// \file
/// Weights of an integer product, packed for the dot-product instructions of the compiler target.
/// Tests: tests/unit/core/integer_gemm.cpp.

#include <xcim/core/aligned.hpp>
#include <xcim/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>

namespace xcim::inline XCIM_ABI {

namespace detail {

/// Plain registers: g++ keeps arrays of classes in memory.
using sum_register = batch<std::int32_t>::register_type;

// A lane of 32 bits holds four bytes, inputs unsigned and weights signed, or two signed 16-bit words.
#if !defined(XCIM_NO_WIDE) && (defined(__AVX512VNNI__) || (defined(__AVXVNNI__) && !defined(__AVX512F__)))
using dot_input = std::uint8_t;
using dot_weight = std::int8_t;
#else
using dot_input = std::int16_t;
using dot_weight = std::int16_t;
#endif

/// sums + products of the items of a lane, none of which saturates on the way.
XCIM_INLINE sum_register add_dot(sum_register sums, sum_register inputs, sum_register weights) {
#if !defined(XCIM_NO_WIDE) && defined(__AVX512VNNI__)
    return _mm512_dpbusd_epi32(sums, inputs, weights);
#elif !defined(XCIM_NO_WIDE) && defined(__AVXVNNI__) && !defined(__AVX512F__)
    return _mm256_dpbusd_avx_epi32(sums, inputs, weights);
#elif !defined(XCIM_NO_WIDE) && defined(__AVX512BW__)
    return _mm512_add_epi32(sums, _mm512_madd_epi16(inputs, weights));
#elif !defined(XCIM_NO_WIDE) && defined(__AVX2__) && !defined(__AVX512F__)
    return _mm256_add_epi32(sums, _mm256_madd_epi16(inputs, weights));
#elif !defined(XCIM_NO_WIDE) && defined(__SSE2__) && !defined(__AVX__)
    return _mm_add_epi32(sums, _mm_madd_epi16(inputs, weights));
#else
    using word = batch<std::int32_t>;
    word const x(inputs);
    word const w(weights);
    return word(word(sums) + ((x << 16) >> 16) * ((w << 16) >> 16) + (x >> 16) * (w >> 16)).data;
#endif
}

inline constexpr bool dots_bytes = sizeof(dot_weight) == 1;
inline constexpr std::size_t dot_items = 4 / sizeof(dot_weight);

/// Outputs whose weights stand side by side, one lane each.
inline constexpr std::size_t dot_outputs = 16;
inline constexpr std::size_t dot_registers = dot_outputs / batch<std::int32_t>::size;

}  // namespace detail

/// Weights of an integer product, packed once: (outputs / 16, inputs / 4, 16, 4) bytes, or with 2 in place of 4, 16-bit
/// words. A value; used by any number of threads.
class integer_weights {
public:
    /// First output of a range that is worked on alone is a multiple of this.
    static constexpr std::size_t output_multiple = detail::dot_outputs;

    /// 255 * 128 * 65793 < 2^31: sums over so many inputs cannot overflow.
    static constexpr std::size_t most_inputs = 65793;

    integer_weights() = default;

    /// \param w        (outputs, inputs), -128 to 127
    /// \throws error   for more than `most_inputs` inputs: cut them and add the parts in 64 bits
    integer_weights(std::int8_t const* w, std::size_t outputs, std::size_t inputs)
        : outputs_{outputs}, inputs_{inputs}, words_{(inputs + word_multiple * detail::dot_items - 1) /
                                                     (word_multiple * detail::dot_items) * word_multiple} {
        if (inputs > most_inputs) {
            throw error(errc::shape, "an integer product has " + std::to_string(inputs) + " inputs; 32-bit sums hold " +
                                         std::to_string(most_inputs) + " at most");
        }
        std::size_t const blocks = (outputs + output_multiple - 1) / output_multiple;
        items_.assign(blocks * block_items(), 0);
        shifts_.assign(blocks * output_multiple, 0);
        for (std::size_t n = 0; n < outputs; ++n) {
            std::int8_t const* const from = w + n * inputs;
            detail::dot_weight* const to =
                items_.data() + n / output_multiple * block_items() + n % output_multiple * detail::dot_items;
            std::size_t k = 0;
            for (; k + detail::dot_items <= inputs; k += detail::dot_items) {
                std::copy_n(from + k, detail::dot_items, to + k * output_multiple);
            }
            std::copy_n(from + k, inputs - k, to + k * output_multiple);
            shifts_[n] = -128 * std::accumulate(from, from + inputs, std::int32_t{0});
        }
    }

    [[nodiscard]] std::size_t outputs() const { return outputs_; }
    [[nodiscard]] std::size_t inputs() const { return inputs_; }
    /// Bytes held.
    [[nodiscard]] std::size_t bytes() const {
        return items_.size() * sizeof(detail::dot_weight) + shifts_.size() * sizeof(std::int32_t);
    }

    /// What 128 added to every input adds to the sum of each output, negated.
    [[nodiscard]] std::int32_t const* shifts() const { return shifts_.data(); }
    /// Weights of outputs 16 b to 16 b + 15 from input k on, a multiple of the items of a lane.
    [[nodiscard]] detail::dot_weight const* block(std::size_t b, std::size_t k) const {
        return items_.data() + b * block_items() + k * output_multiple;
    }
    /// Items from one block of 16 outputs to the next.
    [[nodiscard]] std::size_t block_items() const { return words_ * output_multiple * detail::dot_items; }

private:
    /// Lanes of weights per output come in multiples of a tile's rows.
    static constexpr std::size_t word_multiple = detail::dots_bytes ? 16 : 1;

    std::size_t outputs_ = 0;
    std::size_t inputs_ = 0;
    std::size_t words_ = 0;
    aligned_vector<detail::dot_weight> items_;  // (blocks, words, 16, items)
    aligned_vector<std::int32_t> shifts_;       // (blocks * 16)
};

/// Inputs of an integer product: `rows` rows of bytes, `stride` bytes apart, 0 to 255 or, signed, -128 to 127.
struct integer_rows {
    std::uint8_t const* data = nullptr;
    std::size_t stride = 0;
    std::size_t rows = 0;
    bool is_signed = false;
};

}  // namespace xcim::inline XCIM_ABI
