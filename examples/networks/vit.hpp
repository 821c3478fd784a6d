#pragma once

/// \file
/// Vision transformers: patches of an image and a class token, positions, encoder blocks of attention and two linear
/// layers, a classifier that reads the class token. The patch embedding is digital; every linear layer and the
/// products of the attention are on the macro; layer norm, softmax, GELU and residual sums are digital in float.
///
/// Reference: A. Dosovitskiy et al., "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale", ICLR
/// 2021, section 3.1.

#include "backends.hpp"

#include <xcim/ops/gelu.hpp>
#include <xcim/ops/layer_norm.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace networks {

/// What tells one vision transformer from another, and the names its weights use. Names of a block follow
/// `block` and its number; an empty name is a part that is not there.
struct vit_architecture {
    int heads = 1;
    std::optional<float> scale;          ///< of Q K^T: 1 / sqrt(width of a head) where empty
    bool normalises_first = true;        ///< x + f(norm x), else norm(x + f x)
    bool uses_relu = false;              ///< between the two linear layers of a block, else GELU
    double epsilon = 1e-5;               ///< of the layer norms
    std::vector<float> mean, deviation;  ///< of the pixels / 255, one per colour

    std::string patches, class_token, positions;
    std::string block;
    std::string norm1, qkv_weight, qkv_bias, output;
    std::string norm2, expand, contract;
    std::string final_norm;         ///< of the class token, behind the last block
    std::vector<std::string> head;  ///< linear layers with the block's activation between them
};

/// Patches of 4 x 4 pixels, width 128, ReLU, norms behind the residual sums (data/models/vit_cifar10).
inline vit_architecture vit_cifar10() {
    return {.heads = 8,
            .scale = std::nullopt,
            .normalises_first = false,
            .uses_relu = true,
            .epsilon = 1e-5,
            .mean = {0.4914F, 0.4822F, 0.4465F},
            .deviation = {0.2023F, 0.1994F, 0.2010F},
            .patches = "patch_embed.proj",
            .class_token = "cls_token",
            .positions = "pos_embed",
            .block = "transformer.layers.",
            .norm1 = ".norm1",
            .qkv_weight = ".self_attn.in_proj_weight",
            .qkv_bias = ".self_attn.in_proj_bias",
            .output = ".self_attn.out_proj",
            .norm2 = ".norm2",
            .expand = ".linear1",
            .contract = ".linear2",
            .final_norm = "mlp_head.0",
            .head = {"mlp_head.1"}};
}

/// Patches of 7 x 7 pixels, width 64, scores scaled by 1 / sqrt(width) of the whole token (data/models/vit_mnist).
inline vit_architecture vit_mnist() {
    return {.heads = 8,
            .scale = 0.125F,
            .normalises_first = true,
            .uses_relu = false,
            .epsilon = 1e-5,
            .mean = {0.1307F},
            .deviation = {0.3081F},
            .patches = "patch_to_embedding",
            .class_token = "cls_token",
            .positions = "pos_embedding",
            .block = "transformer.layers.",
            .norm1 = ".0.fn.norm",
            .qkv_weight = ".0.fn.fn.to_qkv.weight",
            .qkv_bias = "",
            .output = ".0.fn.fn.to_out",
            .norm2 = ".1.fn.norm",
            .expand = ".1.fn.fn.net.0",
            .contract = ".1.fn.fn.net.2",
            .final_norm = "",
            .head = {"mlp_head.0", "mlp_head.2"}};
}

