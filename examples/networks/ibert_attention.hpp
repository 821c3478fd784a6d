#pragma once

/// \file
/// Attention without floating point as I-BERT computes it: fixed scales found beforehand, changes of scale by a
/// multiplication and a shift, the softmax of integers.

#include "quantised_attention.hpp"

#include <xcim/ops/ibert.hpp>
#include <xcim/ops/rotary.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace networks {

/// From one fixed scale to another: v -> round(v m / 2^s), halves up, where m / 2^s is the ratio of the scales to 30
/// bits.
class rescaling {
public:
    explicit rescaling(double ratio) {
        auto exponent = 0;
        multiplier_ = std::llround(std::ldexp(std::frexp(ratio, &exponent), 30));
        shift_ = std::clamp(30 - exponent, 1, 62);
    }

    /// v below 2^32 in magnitude
    [[nodiscard]] std::int64_t operator()(std::int64_t v) const {
        return (v * multiplier_ + (std::int64_t{1} << (shift_ - 1))) >> shift_;
    }

private:
    std::int64_t multiplier_;
    int shift_;
};

/// The integer attention of I-BERT: codes with one fixed scale for x, q, k, v and the heads' output of every layer,
/// taken from `ranges`; weights with one a matrix; i-softmax with scores in steps of 2^-score_bits. Beyond I-BERT:
/// rotary positions, turned by integer sines and cosines before q and k become codes.
///
/// Reference: S. Kim et al., "I-BERT: Integer-only BERT Quantization", ICML 2021, sections 3.1 and 3.4.
class ibert_attention {
public:
    explicit ibert_attention(range_map ranges, int weight_bits = 8, int bits = 8, int score_bits = 8)
        : ranges_{std::move(ranges)}, weight_bits_{weight_bits}, bits_{bits}, score_bits_{score_bits} {}

    [[nodiscard]] tensor operator()(attention_layer const& layer, tensor const& x) const {
        auto const found = ranges_.find(layer.number);
        if (found == ranges_.end()) {
            throw std::invalid_argument{"no ranges were recorded for '" + layer.name + "'"};
        }
        auto const steps = steps_of(found->second);
        auto const at = head_columns{layer.qkv_weight.shape(0), layer.heads, layer.pattern};
        auto y = make_tensor({x.shape(0), x.shape(1), layer.out_weight.shape(0)});
        for (std::size_t item = 0; item < x.shape(0); ++item) {
            auto const input = detail::matrix(x.data() + item * x.shape(1) * x.shape(2), x.shape(1), x.shape(2));
            auto const codes = encode(input, steps.input);
            auto const q = projected(layer, at, codes, steps.input, {at.q(0), at.heads, steps.q, true});
            auto const k = projected(layer, at, codes, steps.input, {at.k(0), at.kv_heads, steps.k, true});
            auto const v = projected(layer, at, codes, steps.input, {at.v(0), at.kv_heads, steps.v, false});
            auto const heads = scores_times_values(layer, at, q, k, v, steps);
            auto const weights = matrix_of(layer.out_weight, 0, layer.out_weight.shape(0));
            auto const step = static_cast<double>(steps.heads) * static_cast<double>(weights.scale(0));
            detail::matrix(y.data() + item * x.shape(1) * y.shape(2), x.shape(1), y.shape(2)) =
                (sums(heads, weights, layer.out_bias, 0, step).cast<double>() * step).cast<float>();
        }
        return y;
    }

private:
    using wide_matrix = Eigen::Matrix<std::int64_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

    /// A range of columns of the joint projection, and the codes that it becomes.
    struct projection {
        std::size_t first, heads;
        float step;
        bool has_position;
    };

    /// Real values of one code of each.
    [[nodiscard]] attention_ranges steps_of(attention_ranges const& ranges) const {
        auto const step = [&](float range) { return std::max(range, 1e-20F) / static_cast<float>(largest_code()); };
        return {step(ranges.input), step(ranges.q), step(ranges.k), step(ranges.v), step(ranges.heads)};
    }

    [[nodiscard]] std::int32_t largest_code() const { return (1 << (bits_ - 1)) - 1; }

    template <class Values>
    [[nodiscard]] integer_matrix encode(Values const& values, float step) const {
        auto const most = static_cast<float>(largest_code());
        return values.unaryExpr(
            [=](float e) { return static_cast<std::int32_t>(std::nearbyint(std::clamp(e / step, -most, most))); });
    }

