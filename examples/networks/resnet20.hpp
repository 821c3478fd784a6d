#pragma once

/// \file
/// ResNet-20 for CIFAR-10: a 3x3 convolution, three stages of three blocks (16, 32, 64 channels), average pool, linear.
/// Block: relu(norm2(conv2(relu(norm1(conv1 x)))) + shortcut x). The first convolution is digital, the other 18 (and
/// the 1x1 convolutions of the shortcuts, where the weights have them) and the linear layer are on the macro.
///
/// Reference: K. He, X. Zhang, S. Ren, J. Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, section 4.2.

#include "backends.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace networks {

/// The names that a set of weights uses.
struct resnet20_names {
    std::string stage = "layer";  ///< "layer1.0.conv1.weight", ...
    std::string classifier = "linear";
    float stem_epsilon = 1e-5F;  ///< of the first batch norm; 1e-5 in all others
};

class resnet20 {
public:
    /// Batch norm is applied in float behind each convolution where the weights hold it ("bn1.weight", ...), and is
    /// part of the convolutions where they hold biases instead. A shortcut that changes the shape is a 1x1 convolution
    /// where the weights hold one ("downsample.0"), else every second pixel with zeros for the new channels.
    explicit resnet20(weight_map const& weights, resnet20_names const& names = {}) {
        stem_ = read_stage(weights, "conv1", "bn1", {1, 1, names.stem_epsilon});
        stem_.conv.is_digital = true;
        for (int stage = 1; stage <= 3; ++stage) {
            for (int block = 0; block < 3; ++block) {
                auto const prefix = names.stage + std::to_string(stage) + "." + std::to_string(block) + ".";
                blocks_.push_back(read_block(weights, prefix, stage > 1 && block == 0 ? 2 : 1));
            }
        }
        classifier_ = {names.classifier, at(weights, names.classifier + ".weight"),
                       at(weights, names.classifier + ".bias"), next_number_};
    }

    /// (N, 3, 32, 32) pixels 0..255 -> (N, 3, 32, 32)
    [[nodiscard]] static tensor prepare(xt::xarray<std::uint8_t> const& images) {
        return normalise(images, {0.485F, 0.456F, 0.406F}, {0.229F, 0.224F, 0.225F});
    }

    /// (N, 3, 32, 32) prepared images -> (N, 10) logits
    template <Backend B>
    [[nodiscard]] tensor operator()(B& backend, tensor const& images) const {
        auto x = apply(backend, stem_, images);  // (N, 16, 32, 32)
        relu(x);
        for (auto const& block : blocks_) {
            x = apply(backend, block, x);
        }
        return backend.linear(classifier_, flatten(average_pool(x, x.shape(3))));  // (N, 64) -> (N, 10)
    }

private:
    struct convolution {
        conv_layer conv;
        std::optional<batch_norm> norm;
    };

    struct residual_block {
        convolution first, second;
        std::optional<convolution> shortcut;
    };

    struct shape {
        int stride;
        int padding;
        float epsilon = 1e-5F;
    };

    convolution read_stage(weight_map const& weights, std::string const& conv, std::string const& norm, shape how) {
        auto const bias = weights.find(conv + ".bias");
        auto const no_bias = make_tensor({0});
        convolution result{{conv, at(weights, conv + ".weight"), bias == weights.end() ? no_bias : bias->second,
                            how.stride, how.padding, next_number_++},
                           std::nullopt};
        if (weights.contains(norm + ".weight")) {
            result.norm = batch_norm::from(weights, norm, how.epsilon);
        }
        return result;
    }

    residual_block read_block(weight_map const& weights, std::string const& prefix, int stride) {
        residual_block result{read_stage(weights, prefix + "conv1", prefix + "bn1", {stride, 1}),
                              read_stage(weights, prefix + "conv2", prefix + "bn2", {1, 1}), std::nullopt};
        if (weights.contains(prefix + "downsample.0.weight")) {
            result.shortcut = read_stage(weights, prefix + "downsample.0", prefix + "downsample.1", {stride, 0});
        }
        return result;
    }

    template <Backend B>
    static tensor apply(B& backend, convolution const& layer, tensor const& x) {
        auto y = backend.conv2d(layer.conv, x);
        if (layer.norm) {
            (*layer.norm)(y);
        }
        return y;
    }

    template <Backend B>
    static tensor apply(B& backend, residual_block const& block, tensor const& x) {
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

    /// Every second row and column, and half as many zero channels before and after: (N, C, H, W) -> (N, 2 C, H/2, W/2)
    static tensor halve(tensor const& x) {
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

    std::uint32_t next_number_ = 0;  // of layers so far
    convolution stem_;
    std::vector<residual_block> blocks_;
    linear_layer classifier_;
};

}  // namespace networks
