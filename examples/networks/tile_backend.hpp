#pragma once

/// \file
/// The backend that puts the layers of a network on analog tiles: arrays of devices that vary and drift, wires that
/// lose voltage, converters that cover part of what a column can reach.
///
///     auto backend = tile_backend{tile, {.chip = 1, .compensation = xcim::compensated::all}, {.seed = 1}};
///     backend.calibrate([&] { net(backend, calibration_images); });     // programs, finds the ranges of every layer
///     backend.set_converters([](auto const& macro, column_sums const& seen) {
///         double const r = seen.holding(0.9999);
///         return macro.with(xcim::adc::calibrated{8, xcim::adc::range_in_cell_lsb(-r, r)});
///     });
///     auto logits = net(backend, images);
///
/// On tiles: convolutions (the first one too), linear layers, and the projections of attention, whose weights stay.
/// Digital in float: Q K^T, softmax and scores times V, whose operands are all new for every input, biases, norms.

#include "backends.hpp"

#include <xcim/ops/conv2d.hpp>
#include <xcim/ops/drift_compensation.hpp>
#include <xcim/ops/linear.hpp>
#include <xcim/quant/operands.hpp>
#include <xcim/quant/symmetric.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace networks {

/// Magnitudes of the column sums that it has seen, cell-LSB: a probe. Keeps the largest of all, and at most 2^17
/// others, evenly spread over the order they came in.
class column_sums final : public xcim::column_probe {
public:
    void observe(xcim::observed_strip const& strip) override {
        for (std::size_t p = 0; p < strip.phases; ++p) {
            for (std::size_t c = 0; c < strip.columns; ++c) {
                add(std::abs(strip.sums[p * strip.stride + c]));
            }
        }
    }

    void add(float magnitude) {
        largest_ = std::max(largest_, magnitude);
        // Columns come in a rhythm, which equal distances would fall into: multiples of the golden ratio do not.
        if ((seen_++ * 0x9E3779B97F4A7C15U >> 32U) % spacing_ != 0) {
            return;
        }
        kept_.push_back(magnitude);
        if (kept_.size() == std::size_t{1} << 17U) {
            for (std::size_t i = 0; 2 * i < kept_.size(); ++i) {
                kept_[i] = kept_[2 * i];
            }
            kept_.resize(kept_.size() / 2);
            spacing_ *= 2;
        }
    }

    /// The smallest magnitude that `share` of the sums do not exceed; the largest one where share is 1.
    [[nodiscard]] double holding(double share) const {
        if (share >= 1 || kept_.empty()) {
            return static_cast<double>(largest_);
        }
        auto sorted = kept_;
        auto const at = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
        std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(at), sorted.end());
        return static_cast<double>(sorted[at]);
    }

    [[nodiscard]] std::uint64_t seen() const { return seen_; }

private:
    std::vector<float> kept_;
    std::uint64_t seen_ = 0, spacing_ = 1;
    float largest_ = 0;
};

/// One design in three states. All macros are of one type: they differ in numbers.
template <class Macro>
struct tile_composition {
    Macro used;       ///< what runs
    Macro silent;     ///< the same arrays, read without noise and by a converter that hides nothing: measures responses
    Macro reference;  ///< the same at another time or without flaws: what responses are compared with
};

struct tile_options {
    std::uint64_t chip = 0;
    std::uint32_t reading = 0;
    bool scales_outputs = true;  ///< every output has a weight that takes its devices to the top, and a digital factor
    std::optional<xcim::compensated> compensation{};  ///< what shares a gain that restores responses; or no gains
    /// Inputs of a layer whose column sums are looked at in calibration: whole images, at least one.
    std::size_t observed_inputs = std::size_t{1} << 17U;
    bool keeps_digital = false;  ///< leaves layers marked digital to float
};

/// The two projections of an attention layer: q k v, and the output.
inline std::pair<linear_layer, linear_layer> projections_of(attention_layer const& layer) {
    return {{layer.name + " q k v", layer.qkv_weight, layer.qkv_bias, layer.number, true},
            {layer.name + " output", layer.out_weight, layer.out_bias, layer.number + 3, true}};
}

/// Attention whose projections are computed by a backend and the rest in float.
template <Backend B>
tensor attention_of_projections(B& backend, attention_layer const& layer, tensor const& x) {
    auto const [qkv, out] = projections_of(layer);
    auto const heads = float_scores_times_values(backend.linear(qkv, x), layer.heads, layer.scale, layer.pattern);
    return backend.linear(out, heads);
}

