#pragma once

/// \file
/// Layers without a macro: convolution, linear layer and attention in float, through Eigen, for reference; and a
/// digital 8-bit convolution, whose rounding is fixed (see layers.hpp).
///
/// The number of groups of a convolution follows from the shapes: channels of the images / channels of a filter.

#include "tensors.hpp"

#include <xcim/core/threads.hpp>
#include <xcim/ops/softmax.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace networks {

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

/// Calls compute(columns, filter, plane, count) for every image and group of a convolution: the unfolded channels of
/// the group, its first filter of `filters`, the first of its output planes (N * filters in all), how many it has of
/// both.
template <class Compute>
void for_each_group(windows const& at, tensor const& x, std::size_t filters, int threads, Compute const& compute) {
    auto const groups = x.shape(1) / at.channels;
    if (groups == 0 || groups * at.channels != x.shape(1) || filters % groups != 0) {
        throw std::invalid_argument{std::to_string(filters) + " filters of " + std::to_string(at.channels) +
                                    " channels do not divide images of " + std::to_string(x.shape(1)) + " channels"};
    }
    auto const per_group = filters / groups;
    xcim::for_each_task(x.shape(0), threads, [&](std::size_t n) {
        thread_local std::vector<float> columns;  // (channels of a group * taps, output pixels)
        for (std::size_t g = 0; g < groups; ++g) {
            unfold(at, x.data() + (n * groups + g) * at.channels * at.height * at.width, columns);
            compute(columns, g * per_group, n * filters + g * per_group, per_group);
        }
    });
}

}  // namespace detail

/// y[n, o] = bias[o] + sum over the channels of the group and taps of w[o] * x[n]; an empty bias is none.
inline tensor float_conv2d(tensor const& x, tensor const& w, tensor const& bias, int stride, int padding,
                           int threads = 1) {
    auto const at = detail::windows{w.shape(1), x.shape(2), x.shape(3), w.shape(2), w.shape(3), stride, padding};
    auto const positions = at.out_height() * at.out_width();
    auto y = make_tensor({x.shape(0), w.shape(0), at.out_height(), at.out_width()});  // (N, O, OH, OW)
    detail::for_each_group(at, x, w.shape(0), threads, [&](auto const& columns, auto filter, auto plane, auto count) {
        auto const filters = detail::matrix(w.data() + filter * at.window(), count, at.window());
        auto out = detail::matrix(y.data() + plane * positions, count, positions);  // (filters, OH * OW)
        out.noalias() = filters * detail::matrix(columns.data(), at.window(), positions);
        if (!is_none(bias)) {
            out.colwise() += Eigen::Map<Eigen::VectorXf const>{bias.data() + filter, out.rows()};
        }
    });
    return y;
}

/// y = x w^T + bias over the last axis of x; an empty bias is none.
inline tensor float_linear(tensor const& x, tensor const& w, tensor const& bias) {
    auto shape = std::vector<std::size_t>(x.shape().begin(), x.shape().end());
    auto const rows = x.size() / shape.back();
    shape.back() = w.shape(0);
    auto y = make_tensor(shape);  // (..., O)
    auto out = detail::matrix(y.data(), rows, w.shape(0));
    out.noalias() = detail::matrix(x.data(), rows, w.shape(1)) *                   // (rows, K)
                    detail::matrix(w.data(), w.shape(0), w.shape(1)).transpose();  // (K, O)
    if (!is_none(bias)) {
        out.rowwise() += Eigen::Map<Eigen::RowVectorXf const>{bias.data(), out.cols()};
    }
    return y;
}

/// Which keys a query of an attention sees, how many heads they have, and whether tokens know their place.
struct attention_pattern {
    int kv_heads = 0;         ///< heads of k and v, each used by heads / kv_heads heads of q; 0: as many as of q
    bool is_causal = false;   ///< a token sees itself and the tokens before it
    double rotary_theta = 0;  ///< base of the rotary positions of q and k; 0: none

    friend bool operator==(attention_pattern const&, attention_pattern const&) = default;
};

/// Where the heads of q, k and v lie in the rows of their joint projection.
struct head_columns {
    std::size_t width;         ///< of one head
    std::size_t heads;         ///< of q
    std::size_t kv_heads = 1;  ///< of k, and of v

    /// Throws where the heads do not divide the columns, or those of k and v not those of q.
    head_columns(std::size_t columns, int of_q, attention_pattern const& pattern)
        : width{0}, heads{static_cast<std::size_t>(of_q)}, kv_heads{pattern.kv_heads == 0
                                                                        ? heads
                                                                        : static_cast<std::size_t>(pattern.kv_heads)} {
        if (of_q < 1 || pattern.kv_heads < 0 || heads % kv_heads != 0 || columns % (heads + 2 * kv_heads) != 0) {
            throw std::invalid_argument{std::to_string(of_q) + " heads of q and " + std::to_string(pattern.kv_heads) +
                                        " of k and v do not divide a projection of " + std::to_string(columns) +
                                        " columns"};
        }
        width = columns / (heads + 2 * kv_heads);
    }

