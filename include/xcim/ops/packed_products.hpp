#pragma once

#include <xcim/ops/attention_products.hpp>
#include <xcim/ops/plane_product.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// The products of an integer attention layer on the dot-product instructions of the machine: the same sums as
/// exact_products in built-in integers.
///
/// Models AttentionProducts. Parameters: shape of the layer, weights of up to 16 bits. Weights are packed once, keys
/// and values once a sequence; operands wider than a byte are multiplied plane by plane (ops/plane_product.hpp). Tests:
/// tests/unit/ops/integer_attention.cpp, tests/property/integer_attention.cpp; benchmark:
/// benchmarks/kernels/integer_attention.cpp.
class packed_products {
public:
    using number = std::int64_t;
    using code = std::int16_t;
    using probability = std::uint16_t;

    /// Keys as (tokens, d_k) and values as (d_k, tokens), by the head they belong to.
    struct stored {
        std::vector<plane_weights> keys;
        std::vector<plane_weights> values;
        std::size_t tokens = 0;
    };

    packed_products(attention_shape const& shape, projection_codes const& w)
        : shape_{shape}, weights_{packed((require_projections(shape, w), w.query), shape.query_width(), shape.inputs),
                                  packed(w.key, shape.kv_width(), shape.inputs),
                                  packed(w.value, shape.kv_width(), shape.inputs),
                                  packed(w.output, shape.outputs, shape.query_width())} {}

    void project(projection which, code_rows<code> const& x, sum_rows<number> const& y) const {
        bool const is_output = which == projection::output;
        bool const is_query = which == projection::query;
        std::size_t const inputs = is_output ? shape_.query_width() : shape_.inputs;
        std::size_t const outputs = is_output ? shape_.outputs : is_query ? shape_.query_width() : shape_.kv_width();
        weights_[static_cast<std::size_t>(which)].multiply(x.data, x.stride, x.rows, outputs, inputs, y.data, y.stride);
    }

    [[nodiscard]] stored store(kv_codes<code> kv) const {
        stored s{.keys = {}, .values = {}, .tokens = kv.tokens};
        std::size_t const width = shape_.kv_width();
        for (std::size_t at = 0; at < width; at += shape_.head_width) {
            s.keys.emplace_back(kv.keys.data() + at, kv.tokens, shape_.head_width, width, std::size_t{1});
            s.values.emplace_back(kv.values.data() + at, shape_.head_width, kv.tokens, std::size_t{1}, width);
        }
        return s;
    }

    template <class Sum>
    void scores(stored const& kv, std::size_t head, code_rows<code> const& q, std::size_t keys,
                sum_rows<Sum> const& y) const {
        kv.keys[kv_head(head)].multiply(q.data, q.stride, q.rows, keys, shape_.head_width, y.data, y.stride);
    }

    void weigh(stored const& kv, std::size_t head, code_rows<probability> const& p, std::size_t keys,
               sum_rows<number> const& y) const {
        kv.values[kv_head(head)].multiply(p.data, p.stride, p.rows, shape_.head_width, keys, y.data, y.stride);
    }

private:
    static plane_weights packed(std::span<std::int32_t const> w, std::size_t outputs, std::size_t inputs) {
        return {w.data(), outputs, inputs, inputs, 1};
    }

    [[nodiscard]] std::size_t kv_head(std::size_t head) const { return shape_.kv_offset(head) / shape_.head_width; }

    attention_shape shape_;
    std::vector<plane_weights> weights_;  // by projection
};

}  // namespace xcim::inline XCIM_ABI
