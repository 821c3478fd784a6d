#pragma once

/// \file
/// Multi-head self-attention whose products all run on macros.

#include <xcim/ops/linear.hpp>
#include <xcim/ops/softmax.hpp>
#include <xcim/ops/stored_product.hpp>

#include <cmath>
#include <optional>
#include <utility>

namespace xcim::inline XCIM_ABI {

/// A macro for each kind of product.
template <class Projection, class Scores, class Values>
struct attention_macros {
    Projection projection;  ///< x -> q, k, v and heads -> output
    Scores scores;          ///< Q stored, K driven; both signed
    Values values;          ///< V stored, softmax scores driven; the scores are never negative
};

template <class Projection, class Scores, class Values>
attention_macros(Projection, Scores, Values) -> attention_macros<Projection, Scores, Values>;

/// Trained parameters; a bias without elements (or a default-constructed one) is none.
struct attention_weights {
    xt::xarray<float> qkv;       ///< (3 E, E): rows are the blocks q, k and v, each head by head
    xt::xarray<float> qkv_bias;  ///< (3 E)
    xt::xarray<float> out;       ///< (E, E)
    xt::xarray<float> out_bias;  ///< (E)
};

struct attention_options {
    int heads = 1;
    std::optional<float> scale{};  ///< of Q K before the softmax; default 1 / sqrt(E / heads)
    std::uint64_t chip = 0;        ///< see program_options
    std::uint32_t layer = 0;       ///< first of two layer numbers of the chip
};

/// Projections stored in arrays, used by many calls.
struct programmed_attention {
    programmed_array qkv;
    programmed_array out;
    xt::xarray<float> qkv_bias;
    xt::xarray<float> out_bias;
    std::size_t heads = 1;
    std::size_t width = 1;  ///< E
    float scale = 1;
    std::uint64_t chip = 0;
};

/// Stores the projections of an attention layer. Errors: xcim::error for shapes that do not fit.
template <class Macros>
[[nodiscard]] programmed_attention program_attention(Macros const& macros, attention_weights const& weights,
                                                     attention_options const& options = {}) {
    auto const shape = ref(weights.qkv, "weights.qkv").shape;
    auto const out_shape = ref(weights.out, "weights.out").shape;
    if (shape.size() != 2 || shape[0] != 3 * shape[1]) {
        throw error(errc::shape, "weights.qkv has shape " + to_string(shape) + "; (3 E, E) is needed");
    }
    std::size_t const width = shape[1];
    if (out_shape != std::vector<std::size_t>{width, width}) {
        throw error(errc::shape, "weights.out has shape " + to_string(out_shape) + "; (" + std::to_string(width) +
                                     ", " + std::to_string(width) + ") is needed, E of weights.qkv");
    }
    if (options.heads < 1 || width % static_cast<std::size_t>(options.heads) != 0) {
        throw error(errc::shape, "attention_options.heads is " + std::to_string(options.heads) +
                                     "; a divisor of E = " + std::to_string(width) + " is needed");
    }
    programmed_attention p;
    p.qkv = macros.projection.program(weights.qkv, {.chip = options.chip, .layer = options.layer});
    p.out = macros.projection.program(weights.out, {.chip = options.chip, .layer = options.layer + 1});
    p.qkv_bias = weights.qkv_bias;
    p.out_bias = weights.out_bias;
    p.heads = static_cast<std::size_t>(options.heads);
    p.width = width;
    p.scale = options.scale.value_or(1 / std::sqrt(static_cast<float>(width / p.heads)));
    p.chip = options.chip;
    return p;
}

namespace detail {

template <class Macro>
xt::xarray<float> projected(Macro const& macro, xt::xarray<float> const& x, programmed_array const& array,
                            xt::xarray<float> const& bias, run_options const& options) {
    bool const is_absent = bias.dimension() == 0 || bias.size() == 0;
    return is_absent ? linear(macro, x, array, options) : linear(macro, x, array, bias, options);
}

/// Block `block` of (B, N, blocks, H, D) as (B, H, N, D), or as (B, H, D, N).
inline xt::xarray<float> head_major(xt::xarray<float> const& x, std::size_t block, std::size_t blocks,
                                    std::size_t heads, bool transposed) {
    std::size_t const batch = x.shape()[0];
    std::size_t const tokens = x.shape()[1];
    std::size_t const width = x.shape()[2] / (blocks * heads);
    std::vector<std::size_t> shape{batch, heads, tokens, width};
    if (transposed) {
        std::swap(shape[2], shape[3]);
    }
    xt::xarray<float> y = xt::xarray<float>::from_shape(shape);
    float* to = y.data();
    for (std::size_t b = 0; b < batch; ++b) {
        for (std::size_t h = 0; h < heads; ++h, to += tokens * width) {
            for (std::size_t n = 0; n < tokens; ++n) {
                float const* const from = x.data() + (((b * tokens + n) * blocks + block) * heads + h) * width;
                for (std::size_t d = 0; d < width; ++d) {
                    to[transposed ? d * tokens + n : n * width + d] = from[d];
                }
            }
        }
    }
    return y;
}

/// (B, H, N, D) as (B, N, H D).
inline xt::xarray<float> joined_heads(xt::xarray<float> const& x) {
    std::size_t const heads = x.shape()[1];
    std::size_t const tokens = x.shape()[2];
    std::size_t const width = x.shape()[3];
    std::vector<std::size_t> const shape{x.shape()[0], tokens, heads * width};
    xt::xarray<float> y = xt::xarray<float>::from_shape(shape);
    float const* from = x.data();
    for (std::size_t b = 0; b < shape[0]; ++b) {
        for (std::size_t h = 0; h < heads; ++h) {
            for (std::size_t n = 0; n < tokens; ++n, from += width) {
                std::copy_n(from, width, y.data() + ((b * tokens + n) * heads + h) * width);
            }
        }
    }
    return y;
}

}  // namespace detail

/// Layers whose noise one attention draws: options.layer and the three behind it.
inline constexpr std::uint32_t attention_layers = 4;

/// Self-attention with several heads.
///
///     q, k, v = x W_qkv^T + b_qkv,     S = softmax(scale * q k^T) per head,     y = concat(S v) W_out^T + b_out
///
/// Q and V are stored in the arrays, K and the scores S are driven: the order of ASiM. Softmax is digital in float.
/// x: (B, N, E) tokens. Returns (B, N, E). Scales that are not fixed in the quantisers are taken per tensor, over batch
/// and heads. Noise belongs to layers options.layer (projections in), + 1 (Q K), + 2 (S V) and + 3 (projection out).
/// Errors: xcim::error for shapes that do not fit, elements that are not finite, compositions that cannot work.
/// Not modelled: masks; the cost of writing Q and V.
/// Reference: A. Vaswani et al., "Attention is all you need", NIPS 2017, section 3.2; mapping of ASiM (arXiv
/// 2411.11022, 2024, section III-B), whose scale is 1 / sqrt(E). Tests: tests/unit/ops/attention.cpp,
/// tests/golden/asim_attention.cpp.
template <class Macros, tensor_like X>
[[nodiscard]] xt::xarray<float> attention(Macros const& macros, X const& x, programmed_attention const& stored,
                                          run_options options = {}) {
    auto const& input = evaluated(x);
    auto const shape = ref(input, "input").shape;
    if (shape.size() != 3 || shape[2] != stored.width) {
        throw error(errc::shape, "the input has shape " + to_string(shape) + "; (batch, tokens, " +
                                     std::to_string(stored.width) + ") is needed");
    }
    auto const of_layer = [&](std::uint32_t number) {
        run_options own = options;
        own.layer += number;
        return own;
    };
    // Rows of the projections are tokens: item i of the batch begins at row i * tokens.
    auto const of_tokens = [&](std::uint32_t number) {
        run_options own = of_layer(number);
        own.first_item *= shape[1];
        return own;
    };
    auto const qkv = detail::projected(macros.projection, xt::xarray<float>(input), stored.qkv, stored.qkv_bias,
                                       of_tokens(0));                                              // (B, N, 3 E)
    auto const q = detail::head_major(qkv, 0, 3, stored.heads, false);                             // (B, H, N, D)
    auto const k = detail::head_major(qkv, 1, 3, stored.heads, false);                             // (B, H, N, D)
    auto const v = detail::head_major(qkv, 2, 3, stored.heads, true);                              // (B, H, D, N)
    auto scores = stored_product(macros.scores, q, k, rows_of::stored, of_layer(1), stored.chip);  // (B, H, N, N)
    for (float& s : scores) {
        s *= stored.scale;
    }
    auto const heads = stored_product(macros.values, v, softmax(scores), rows_of::driven, of_layer(2), stored.chip);
    return detail::projected(macros.projection, detail::joined_heads(heads), stored.out, stored.out_bias, of_tokens(3));
}

}  // namespace xcim::inline XCIM_ABI