    /// \name First column of what a head of q needs
    /// @{
    [[nodiscard]] std::size_t q(std::size_t head) const { return head * width; }
    [[nodiscard]] std::size_t k(std::size_t head) const { return (heads + head * kv_heads / heads) * width; }
    [[nodiscard]] std::size_t v(std::size_t head) const { return k(head) + kv_heads * width; }
    /// @}
};

/// Rotary positions: turns the pairs (2 i, 2 i + 1) of every head of q and k by token * theta^(-2 i / width), in place.
/// qkv: (B, N, columns). Reference: J. Su et al., "RoFormer", arXiv 2104.09864, 2021, section 3.2.
inline void rotate_by_position(tensor& qkv, head_columns const& at, double theta) {
    auto const tokens = qkv.shape(1), columns = qkv.shape(2), pairs = at.width / 2;
    for (std::size_t row = 0; row < qkv.shape(0) * tokens; ++row) {
        auto const position = static_cast<double>(row % tokens);
        for (std::size_t pair = 0; pair < pairs; ++pair) {
            auto const exponent = -2.0 * static_cast<double>(pair) / static_cast<double>(at.width);
            auto const angle = position * std::pow(theta, exponent);
            auto const cosine = static_cast<float>(std::cos(angle)), sine = static_cast<float>(std::sin(angle));
            for (std::size_t head = 0; head < at.heads + at.kv_heads; ++head) {
                auto* const x = qkv.data() + row * columns + head * at.width + 2 * pair;
                auto const first = x[0];
                x[0] = first * cosine - x[1] * sine;
                x[1] = first * sine + x[1] * cosine;
            }
        }
    }
}

/// Hides from every query the keys behind it: what a softmax turns into 0. scores: (queries, keys).
inline void hide_later_keys(tensor& scores) {
    auto const keys = scores.shape(1);
    for (std::size_t query = 0; query < scores.shape(0); ++query) {
        std::fill(scores.data() + query * keys + query + 1, scores.data() + (query + 1) * keys,
                  std::numeric_limits<float>::lowest());
    }
}

/// softmax(scale * Q K^T) V of every item and head, heads side by side.
///
/// qkv: (B, N, E + 2 E kv_heads / heads), in every token the q of all heads, then the k, then the v. Returns (B, N, E).
inline tensor float_scores_times_values(tensor qkv, int heads, float scale, attention_pattern const& pattern = {}) {
    auto const items = qkv.shape(0), tokens = qkv.shape(1), columns = qkv.shape(2);
    auto const at = head_columns{columns, heads, pattern};
    if (pattern.rotary_theta != 0) {
        rotate_by_position(qkv, at, pattern.rotary_theta);
    }
    auto y = make_tensor({items, tokens, at.heads * at.width});  // (B, N, E)
    auto scores = make_tensor({tokens, tokens});                 // (queries, keys) of one head
    auto out = detail::matrix(y.data(), items * tokens, at.heads * at.width);
    for (std::size_t item = 0; item < items; ++item) {
        auto const rows = detail::matrix(qkv.data() + item * tokens * columns, tokens, columns);
        auto const part = [&](std::size_t first) {
            return rows.middleCols(static_cast<Eigen::Index>(first), static_cast<Eigen::Index>(at.width));
        };
        for (std::size_t head = 0; head < at.heads; ++head) {
            detail::matrix(scores.data(), tokens, tokens).noalias() =
                scale * part(at.q(head)) * part(at.k(head)).transpose();
            if (pattern.is_causal) {
                hide_later_keys(scores);
            }
            auto const weights = xcim::softmax(scores);  // (queries, keys)
            out.block(static_cast<Eigen::Index>(item * tokens), static_cast<Eigen::Index>(at.q(head)),
                      static_cast<Eigen::Index>(tokens), static_cast<Eigen::Index>(at.width))
                .noalias() = detail::matrix(weights.data(), tokens, tokens) * part(at.v(head));
        }
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

/// As float_conv2d, operands fake-quantised to 8 bits, rounding fixed.
inline tensor digital_conv2d(tensor const& x, tensor const& w, tensor const& bias, int stride, int padding,
                             int threads = 1) {
    auto const inputs = fake_quantise(x);   // (N, C, H, W)
    auto const weights = fake_quantise(w);  // (O, C / groups, KH, KW)
    auto const at = detail::windows{w.shape(1), x.shape(2), x.shape(3), w.shape(2), w.shape(3), stride, padding};
    auto const positions = at.out_height() * at.out_width();
    auto y = make_tensor({x.shape(0), w.shape(0), at.out_height(), at.out_width()});  // (N, O, OH, OW)
    detail::for_each_group(
        at, inputs, w.shape(0), threads, [&](auto const& columns, auto filter, auto plane, auto count) {
            for (std::size_t i = 0; i < count; ++i) {
                auto* out = y.data() + (plane + i) * positions;
                detail::apply_filter(at, weights.data() + (filter + i) * at.window(), columns, out);
                if (!is_none(bias)) {
                    std::transform(out, out + positions, out, [b = bias.data()[filter + i]](float e) { return e + b; });
                }
            }
        });
    return y;
}

/// @}

}  // namespace networks
