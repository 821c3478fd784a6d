#pragma once

/// \file
/// Attention without floating point as FLARE computes it, between the float layers of a network: eMSB-Q, VDR-Softmax
/// and exponents that travel with the tokens (xcim/ops/integer_attention.hpp).

#include "quantised_attention.hpp"

#include <xcim/ops/integer_attention.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace networks {

/// Inputs of one call, in integers, and all tensors that followed from them.
struct observed_attention {
    attention_layer const* layer;
    xcim::integer_attention_options const* options;  ///< widths of all codes
    xt::xarray<std::int32_t> const* codes;           ///< (B, N, E)
    std::vector<xcim::integer_attention_trace> const* traces;
};

using attention_observer = std::function<void(observed_attention const&)>;

/// The integer attention of FLARE. Inputs become integers of 16 bits with one fixed scale a layer, taken from `ranges`
/// (larger ones have room in 32 bits), and codes by eMSB-Q of each token. Weights have one scale a matrix. What stays
/// the same in a layer is made when it is first met; one object may serve several threads.
///
/// `gains` multiply the heads' output of a layer, in float before anything runs: what is missing where no row of the
/// softmax is divided by its sum. Of `options`, heads and scales, the mask and rotary positions are those of the layer.
class flare_attention {
public:
    flare_attention(range_map ranges, xcim::integer_attention_options const& options, gain_map gains = {},
                    attention_observer observe = {})
        : ranges_{std::move(ranges)}, options_{options}, gains_{std::move(gains)}, observe_{std::move(observe)} {}

    [[nodiscard]] tensor operator()(attention_layer const& layer, tensor const& x) const {
        auto const& programmed = layer_for(layer, x.shape(1));
        auto const& options = programmed.plan.options;
        auto codes = xt::xarray<std::int32_t>::from_shape({x.shape(0), x.shape(1), x.shape(2)});
        auto exponents = xt::xarray<std::int32_t>::from_shape({x.shape(0), x.shape(1)});
        for (std::size_t token = 0; token < exponents.size(); ++token) {
            auto const row = std::span{codes.data() + token * x.shape(2), x.shape(2)};
            std::transform(x.data() + token * row.size(), x.data() + (token + 1) * row.size(), row.begin(),
                           [&](float e) { return to_integer(e, options.input_scale); });
            exponents.data()[token] =
                xcim::emsb_group<std::int32_t, std::int32_t>(row, row, {options.x_bits, true, options.round});
        }
        std::vector<xcim::integer_attention_trace> traces;
        xcim::integer_attention_call call;
        call.trace = observe_ ? &traces : nullptr;
        auto const result = xcim::integer_attention(programmed, codes, exponents, call);
        if (observe_) {
            observe_({&layer, &options, &codes, &traces});
        }
        return to_real(result);
    }

private:
    using programmed_layer = xcim::programmed_integer_attention<xcim::packed_products>;

    static std::int32_t to_integer(float e, double step) {
        constexpr double most = 1 << 30;
        return static_cast<std::int32_t>(std::nearbyint(std::clamp(static_cast<double>(e) / step, -most, most)));
    }

    static tensor to_real(xcim::integer_attention_result const& y) {
        auto const width = y.codes.shape(2);
        auto result = make_tensor({y.codes.shape(0), y.codes.shape(1), width});
        for (std::size_t i = 0; i < result.size(); ++i) {
            result.data()[i] =
                static_cast<float>(std::ldexp(y.scale * y.codes.data()[i], y.exponents.data()[i / width]));
        }
        return result;
    }

    /// Rows first .. first + rows - 1 of a weight matrix, and of its bias.
    [[nodiscard]] xcim::integer_projection projection(tensor const& weight, tensor const& bias, std::size_t first,
                                                      std::size_t rows) const {
        auto const count = static_cast<Eigen::Index>(rows);
        auto const all = detail::matrix(weight.data(), weight.shape(0), weight.shape(1));
        auto const from =
            quantised_rows{all.middleRows(static_cast<Eigen::Index>(first), count), options_.w_bits, count};
        xcim::integer_projection result;
        result.codes = xt::xarray<std::int32_t>::from_shape({rows, weight.shape(1)});
        std::copy_n(from.codes.data(), from.codes.size(), result.codes.data());
        result.scale = static_cast<double>(from.scale(0));
        if (!is_none(bias)) {
            result.bias.assign(bias.data() + first, bias.data() + first + rows);
        }
        return result;
    }

