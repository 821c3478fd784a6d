#pragma once

/// \file
/// Two-dimensional convolution through a macro, on xtensor arrays.

#include <xcim/macro.hpp>
#include <xcim/ops/tensor.hpp>

#include <algorithm>
#include <cstring>

namespace xcim::inline XCIM_ABI {

/// One number per image axis; a single number stands for both.
struct per_axis {
    int vertical = 0;
    int horizontal = 0;

    constexpr per_axis(int both) : vertical{both}, horizontal{both} {}  // NOLINT: `.stride = 1` is the point
    constexpr per_axis(int v, int h) : vertical{v}, horizontal{h} {}
};

/// Geometry of a convolution; padding is zeros, added after quantisation.
struct conv_options {
    per_axis stride = 1;
    per_axis padding = 0;
    per_axis dilation = 1;
    int groups = 1;
};

namespace detail {

/// Extents of one image axis.
struct conv_axis {
    std::size_t input;
    std::size_t kernel;
    std::size_t stride;
    std::size_t padding;
    std::size_t dilation;
    std::size_t output;
};

inline conv_axis make_axis(char const* name, std::size_t input, std::size_t kernel, int stride, int padding,
                           int dilation) {
    auto const fail = [&](std::string const& what) {
        throw error(errc::shape, std::string("conv_options: ") + name + " " + what);
    };
    if (stride < 1) {
        fail("stride is " + std::to_string(stride) + "; at least 1 is needed");
    }
    if (padding < 0) {
        fail("padding is " + std::to_string(padding) + "; at least 0 is needed");
    }
    if (dilation < 1) {
        fail("dilation is " + std::to_string(dilation) + "; at least 1 is needed");
    }
    auto const d = static_cast<std::size_t>(dilation);
    auto const p = static_cast<std::size_t>(padding);
    auto const s = static_cast<std::size_t>(stride);
    std::size_t const reach = d * (kernel - 1) + 1;
    if (input + 2 * p < reach) {
        fail("input extent " + std::to_string(input) + " with padding " + std::to_string(padding) +
             " is smaller than the kernel's reach of " + std::to_string(reach));
    }
    return {input, kernel, s, p, d, (input + 2 * p - reach) / s + 1};
}

/// Copies the kernel windows of output pixels into rows of the product.
class window_source {
public:
    window_source(quantised_inputs const& inputs, std::size_t images, std::size_t channels, std::size_t group_channels,
                  conv_axis vertical, conv_axis horizontal)
        : channels_{channels}, group_channels_{group_channels}, v_{vertical}, h_{horizontal},
          height_{v_.input + 2 * v_.padding}, width_{h_.input + 2 * h_.padding},
          padded_(images * channels * height_ * width_ + 1, inputs.zero) {
        for (std::size_t plane = 0; plane < images * channels; ++plane) {
            for (std::size_t i = 0; i < v_.input; ++i) {
                std::copy_n(inputs.words.data() + (plane * v_.input + i) * h_.input, h_.input,
                            padded_.data() + (plane * height_ + i + v_.padding) * width_ + h_.padding);
            }
        }
    }

    void operator()(std::size_t group, std::size_t begin, std::size_t end, std::uint16_t* to,
                    std::size_t stride) const {
        std::size_t const pixels = v_.output * h_.output;
        for (std::size_t m = begin; m < end; ++m, to += stride) {
            std::size_t const pixel = m % pixels;
            std::size_t const plane = m / pixels * channels_ + group * group_channels_;
            std::uint16_t const* const corner = padded_.data() + plane * height_ * width_ +
                                                pixel / h_.output * v_.stride * width_ + pixel % h_.output * h_.stride;
            if (v_.kernel == 3 && h_.kernel == 3 && h_.dilation == 1) {
                copy_window_3x3(corner, to);
            } else {
                copy_window(corner, to);
            }
        }
    }

private:
    /// One window, channel by channel.
    void copy_window(std::uint16_t const* corner, std::uint16_t* to) const {
        for (std::size_t channel = 0; channel < group_channels_; ++channel, corner += height_ * width_) {
            for (std::size_t i = 0; i < v_.kernel; ++i, to += h_.kernel) {
                std::uint16_t const* const line = corner + i * v_.dilation * width_;
                for (std::size_t j = 0; j < h_.kernel; ++j) {
                    to[j] = line[j * h_.dilation];
                }
            }
        }
    }

