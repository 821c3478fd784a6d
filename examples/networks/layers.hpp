#pragma once

/// \file
/// What a network needs around the macro, in float and on xtensor: convolution and linear layer for reference, ReLU,
/// pooling, batch norm, a digital 8-bit layer, top-1. Written to be copied and changed.
///
/// A quantised network amplifies the last bit of a float: where it tips one activation over to the next code, later
/// layers follow. What stands between macro layers therefore rounds in one way on every compiler and processor: sums in
/// a fixed order, products and sums joined by std::fma. The reference layers need no such care and go through Eigen.

#include <xcim/core/threads.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <xtensor/xarray.hpp>

namespace networks {

using tensor = xt::xarray<float>;                  ///< every activation, weight and bias
using weight_map = std::map<std::string, tensor>;  ///< tensors by name, as a safetensors file holds them

/// \name Small tools
/// @{

inline tensor make_tensor(std::vector<std::size_t> const& shape) { return tensor::from_shape(shape); }

/// The tensor of this name; says which one is missing.
inline tensor const& at(weight_map const& weights, std::string const& name) {
    auto const found = weights.find(name);
    if (found == weights.end()) {
        throw std::invalid_argument{"the weights hold no tensor '" + name + "'"};
    }
    return found->second;
}

/// Images first .. last - 1 of a batch.
inline tensor slice(tensor const& x, std::size_t first, std::size_t last) {
    auto shape = std::vector<std::size_t>(x.shape().begin(), x.shape().end());
    auto const item = x.size() / shape[0];
    shape[0] = last - first;
    auto result = make_tensor(shape);  // (last - first, ...)
    std::copy(x.data() + first * item, x.data() + last * item, result.data());
    return result;
}

/// Applies f to every element in place.
template <class F>
void each(tensor& x, F f) {
    std::transform(x.data(), x.data() + x.size(), x.data(), f);
}

/// @}
/// \name Reference layers
/// @{

using row_major = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

namespace detail {

inline auto matrix(float const* data, std::size_t rows, std::size_t columns) {
    return Eigen::Map<row_major const>{data, static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns)};
}

inline auto matrix(float* data, std::size_t rows, std::size_t columns) {
    return Eigen::Map<row_major>{data, static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns)};
}

/// Where the windows of a convolution lie.
struct windows {
    std::size_t channels, height, width;  // of one input image
    std::size_t kernel_height, kernel_width;
    std::ptrdiff_t stride, padding;

    [[nodiscard]] std::size_t out_height() const { return out(height, kernel_height); }
    [[nodiscard]] std::size_t out_width() const { return out(width, kernel_width); }
    [[nodiscard]] std::size_t window() const { return channels * kernel_height * kernel_width; }

private:
    [[nodiscard]] std::size_t out(std::size_t size, std::size_t kernel) const {
        auto const room = static_cast<std::ptrdiff_t>(size) + 2 * padding - static_cast<std::ptrdiff_t>(kernel);
        return static_cast<std::size_t>(room / stride + 1);
    }
};

/// One row of one unfolded image: the pixel under tap (ky, kx) of every window of an output row, 0 in the padding.
inline void unfold_row(windows const& at, float const* plane, std::size_t y, std::size_t ky, std::size_t kx,
                       float* to) {
    auto const row = static_cast<std::ptrdiff_t>(y) * at.stride + static_cast<std::ptrdiff_t>(ky) - at.padding;
    auto const shift = static_cast<std::ptrdiff_t>(kx) - at.padding;
    auto const width = static_cast<std::ptrdiff_t>(at.width);
    auto const count = static_cast<std::ptrdiff_t>(at.out_width());
    std::fill_n(to, count, 0.0F);
    if (row < 0 || row >= static_cast<std::ptrdiff_t>(at.height)) {
        return;
    }
    auto const first = shift < 0 ? (-shift + at.stride - 1) / at.stride : 0;
    auto const last = width > shift ? std::min(count, (width - 1 - shift) / at.stride + 1) : 0;
    auto const* from = plane + row * width + shift;
    for (auto x = first; x < last; ++x) {
        to[x] = from[x * at.stride];
    }
}

/// One image (channels, height, width) as a matrix (channels * kernel taps, output pixels).
inline void unfold(windows const& at, float const* image, std::vector<float>& columns) {
    auto const positions = at.out_height() * at.out_width();
    columns.resize(at.window() * positions);
    auto* to = columns.data();  // (channels, kernel_height, kernel_width, out_height, out_width)
    for (std::size_t c = 0; c < at.channels; ++c) {
        for (std::size_t ky = 0; ky < at.kernel_height; ++ky) {
            for (std::size_t kx = 0; kx < at.kernel_width; ++kx) {
                for (std::size_t y = 0; y < at.out_height(); ++y, to += at.out_width()) {
                    unfold_row(at, image + c * at.height * at.width, y, ky, kx, to);
                }
            }
        }
    }
}

}  // namespace detail

