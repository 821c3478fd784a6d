#pragma once

/// \file
/// ResNet-8 of MLPerf Tiny for CIFAR-10, in 8-bit integers: a 3x3 convolution, three blocks of two (16, 32, 64
/// channels; the last two with stride 2 and a 1x1 convolution as shortcut), average pool, linear. Every layer is on the
/// macro.
///
/// Reference: C. Banbury et al., "MLPerf Tiny Benchmark", NeurIPS Datasets and Benchmarks 2021.

#include "integer_network.hpp"

#include <algorithm>
#include <cstdint>

namespace networks {

class resnet8 : public integer_network {
public:
    /// `config` has "layers" and the quantisation of the input, "input_int8".
    resnet8(nlohmann::json const& config, integer_weights const& weights)
        : integer_network{config.at("layers"),
                          weights,
                          {config.at("input_int8").at("scale"), config.at("input_int8").at("zero_point")}} {}

    /// (N, 3, 32, 32) pixels 0..255, which are the integers code - zero_point
    [[nodiscard]] static tensor prepare(xt::xarray<std::uint8_t> const& images) {
        auto x = make_tensor({images.shape().begin(), images.shape().end()});
        std::transform(images.data(), images.data() + images.size(), x.data(),
                       [](std::uint8_t pixel) { return static_cast<float>(pixel); });
        return x;
    }
};

}  // namespace networks
