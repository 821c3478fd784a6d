#pragma once

/// \file
/// Where a layer is computed. A network hands every convolution and every linear layer to a backend:
///
///     float_backend              the reference: float, no quantisation
///     macro_backend              a compute-in-memory macro (macro_backend.hpp)
///     counting_backend           float, and counts the conversions that a macro would make
///
/// To put your own network on a macro, describe its layers as conv_layer, linear_layer and attention_layer, each with a
/// number of its own, and write its forward pass against any backend, as resnet20.hpp, digits_cnn.hpp, vit.hpp and
/// story.hpp do.

#include "layers.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace networks {

/// A convolution with square stride and zero padding; pad() the images where the padding has four different sides.
struct conv_layer {
    std::string name;
    tensor weight;  // (O, C / groups, KH, KW)
    tensor bias;    // (O), or empty for none
    int stride = 1;
    int padding = 0;
    std::uint32_t number = 0;      ///< tells the noise of this layer from that of the others
    bool is_digital = false;       ///< computed beside the macro; the first layer of a network often is
    int groups = 1;                ///< of channels that are convolved apart; all of them in a depthwise convolution
    bool input_is_signed = false;  ///< not behind a ReLU: negative inputs may come
};

/// y = x w^T + bias over the last axis of x
struct linear_layer {
    std::string name;
    tensor weight;  // (O, K)
    tensor bias;    // (O), or empty for none
    std::uint32_t number = 0;
    bool input_is_signed = false;  ///< behind a ReLU or a softmax it is not
};

/// Self-attention with several heads:
///
///     q, k, v = x qkv^T + qkv_bias;     y = (softmax(scale * q k^T) v) out^T + out_bias
///
/// with q, k, v cut into heads and the heads put side by side again before the output. The inputs are signed. Decoders
/// set `pattern`: their k and v may have fewer heads, K heads in all, and are then K E / heads wide each.
struct attention_layer {
    static constexpr std::uint32_t numbers = 4;  ///< how many it takes: q k v, q k^T, scores times v, output

    std::string name;
    tensor qkv_weight;  // (E + 2 K E / heads, E): rows of q, k, v, in each head after head
    tensor qkv_bias;    // (as many), or empty for none
    tensor out_weight;  // (E, E)
    tensor out_bias;    // (E), or empty for none
    int heads = 1;
    float scale = 1;           ///< usually 1 / sqrt(E / heads)
    std::uint32_t number = 0;  ///< the first of its numbers
    attention_pattern pattern{};
};

template <class B>
concept Backend = requires(B& backend, conv_layer const& conv, linear_layer const& linear, tensor const& x) {
    { backend.conv2d(conv, x) } -> std::same_as<tensor>;
    { backend.linear(linear, x) } -> std::same_as<tensor>;
};

/// What transformers need.
template <class B>
concept AttentionBackend = Backend<B> && requires(B& backend, attention_layer const& attention, tensor const& x) {
    { backend.attention(attention, x) } -> std::same_as<tensor>;
};

/// Every layer in float.
struct float_backend {
    int threads = 1;

    [[nodiscard]] tensor conv2d(conv_layer const& layer, tensor const& x) const {
        return float_conv2d(x, layer.weight, layer.bias, layer.stride, layer.padding, threads);
    }

    /// (..., K) -> (..., O)
    [[nodiscard]] tensor linear(linear_layer const& layer, tensor const& x) const {
        return float_linear(x, layer.weight, layer.bias);
    }

    /// (B, N, E) -> (B, N, E): batch, tokens, width
    [[nodiscard]] tensor attention(attention_layer const& layer, tensor const& x) const {
        auto qkv = float_linear(x, layer.qkv_weight, layer.qkv_bias);  // (B, N, E + 2 K E / heads)
        auto const heads = float_scores_times_values(std::move(qkv), layer.heads, layer.scale, layer.pattern);
        return float_linear(heads, layer.out_weight, layer.out_bias);
    }
};

/// What decides how often a macro converts.
struct conversion_counts {
    int rows = 255;         ///< rows of one array
    int weight_slices = 8;  ///< columns that hold one weight
    int input_phases = 8;   ///< digits that an input is split into

    /// outputs x row tiles x input phases x weight slices; a tile holds whole input channels, `taps` rows each.
    [[nodiscard]] std::uint64_t of(std::size_t outputs, std::size_t channels, std::size_t taps) const {
        auto const per_tile = static_cast<std::size_t>(rows) / taps;
        auto const tiles = (channels + per_tile - 1) / per_tile;
        return std::uint64_t{outputs} * tiles * static_cast<std::uint64_t>(weight_slices) *
               static_cast<std::uint64_t>(input_phases);
    }
};

/// Float, and counts what a macro would convert for the same layers.
class counting_backend {
public:
    explicit counting_backend(conversion_counts design) : design_{design} {}

    [[nodiscard]] tensor conv2d(conv_layer const& layer, tensor const& x) {
        auto y = float_backend{}.conv2d(layer, x);
        if (!layer.is_digital) {
            total_ += design_.of(y.size(), layer.weight.shape(1), layer.weight.shape(2) * layer.weight.shape(3));
        }
        return y;
    }

    [[nodiscard]] tensor linear(linear_layer const& layer, tensor const& x) {
        auto y = float_backend{}.linear(layer, x);
        total_ += design_.of(y.size(), layer.weight.shape(1), 1);
        return y;
    }

    [[nodiscard]] tensor attention(attention_layer const& layer, tensor const& x) {
        auto const tokens = x.size() / x.shape(2), width = layer.out_weight.shape(1);
        auto const keys = x.shape(1), heads = static_cast<std::size_t>(layer.heads);
        total_ += design_.of(tokens * layer.qkv_weight.shape(0), x.shape(2), 1);
        total_ += design_.of(tokens * heads * keys, width / heads, 1);  // q k^T
        total_ += design_.of(tokens * width, keys, 1);                  // scores times v
        total_ += design_.of(tokens * layer.out_weight.shape(0), width, 1);
        return float_backend{}.attention(layer, x);
    }

    [[nodiscard]] std::uint64_t total() const { return total_; }

private:
    conversion_counts design_;
    std::uint64_t total_ = 0;
};

}  // namespace networks
