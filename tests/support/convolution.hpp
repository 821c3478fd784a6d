#pragma once

/// \file
/// A convolution written as its definition, on integer codes: kernel windows of one group as rows of a matrix.

#include <xcim/ops/conv2d.hpp>
#include <xcim/testing/macro.hpp>

#include <tests/support/tensors.hpp>

#include <cstddef>
#include <vector>

namespace xcim::test {

/// Extent of the output along one axis.
inline std::size_t output_extent(std::size_t input, std::size_t kernel, int stride, int padding, int dilation) {
    return (input + 2 * static_cast<std::size_t>(padding) - static_cast<std::size_t>(dilation) * (kernel - 1) - 1) /
               static_cast<std::size_t>(stride) +
           1;
}

/// The reference result of conv2d(macro, x, w, bias, conv).
template <class Macro>
testing::reference reference_convolution(Macro const& macro, tensor const& x, tensor const& w, tensor const* bias,
                                         conv_options const& conv) {
    auto const groups = static_cast<std::size_t>(conv.groups);
    auto const xs = shape_of(x);  // images, channels, rows, columns
    auto const ws = shape_of(w);  // out, in / groups, kernel rows, kernel columns
    std::size_t const rows =
        output_extent(xs[2], ws[2], conv.stride.vertical, conv.padding.vertical, conv.dilation.vertical);
    std::size_t const columns =
        output_extent(xs[3], ws[3], conv.stride.horizontal, conv.padding.horizontal, conv.dilation.horizontal);
    std::size_t const outputs = ws[0] / groups;
    auto const qx = testing::quantise(macro.input_quantiser(), xcim::ref(x));
    auto const qw = testing::quantise(macro.weight_quantiser(), xcim::ref(w));
    auto const pixel = [&](std::size_t image, std::size_t channel, std::ptrdiff_t i, std::ptrdiff_t j) {
        if (i < 0 || j < 0 || i >= static_cast<std::ptrdiff_t>(xs[2]) || j >= static_cast<std::ptrdiff_t>(xs[3])) {
            return std::int32_t{0};
        }
        return qx.codes[((image * xs[1] + channel) * xs[2] + static_cast<std::size_t>(i)) * xs[3] +
                        static_cast<std::size_t>(j)];
    };
    testing::reference y{std::vector<float>(xs[0] * ws[0] * rows * columns), {}};
    y.tolerance.resize(y.y.size());
    for (std::size_t g = 0; g < groups; ++g) {
        testing::codes_of_tensor windows{{}, qx.code_scale};
        for (std::size_t image = 0; image < xs[0]; ++image) {
            for (std::size_t i = 0; i < rows; ++i) {
                for (std::size_t j = 0; j < columns; ++j) {
                    for (std::size_t c = 0; c < ws[1]; ++c) {
                        for (std::size_t u = 0; u < ws[2]; ++u) {
                            for (std::size_t v = 0; v < ws[3]; ++v) {
                                auto const at = [](std::size_t out, std::size_t tap, int stride, int padding,
                                                   int dilation) {
                                    return static_cast<std::ptrdiff_t>(out) * stride - padding +
                                           static_cast<std::ptrdiff_t>(tap) * dilation;
                                };
                                windows.codes.push_back(
                                    pixel(image, g * ws[1] + c,
                                          at(i, u, conv.stride.vertical, conv.padding.vertical, conv.dilation.vertical),
                                          at(j, v, conv.stride.horizontal, conv.padding.horizontal,
                                             conv.dilation.horizontal)));
                            }
                        }
                    }
                }
            }
        }
        std::size_t const size = outputs * ws[1] * ws[2] * ws[3];
        auto const first = qw.codes.begin() + static_cast<std::ptrdiff_t>(g * size);
        testing::codes_of_tensor const filters{{first, first + static_cast<std::ptrdiff_t>(size)}, qw.code_scale};
        auto const part = testing::reference_product(macro, windows, filters, {outputs, ws[1], ws[2] * ws[3]},
                                                     bias == nullptr ? std::span<float const>{}
                                                                     : std::span{bias->data() + g * outputs, outputs});
        for (std::size_t m = 0; m < xs[0] * rows * columns; ++m) {
            for (std::size_t n = 0; n < outputs; ++n) {
                std::size_t const to =
                    (m / (rows * columns) * ws[0] + g * outputs + n) * rows * columns + m % (rows * columns);
                y.y[to] = part.y[m * outputs + n];
                y.tolerance[to] = part.tolerance[m * outputs + n];
            }
        }
    }
    return y;
}

}  // namespace xcim::test
