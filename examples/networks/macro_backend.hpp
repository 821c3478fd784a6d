#pragma once

/// \file
/// The backend that computes the layers of a network on a compute-in-memory macro.

#include "backends.hpp"

#include <xcim/xcim.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

namespace networks {

/// Every layer on one kind of macro, but those marked digital.
///
/// The weights of a layer are programmed when the layer is first met and kept: use one backend per design and run all
/// batches through it. Scales are found per batch, as dynamic quantisation does it, so results depend on the batches.
template <class Macro>
class macro_backend {
public:
    macro_backend(Macro macro, xcim::run_options options) : macro_{std::move(macro)}, options_{options} {}

    /// Call it before each batch: the number of its first image in the whole run. The noise of an image then does not
    /// depend on how the run is cut into batches.
    void begin_batch(std::size_t first_item) { options_.first_item = first_item; }

    [[nodiscard]] tensor conv2d(conv_layer const& layer, tensor const& x) {
        if (layer.is_digital) {
            return digital_conv2d(x, layer.weight, layer.bias, layer.stride, layer.padding, options_.threads);
        }
        auto const& array = programmed(layer);
        auto const shape = xcim::conv_options{.stride = layer.stride, .padding = layer.padding};
        if (layer.bias.size() == 0) {
            return xcim::conv2d(macro_, x, array, shape, options_of(layer.number));
        }
        return xcim::conv2d(macro_, x, array, layer.bias, shape, options_of(layer.number));
    }

    [[nodiscard]] tensor linear(linear_layer const& layer, tensor const& x) {
        auto const& array = programmed(layer);
        if (layer.bias.size() == 0) {
            return xcim::linear(macro_, x, array, options_of(layer.number));
        }
        return xcim::linear(macro_, x, array, layer.bias, options_of(layer.number));
    }

private:
    using array_type = decltype(std::declval<Macro const&>().program(std::declval<tensor const&>()));

    template <class Layer>
    array_type const& programmed(Layer const& layer) {
        auto found = arrays_.find(layer.number);
        if (found == arrays_.end()) {
            found = arrays_.emplace(layer.number, macro_.program(layer.weight)).first;
        }
        return found->second;
    }

    [[nodiscard]] xcim::run_options options_of(std::uint32_t layer) const {
        auto result = options_;
        result.layer = layer;
        return result;
    }

    Macro macro_;
    xcim::run_options options_;
    std::map<std::uint32_t, array_type> arrays_;  // by number of the layer
};

}  // namespace networks
