#pragma once

/// \file
/// The backend that computes the layers of a network on compute-in-memory macros.

#include "backends.hpp"

#include <xcim/xcim.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace networks {

/// Every layer on a macro, but those marked digital: layers with inputs from 0 on (behind a ReLU) on one kind, layers
/// with signed inputs on another, which usually differs in the quantiser of its inputs:
///
///     auto const unsigned_inputs = CimMacro{quant::operands{quant::symmetric{8}, quant::unsigned_range{8}}, ...};
///     auto const signed_inputs = unsigned_inputs.with(quant::symmetric{8});
///     auto backend = macro_backend{unsigned_inputs, signed_inputs, {.seed = 1}};
///
/// One macro alone stands for both. Attention drives K and the inputs of its projections signed, the scores unsigned.
///
/// The weights of a layer are programmed when the layer is first met and kept: use one backend per design and run all
/// batches through it. Scales are found per batch, as dynamic quantisation does it, so results depend on the batches.
template <class Unsigned, class Signed = Unsigned>
class macro_backend {
public:
    /// `chip` says which of all chips the weights are programmed into.
    macro_backend(Unsigned unsigned_inputs, Signed signed_inputs, xcim::run_options options, std::uint64_t chip = 0)
        : unsigned_{std::move(unsigned_inputs)}, signed_{std::move(signed_inputs)}, options_{options}, chip_{chip} {}

    macro_backend(Unsigned macro, xcim::run_options options,
                  std::uint64_t chip = 0) requires std::is_same_v<Unsigned, Signed>
        : macro_backend{macro, macro, options, chip} {}

    /// Call it before each batch: the number of its first image in the whole run. The noise of an image then does not
    /// depend on how the run is cut into batches.
    void begin_batch(std::size_t first_item) { options_.first_item = first_item; }

    [[nodiscard]] tensor conv2d(conv_layer const& layer, tensor const& x) {
        if (layer.is_digital) {
            return digital_conv2d(x, layer.weight, layer.bias, layer.stride, layer.padding, options_.threads);
        }
        auto const shape = xcim::conv_options{.stride = layer.stride, .padding = layer.padding, .groups = layer.groups};
        return with_macro(layer.input_is_signed, [&](auto const& macro) {
            auto const& array = programmed(macro, layer, layer.groups);
            if (is_none(layer.bias)) {
                return xcim::conv2d(macro, x, array, shape, options_of(layer.number));
            }
            return xcim::conv2d(macro, x, array, layer.bias, shape, options_of(layer.number));
        });
    }

    /// (B, ..., K) -> (B, ..., O)
    [[nodiscard]] tensor linear(linear_layer const& layer, tensor const& x) {
        auto options = options_of(layer.number);
        options.first_item *= x.size() / (x.shape(0) * layer.weight.shape(1));  // rows of an image
        return with_macro(layer.input_is_signed, [&](auto const& macro) {
            auto const& array = programmed(macro, layer, 1);
            if (is_none(layer.bias)) {
                return xcim::linear(macro, x, array, options);
            }
            return xcim::linear(macro, x, array, layer.bias, options);
        });
    }

    /// (B, N, E) -> (B, N, E): batch, tokens, width. Throws for the patterns of decoders, which xcim::attention lacks.
    [[nodiscard]] tensor attention(attention_layer const& layer, tensor const& x) {
        if (layer.pattern != attention_pattern{}) {
            throw std::invalid_argument{"'" + layer.name + "' is causal, shares heads of k and v or has rotary " +
                                        "positions: attention on macros needs a layer without them"};
        }
        static_assert(attention_layer::numbers == xcim::attention_layers);
        auto const macros = xcim::attention_macros{signed_, signed_, unsigned_};
        auto found = attentions_.find(layer.number);
        if (found == attentions_.end()) {
            auto const weights =
                xcim::attention_weights{layer.qkv_weight, layer.qkv_bias, layer.out_weight, layer.out_bias};
            auto const how = xcim::attention_options{
                .heads = layer.heads, .scale = layer.scale, .chip = chip_, .layer = layer.number};
            found = attentions_.emplace(layer.number, xcim::program_attention(macros, weights, how)).first;
        }
        return xcim::attention(macros, x, found->second, options_of(layer.number));
    }

private:
    template <class F>
    tensor with_macro(bool input_is_signed, F const& compute) const {
        return input_is_signed ? compute(signed_) : compute(unsigned_);
    }

    template <class Macro, class Layer>
    xcim::programmed_array const& programmed(Macro const& macro, Layer const& layer, int groups) {
        auto found = arrays_.find(layer.number);
        if (found == arrays_.end()) {
            auto const how = xcim::program_options{.groups = groups, .chip = chip_, .layer = layer.number};
            found = arrays_.emplace(layer.number, macro.program(layer.weight, how)).first;
        }
        return found->second;
    }

    [[nodiscard]] xcim::run_options options_of(std::uint32_t layer) const {
        auto result = options_;
        result.layer = layer;
        return result;
    }

    Unsigned unsigned_;
    Signed signed_;
    xcim::run_options options_;
    std::uint64_t chip_;
    std::map<std::uint32_t, xcim::programmed_array> arrays_;  // by number of the layer, as below
    std::map<std::uint32_t, xcim::programmed_attention> attentions_;
};

}  // namespace networks