/// Every layer has an array of its own and a macro that differs from that of other layers in its numbers: the range of
/// its inputs, fixed to the largest one seen in calibration, and the range of its converters. Weights are programmed
/// once, so that all batches see the same devices; results do not depend on how inputs are cut into batches.
///
/// The macro's quantisers have to be quant::operands of two quant::symmetric.
template <class Macro>
class tile_backend {
public:
    tile_backend(tile_composition<Macro> tile, tile_options const& options, xcim::run_options const& run)
        : tile_{std::move(tile)}, options_{options}, run_{run} {}

    /// Calls run(), which is to send one batch through the network by way of this backend. Every layer is programmed;
    /// layers pass on what they are in float, so that the ranges found are those of the float network.
    template <class F>
    void calibrate(F const& run) {
        layers_.clear();
        is_calibrating_ = true;
        run();
        is_calibrating_ = false;
    }

    /// Gives every layer the macro f(its macro, what its columns carried in calibration), as often as you like: arrays
    /// stay as they are, so only the converter, the noise and the readout may change.
    template <class F>
    void set_converters(F const& f) {
        for (auto& [number, layer] : layers_) {
            layer.macro = f(layer.macro, layer.sums);
        }
    }

    /// The number of the first image of a batch in the whole run.
    void begin_batch(std::size_t first_item) { run_.first_item = first_item; }

    [[nodiscard]] tensor conv2d(conv_layer const& layer, tensor const& x) {
        auto const in_float = [&] {
            return float_conv2d(x, layer.weight, layer.bias, layer.stride, layer.padding, run_.threads);
        };
        if (layer.is_digital && options_.keeps_digital) {
            return in_float();
        }
        auto const shape = xcim::conv_options{.stride = layer.stride, .padding = layer.padding, .groups = layer.groups};
        return on_tile(
            layer, layer.groups, x, in_float, [&](stored_layer const& at, tensor const& in, auto const& options) {
                return is_none(layer.bias) ? xcim::conv2d(at.macro, in, at.array, shape, options)
                                           : xcim::conv2d(at.macro, in, at.array, layer.bias, shape, options);
            });
    }

    /// (B, ..., K) -> (B, ..., O)
    [[nodiscard]] tensor linear(linear_layer const& layer, tensor const& x) {
        auto const in_float = [&] { return float_linear(x, layer.weight, layer.bias); };
        return on_tile(layer, 1, x, in_float, [&](stored_layer const& at, tensor const& in, xcim::run_options options) {
            options.first_item *= in.size() / (in.shape(0) * layer.weight.shape(1));  // rows of an image
            return is_none(layer.bias) ? xcim::linear(at.macro, in, at.array, options)
                                       : xcim::linear(at.macro, in, at.array, layer.bias, options);
        });
    }

    /// (B, N, E) -> (B, N, E)
    [[nodiscard]] tensor attention(attention_layer const& layer, tensor const& x) {
        return attention_of_projections(*this, layer, x);
    }

    /// Layers that are on tiles.
    [[nodiscard]] std::size_t layers() const { return layers_.size(); }

private:
    struct stored_layer {
        Macro macro;
        xcim::programmed_array array;
        column_sums sums;
    };

    template <class Layer, class Float, class Tile>
    tensor on_tile(Layer const& layer, int groups, tensor const& x, Float const& in_float, Tile const& on_macro) {
        auto options = run_;
        options.layer = layer.number;
        if (is_calibrating_) {
            if (!layers_.contains(layer.number)) {
                auto& stored = layers_.emplace(layer.number, store(layer.weight, groups, layer.number, largest_of(x)))
                                   .first->second;
                options.threads = 1;  // the order of what the probe sees
                options.probe = &stored.sums;
                auto const items =
                    std::clamp<std::size_t>(options_.observed_inputs * x.shape(0) / x.size(), 1, x.shape(0));
                static_cast<void>(on_macro(stored, slice(x, 0, items), options));
                stored.macro = with_input_range(tile_.used, largest_of(x));
            }
            return in_float();
        }
        auto const found = layers_.find(layer.number);
        if (found == layers_.end()) {
            throw std::logic_error{"'" + layer.name + "' was not met in calibration"};
        }
        return on_macro(found->second, x, options);
    }

    static float largest_of(tensor const& x) {
        auto largest = 0.0F;
        std::for_each(x.data(), x.data() + x.size(), [&](float e) { largest = std::max(largest, std::abs(e)); });
        return largest > 0 ? largest : 1.0F;
    }

    [[nodiscard]] static Macro with_input_range(Macro const& macro, float range) {
        auto quantisers = macro.quantisers();
        quantisers.inputs.fixed_range = range;
        return macro.with(quantisers);
    }

