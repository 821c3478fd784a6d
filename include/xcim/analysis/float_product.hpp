#pragma once

/// \file
/// The product of a layer in double precision, and mean squares of results: what a macro is measured against.

#include <xcim/concepts/quantizer.hpp>
#include <xcim/core/error.hpp>
#include <xcim/core/tensor_ref.hpp>
#include <xcim/ops/conv2d.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::analysis::detail {

/// Mean square of a result.
template <class T>
[[nodiscard]] double power(T const& y) {
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        auto const v = static_cast<double>(y.data()[i]);
        sum += v * v;
    }
    return sum / static_cast<double>(y.size());
}

/// Mean square of the difference of two results.
template <class Ideal, class Found>
[[nodiscard]] double error_power(Ideal const& ideal, Found const& found) {
    if (ideal.size() != found.size()) {
        throw error(errc::shape, "the ideal result has " + std::to_string(ideal.size()) + " elements, the found one " +
                                     std::to_string(found.size()) + "; the same number is needed");
    }
    double sum = 0;
    for (std::size_t i = 0; i < ideal.size(); ++i) {
        double const e = static_cast<double>(ideal.data()[i]) - static_cast<double>(found.data()[i]);
        sum += e * e;
    }
    return sum / static_cast<double>(ideal.size());
}

/// Every element replaced by the value of its code.
template <Quantizer Q>
[[nodiscard]] std::vector<float> fake_quantised(Q const& quantiser, tensor_ref const& t) {
    auto const kernel = quantiser.prepare(quantiser.calibrate(range_of(t, "tensor")));
    std::vector<float> values(t.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = kernel.value(kernel.code(t.data[i]));
    }
    return values;
}

[[nodiscard]] inline double dot(double const* a, float const* b, std::size_t count) {
    double sum = 0;
    for (std::size_t k = 0; k < count; ++k) {
        sum += a[k] * static_cast<double>(b[k]);
    }
    return sum;
}

/// x (..., in) W^T for w (out, in): (..., out).
[[nodiscard]] inline std::vector<double> float_matrix_product(tensor_ref const& x, tensor_ref const& w) {
    std::size_t const inputs = w.shape[1];
    std::size_t const rows = x.size() / inputs;
    std::vector<double> const values(x.data, x.data + x.size());
    std::vector<double> y(rows * w.shape[0]);
    for (std::size_t m = 0; m < rows; ++m) {
        for (std::size_t n = 0; n < w.shape[0]; ++n) {
            y[m * w.shape[0] + n] = dot(values.data() + m * inputs, w.data + n * inputs, inputs);
        }
    }
    return y;
}

/// Convolution of x (images, in, rows, columns) with w (out, in / groups, kernel rows, kernel columns), zero padded:
/// (images, out, rows', columns').
[[nodiscard]] inline std::vector<double> float_convolution(tensor_ref const& x, tensor_ref const& w,
                                                           conv_options const& conv) {
    auto const v = xcim::detail::make_axis("vertical", x.shape[2], w.shape[2], conv.stride.vertical,
                                           conv.padding.vertical, conv.dilation.vertical);
    auto const h = xcim::detail::make_axis("horizontal", x.shape[3], w.shape[3], conv.stride.horizontal,
                                           conv.padding.horizontal, conv.dilation.horizontal);
    auto const groups = static_cast<std::size_t>(conv.groups);
    std::size_t const channels = w.shape[1];
    std::size_t const outputs = w.shape[0] / groups;
    std::size_t const area = v.kernel * h.kernel;
    std::size_t const pixels = v.output * h.output;
    std::vector<double> y(x.shape[0] * w.shape[0] * pixels);
    std::vector<double> window(channels * area);
    // Index of a tap on one axis; what lies in the padding comes out beyond the input.
    auto const position = [](auto const& axis, std::size_t out, std::size_t tap) {
        return out * axis.stride + tap * axis.dilation - axis.padding;
    };
    for (std::size_t image = 0; image < x.shape[0]; ++image) {
        for (std::size_t g = 0; g < groups; ++g) {
            for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
                for (std::size_t k = 0; k < window.size(); ++k) {
                    std::size_t const plane = image * x.shape[1] + g * channels + k / area;
                    std::size_t const i = position(v, pixel / h.output, k % area / h.kernel);
                    std::size_t const j = position(h, pixel % h.output, k % h.kernel);
                    bool const inside = i < v.input && j < h.input;
                    window[k] = inside ? static_cast<double>(x.data[(plane * v.input + i) * h.input + j]) : 0.0;
                }
                for (std::size_t n = g * outputs; n < (g + 1) * outputs; ++n) {
                    y[(image * w.shape[0] + n) * pixels + pixel] =
                        dot(window.data(), w.data + n * window.size(), window.size());
                }
            }
        }
    }
    return y;
}

/// Either, by the number of extents of the weights. Shapes are those that linear or conv2d has accepted.
[[nodiscard]] inline std::vector<double> float_product(tensor_ref const& x, tensor_ref const& w,
                                                       conv_options const& conv) {
    return w.shape.size() == 2 ? float_matrix_product(x, w) : float_convolution(x, w, conv);
}

}  // namespace xcim::inline XCIM_ABI::analysis::detail