/// ViT-B as torchvision names it: patches of 32 x 32 (vit_b_32) or 16 x 16 pixels (vit_b_16), width 768, 12 blocks.
inline vit_architecture vit_b() {
    return {.heads = 12,
            .scale = std::nullopt,
            .normalises_first = true,
            .uses_relu = false,
            .epsilon = 1e-6,
            .mean = {0.485F, 0.456F, 0.406F},
            .deviation = {0.229F, 0.224F, 0.225F},
            .patches = "conv_proj",
            .class_token = "class_token",
            .positions = "encoder.pos_embedding",
            .block = "encoder.layers.encoder_layer_",
            .norm1 = ".ln_1",
            .qkv_weight = ".self_attention.in_proj_weight",
            .qkv_bias = ".self_attention.in_proj_bias",
            .output = ".self_attention.out_proj",
            .norm2 = ".ln_2",
            .expand = ".mlp.0",
            .contract = ".mlp.3",
            .final_norm = "encoder.ln",
            .head = {"heads.head"}};
}

/// The names of older torchvision files: mlp.linear_1 and mlp.linear_2.
inline vit_architecture vit_b_with_old_names() {
    auto result = vit_b();
    result.expand = ".mlp.linear_1";
    result.contract = ".mlp.linear_2";
    return result;
}

class vit {
public:
    /// Width, depth, patch size and number of tokens follow from the weights.
    vit(weight_map const& weights, vit_architecture how) : how_{std::move(how)} {
        patches_ = {how_.patches,
                    filters(at(weights, how_.patches + ".weight"), how_.mean.size()),
                    at(weights, how_.patches + ".bias"),
                    0,
                    0,
                    next_number_++,
                    true,
                    1,
                    true};
        patches_.stride = static_cast<int>(patches_.weight.shape(2));
        class_token_ = at(weights, how_.class_token);
        positions_ = at(weights, how_.positions);
        while (weights.contains(block_name(blocks_.size()) + how_.qkv_weight)) {
            blocks_.push_back(read_block(weights, block_name(blocks_.size())));
        }
        if (!how_.final_norm.empty()) {
            final_norm_ = read_norm(weights, how_.final_norm);
        }
        for (auto const& name : how_.head) {
            head_.push_back(read_linear(weights, name, head_.empty() || !how_.uses_relu));
        }
    }

    /// (N, C, H, W) pixels 0..255 -> (N, C, H, W)
    [[nodiscard]] tensor prepare(xt::xarray<std::uint8_t> const& images) const {
        return normalise(images, how_.mean, how_.deviation);
    }

    [[nodiscard]] std::size_t depth() const { return blocks_.size(); }

    /// (B, C, H, W) prepared images -> (B, classes) logits
    template <AttentionBackend B>
    [[nodiscard]] tensor operator()(B& backend, tensor const& images) const {
        auto x = embed(backend.conv2d(patches_, images));  // (B, tokens, E)
        for (auto const& block : blocks_) {
            x = residual(x, block.norm1, [&](tensor const& y) { return backend.attention(block.attention, y); });
            x = residual(x, block.norm2, [&](tensor const& y) {
                return backend.linear(block.contract, activate(backend.linear(block.expand, y)));
            });
        }
        auto y = first_tokens(x);  // (B, E)
        if (final_norm_) {
            y = apply(*final_norm_, y);
        }
        for (std::size_t i = 0; i < head_.size(); ++i) {
            y = backend.linear(head_[i], i == 0 ? y : activate(y));
        }
        return y;
    }

private:
    struct norm {
        tensor gain, shift;  // (E)
    };

    struct encoder_block {
        norm norm1;
        attention_layer attention;
        norm norm2;
        linear_layer expand, contract;
    };

