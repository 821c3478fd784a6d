#pragma once

/// \file
/// ResNet-18: a first convolution, four stages of two blocks (64, 128, 256, 512 channels), average pool, linear. The
/// first convolution is digital, the other 16, the three 1x1 convolutions of the shortcuts and the linear layer are on
/// the macro.
///
/// Names of the weights as in torchvision: conv1, bn1, layer1.0.conv1, ..., layer2.0.downsample.0, ..., fc.
/// Reference: K. He, X. Zhang, S. Ren, J. Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, table 1.

#include "residual.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace networks {

class resnet18 {
public:
    /// The shape of conv1.weight says what kind of images the network is for: 7x7 has stride 2 and a maximum pool
    /// behind it (ImageNet), 3x3 has neither (CIFAR).
    explicit resnet18(weight_map const& weights) {
        auto const kernel = at(weights, "conv1.weight").shape(2);
        if (kernel != 7 && kernel != 3) {
            throw std::invalid_argument{"conv1.weight has kernels of " + std::to_string(kernel) +
                                        " rows: 7 (ImageNet) or 3 (CIFAR) are needed"};
        }
        auto reader = residual_reader{weights};
        is_pooled_ = kernel == 7;
        stem_ = reader.stem("conv1", "bn1", is_pooled_ ? conv_geometry{2, 3} : conv_geometry{1, 1});
        for (int stage = 1; stage <= 4; ++stage) {
            auto const prefix = "layer" + std::to_string(stage);
            blocks_.push_back(reader.block(prefix + ".0.", stage > 1 ? 2 : 1));
            blocks_.push_back(reader.block(prefix + ".1.", 1));
        }
        classifier_ = reader.linear("fc");
    }

    /// (N, 3, H, W) pixels 0..255 -> (N, 3, H, W), with mean and deviation of ImageNet
    [[nodiscard]] static tensor prepare(xt::xarray<std::uint8_t> const& images) {
        return normalise(images, {0.485F, 0.456F, 0.406F}, {0.229F, 0.224F, 0.225F});
    }

    /// (N, 3, H, W) prepared images -> (N, classes) logits
    template <Backend B>
    [[nodiscard]] tensor operator()(B& backend, tensor const& images) const {
        auto x = apply(backend, stem_, images);  // (N, 64, H, W) or (N, 64, H / 2, W / 2)
        relu(x);
        if (is_pooled_) {
            x = max_pool(x, 3, 2, 1);
        }
        for (auto const& block : blocks_) {
            x = apply(backend, block, x);
        }
        return backend.linear(classifier_, global_average_pool(x));  // (N, 512) -> (N, classes)
    }

private:
    bool is_pooled_ = false;
    normed_conv stem_;
    std::vector<residual_block> blocks_;
    linear_layer classifier_;
};

}  // namespace networks
