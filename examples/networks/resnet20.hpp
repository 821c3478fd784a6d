#pragma once

/// \file
/// ResNet-20 for CIFAR-10: a 3x3 convolution, three stages of three blocks (16, 32, 64 channels), average pool, linear.
/// The first convolution is digital, the other 18 (and the 1x1 convolutions of the shortcuts, where the weights have
/// them) and the linear layer are on the macro.
///
/// Reference: K. He, X. Zhang, S. Ren, J. Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, section 4.2.

#include "residual.hpp"

#include <cstdint>
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
    /// A shortcut that changes the shape is a 1x1 convolution where the weights hold one, else halve().
    explicit resnet20(weight_map const& weights, resnet20_names const& names = {}) {
        auto reader = residual_reader{weights};
        stem_ = reader.stem("conv1", "bn1", {1, 1, names.stem_epsilon});
        for (int stage = 1; stage <= 3; ++stage) {
            for (int block = 0; block < 3; ++block) {
                auto const prefix = names.stage + std::to_string(stage) + "." + std::to_string(block) + ".";
                blocks_.push_back(reader.block(prefix, stage > 1 && block == 0 ? 2 : 1));
            }
        }
        classifier_ = reader.linear(names.classifier);
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
        return backend.linear(classifier_, global_average_pool(x));  // (N, 64) -> (N, 10)
    }

private:
    normed_conv stem_;
    std::vector<residual_block> blocks_;
    linear_layer classifier_;
};

}  // namespace networks