    /// The same for the commonest kernel. Four words are copied where three are meant: the next copy, at a higher
    /// address, puts the fourth right.
    void copy_window_3x3(std::uint16_t const* corner, std::uint16_t* to) const {
        std::size_t const line = v_.dilation * width_;
        for (std::size_t channel = 0; channel < group_channels_; ++channel, corner += height_ * width_, to += 9) {
            std::memcpy(to, corner, 4 * sizeof *to);
            std::memcpy(to + 3, corner + line, 4 * sizeof *to);
            std::memcpy(to + 6, corner + 2 * line, 4 * sizeof *to);
        }
    }

    std::size_t channels_;
    std::size_t group_channels_;
    conv_axis v_;
    conv_axis h_;
    std::size_t height_;
    std::size_t width_;
    std::vector<std::uint16_t> padded_;  // (images, channels, height, width) and one word that may be read, not used
};

template <class... Policies>
[[nodiscard]] xt::xarray<float> conv2d(CimMacro<Policies...> const& macro, tensor_ref const& x,
                                       programmed_array const& weights, std::optional<tensor_ref> const& bias,
                                       conv_options const& conv, run_options const& options) {
    if (weights.dimensions.size() != 4) {
        throw error(errc::shape, "the weights have shape " + to_string(weights.dimensions) +
                                     "; (out, in / groups, kernel rows, kernel columns) is needed");
    }
    if (static_cast<std::size_t>(std::max(conv.groups, 0)) != weights.groups) {
        throw error(errc::shape, "conv_options.groups is " + std::to_string(conv.groups) +
                                     ", the weights were programmed for " + std::to_string(weights.groups));
    }
    std::size_t const group_channels = weights.shape.channels;
    if (x.shape.size() != 4 || x.shape[1] != group_channels * weights.groups) {
        throw error(errc::shape, "the input has shape " + to_string(x.shape) + "; (images, " +
                                     std::to_string(group_channels * weights.groups) +
                                     ", rows, columns) is needed for weights " + to_string(weights.dimensions) +
                                     " and groups " + std::to_string(weights.groups));
    }
    require_bias(bias, weights.outputs());
    auto const v = make_axis("vertical", x.shape[2], weights.dimensions[2], conv.stride.vertical, conv.padding.vertical,
                             conv.dilation.vertical);
    auto const h = make_axis("horizontal", x.shape[3], weights.dimensions[3], conv.stride.horizontal,
                             conv.padding.horizontal, conv.dilation.horizontal);
    std::size_t const pixels = v.output * h.output;
    std::vector<std::size_t> const shape{x.shape[0], weights.outputs(), v.output, h.output};
    xt::xarray<float> y = xt::xarray<float>::from_shape(shape);
    quantised_inputs const q = macro.quantise_inputs(x, x.shape[0]);
    window_source const source{q, x.shape[0], x.shape[1], group_channels, v, h};
    output_layout const out{y.data(), pixels, weights.outputs() * pixels, pixels, bias ? bias->data : nullptr};
    macro.run(weights, q, x.shape[0] * pixels, std::cref(source), out, options);
    return y;
}

}  // namespace detail

/// Convolution (cross-correlation, as in every network library) of images with filters.
///
/// x: (images, in, rows, columns); weights: (out, in / groups, kernel rows, kernel columns) float, programmed on the
/// fly, or an array from macro.program(weights, {.groups}); bias: (out), added digitally. Returns (images, out, rows',
/// columns'). Scales that are not fixed in the quantisers are taken from x and weights as a whole. Errors: xcim::error
/// for shapes that do not fit, elements that are not finite, a composition that cannot work. Tests:
/// tests/unit/ops/conv2d.cpp, tests/golden/asim.cpp. Benchmark: benchmarks/macro/layers.cpp.
template <class... Policies, tensor_like X, weights_like W>
[[nodiscard]] xt::xarray<float> conv2d(CimMacro<Policies...> const& macro, X const& x, W const& weights,
                                       conv_options conv = {}, run_options options = {}) {
    auto const& input = evaluated(x);
    auto const& array = as_programmed(macro, weights, {.groups = conv.groups, .layer = options.layer});
    return detail::conv2d(macro, ref(input, "input"), array, std::nullopt, conv, options);
}

template <class... Policies, tensor_like X, weights_like W, tensor_like B>
[[nodiscard]] xt::xarray<float> conv2d(CimMacro<Policies...> const& macro, X const& x, W const& weights, B const& bias,
                                       conv_options conv = {}, run_options options = {}) {
    auto const& input = evaluated(x);
    auto const& array = as_programmed(macro, weights, {.groups = conv.groups, .layer = options.layer});
    auto const& b = evaluated(bias);
    return detail::conv2d(macro, ref(input, "input"), array, ref(b, "bias"), conv, options);
}

}  // namespace xcim::inline XCIM_ABI
