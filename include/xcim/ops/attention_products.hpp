#pragma once

/// \file
/// The four products of an integer attention layer as a policy: what computes the sums, and nothing about what is done
/// with them. Tests: tests/unit/ops/integer_attention.cpp.

#include <xcim/core/error.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// Extents of a layer. Heads may share keys and values (grouped query attention).
struct attention_shape {
    std::size_t inputs = 0;      ///< D, codes of a token
    std::size_t outputs = 0;     ///< codes of a token behind the layer
    std::size_t heads = 1;       ///< H
    std::size_t kv_heads = 1;    ///< H_kv, a divisor of H
    std::size_t head_width = 0;  ///< d_k

    [[nodiscard]] std::size_t query_width() const { return heads * head_width; }
    [[nodiscard]] std::size_t kv_width() const { return kv_heads * head_width; }
    /// Where the keys and values of a head begin in the codes of a token.
    [[nodiscard]] std::size_t kv_offset(std::size_t head) const { return head / (heads / kv_heads) * head_width; }
};

/// Projections of a layer, the products with weights that stay.
enum class projection { query, key, value, output };

/// Rows of codes that drive a product: row r begins at data + r * stride.
template <class Code>
struct code_rows {
    Code const* data = nullptr;
    std::size_t stride = 0;
    std::size_t rows = 0;
    std::size_t first = 0;  ///< number of the first row in the whole call: what noise is a function of

    [[nodiscard]] Code const* row(std::size_t r) const { return data + r * stride; }
};

/// Where the sums of a product go: those of row r begin at data + r * stride.
template <class Sum>
struct sum_rows {
    Sum* data = nullptr;
    std::size_t stride = 0;

    [[nodiscard]] Sum* row(std::size_t r) const { return data + r * stride; }
};

/// Keys and values of one sequence, written once and read by every query: (tokens, H_kv * d_k) codes each.
template <class Code>
struct kv_codes {
    std::vector<Code> keys;
    std::vector<Code> values;
    std::size_t tokens = 0;
    std::size_t first = 0;  ///< number of the first token in the whole call
};

/// What computes the sums of an attention layer.
///
/// `number` is the integer of everything outside the products: 64 bits, or a class with + - * & | ^ ~ << >>,
/// comparisons, construction from integers and explicit conversion to std::int64_t. Sums are written as `number`.
/// `code` holds signed codes (inputs, queries, keys, values, logits, concatenated heads), `probability` the unsigned
/// codes of a softmax row.
///
///     project(which, x, y)              y[r][n] = sum over i of x[r][i] * W_which[n][i]
///     store(kv) -> stored               takes keys and values of a sequence; each is read by scores and weigh
///     scores(stored, h, q, keys, y)     y[r][t] = sum over d of q[r][d] * K[t][h'][d]     0 <= t < keys
///     weigh(stored, h, p, keys, y)      y[r][d] = sum over t < keys of p[r][t] * V[t][h'][d]
///
/// h is a query's head, h' = h / (H / H_kv) the one whose keys it reads: attention_shape::kv_offset. `q.data` points to
/// the head's own d_k codes. Only the first `keys` stored tokens take part (all, or under a causal mask those up to the
/// last row). That is a hint: rows of p are 0 behind the keys of their own row, up to all stored tokens, and rows of y
/// in scores have room for all, where sums behind a row's own keys are not read.
/// All four are const and called from several threads at once, for disjoint rows. What they draw at random must be a
/// function of the row's number (`first` + r), head and column, never of `keys` or of the order or grouping of calls:
/// then the fused and the unfused order see the same noise.
/// A model whose scores may also be written as std::int32_t is asked to where these hold every sum of the layer: see
/// has_narrow_scores.
/// Models: exact_products, packed_products, macro_products.
template <class P>
concept AttentionProducts = requires(P const& p, typename P::number* sums, kv_codes<typename P::code> kv,
                                     code_rows<typename P::code> x, code_rows<typename P::probability> weights) {
    typename P::number;
    typename P::code;
    typename P::probability;
    typename P::stored;
    p.project(projection::query, x, sum_rows<typename P::number>{sums, 0});
    { p.store(std::move(kv)) } -> std::same_as<typename P::stored>;
    requires requires(typename P::stored const& stored) {
        p.scores(stored, std::size_t{}, x, std::size_t{}, sum_rows<typename P::number>{sums, 0});
        p.weigh(stored, std::size_t{}, weights, std::size_t{}, sum_rows<typename P::number>{sums, 0});
    };
};