    /// (E, C, P, P) as it is; (E, C * P * P) in that shape.
    static tensor filters(tensor weight, std::size_t channels) {
        if (weight.dimension() == 2) {
            auto const pixels = weight.shape(1) / channels;
            auto const side = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(pixels))));
            if (side * side * channels != weight.shape(1)) {
                throw std::invalid_argument{"the patch embedding takes " + std::to_string(weight.shape(1)) +
                                            " pixels: squares of " + std::to_string(channels) + " colours are needed"};
            }
            weight.reshape(std::vector<std::size_t>{weight.shape(0), channels, side, side});
        }
        return weight;
    }

    [[nodiscard]] std::string block_name(std::size_t number) const { return how_.block + std::to_string(number); }

    static norm read_norm(weight_map const& weights, std::string const& name) {
        return {at(weights, name + ".weight"), at(weights, name + ".bias")};
    }

    linear_layer read_linear(weight_map const& weights, std::string const& name, bool input_is_signed) {
        return {name, at(weights, name + ".weight"), at(weights, name + ".bias"), next_number_++, input_is_signed};
    }

    encoder_block read_block(weight_map const& weights, std::string const& name) {
        encoder_block block;
        block.norm1 = read_norm(weights, name + how_.norm1);
        block.attention = {name + how_.output,
                           at(weights, name + how_.qkv_weight),
                           how_.qkv_bias.empty() ? make_tensor({0}) : at(weights, name + how_.qkv_bias),
                           at(weights, name + how_.output + ".weight"),
                           at(weights, name + how_.output + ".bias"),
                           how_.heads,
                           1,
                           next_number_};
        auto const head_width = block.attention.out_weight.shape(1) / static_cast<std::size_t>(how_.heads);
        block.attention.scale = how_.scale.value_or(1 / std::sqrt(static_cast<float>(head_width)));
        next_number_ += attention_layer::numbers;
        block.norm2 = read_norm(weights, name + how_.norm2);
        block.expand = read_linear(weights, name + how_.expand, true);
        block.contract = read_linear(weights, name + how_.contract, !how_.uses_relu);
        return block;
    }

    [[nodiscard]] tensor apply(norm const& by, tensor const& x) const {
        return xcim::layer_norm(x, by.gain, by.shift, how_.epsilon);
    }

    [[nodiscard]] tensor activate(tensor x) const {
        if (!how_.uses_relu) {
            return xcim::gelu(x);
        }
        relu(x);
        return x;
    }

    template <class F>
    [[nodiscard]] tensor residual(tensor const& x, norm const& by, F const& f) const {
        auto y = f(how_.normalises_first ? apply(by, x) : x);
        add(y, x);
        return how_.normalises_first ? y : apply(by, y);
    }

    /// (B, E, rows, columns) features of the patches -> (B, 1 + rows * columns, E) tokens, the class token first
    [[nodiscard]] tensor embed(tensor const& features) const {
        auto const width = features.shape(1), patches = features.shape(2) * features.shape(3), tokens = patches + 1;
        if (positions_.size() != tokens * width) {
            throw std::invalid_argument{"the images have " + std::to_string(patches) +
                                        " patches, the positions of the network are for " +
                                        std::to_string(positions_.size() / width - 1)};
        }
        auto x = make_tensor({features.shape(0), tokens, width});
        for (std::size_t image = 0; image < features.shape(0); ++image) {
            auto const* from = features.data() + image * width * patches;
            auto* to = x.data() + image * tokens * width;
            for (std::size_t e = 0; e < width; ++e) {
                to[e] = class_token_.data()[e] + positions_.data()[e];
                for (std::size_t token = 1; token < tokens; ++token) {
                    to[token * width + e] = from[e * patches + token - 1] + positions_.data()[token * width + e];
                }
            }
        }
        return x;
    }

    /// (B, tokens, E) -> (B, E)
    static tensor first_tokens(tensor const& x) {
        auto y = make_tensor({x.shape(0), x.shape(2)});
        for (std::size_t image = 0; image < x.shape(0); ++image) {
            std::copy_n(x.data() + image * x.shape(1) * x.shape(2), x.shape(2), y.data() + image * x.shape(2));
        }
        return y;
    }

    vit_architecture how_;
    std::uint32_t next_number_ = 0;  // of layers so far
    conv_layer patches_;
    tensor class_token_, positions_;
    std::vector<encoder_block> blocks_;
    std::optional<norm> final_norm_;
    std::vector<linear_layer> head_;
};

}  // namespace networks
