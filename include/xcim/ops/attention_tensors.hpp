#pragma once

/// \file
/// What an integer attention layer holds between its stages, and how rows of sums become rows of codes.

#include <xcim/ops/attention_products.hpp>
#include <xcim/ops/integer_attention_plan.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// Every tensor between the stages, for those who want to look: n tokens that are not padding, row-major.
struct integer_attention_trace {
    using tensor = std::vector<std::int64_t>;
    tensor q;           ///< (n, H, d_k)
    tensor q_shift;     ///< (n, H)
    tensor keys;        ///< (n, H_kv * d_k)
    tensor values;      ///< (n, H_kv * d_k)
    int key_shift = 0;  ///< of the window, without the lowest exponent of the inputs
    int value_shift = 0;
    tensor logits;       ///< (n, H, n), 0 where masked
    tensor logit_shift;  ///< (n, H)
    tensor p;            ///< (n, H, n), 0 where masked
    tensor heads;        ///< (n, H, d_k): A V, normalised
    tensor o;            ///< (n, H * d_k)
    tensor o_shift;      ///< (n)
    tensor out;          ///< (n, outputs)
    tensor out_shift;    ///< (n)
};

namespace detail {

/// Tokens [begin, end) of a sequence.
struct token_range {
    std::size_t begin = 0;
    std::size_t end = 0;

    [[nodiscard]] std::size_t size() const { return end - begin; }
};

/// One sequence without its padding.
struct token_sequence {
    std::int32_t const* codes = nullptr;  // (tokens of the input, D)
    std::vector<std::size_t> places;      // of its tokens in the input
    std::vector<int> exponents;           // by token
    int lowest_exponent = 0;
    int highest_exponent = 0;
    std::size_t first = 0;  // number of its first token in the call
    std::size_t first_position = 0;

    [[nodiscard]] std::size_t size() const { return places.size(); }
};

/// Keys or values of a sequence: real value = codes * 2^exponent * static scale.
template <class Code>
struct windowed_codes {
    std::vector<Code> codes;  // (tokens, H_kv * d_k)
    int exponent = 0;
    std::size_t zeros = 0;
};

/// Tensors between the stages for tokens [first, first + tokens), with logits of `score_heads` heads at a time.
template <AttentionProducts P>
struct attention_tensors {
    using number = typename P::number;

    attention_tensors(integer_attention_plan const& plan, std::size_t tokens, std::size_t all_keys,
                      std::size_t score_heads)
        : rows{tokens}, keys{all_keys} {
        auto const& s = plan.shape;
        bool const is_narrow = has_narrow_scores<P> && plan.has_narrow_scores();
        std::size_t const scores = score_heads * tokens * keys;
        inputs.resize(tokens * s.inputs);
        sums.resize(tokens * std::max(s.query_width(), s.outputs));
        q.resize(tokens * s.query_width());
        q_shift.resize(tokens * s.heads);
        score_sums.resize(is_narrow ? 0 : scores);
        narrow_score_sums.resize(is_narrow ? scores : 0);
        logits.resize(scores);
        logit_exponent.resize(tokens * s.heads);
        p.resize(scores);
        totals.resize(tokens * s.heads);
        heads.resize(tokens * s.query_width());
        o.resize(tokens * s.query_width());
        o_shift.resize(tokens);
        outputs.resize(tokens * s.outputs);
    }

    /// Where row `row` of head `head` begins in a (score_heads, tokens, keys) tensor.
    [[nodiscard]] std::size_t score_at(std::size_t head, std::size_t row) const {
        return (logits.size() == rows * keys ? row : head * rows + row) * keys;
    }

    std::size_t first = 0;
    std::size_t rows;
    std::size_t keys;
    std::vector<typename P::code> inputs;         // (tokens, D)
    std::vector<number> sums;                     // (tokens, H * d_k) of queries, (tokens, outputs)
    std::vector<typename P::code> q;              // (tokens, H, d_k)
    std::vector<int> q_shift;                     // (tokens, H)
    std::vector<number> score_sums;               // (score heads, tokens, keys)
    std::vector<std::int32_t> narrow_score_sums;  // the same where 32 bits are enough, instead
    std::vector<typename P::code> logits;         // (score heads, tokens, keys)
    std::vector<int> logit_exponent;              // (tokens, H)
    std::vector<typename P::probability> p;       // (score heads, tokens, keys)
    std::vector<number> totals;                   // (tokens, H)
    std::vector<number> heads;                    // (tokens, H, d_k)
    std::vector<typename P::code> o;              // (tokens, H * d_k)
    std::vector<int> o_shift;                     // (tokens)
    std::vector<typename P::code> outputs;        // (tokens, outputs)
};

/// Where codes and exponents of the tokens go, by their place in the input.
struct attention_outputs {
    std::int32_t* codes = nullptr;      // (tokens of the input, outputs)
    std::int32_t* exponents = nullptr;  // (tokens of the input)
};

/// emsb_codes, by way of 32-bit words where 64-bit ones are narrow: SIMD registers hold twice as many.
template <class Sum, class Code>
void shorten(std::span<Sum const> v, std::span<Code> q, int significant, int shift, emsb_format f) {
    if constexpr (std::is_same_v<Sum, std::int64_t> && std::integral<Code>) {
        if (significant <= 31) {
            std::array<std::int32_t, 256> words;
            for (std::size_t i = 0; i < v.size(); i += words.size()) {
                std::size_t const size = std::min(words.size(), v.size() - i);
                std::transform(v.begin() + static_cast<std::ptrdiff_t>(i),
                               v.begin() + static_cast<std::ptrdiff_t>(i + size), words.begin(),
                               [](std::int64_t x) { return static_cast<std::int32_t>(x); });
                emsb_codes<std::int32_t, Code>(std::span{words}.first(size), q.subspan(i, size), shift, f);
            }
            return;
        }
    }
    emsb_codes<Sum, Code>(v, q, shift, f);
}

/// emsb_group by way of shorten.
template <class Sum, class Code>
int shorten_group(std::span<Sum const> v, std::span<Code> q, emsb_format f) {
    int const significant = significant_bits<Sum>(v, true);
    int const shift = emsb_shift(significant, f);
    shorten<Sum, Code>(v, q, significant, shift, f);
    return shift;
}

}  // namespace detail

}  // namespace xcim::inline XCIM_ABI