/// y[n, o] = bias[o] + sum over channels and taps of w[o] * x[n]; an empty bias is none.
inline tensor float_conv2d(tensor const& x, tensor const& w, tensor const& bias, int stride, int padding,
                           int threads = 1) {
    auto const at = detail::windows{x.shape(1), x.shape(2), x.shape(3), w.shape(2), w.shape(3), stride, padding};
    auto const filters = detail::matrix(w.data(), w.shape(0), at.window());  // (O, C * KH * KW)
    auto const positions = at.out_height() * at.out_width();
    auto y = make_tensor({x.shape(0), w.shape(0), at.out_height(), at.out_width()});  // (N, O, OH, OW)
    xcim::for_each_task(x.shape(0), threads, [&](std::size_t n) {
        thread_local std::vector<float> columns;  // (C * KH * KW, OH * OW)
        detail::unfold(at, x.data() + n * at.channels * at.height * at.width, columns);
        auto out = detail::matrix(y.data() + n * w.shape(0) * positions, w.shape(0), positions);  // (O, OH * OW)
        out.noalias() = filters * detail::matrix(columns.data(), at.window(), positions);
        if (bias.size() != 0) {
            out.colwise() += Eigen::Map<Eigen::VectorXf const>{bias.data(), out.rows()};
        }
    });
    return y;
}

/// y = x w^T + bias; an empty bias is none.
inline tensor float_linear(tensor const& x, tensor const& w, tensor const& bias) {
    auto y = make_tensor({x.shape(0), w.shape(0)});  // (N, O)
    auto out = detail::matrix(y.data(), x.shape(0), w.shape(0));
    out.noalias() = detail::matrix(x.data(), x.shape(0), x.shape(1)) *             // (N, K)
                    detail::matrix(w.data(), w.shape(0), w.shape(1)).transpose();  // (K, O)
    if (bias.size() != 0) {
        out.rowwise() += Eigen::Map<Eigen::RowVectorXf const>{bias.data(), out.cols()};
    }
    return y;
}

/// @}
/// \name Digital 8-bit layer
/// @{

/// Signed fake quantisation of a whole tensor: s = max |v| + 1e-7, v -> s q / Q with q = round(clamp(v / s, -1, 1) Q),
/// Q = 2^(bits - 1) - 1, halves to even.
inline tensor fake_quantise(tensor v, int bits = 8) {
    auto const steps = static_cast<float>((1 << (bits - 1)) - 1);
    auto largest = 0.0F;
    std::for_each(v.data(), v.data() + v.size(), [&](float e) { largest = std::max(largest, std::abs(e)); });
    auto const scale = largest + 1e-7F;
    each(v, [&](float e) { return std::nearbyint(std::clamp(e / scale, -1.0F, 1.0F) * steps) / steps * scale; });
    return v;
}

namespace detail {

/// One filter over one unfolded image: taps from the top left, channels innermost, each by one fused multiply-add.
inline void apply_filter(windows const& at, float const* filter, std::vector<float> const& columns, float* out) {
    auto const taps = at.kernel_height * at.kernel_width;
    auto const positions = at.out_height() * at.out_width();
    std::fill_n(out, positions, 0.0F);
    for (std::size_t tap = 0; tap < taps; ++tap) {
        for (std::size_t c = 0; c < at.channels; ++c) {
            auto const weight = filter[c * taps + tap];
            auto const* column = columns.data() + (c * taps + tap) * positions;
            std::transform(column, column + positions, out, out,
                           [weight](float x, float sum) { return std::fma(weight, x, sum); });
        }
    }
}

}  // namespace detail

/// As float_conv2d, operands fake-quantised to 8 bits, rounding fixed as said above.
inline tensor digital_conv2d(tensor const& x, tensor const& w, tensor const& bias, int stride, int padding,
                             int threads = 1) {
    auto const inputs = fake_quantise(x);   // (N, C, H, W)
    auto const filters = fake_quantise(w);  // (O, C, KH, KW)
    auto const at = detail::windows{x.shape(1), x.shape(2), x.shape(3), w.shape(2), w.shape(3), stride, padding};
    auto const positions = at.out_height() * at.out_width();
    auto y = make_tensor({x.shape(0), w.shape(0), at.out_height(), at.out_width()});  // (N, O, OH, OW)
    xcim::for_each_task(x.shape(0), threads, [&](std::size_t n) {
        thread_local std::vector<float> columns;  // (C * KH * KW, OH * OW)
        detail::unfold(at, inputs.data() + n * at.channels * at.height * at.width, columns);
        for (std::size_t o = 0; o < w.shape(0); ++o) {
            auto* out = y.data() + (n * w.shape(0) + o) * positions;
            detail::apply_filter(at, filters.data() + o * at.window(), columns, out);
            if (bias.size() != 0) {
                std::transform(out, out + positions, out, [b = bias.data()[o]](float e) { return e + b; });
            }
        }
    });
    return y;
}

/// @}
/// \name Elementwise layers, all float and in place
/// @{

