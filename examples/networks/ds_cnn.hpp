#pragma once

/// \file
/// DS-CNN of MLPerf Tiny for keyword spotting, in 8-bit integers: a 10x4 convolution with stride 2, four pairs of a 3x3
/// depthwise and a 1x1 convolution, average pool, linear. Every layer is on the macro; only the first one has a zero
/// point inside the range of its inputs.
///
/// Reference: Y. Zhang, N. Suda, L. Lai, V. Chandra, "Hello Edge: Keyword Spotting on Microcontrollers", arXiv
/// 1711.07128, 2017, section 3.2; C. Banbury et al., "MLPerf Tiny Benchmark", NeurIPS Datasets and Benchmarks 2021.

#include "integer_network.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace networks {

/// Spoken words as 49 frames of 10 coefficients.
struct keywords {
    xt::xarray<std::int8_t> codes;  // (N, 1, 49, 10)
    std::vector<int> labels;        // (N), 0..11
};

/// The first `count` records of a file: a label byte and 490 signed bytes each.
inline keywords load_keywords(std::string const& path, std::size_t count) {
    constexpr std::size_t frames = 49, coefficients = 10, record = 1 + frames * coefficients;
    auto bytes = std::vector<char>(count * record);
    auto in = std::ifstream{path, std::ios::binary};
    if (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
        throw std::runtime_error{path + " holds no " + std::to_string(count) + " records of " + std::to_string(record) +
                                 " bytes"};
    }
    keywords result{xt::xarray<std::int8_t>::from_shape({count, 1, frames, coefficients}), {}};
    for (std::size_t i = 0; i < count; ++i) {
        auto const* const from = bytes.data() + i * record;
        result.labels.push_back(static_cast<unsigned char>(from[0]));
        std::transform(from + 1, from + record, result.codes.data() + i * (record - 1),
                       [](char byte) { return static_cast<std::int8_t>(byte); });
    }
    return result;
}

class ds_cnn : public integer_network {
public:
    /// `config` has "layers" and the quantisation of the input, "input".
    ds_cnn(nlohmann::json const& config, integer_weights const& weights)
        : integer_network{
              config.at("layers"), weights, {config.at("input").at("scale"), config.at("input").at("zero_point")}} {}

    /// (N, 1, 49, 10) codes -> the integers code - zero_point
    [[nodiscard]] tensor prepare(xt::xarray<std::int8_t> const& codes) const {
        auto x = make_tensor({codes.shape().begin(), codes.shape().end()});
        std::transform(codes.data(), codes.data() + codes.size(), x.data(),
                       [this](std::int8_t code) { return static_cast<float>(code - input_zero_point()); });
        return x;
    }
};

}  // namespace networks
