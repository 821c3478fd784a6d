#pragma once

/// \file
/// A small network for 28 x 28 grey images of digits: three convolutions and a linear layer, activations clipped to
/// 0..2, trained for 8-bit operands and noisy column sums (examples/explore/weights/train.py). The first convolution is
/// digital, the rest is on the macro.

#include "backends.hpp"

#include <cstdint>

namespace networks {

class digits_cnn {
public:
    explicit digits_cnn(weight_map const& weights)
        : conv1_{read(weights, "conv1", 2, 0)}, conv2_{read(weights, "conv2", 1, 1)},
          conv3_{read(weights, "conv3", 2, 2)}, linear_{"linear", at(weights, "linear.weight"),
                                                        at(weights, "linear.bias"), 3} {
        conv1_.is_digital = true;
    }

    /// (N, 1, 28, 28) pixels 0..255 -> (N, 1, 28, 28) in 0..1
    [[nodiscard]] static tensor prepare(xt::xarray<std::uint8_t> const& images) {
        return normalise(images, {0.0F}, {1.0F});
    }

    /// (N, 1, 28, 28) prepared images -> (N, 10) logits
    template <Backend B>
    [[nodiscard]] tensor operator()(B& backend, tensor const& images) const {
        auto x = backend.conv2d(conv1_, images);  // (N, 16, 14, 14)
        clipped_relu(x, ceiling);
        x = backend.conv2d(conv2_, x);  // (N, 28, 14, 14)
        clipped_relu(x, ceiling);
        x = average_pool(x, 2);         // (N, 28, 7, 7)
        x = backend.conv2d(conv3_, x);  // (N, 56, 4, 4)
        clipped_relu(x, ceiling);
        return backend.linear(linear_, flatten(x));  // (N, 896) -> (N, 10)
    }

private:
    static constexpr float ceiling = 2.0F;

    static conv_layer read(weight_map const& weights, std::string const& name, int stride, std::uint32_t number) {
        return {name, at(weights, name + ".weight"), at(weights, name + ".bias"), stride, 1, number};
    }

    conv_layer conv1_, conv2_, conv3_;
    linear_layer linear_;
};

}  // namespace networks