template <class P>
inline constexpr bool has_narrow_scores = requires(P const& p, typename P::stored const& stored,
                                                   code_rows<typename P::code> q, sum_rows<std::int32_t> y) {
    p.scores(stored, std::size_t{}, q, std::size_t{}, y);
};

/// Integer weights of the four projections, (out, in) row-major.
struct projection_codes {
    std::span<std::int32_t const> query;   // (H * d_k, D)
    std::span<std::int32_t const> key;     // (H_kv * d_k, D)
    std::span<std::int32_t const> value;   // (H_kv * d_k, D)
    std::span<std::int32_t const> output;  // (outputs, H * d_k)
};

/// Weights of other extents than the layer's are an error.
inline void require_projections(attention_shape const& shape, projection_codes const& w) {
    auto const require = [](char const* name, std::size_t found, std::size_t outputs, std::size_t inputs) {
        if (outputs == 0 || inputs == 0 || found != outputs * inputs) {
            throw error(errc::shape, std::string("projection_codes.") + name + " has " + std::to_string(found) +
                                         " elements; (" + std::to_string(outputs) + ", " + std::to_string(inputs) +
                                         ") are needed, no extent 0");
        }
    };
    require("query", w.query.size(), shape.query_width(), shape.inputs);
    require("key", w.key.size(), shape.kv_width(), shape.inputs);
    require("value", w.value.size(), shape.kv_width(), shape.inputs);
    require("output", w.output.size(), shape.outputs, shape.query_width());
}

/// The products by their definition, in any integer type: what other ways to compute them are compared with.
///
/// Models AttentionProducts. Parameters: shape of the layer, weights. Exact where `Number` holds the sums.
/// Tests: tests/unit/ops/integer_attention.cpp.
template <class Number>
class exact_products {
public:
    using number = Number;
    using code = Number;
    using probability = Number;
    using stored = kv_codes<Number>;

    exact_products(attention_shape const& shape, projection_codes const& w)
        : shape_{shape}, query_{taken(w.query)}, key_{taken(w.key)}, value_{taken(w.value)}, output_{taken(w.output)} {
        require_projections(shape, w);
    }

    void project(projection which, code_rows<Number> const& x, sum_rows<Number> const& y) const {
        bool const is_output = which == projection::output;
        auto const& w = which == projection::query ? query_
                        : which == projection::key ? key_
                        : is_output                ? output_
                                                   : value_;
        std::size_t const inputs = is_output ? shape_.query_width() : shape_.inputs;
        for (std::size_t r = 0; r < x.rows; ++r) {
            for (std::size_t n = 0; n * inputs < w.size(); ++n) {
                y.row(r)[n] = dot(inputs, x.row(r), 1, w.data() + n * inputs, 1);
            }
        }
    }

    [[nodiscard]] stored store(kv_codes<Number> kv) const { return kv; }

    void scores(stored const& kv, std::size_t head, code_rows<Number> const& q, std::size_t keys,
                sum_rows<Number> const& y) const {
        for (std::size_t r = 0; r < q.rows; ++r) {
            for (std::size_t t = 0; t < keys; ++t) {
                Number const* const key = kv.keys.data() + t * shape_.kv_width() + shape_.kv_offset(head);
                y.row(r)[t] = dot(shape_.head_width, q.row(r), 1, key, 1);
            }
        }
    }

    void weigh(stored const& kv, std::size_t head, code_rows<Number> const& p, std::size_t keys,
               sum_rows<Number> const& y) const {
        for (std::size_t r = 0; r < p.rows; ++r) {
            for (std::size_t d = 0; d < shape_.head_width; ++d) {
                Number const* const value = kv.values.data() + shape_.kv_offset(head) + d;
                y.row(r)[d] = dot(keys, p.row(r), 1, value, shape_.kv_width());
            }
        }
    }

private:
    static std::vector<Number> taken(std::span<std::int32_t const> w) {
        std::vector<Number> codes;
        codes.reserve(w.size());
        for (std::int32_t const code : w) {
            codes.push_back(static_cast<Number>(code));
        }
        return codes;
    }

    static Number dot(std::size_t size, Number const* a, std::size_t a_step, Number const* b, std::size_t b_step) {
        auto sum = static_cast<Number>(0);
        for (std::size_t i = 0; i < size; ++i) {
            sum = sum + a[i * a_step] * b[i * b_step];
        }
        return sum;
    }

    attention_shape shape_;
    std::vector<Number> query_;
    std::vector<Number> key_;
    std::vector<Number> value_;
    std::vector<Number> output_;
};

}  // namespace xcim::inline XCIM_ABI