inline void relu(tensor& x) {
    each(x, [](float e) { return std::max(e, 0.0F); });
}

/// ReLU with a ceiling.
inline void clipped_relu(tensor& x, float ceiling) {
    each(x, [ceiling](float e) { return std::clamp(e, 0.0F, ceiling); });
}

/// x += y
inline void add(tensor& x, tensor const& y) {
    std::transform(x.data(), x.data() + x.size(), y.data(), x.data(), [](float a, float b) { return a + b; });
}

/// (pixel / 255 - mean) / deviation, channel by channel.
inline tensor normalise(xt::xarray<std::uint8_t> const& images, std::vector<float> const& mean,
                        std::vector<float> const& deviation) {
    auto const channels = images.shape(1);
    auto const plane = images.shape(2) * images.shape(3);
    auto x = make_tensor({images.shape(0), channels, images.shape(2), images.shape(3)});  // (N, C, H, W)
    for (std::size_t i = 0; i < x.size(); ++i) {
        auto const c = i / plane % channels;
        x.data()[i] = (static_cast<float>(images.data()[i]) / 255.0F - mean[c]) / deviation[c];
    }
    return x;
}

/// The statistics of one batch normalisation, ready to apply: y = x * factor[c] + offset[c].
struct batch_norm {
    std::vector<float> factor;  // (C)
    std::vector<float> offset;  // (C)

    /// factor = gamma / sqrt(variance + epsilon), offset = beta - mean * factor.
    static batch_norm from(weight_map const& weights, std::string const& name, float epsilon) {
        auto const& gamma = at(weights, name + ".weight");
        auto const& beta = at(weights, name + ".bias");
        auto const& mean = at(weights, name + ".running_mean");
        auto const& variance = at(weights, name + ".running_var");
        batch_norm result;
        for (std::size_t c = 0; c < gamma.size(); ++c) {
            result.factor.push_back(gamma.data()[c] * (1.0F / std::sqrt(variance.data()[c] + epsilon)));
            result.offset.push_back(std::fma(-mean.data()[c], result.factor[c], beta.data()[c]));
        }
        return result;
    }

    void operator()(tensor& x) const {  // (N, C, H, W)
        auto const plane = x.shape(2) * x.shape(3);
        for (std::size_t i = 0; i < x.shape(0) * x.shape(1); ++i) {
            auto const c = i % factor.size();
            std::transform(x.data() + i * plane, x.data() + (i + 1) * plane, x.data() + i * plane,
                           [a = factor[c], b = offset[c]](float e) { return std::fma(e, a, b); });
        }
    }

    /// The same normalisation inside a convolution without bias: scales its filters, returns its bias.
    [[nodiscard]] tensor fold_into(tensor& filters) const {  // (O, C, KH, KW)
        auto const filter = filters.size() / factor.size();
        for (std::size_t i = 0; i < filters.size(); ++i) {
            filters.data()[i] *= factor[i / filter];
        }
        auto bias = make_tensor({offset.size()});  // (O)
        std::copy(offset.begin(), offset.end(), bias.data());
        return bias;
    }
};

/// @}
/// \name Pooling and decisions
/// @{

/// Mean over size x size squares; pixels that fill no square are dropped.
inline tensor average_pool(tensor const& x, std::size_t size) {
    auto const height = x.shape(2), width = x.shape(3);
    auto y = make_tensor({x.shape(0), x.shape(1), height / size, width / size});  // (N, C, H / size, W / size)
    auto* out = y.data();
    for (std::size_t plane = 0; plane < x.shape(0) * x.shape(1); ++plane) {
        for (std::size_t top = 0; top + size <= height; top += size) {
            for (std::size_t left = 0; left + size <= width; left += size) {
                auto const* corner = x.data() + (plane * height + top) * width + left;
                auto sum = 0.0F;
                for (std::size_t i = 0; i < size * size; ++i) {
                    sum += corner[i / size * width + i % size];
                }
                *out++ = sum / static_cast<float>(size * size);
            }
        }
    }
    return y;
}

/// (N, ...) -> (N, product of the rest)
inline tensor flatten(tensor x) {
    auto const items = x.shape(0);
    x.reshape(std::vector<std::size_t>{items, x.size() / items});
    return x;
}

/// The index of the largest logit of every image; the first one where several are equal.
inline std::vector<int> argmax(tensor const& logits) {  // (N, classes)
    std::vector<int> result;
    auto const classes = static_cast<std::ptrdiff_t>(logits.shape(1));
    for (auto const* row = logits.data(); row != logits.data() + logits.size(); row += classes) {
        result.push_back(static_cast<int>(std::max_element(row, row + classes) - row));
    }
    return result;
}

/// How many entries of two lists are equal: correct answers, or answers that agree.
inline std::size_t count_equal(std::vector<int> const& a, std::vector<int> const& b) {
    std::size_t equal = 0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        equal += a[i] == b[i] ? 1U : 0U;
    }
    return equal;
}

/// @}

}  // namespace networks
