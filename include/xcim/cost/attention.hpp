#pragma once

/// \file
/// One attention layer in arrays: tensors that leave the device, arrays that hold its matrices, cycles and time.
///
/// Everything here is arithmetic on shapes. Cycles that follow the data come from cost/gemv_cycles.hpp as plain
/// numbers.

#include <xcim/core/error.hpp>
#include <xcim/core/geometry.hpp>
#include <xcim/cost/gemv_cycles.hpp>
#include <xcim/quant/emsb.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

namespace xcim::inline XCIM_ABI::cost {

/// Sequences of tokens through self-attention of several heads: B, N, D and H; one head has D / H elements.
struct attention_extents {
    std::size_t batch = 1;
    std::size_t tokens = 1;
    std::size_t width = 1;
    std::size_t heads = 1;

    [[nodiscard]] std::size_t head_width() const { return width / heads; }
};

/// Bits of one element of each tensor.
struct attention_bits {
    int input = 8;     ///< of the layer, what the projections of query, key and value are driven with
    int weight = 8;    ///< of the four projections
    int query = 8;     ///< that drives the keys
    int stored = 16;   ///< keys and values in their arrays
    int logit = 8;     ///< softmax input, where it leaves the device
    int softmax = 8;   ///< softmax output, that drives the values
    int combined = 8;  ///< concatenated heads, that drive the output projection
    int output = 8;    ///< of the layer
    int exponent = 8;  ///< of a token
};

namespace detail {

inline void require_attention(attention_extents const& s) {
    if (s.batch == 0 || s.tokens == 0 || s.width == 0 || s.heads == 0 || s.width % s.heads != 0) {
        throw error(errc::shape, "attention_extents has batch " + std::to_string(s.batch) + ", tokens " +
                                     std::to_string(s.tokens) + ", width " + std::to_string(s.width) + ", heads " +
                                     std::to_string(s.heads) +
                                     "; numbers from 1 on and a width that is a multiple of the heads are needed");
    }
}

inline void require_attention(attention_extents const& s, attention_bits const& b) {
    require_attention(s);
    for (int const bits :
         {b.input, b.weight, b.query, b.stored, b.logit, b.softmax, b.combined, b.output, b.exponent}) {
        if (bits < 1 || bits > 64) {
            throw error(errc::bits, "attention_bits has " + std::to_string(bits) + " bits; 1 to 64 are possible");
        }
    }
}

[[nodiscard]] constexpr std::size_t quotient_up(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

}  // namespace detail

/// Elements that cross the border of the device in one layer, in and out together.
struct tensor_traffic {
    std::uint64_t input = 0;      ///< tokens streamed in
    std::uint64_t output = 0;     ///< tokens streamed out
    std::uint64_t logits = 0;     ///< half of the tensors of N x N
    std::uint64_t softmax = 0;    ///< the other half
    std::uint64_t heads = 0;      ///< query, key, value and weighted sums
    std::uint64_t exponents = 0;  ///< one a token and stream; no tensor elements

    [[nodiscard]] std::uint64_t elements() const { return input + output + logits + softmax + heads; }

    /// With exponents, rounded up; per-head tensors have the bits of a query.
    [[nodiscard]] std::uint64_t bytes(attention_bits const& bits = {}) const {
        auto const of = [](std::uint64_t elements_, int each) { return elements_ * static_cast<std::uint64_t>(each); };
        std::uint64_t const all = of(input, bits.input) + of(output, bits.output) + of(logits, bits.logit) +
                                  of(softmax, bits.softmax) + of(heads, bits.query) + of(exponents, bits.exponent);
        return (all + 7) / 8;
    }

