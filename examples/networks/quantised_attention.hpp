#pragma once

/// \file
/// Attention on 8-bit integers, for comparison with attention that knows no float at all:
///
///     range_recorder             float, and notes the largest values of every layer: what fixed scales are made from
///     dequantising_attention     integer products; softmax and every change of scale in float
///
/// An arithmetic of attention is a function of a layer and its input; attention_backend computes the rest of a network
/// in float beside it.

#include "backends.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace networks {

/// Everything in float but the attention, which `arithmetic(layer, x)` computes.
template <class Arithmetic>
struct attention_backend : float_backend {
    Arithmetic arithmetic;

    explicit attention_backend(Arithmetic a) : arithmetic{std::move(a)} {}

    /// (B, N, E) -> (B, N, E): batch, tokens, width
    [[nodiscard]] tensor attention(attention_layer const& layer, tensor const& x) const { return arithmetic(layer, x); }
};

/// \name Scales fixed beforehand
/// @{

/// Largest magnitudes in one layer.
struct attention_ranges {
    float input = 0, q = 0, k = 0, v = 0, heads = 0;
};

using range_map = std::map<std::uint32_t, attention_ranges>;  ///< by number of the layer
using gain_map = std::map<std::uint32_t, double>;

inline float largest_magnitude(std::span<float const> values) {
    auto largest = 0.0F;
    std::for_each(values.begin(), values.end(), [&](float e) { largest = std::max(largest, std::abs(e)); });
    return largest;
}

/// Float; notes the ranges of all it is given. q and k count behind their rotary positions.
class range_recorder : public float_backend {
public:
    [[nodiscard]] tensor attention(attention_layer const& layer, tensor const& x) {
        auto qkv = float_linear(x, layer.qkv_weight, layer.qkv_bias);  // (B, N, columns)
        auto const at = head_columns{qkv.shape(2), layer.heads, layer.pattern};
        auto pattern = layer.pattern;
        if (pattern.rotary_theta != 0) {
            rotate_by_position(qkv, at, std::exchange(pattern.rotary_theta, 0));
        }
        auto& seen = ranges_[layer.number];
        seen.input = std::max(seen.input, largest_magnitude({x.data(), x.size()}));
        for (auto const* row = qkv.data(); row != qkv.data() + qkv.size(); row += qkv.shape(2)) {
            auto const widen = [&](float& range, std::size_t first, std::size_t heads) {
                range = std::max(range, largest_magnitude({row + first, heads * at.width}));
            };
            widen(seen.q, at.q(0), at.heads);
            widen(seen.k, at.k(0), at.kv_heads);
            widen(seen.v, at.v(0), at.kv_heads);
        }
        auto const heads = float_scores_times_values(std::move(qkv), layer.heads, layer.scale, pattern);
        seen.heads = std::max(seen.heads, largest_magnitude({heads.data(), heads.size()}));
        return float_linear(heads, layer.out_weight, layer.out_bias);
    }

    [[nodiscard]] range_map const& ranges() const { return ranges_; }

private:
    range_map ranges_;
};

/// @}
/// \name Integers with float between them
/// @{

using integer_matrix = Eigen::Matrix<std::int32_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Symmetric codes of rows of floats: row i stands for codes * scale[i].
struct quantised_rows {
    integer_matrix codes;
    Eigen::VectorXf scale;

    /// In every `group` rows the largest magnitude gets the largest of the codes of `bits` bits.
    template <class Rows>
    quantised_rows(Rows const& values, int bits, Eigen::Index group)
        : codes(values.rows(), values.cols()), scale(values.rows()) {
        auto const largest_code = static_cast<float>((1 << (bits - 1)) - 1);
        for (Eigen::Index row = 0; row < values.rows(); row += group) {
            auto const from = values.middleRows(row, group);
            auto const largest = from.cwiseAbs().maxCoeff();
            auto const step = largest > 0 ? largest / largest_code : 1.0F;
            scale.segment(row, group).setConstant(step);
            codes.middleRows(row, group) =
                from.unaryExpr([step](float e) { return static_cast<std::int32_t>(std::nearbyint(e / step)); });
        }
    }
};

/// Attention as integer accelerators with a float unit beside them compute it: every product is one of integers; around
/// it the sums become float, and what comes next is quantised again by its largest magnitude.
///
/// Scales: weights one a matrix; x, q and the heads' output one a token; k and v one a sequence, because they are
/// stored; scores one a row, or one for all. Biases, rotary positions and the softmax are float.
struct dequantising_attention {
    int weight_bits = 8;
    int bits = 8;                   ///< of all activations; scores have no sign
    bool scores_fill_range = true;  ///< the largest score of a row gets the largest code, else 1 does

