#pragma once

/// \file
/// The products of an integer attention layer on compute-in-memory macros: projections in one kind of array, keys and
/// values, written anew for every sequence, in another.

#include <xcim/ops/attention_products.hpp>
#include <xcim/ops/code_product.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// A macro for each kind of product. All sums must be integers: converters that count.
template <class Projection, class Scores, class Values>
struct integer_attention_macros {
    Projection projection;  ///< weights stored (w_bits), inputs and joined heads driven, signed
    Scores scores;          ///< keys stored (kv_bits), queries driven, signed
    Values values;          ///< values stored (kv_bits), softmax codes driven, unsigned
};

template <class Projection, class Scores, class Values>
integer_attention_macros(Projection, Scores, Values) -> integer_attention_macros<Projection, Scores, Values>;

struct macro_products_options {
    std::uint64_t chip = 0;   ///< which chip the weights are programmed into, see program_options
    std::uint32_t layer = 0;  ///< number of the layer in the network, below 2^16 - 1: layers differ in noise and cells;
                              ///< stored_product takes the same numbers: give each its own
    std::uint64_t seed = 0;   ///< of everything drawn per conversion
    bool every_cycle = false;  ///< see run_options
};

/// Models AttentionProducts: column sums of arrays in place of exact sums. Without noise and with converters that read
/// every count they are the exact sums.
///
/// An array of its own for each projection and, per sequence, for the keys and the values of each head. Errors:
/// xcim::error for codes that do not fit the formats of the macros, converters whose codes are no counts.
/// Not modelled: that writing keys and values takes time and may fail.
/// Tests: tests/unit/ops/macro_products.cpp, tests/golden/flare_attention.cpp.
template <class Projection, class Scores, class Values>
class macro_products {
public:
    using number = std::int64_t;
    using code = std::int32_t;
    using probability = std::int32_t;

    /// Keys and values of a sequence, in arrays: (kv heads).
    struct stored {
        std::vector<programmed_array> keys;    // of shape (tokens, d_k)
        std::vector<programmed_array> values;  // of shape (d_k, tokens)
        std::size_t first = 0;
    };

    macro_products(integer_attention_macros<Projection, Scores, Values> macros, attention_shape const& shape,
                   projection_codes const& w, macro_products_options const& options = {})
        : macros_{std::move(macros)}, shape_{shape}, options_{options},
          projections_{program(checked(w).query, shape.query_width(), shape.inputs, projection::query),
                       program(w.key, shape.kv_width(), shape.inputs, projection::key),
                       program(w.value, shape.kv_width(), shape.inputs, projection::value),
                       program(w.output, shape.outputs, shape.query_width(), projection::output)} {}

    void project(projection which, code_rows<code> const& x, sum_rows<number> const& y) const {
        programmed_array const& array = projections_[static_cast<std::size_t>(which)];
        multiply(macros_.projection, array, x, array.shape.rows(), array.outputs(), y,
                 static_cast<std::uint32_t>(which));
    }

    [[nodiscard]] stored store(kv_codes<code> const& kv) const {
        stored arrays;
        arrays.first = kv.first;
        std::vector<code> head(kv.tokens * shape_.head_width);
        for (std::size_t h = 0; h < shape_.kv_heads; ++h) {
            for (std::size_t t = 0; t < kv.tokens; ++t) {
                std::copy_n(kv.keys.data() + t * shape_.kv_width() + h * shape_.head_width, shape_.head_width,
                            head.data() + t * shape_.head_width);
            }
            arrays.keys.push_back(macros_.scores.program_codes({head.data(), {kv.tokens, shape_.head_width}},
                                                               {.chip = options_.chip, .layer = layer(4 + 2 * h)}));
            for (std::size_t t = 0; t < kv.tokens; ++t) {
                for (std::size_t d = 0; d < shape_.head_width; ++d) {
                    head[d * kv.tokens + t] = kv.values[t * shape_.kv_width() + h * shape_.head_width + d];
                }
            }
            arrays.values.push_back(macros_.values.program_codes({head.data(), {shape_.head_width, kv.tokens}},
                                                                 {.chip = options_.chip, .layer = layer(5 + 2 * h)}));
        }
        return arrays;
    }

    void scores(stored const& kv, std::size_t head, code_rows<code> const& q, std::size_t keys,
                sum_rows<number> const& y) const {
        multiply(macros_.scores, kv.keys[shape_.kv_offset(head) / shape_.head_width], q, shape_.head_width, keys, y,
                 score_layer(2 * head));
    }

    void weigh(stored const& kv, std::size_t head, code_rows<probability> const& p, std::size_t keys,
               sum_rows<number> const& y) const {
        multiply(macros_.values, kv.values[shape_.kv_offset(head) / shape_.head_width], p, keys, shape_.head_width, y,
                 score_layer(2 * head + 1));
    }

private:
    [[nodiscard]] projection_codes const& checked(projection_codes const& w) const {
        require_projections(shape_, w);
        if (options_.layer + 1 >= 1U << 16U || 4 + 2 * (shape_.kv_heads + shape_.heads) >= 1U << 16U) {
            throw error(errc::range, "macro_products: layer " + std::to_string(options_.layer) + " with " +
                                         std::to_string(shape_.heads) +
                                         " heads; a layer below 65535 and fewer than 16384 heads are needed to tell "
                                         "arrays apart");
        }
        return w;
    }

    /// Layers of this layer: projections, then keys and values by head.
    [[nodiscard]] std::uint32_t layer(std::size_t part) const {
        return (options_.layer + 1) << 16U | static_cast<std::uint32_t>(part);
    }

    /// Queries of heads that share keys draw different noise: parts behind those of the stored heads.
    [[nodiscard]] std::uint32_t score_layer(std::size_t part) const {
        return static_cast<std::uint32_t>(4 + 2 * shape_.kv_heads + part);
    }

    [[nodiscard]] programmed_array program(std::span<std::int32_t const> w, std::size_t outputs, std::size_t inputs,
                                           projection which) const {
        return macros_.projection.program_codes(
            {w.data(), {outputs, inputs}}, {.chip = options_.chip, .layer = layer(static_cast<std::size_t>(which))});
    }

    /// Rows of `used` codes through an array; those missing up to its inputs are 0. The first `wanted` sums are kept.
    template <class Macro>
    void multiply(Macro const& macro, programmed_array const& array, code_rows<code> const& x, std::size_t used,
                  std::size_t wanted, sum_rows<number> const& y, std::uint32_t part) const {
        std::size_t const inputs = array.shape.rows();
        std::vector<code> rows(x.rows * inputs);
        for (std::size_t r = 0; r < x.rows; ++r) {
            std::copy_n(x.row(r), used, rows.data() + r * inputs);
        }
        std::vector<number> sums(x.rows * array.outputs());
        code_product(
            macro, {rows.data(), {x.rows, inputs}}, array, sums.data(),
            {.seed = options_.seed, .layer = layer(part), .first_item = x.first, .every_cycle = options_.every_cycle});
        for (std::size_t r = 0; r < x.rows; ++r) {
            std::copy_n(sums.data() + r * array.outputs(), wanted, y.row(r));
        }
    }

    integer_attention_macros<Projection, Scores, Values> macros_;
    attention_shape shape_;
    macro_products_options options_;
    std::array<programmed_array, 4> projections_;  // by projection
};

}  // namespace xcim::inline XCIM_ABI
