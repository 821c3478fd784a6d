#pragma once

/// \file
/// Matrix products through a macro, on xtensor arrays.

#include <xcim/macro.hpp>
#include <xcim/ops/tensor.hpp>

#include <algorithm>

namespace xcim::inline XCIM_ABI {

namespace detail {

template <class... Policies>
[[nodiscard]] xt::xarray<float> linear(CimMacro<Policies...> const& macro, tensor_ref const& x,
                                       programmed_array const& weights, std::optional<tensor_ref> const& bias,
                                       run_options const& options) {
    std::size_t const inputs = weights.shape.rows();
    if (weights.groups != 1 || weights.shape.kernel_area != 1) {
        throw error(errc::shape, "the weights were programmed as a convolution of shape " +
                                     to_string(weights.dimensions) + "; (out, in) is needed here");
    }
    if (x.shape.empty() || x.shape.back() != inputs) {
        throw error(errc::shape, "the input has shape " + to_string(x.shape) + " and the weights store " +
                                     std::to_string(inputs) + " inputs: the last extent of the input must be " +
                                     std::to_string(inputs));
    }
    require_bias(bias, weights.outputs());
    auto shape = x.shape;
    shape.back() = weights.outputs();
    xt::xarray<float> y = xt::xarray<float>::from_shape(shape);
    quantised_inputs const q = macro.quantise_inputs(x, x.size() / inputs);
    auto const source = [&](std::size_t, std::size_t begin, std::size_t end, std::uint16_t* to, std::size_t stride) {
        for (std::size_t m = begin; m < end; ++m) {
            std::copy_n(q.words.data() + m * inputs, inputs, to + (m - begin) * stride);
        }
    };
    output_layout const out{y.data(), 1, weights.outputs(), 1, bias ? bias->data : nullptr};
    macro.run(weights, q, x.size() / inputs, source, out, options);
    return y;
}

}  // namespace detail

/// y = x W^T + b: a fully connected layer.
///
/// x: (..., in), any leading extents; weights: (out, in) float, programmed on the fly, or an array from
/// macro.program(weights); bias: (out), added digitally. Returns (..., out). Scales that are not fixed in the
/// quantisers are taken from x and weights as a whole. Errors: xcim::error for shapes that do not fit, elements that
/// are not finite, a composition that cannot work. Tests: tests/unit/ops/linear.cpp, tests/golden/asim.cpp. Benchmark:
/// benchmarks/macro/layers.cpp.
template <class... Policies, tensor_like X, weights_like W>
[[nodiscard]] xt::xarray<float> linear(CimMacro<Policies...> const& macro, X const& x, W const& weights,
                                       run_options options = {}) {
    auto const& input = evaluated(x);
    auto const& array = as_programmed(macro, weights, {.layer = options.layer});
    return detail::linear(macro, ref(input, "input"), array, std::nullopt, options);
}

template <class... Policies, tensor_like X, weights_like W, tensor_like B>
[[nodiscard]] xt::xarray<float> linear(CimMacro<Policies...> const& macro, X const& x, W const& weights, B const& bias,
                                       run_options options = {}) {
    auto const& input = evaluated(x);
    auto const& array = as_programmed(macro, weights, {.layer = options.layer});
    auto const& b = evaluated(bias);
    return detail::linear(macro, ref(input, "input"), array, ref(b, "bias"), options);
}

}  // namespace xcim::inline XCIM_ABI