    [[nodiscard]] tensor operator()(attention_layer const& layer, tensor const& x) const {
        auto const tokens = x.shape(1);
        auto const at = head_columns{layer.qkv_weight.shape(0), layer.heads, layer.pattern};
        auto qkv = product(x, layer.qkv_weight, layer.qkv_bias, {at.heads, at.kv_heads, at.kv_heads});
        if (layer.pattern.rotary_theta != 0) {
            rotate_by_position(qkv, at, layer.pattern.rotary_theta);
        }
        auto heads = make_tensor({x.shape(0), tokens, at.heads * at.width});
        for (std::size_t item = 0; item < x.shape(0); ++item) {
            scores_times_values(layer, at, qkv.data() + item * tokens * qkv.shape(2),
                                detail::matrix(heads.data() + item * tokens * heads.shape(2), tokens, heads.shape(2)));
        }
        return product(heads, layer.out_weight, layer.out_bias, {1});
    }

private:
    /// x w^T + bias; the weights are several matrices of sizes in this proportion, each with its own scale.
    [[nodiscard]] tensor product(tensor const& x, tensor const& weight, tensor const& bias,
                                 std::vector<std::size_t> const& parts) const {
        auto const rows = x.size() / x.shape(2), outputs = weight.shape(0);
        auto const inputs = quantised_rows{detail::matrix(x.data(), rows, x.shape(2)), bits, 1};
        auto const all_weights = detail::matrix(weight.data(), outputs, weight.shape(1));
        auto const unit = outputs / std::accumulate(parts.begin(), parts.end(), std::size_t{0});
        auto y = make_tensor({x.shape(0), x.shape(1), outputs});
        auto out = detail::matrix(y.data(), rows, outputs);
        Eigen::Index first = 0;
        for (auto const part : parts) {
            auto const count = static_cast<Eigen::Index>(part * unit);
            auto const weights = quantised_rows{all_weights.middleRows(first, count), weight_bits, count};
            integer_matrix const sums = inputs.codes * weights.codes.transpose();
            out.middleCols(first, count) = inputs.scale.asDiagonal() * (sums.cast<float>() * weights.scale(0));
            first += count;
        }
        if (!is_none(bias)) {
            out.rowwise() += Eigen::Map<Eigen::RowVectorXf const>{bias.data(), out.cols()};
        }
        return y;
    }

    /// Of one sequence: qkv (N, columns), out (N, E).
    void scores_times_values(attention_layer const& layer, head_columns const& at, float const* qkv,
                             Eigen::Map<row_major> out) const {
        auto const tokens = out.rows(), width = static_cast<Eigen::Index>(at.width);
        auto const rows =
            detail::matrix(qkv, static_cast<std::size_t>(tokens), (at.heads + 2 * at.kv_heads) * at.width);
        auto const part = [&](std::size_t first, std::size_t heads, Eigen::Index group) {
            auto const from =
                rows.middleCols(static_cast<Eigen::Index>(first), static_cast<Eigen::Index>(heads) * width);
            return quantised_rows{from, bits, group};
        };
        auto const q = part(at.q(0), at.heads, 1);
        auto const k = part(at.k(0), at.kv_heads, tokens), v = part(at.v(0), at.kv_heads, tokens);
        auto scores = make_tensor({static_cast<std::size_t>(tokens), static_cast<std::size_t>(tokens)});
        for (std::size_t head = 0; head < at.heads; ++head) {
            auto const of_head = [&](quantised_rows const& from, std::size_t column) {
                return from.codes.middleCols(static_cast<Eigen::Index>(column), width);
            };
            auto const kv_column = at.k(head) - at.k(0);
            integer_matrix const products = of_head(q, at.q(head)) * of_head(k, kv_column).transpose();
            detail::matrix(scores.data(), scores.shape(0), scores.shape(1)) =
                q.scale.asDiagonal() * (products.cast<float>() * (k.scale(0) * layer.scale));
            if (layer.pattern.is_causal) {
                hide_later_keys(scores);
            }
            auto const [codes, scale] = code_scores(xcim::softmax(scores));
            integer_matrix const sums = codes * of_head(v, kv_column);
            out.middleCols(static_cast<Eigen::Index>(at.q(head)), width) =
                scale.asDiagonal() * (sums.cast<float>() * v.scale(0));
        }
    }

    /// Unsigned codes of scores (queries, keys), and the scale of every row.
    [[nodiscard]] std::pair<integer_matrix, Eigen::VectorXf> code_scores(tensor const& scores) const {
        auto const largest_code = static_cast<float>((1 << bits) - 1);
        auto const from = detail::matrix(scores.data(), scores.shape(0), scores.shape(1));
        Eigen::VectorXf const largest =
            scores_fill_range ? Eigen::VectorXf{from.rowwise().maxCoeff()} : Eigen::VectorXf::Ones(from.rows());
        row_major const stretched = (largest_code / largest.array()).matrix().asDiagonal() * from;
        return {stretched.unaryExpr([](float e) { return static_cast<std::int32_t>(std::nearbyint(e)); }),
                largest / largest_code};
    }
};

/// @}

}  // namespace networks