    /// Codes of codes * step, in steps of `to`.
    [[nodiscard]] integer_matrix requantise(wide_matrix const& sums, double from, float to) const {
        auto const scale = rescaling{from / static_cast<double>(to)};
        auto const most = std::int64_t{largest_code()};
        return sums.unaryExpr(
            [=](std::int64_t sum) { return static_cast<std::int32_t>(std::clamp(scale(sum), -most, most)); });
    }

    [[nodiscard]] quantised_rows matrix_of(tensor const& weight, std::size_t first, std::size_t rows) const {
        auto const count = static_cast<Eigen::Index>(rows);
        auto const all = detail::matrix(weight.data(), weight.shape(0), weight.shape(1));
        return {all.middleRows(static_cast<Eigen::Index>(first), count), weight_bits_, count};
    }

    /// codes weights^T + bias, in steps of `step`; the bias from element `first` on.
    static wide_matrix sums(integer_matrix const& codes, quantised_rows const& weights, tensor const& bias,
                            std::size_t first, double step) {
        integer_matrix const products = codes * weights.codes.transpose();
        wide_matrix result = products.cast<std::int64_t>();
        for (Eigen::Index n = 0; !is_none(bias) && n < result.cols(); ++n) {
            auto const value = static_cast<double>(bias.data()[first + static_cast<std::size_t>(n)]);
            result.col(n).array() += std::llround(value / step);
        }
        return result;
    }

    [[nodiscard]] integer_matrix projected(attention_layer const& layer, head_columns const& at,
                                           integer_matrix const& codes, float input_step, projection const& to) const {
        auto const weights = matrix_of(layer.qkv_weight, to.first, to.heads * at.width);
        auto const step = static_cast<double>(input_step) * static_cast<double>(weights.scale(0));
        auto result = sums(codes, weights, layer.qkv_bias, to.first, step);
        if (to.has_position && layer.pattern.rotary_theta != 0) {
            auto const tokens = static_cast<std::size_t>(result.rows()), columns = to.heads * at.width;
            auto const table = xcim::rotary_table{at.width, {layer.pattern.rotary_theta, tokens}};
            for (std::size_t token = 0; token < tokens; ++token) {
                table.turn(std::span{result.data() + token * columns, columns}, token, xcim::rounding::half_up);
            }
        }
        return requantise(result, step, to.step);
    }

    [[nodiscard]] integer_matrix scores_times_values(attention_layer const& layer, head_columns const& at,
                                                     integer_matrix const& q, integer_matrix const& k,
                                                     integer_matrix const& v, attention_ranges const& steps) const {
        auto const logit_step =
            static_cast<double>(steps.q) * static_cast<double>(steps.k) * static_cast<double>(layer.scale);
        auto const softmax = xcim::ibert::softmax_constants{logit_step, score_bits_};
        auto const width = static_cast<Eigen::Index>(at.width);
        auto const tokens = static_cast<std::size_t>(q.rows());
        auto sums = wide_matrix(q.rows(), q.cols());
        for (std::size_t head = 0; head < at.heads; ++head) {
            auto const column = static_cast<Eigen::Index>(at.k(head) - at.k(0));
            auto const query_column = static_cast<Eigen::Index>(at.q(head));
            integer_matrix scores =
                q.middleCols(query_column, width) * k.middleCols(column, width).transpose();  // (queries, keys)
            for (std::size_t query = 0; query < tokens; ++query) {
                auto const row = std::span{scores.data() + query * tokens, tokens};
                auto const seen = layer.pattern.is_causal ? row.first(query + 1) : row;
                xcim::ibert::softmax_row<std::int32_t, std::int32_t>(seen, seen, softmax);
                std::fill(row.begin() + static_cast<std::ptrdiff_t>(seen.size()), row.end(), 0);
            }
            integer_matrix const weighted = scores * v.middleCols(column, width);
            sums.middleCols(query_column, width) = weighted.cast<std::int64_t>();
        }
        return requantise(sums, softmax.scale() * static_cast<double>(steps.v), steps.heads);
    }

    range_map ranges_;
    int weight_bits_, bits_, score_bits_;
};

}  // namespace networks
