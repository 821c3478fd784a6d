#pragma once

/// \file
/// What a network needs around the macro: ReLU, batch norm, padding, pooling, top-1. Written to be copied and changed.
///
/// A quantised network amplifies the last bit of a float: where it tips one activation over to the next code, later
/// layers follow. What stands between macro layers therefore rounds in one way on every compiler and processor: sums in
/// a fixed order, products and sums joined by std::fma. The reference layers need no such care and go through Eigen.

#include "reference.hpp"
#include "tensors.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

namespace networks {

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
/// \name Padding, pooling and decisions
/// @{

/// Rows and columns of zeros around an image.
struct image_padding {
    std::size_t top = 0, bottom = 0, left = 0, right = 0;
};

/// (N, C, H, W) -> (N, C, top + H + bottom, left + W + right)
inline tensor pad(tensor const& x, image_padding const& by) {
    auto const height = x.shape(2), width = x.shape(3);
    auto y = make_tensor({x.shape(0), x.shape(1), by.top + height + by.bottom, by.left + width + by.right});
    y.fill(0.0F);
    for (std::size_t line = 0; line < x.shape(0) * x.shape(1) * height; ++line) {
        auto const row = line / height * y.shape(2) + by.top + line % height;
        std::copy_n(x.data() + line * width, width, y.data() + row * y.shape(3) + by.left);
    }
    return y;
}

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

/// (N, C, H, W) -> (N, C), the mean of every plane.
inline tensor global_average_pool(tensor const& x) {
    auto const plane = x.shape(2) * x.shape(3);
    auto y = make_tensor({x.shape(0), x.shape(1)});
    for (std::size_t i = 0; i < y.size(); ++i) {
        auto const* from = x.data() + i * plane;
        y.data()[i] = std::accumulate(from, from + plane, 0.0F) / static_cast<float>(plane);
    }
    return y;
}

/// Maximum over size x size windows; pixels of the padding never win.
inline tensor max_pool(tensor const& x, std::size_t size, std::size_t stride, std::size_t padding) {
    auto const height = x.shape(2), width = x.shape(3);
    auto const out_height = (height + 2 * padding - size) / stride + 1;
    auto const out_width = (width + 2 * padding - size) / stride + 1;
    auto y = make_tensor({x.shape(0), x.shape(1), out_height, out_width});
    auto* out = y.data();
    for (std::size_t plane = 0; plane < x.shape(0) * x.shape(1); ++plane) {
        auto const* from = x.data() + plane * height * width;
        for (std::size_t i = 0; i < out_height * out_width; ++i) {
            auto const top = i / out_width * stride, left = i % out_width * stride;  // in the padded image
            auto largest = std::numeric_limits<float>::lowest();
            for (auto row = std::max(top, padding); row < std::min(top + size, height + padding); ++row) {
                for (auto column = std::max(left, padding); column < std::min(left + size, width + padding); ++column) {
                    largest = std::max(largest, from[(row - padding) * width + column - padding]);
                }
            }
            *out++ = largest;
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
