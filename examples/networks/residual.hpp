#pragma once

/// \file
/// What residual networks are made of: convolutions with batch norm, and the block
///
///     relu(norm2(conv2(relu(norm1(conv1 x)))) + shortcut x)
///
/// Reference: K. He, X. Zhang, S. Ren, J. Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, section 3.

#include "backends.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace networks {

/// A convolution and the batch norm behind it, unless that is part of the convolution.
struct normed_conv {
    conv_layer conv;
    std::optional<batch_norm> norm;
};

/// Without a shortcut convolution, x itself is added, or every second pixel of it where the shape changes.
struct residual_block {
    normed_conv first, second;
    std::optional<normed_conv> shortcut;
};

/// What the weights do not say of a convolution.
struct conv_geometry {
    int stride;
    int padding;
    float epsilon = 1e-5F;  ///< of the batch norm
};

/// Reads layers from weights and numbers them in the order of reading.
class residual_reader {
public:
    explicit residual_reader(weight_map const& weights) : weights_{weights} {}

    /// Batch norm is applied in float behind the convolution where the weights hold it (`norm`.weight, ...), and is
    /// part of the convolution where they hold a bias instead.
    [[nodiscard]] normed_conv convolution(std::string const& conv, std::string const& norm, conv_geometry how) {
        normed_conv result{{conv, at(weights_, conv + ".weight"), at_or_none(weights_, conv + ".bias"), how.stride,
                            how.padding, next_number_++},
                           std::nullopt};
        if (weights_.contains(norm + ".weight")) {
            result.norm = batch_norm::from(weights_, norm, how.epsilon);
        }
        return result;
    }

    /// The first convolution of a network: digital, pixels are signed.
    [[nodiscard]] normed_conv stem(std::string const& conv, std::string const& norm, conv_geometry how) {
        auto result = convolution(conv, norm, how);
        result.conv.is_digital = true;
        result.conv.input_is_signed = true;
        return result;
    }

    /// The first 3x3 convolution has the stride, and so has the 1x1 convolution of the shortcut ("downsample.0"), where
    /// the weights hold one.
    [[nodiscard]] residual_block block(std::string const& prefix, int stride) {
        residual_block result{convolution(prefix + "conv1", prefix + "bn1", {stride, 1}),
                              convolution(prefix + "conv2", prefix + "bn2", {1, 1}), std::nullopt};
        if (weights_.contains(prefix + "downsample.0.weight")) {
            result.shortcut = convolution(prefix + "downsample.0", prefix + "downsample.1", {stride, 0});
        }
        return result;
    }

    /// Behind pooled activations, which are not negative.
    [[nodiscard]] linear_layer linear(std::string const& name) {
        return {name, at(weights_, name + ".weight"), at(weights_, name + ".bias"), next_number_++};
    }

private:
    weight_map const& weights_;
    std::uint32_t next_number_ = 0;
};

/// Every second row and column, and half as many zero channels before and after: (N, C, H, W) -> (N, 2 C, H/2, W/2)
inline tensor halve(tensor const& x) {
    auto const channels = x.shape(1), height = x.shape(2), width = x.shape(3);
    auto y = make_tensor({x.shape(0), 2 * channels, height / 2, width / 2});
    y.fill(0.0F);
    for (std::size_t n = 0; n < x.shape(0); ++n) {
        for (std::size_t c = 0; c < channels; ++c) {
            auto const* from = x.data() + (n * channels + c) * height * width;
            auto* to = y.data() + (n * 2 * channels + channels / 2 + c) * (height / 2) * (width / 2);
            for (std::size_t row = 0; row < height; row += 2) {
                for (std::size_t column = 0; column < width; column += 2) {
                    *to++ = from[row * width + column];
                }
            }
        }
    }
    return y;
}

template <Backend B>
tensor apply(B& backend, normed_conv const& layer, tensor const& x) {
    auto y = backend.conv2d(layer.conv, x);
    if (layer.norm) {
        (*layer.norm)(y);
    }
    return y;
}

template <Backend B>
tensor apply(B& backend, residual_block const& block, tensor const& x) {
    auto y = apply(backend, block.first, x);
    relu(y);
    y = apply(backend, block.second, y);
    if (block.shortcut) {
        add(y, apply(backend, *block.shortcut, x));
    } else {
        add(y, x.shape(1) == y.shape(1) ? x : halve(x));
    }
    relu(y);
    return y;
}

}  // namespace networks