    friend bool operator==(tensor_traffic const&, tensor_traffic const&) = default;
};

/// Without any fusion on the device:  2 B N D + 2 B H N^2 + 4 B H N d_k  elements, d_k = D / H.
///
/// As counted by the source: logits and softmax once each, the four tensors of a head once each. Errors: xcim::error
/// for a shape of zeros or a width that the heads do not divide.
/// Reference: FLARE (arXiv 2411.14733, 2024), sections 2.3 and 4.5. Tests: tests/unit/cost/attention.cpp.
[[nodiscard]] inline tensor_traffic unfused_traffic(attention_extents const& s) {
    detail::require_attention(s);
    std::uint64_t const tokens = s.batch * s.tokens * s.width;
    std::uint64_t const square = s.batch * s.heads * s.tokens * s.tokens;
    return {tokens, tokens, square, square, 4 * tokens, 0};
}

/// Fused from end to end:  3 B N D  elements. Tokens are streamed in twice, for keys and values and for the rest.
[[nodiscard]] inline tensor_traffic fused_traffic(attention_extents const& s) {
    detail::require_attention(s);
    std::uint64_t const tokens = s.batch * s.tokens * s.width;
    return {2 * tokens, tokens, 0, 0, 0, 0};
}

/// Fused, and every token brings the exponent it was quantised with, in both streams in and in the one out: the
/// elements of fused_traffic and 3 B N exponents.
[[nodiscard]] inline tensor_traffic flare_traffic(attention_extents const& s) {
    auto traffic = fused_traffic(s);
    traffic.exponents = 3 * std::uint64_t{s.batch} * s.tokens;
    return traffic;
}

/// Bits a converter must resolve that reads a whole column of products of a_bits and w_bits: the width of their sum. A
/// converter that knows the sign needs one less.
///
/// 4-bit operands and a depth of 1024 need 18. Reference: FLARE (arXiv 2411.14733, 2024), sections 1 and 3.2.
[[nodiscard]] constexpr int column_enob(int a_bits, int w_bits, std::size_t depth) {
    return accumulator_bits(a_bits, w_bits, depth);
}

/// Bits of a converter that counts 0 to `limit` ones: log2(limit + 1), 3.17 for 8.
[[nodiscard]] inline double popcount_enob(int limit) { return std::log2(limit + 1.0); }

/// One kind of matrix of a layer: `matrices` of it, each with `inputs` word lines that data drives.
struct array_need {
    std::size_t matrices = 1;
    std::size_t inputs = 1;   ///< word lines without dummies
    std::size_t dummies = 0;  ///< word lines of off cells that keep the number of active ones fixed
    std::size_t bit_lines = 1;

    [[nodiscard]] std::size_t word_lines() const { return inputs + dummies; }
    [[nodiscard]] std::uint64_t cells() const { return std::uint64_t{matrices} * word_lines() * bit_lines; }

    /// Each matrix fits one array: the source's condition for computing from end to end.
    [[nodiscard]] bool fits(geometry const& array) const {
        return static_cast<std::size_t>(std::max(array.rows, 0)) >= word_lines() &&
               static_cast<std::size_t>(std::max(array.columns, 0)) >= bit_lines;
    }

    /// Arrays of this size that hold all matrices, each with dummies of its own. Errors: xcim::error for arrays that
    /// are not larger than the dummies.
    [[nodiscard]] std::uint64_t arrays(geometry const& array) const {
        if (array.columns < 1 || array.rows < 1 || static_cast<std::size_t>(array.rows) <= dummies) {
            throw error(errc::shape, "array_need: an array of " + std::to_string(array.rows) + " rows and " +
                                         std::to_string(array.columns) + " columns; more than " +
                                         std::to_string(dummies) + " rows and a column are needed");
        }
        return std::uint64_t{matrices} * detail::quotient_up(inputs, static_cast<std::size_t>(array.rows) - dummies) *
               detail::quotient_up(bit_lines, static_cast<std::size_t>(array.columns));
    }

