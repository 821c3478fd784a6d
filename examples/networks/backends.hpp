#pragma once

/// \file
/// Where a layer is computed. A network hands every convolution and every linear layer to a backend:
///
///     float_backend              the reference: float, no quantisation
///     macro_backend              a compute-in-memory macro (macro_backend.hpp)
///     counting_backend           float, and counts the conversions that a macro would make
///
/// To put your own network on a macro, describe its layers as conv_layer and linear_layer, each with a number of its
/// own, and write its forward pass against any backend, as resnet20.hpp and digits_cnn.hpp do.

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

/// A convolution with square stride and zero padding.
struct conv_layer {
    std::string name;
    tensor weight;  // (O, C, KH, KW)
    tensor bias;    // (O), or empty for none
    int stride = 1;
    int padding = 0;
    std::uint32_t number = 0;  ///< tells the noise of this layer from that of the others
    bool is_digital = false;   ///< computed beside the macro; the first layer of a network often is
};

/// y = x w^T + bias
struct linear_layer {
    std::string name;
    tensor weight;  // (O, K)
    tensor bias;    // (O), or empty for none
    std::uint32_t number = 0;
};

template <class B>
concept Backend = requires(B& backend, conv_layer const& conv, linear_layer const& linear, tensor const& x) {
    { backend.conv2d(conv, x) } -> std::same_as<tensor>;
    { backend.linear(linear, x) } -> std::same_as<tensor>;
};

/// Every layer in float.
struct float_backend {
    int threads = 1;

    [[nodiscard]] tensor conv2d(conv_layer const& layer, tensor const& x) const {
        return float_conv2d(x, layer.weight, layer.bias, layer.stride, layer.padding, threads);
    }

    [[nodiscard]] tensor linear(linear_layer const& layer, tensor const& x) const {
        return float_linear(x, layer.weight, layer.bias);
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

    [[nodiscard]] std::uint64_t total() const { return total_; }

private:
    conversion_counts design_;
    std::uint64_t total_ = 0;
};

}  // namespace networks