    [[nodiscard]] programmed_layer program(attention_layer const& layer, std::size_t tokens) const {
        auto const range = ranges_.find(layer.number);
        if (range == ranges_.end()) {
            throw std::invalid_argument{"no ranges were recorded for '" + layer.name + "'"};
        }
        auto const at = head_columns{layer.qkv_weight.shape(0), layer.heads, layer.pattern};
        auto const of_qkv = [&](std::size_t first, std::size_t heads) {
            return projection(layer.qkv_weight, layer.qkv_bias, first, heads * at.width);
        };
        auto weights = xcim::integer_attention_weights{
            of_qkv(at.q(0), at.heads), of_qkv(at.k(0), at.kv_heads), of_qkv(at.v(0), at.kv_heads),
            projection(layer.out_weight, layer.out_bias, 0, layer.out_weight.shape(0))};
        auto const gain = gains_.find(layer.number);
        weights.output.scale *= gain == gains_.end() ? 1.0 : gain->second;
        auto options = options_;
        options.heads = at.heads;
        options.input_scale = std::ldexp(static_cast<double>(std::max(range->second.input, 1e-20F)), -15);
        options.softmax_scale = static_cast<double>(layer.scale);
        options.causal = layer.pattern.is_causal;
        if (layer.pattern.rotary_theta != 0) {
            options.rotary = xcim::rotary_options{.theta = layer.pattern.rotary_theta, .positions = tokens};
        }
        return xcim::program_integer_attention(weights, options);
    }

    [[nodiscard]] programmed_layer const& layer_for(attention_layer const& layer, std::size_t tokens) const {
        std::lock_guard const lock{*alone_};
        auto const key = std::pair{layer.number, layer.pattern.rotary_theta != 0 ? tokens : 0};
        auto found = programmed_->find(key);
        if (found == programmed_->end()) {
            found = programmed_->emplace(key, program(layer, tokens)).first;
        }
        return found->second;
    }

    range_map ranges_;
    xcim::integer_attention_options options_;
    gain_map gains_;
    attention_observer observe_;
    std::shared_ptr<std::mutex> alone_ = std::make_shared<std::mutex>();
    // by number of the layer and, where it has rotary positions, tokens
    std::shared_ptr<std::map<std::pair<std::uint32_t, std::size_t>, programmed_layer>> programmed_ =
        std::make_shared<std::map<std::pair<std::uint32_t, std::size_t>, programmed_layer>>();
};

/// Float; finds for every layer the factor that brings what `arithmetic` makes of the same inputs nearest to it, biases
/// of the output left out.
class gain_finder : public float_backend {
public:
    explicit gain_finder(flare_attention arithmetic) : arithmetic_{std::move(arithmetic)} {}

    [[nodiscard]] tensor attention(attention_layer const& layer, tensor const& x) {
        auto bare = layer;
        bare.out_bias = make_tensor({0});
        auto const wanted = float_backend::attention(bare, x), found = arithmetic_(bare, x);
        auto& seen = products_[layer.number];
        for (std::size_t i = 0; i < found.size(); ++i) {
            auto const value = static_cast<double>(found.data()[i]);
            seen.with_wanted += value * static_cast<double>(wanted.data()[i]);
            seen.with_itself += value * value;
        }
        return float_backend::attention(layer, x);
    }

    [[nodiscard]] gain_map gains() const {
        gain_map result;
        for (auto const& [number, seen] : products_) {
            result[number] = std::max(seen.with_wanted / seen.with_itself, 1e-6);
        }
        return result;
    }

private:
    struct products {
        double with_wanted = 0, with_itself = 0;
    };

    flare_attention arithmetic_;
    std::map<std::uint32_t, products> products_;
};

}  // namespace networks