    friend bool operator==(array_need const&, array_need const&) = default;
};

/// What holds the matrices of one layer and one sequence.
struct attention_arrays {
    array_need weights;  ///< of query, key, value and output: non-volatile cells
    array_need keys;     ///< one a head: cells that are written for every sequence
    array_need values;   ///< one a head
};

/// Sizes of the arrays of a layer, for one sequence at a time.
///
///     weights   4 matrices   D   word lines   D weight     bit lines
///     keys      H matrices   d_k word lines   N stored     bit lines
///     values    H matrices   N   word lines   d_k stored   bit lines
///
/// and limit - 1 dummy word lines each. The source sizes the keys only; the weighted sum contracts over tokens, so
/// values take as many cells the other way round. Parameters: shape, bits (weight and stored are used), `limit` >= 1,
/// word lines active at once. Errors: xcim::error for what is out of range.
/// Not modelled: a second set for the next sequence; the ratio of cell areas (an MRAM cell is about a third of an SRAM
/// cell). Reference: FLARE (arXiv 2411.14733, 2024), sections 4.1 and 4.4. Tests: tests/unit/cost/attention.cpp.
[[nodiscard]] inline attention_arrays arrays_of(attention_extents const& s, attention_bits const& bits = {},
                                                int limit = 8) {
    detail::require_attention(s, bits);
    if (limit < 1) {
        throw error(errc::range, "arrays_of: limit is " + std::to_string(limit) + "; 1 or more is needed");
    }
    auto const dummies = static_cast<std::size_t>(limit) - 1;
    auto const weight = static_cast<std::size_t>(bits.weight);
    auto const stored = static_cast<std::size_t>(bits.stored);
    return {{4, s.width, dummies, s.width * weight},
            {s.heads, s.head_width(), dummies, s.tokens * stored},
            {s.heads, s.tokens, dummies, s.head_width() * stored}};
}

/// Array cycles of the stages of a layer, each from its first to its last: arrays that work at the same time, those of
/// keys and values in the first stage and of all heads in the third and fourth, count once.
struct attention_cycles {
    std::uint64_t keys_values = 0;   ///< the first stream: both projections are driven by the same planes
    std::uint64_t query = 0;         ///< the second stream, from here on
    std::uint64_t logits = 0;        ///< of the head that takes longest
    std::uint64_t weighted_sum = 0;  ///< of the head that takes longest
    std::uint64_t output = 0;

    [[nodiscard]] std::uint64_t total() const { return keys_values + query + logits + weighted_sum + output; }

    /// Layers one after the other.
    attention_cycles& operator+=(attention_cycles const& other) {
        keys_values += other.keys_values;
        query += other.query;
        logits += other.logits;
        weighted_sum += other.weighted_sum;
        output += other.output;
        return *this;
    }
    friend attention_cycles operator+(attention_cycles a, attention_cycles const& b) { return a += b; }
    friend bool operator==(attention_cycles const&, attention_cycles const&) = default;
};

/// Cycles where groups of `limit` word lines are driven whatever they carry:  tokens * bits * ceil(depth / limit)  with
/// the bits of what drives the stage and depths D, D, d_k, N and D. Errors: xcim::error for what is out of range.
[[nodiscard]] inline attention_cycles fixed_attention_cycles(attention_extents const& s,
                                                             attention_bits const& bits = {}, int limit = 8) {
    detail::require_attention(s, bits);
    if (limit < 1) {
        throw error(errc::range, "fixed_attention_cycles: limit is " + std::to_string(limit) + "; 1 or more is needed");
    }
    std::size_t const tokens = s.batch * s.tokens;
    return {fixed_cycles(tokens, s.width, bits.input, limit), fixed_cycles(tokens, s.width, bits.input, limit),
            fixed_cycles(tokens, s.head_width(), bits.query, limit),
            fixed_cycles(tokens, s.tokens, bits.softmax, limit), fixed_cycles(tokens, s.width, bits.combined, limit)};
}

/// Time of a layer in ns: the first stream, then the second.
struct attention_latency {
    double keys_values = 0;
    double sequential = 0;  ///< the second stream, each token after the one before
    double pipelined = 0;   ///< the second stream, stages at work on neighbouring tokens: its slowest stage

    [[nodiscard]] double total() const { return keys_values + sequential; }
    [[nodiscard]] double pipelined_total() const { return keys_values + pipelined; }
};

/// Time of so many cycles, fixed or sifted.
///
/// Parameters: as latency_ns: `ns_per_cycle` default 10; `parallel_arrays` that hold the same matrix, default 1, 8 at
/// the paper's design point. Not modelled: softmax and quantisation, which are pipelined behind the arrays; filling the
/// pipeline; writing keys and values. Reference: FLARE (arXiv 2411.14733, 2024), sections 3.3, 4.5 and 5.1. Tests:
/// tests/unit/cost/attention.cpp.
[[nodiscard]] inline attention_latency latency(attention_cycles const& c, double ns_per_cycle = 10,
                                               int parallel_arrays = 1) {
    auto const time = [&](std::uint64_t cycles) { return latency_ns(cycles, ns_per_cycle, parallel_arrays); };
    return {time(c.keys_values), time(c.total() - c.keys_values),
            time(std::max({c.query, c.logits, c.weighted_sum, c.output}))};
}

}  // namespace xcim::inline XCIM_ABI::cost