    [[nodiscard]] stored_layer store(tensor const& weight, int groups, std::uint32_t number, float input_range) const {
        auto scaled = weight;
        std::vector<float> factors(weight.shape(0), 1.0F);
        if (options_.scales_outputs) {
            auto const row = weight.size() / factors.size();
            for (std::size_t n = 0; n < factors.size(); ++n) {
                auto* const w = scaled.data() + n * row;
                auto const largest =
                    std::accumulate(w, w + row, 0.0F, [](float m, float e) { return std::max(m, std::abs(e)); });
                factors[n] = largest > 0 ? largest : 1.0F;
                std::for_each(w, w + row, [&](float& e) { e /= factors[n]; });
            }
        }
        auto const how = xcim::program_options{.groups = groups,
                                               .chip = options_.chip,
                                               .layer = number,
                                               .reading = options_.reading,
                                               .threads = run_.threads};
        auto array = tile_.used.program(scaled, how);
        if (options_.compensation) {
            auto const reference = xcim::drift_response(tile_.reference, tile_.reference.program(scaled, how));
            xcim::compensate_drift(tile_.silent, array, reference, *options_.compensation);
        }
        if (array.gains.empty()) {
            array.gains = factors;
        } else {
            std::transform(factors.begin(), factors.end(), array.gains.begin(), array.gains.begin(),
                           std::multiplies<>{});
        }
        return {with_input_range(tile_.silent, input_range), std::move(array), {}};
    }

    tile_composition<Macro> tile_;
    tile_options options_;
    xcim::run_options run_;
    bool is_calibrating_ = false;
    std::map<std::uint32_t, stored_layer> layers_;  // by number
};

/// How far outputs of layers are from float, layer by layer, each layer with the inputs of the float network.
struct layer_errors {
    struct sums {
        double signal = 0, product = 0, power = 0;  ///< of y, y times y', y'^2 over what an output has given
    };

    std::map<std::uint32_t, std::vector<sums>> layers;  ///< by number of the layer, then output

    /// 10 log10(sum y^2 / sum (y' - y)^2), the mean over layers, dB.
    [[nodiscard]] double mean_snr_db() const {
        return mean_db([](sums const& all, std::vector<sums> const&) {
            return all.signal / (all.power - 2 * all.product + all.signal);
        });
    }

    /// The same with the best factor for every output: what remains is no gain.
    [[nodiscard]] double mean_snr_db_without_gain() const {
        return mean_db([](sums const& all, std::vector<sums> const& outputs) {
            auto error = 0.0;
            for (auto const& one : outputs) {
                error += std::max(0.0, one.power > 0 ? one.signal - one.product * one.product / one.power : one.signal);
            }
            return all.signal / error;
        });
    }

private:
    template <class F>
    [[nodiscard]] double mean_db(F const& ratio) const {
        auto sum = 0.0;
        for (auto const& [number, outputs] : layers) {
            sums all;
            for (auto const& one : outputs) {
                all.signal += one.signal;
                all.product += one.product;
                all.power += one.power;
            }
            sum += 10 * std::log10(ratio(all, outputs));
        }
        return sum / static_cast<double>(layers.size());
    }
};

/// Runs every layer on another backend and in float, compares them without their biases, and passes on the float.
template <Backend B>
class comparing_backend {
public:
    comparing_backend(B& other, layer_errors& errors) : other_{&other}, errors_{&errors} {}

    [[nodiscard]] tensor conv2d(conv_layer const& layer, tensor const& x) {
        auto plain = layer;
        plain.bias = make_tensor({0});
        auto const y = float_backend{}.conv2d(plain, x);
        add(layer.number, y, other_->conv2d(plain, x), y.shape(1), y.shape(2) * y.shape(3));
        return float_backend{}.conv2d(layer, x);
    }

    [[nodiscard]] tensor linear(linear_layer const& layer, tensor const& x) {
        auto plain = layer;
        plain.bias = make_tensor({0});
        auto const y = float_backend{}.linear(plain, x);
        add(layer.number, y, other_->linear(plain, x), layer.weight.shape(0), 1);
        return float_backend{}.linear(layer, x);
    }

    [[nodiscard]] tensor attention(attention_layer const& layer, tensor const& x) {
        return attention_of_projections(*this, layer, x);
    }

private:
    /// `inner`: elements of an output that stand side by side.
    void add(std::uint32_t number, tensor const& y, tensor const& other, std::size_t outputs, std::size_t inner) {
        auto& to = errors_->layers[number];
        to.resize(outputs);
        for (std::size_t i = 0; i < y.size(); ++i) {
            auto const a = static_cast<double>(y.data()[i]), b = static_cast<double>(other.data()[i]);
            auto& one = to[i / inner % outputs];
            one.signal += a * a;
            one.product += a * b;
            one.power += b * b;
        }
    }

    B* other_;
    layer_errors* errors_;
};

}  // namespace networks
