#pragma once

/// \file
/// Networks of 8-bit integers as TensorFlow Lite quantises them, of which every sum must be right to the last unit.
///
/// A value is real = scale * (code - zero_point) with codes -128 to 127. Activations are held as the integers
/// code - zero_point, weights as their codes, both in float tensors: a backend that multiplies exactly gives the
/// integer accumulator itself. Bias and rescaling to the next layer's codes are digital, in double:
///
///     code' = clamp(floor(scale_in * scale_w[o] * (accumulator[o] + bias[o]) / scale_out + 1/2) + zero_point_out)
///
/// with the range -128..127, behind a ReLU zero_point_out..127. On a macro, a quantiser with a step of 1 passes these
/// integers through: quant::symmetric<>{8, 127} for the weights, quant::unsigned_range<>{8, 255} for inputs whose zero
/// point is -128, quant::affine{8, {1, 128 + zero_point}} for others (layers marked input_is_signed).
///
/// Reference: B. Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
/// Inference", CVPR 2018, sections 2.1 to 2.3.

#include "backends.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace networks {

/// Codes, scales and biases by name: double holds each of them exactly.
using integer_weights = std::map<std::string, xt::xarray<double>>;

/// How codes stand for real values.
struct quantisation {
    double scale = 1;
    int zero_point = 0;
};

class integer_network {
public:
    /// `layers` lists the layers in the order of computing, each with name, op, inputs, out_scale, out_zero_point and
    /// what its op needs; `weights` holds <name>.weight_i8, <name>.weight_scale and <name>.bias_i32.
    integer_network(nlohmann::json const& layers, integer_weights const& weights, quantisation input)
        : input_zero_point_{input.zero_point} {
        auto places = std::map<std::string, std::size_t>{{"input", 0}};
        auto codes = std::vector{input};  // of every value
        for (auto const& entry : layers) {
            if (entry.at("op") == "softmax") {
                continue;  // the logits are enough
            }
            steps_.push_back(read(entry, weights, places, codes));
            places[entry.at("name")] = codes.size();
            codes.push_back(steps_.back().out);
        }
    }

    /// Integers code - zero_point of the input -> codes of the last layer
    template <Backend B>
    [[nodiscard]] tensor operator()(B& backend, tensor const& input) const {
        auto values = std::vector{input};
        for (auto const& one : steps_) {
            values.push_back(run(backend, one, values));
        }
        each(values.back(), [zero = steps_.back().out.zero_point](float v) { return v + static_cast<float>(zero); });
        return values.back();
    }

    [[nodiscard]] int input_zero_point() const { return input_zero_point_; }

private:
    enum class operation { convolution, linear, add, average_pool, flatten };

    struct step {
        operation op;
        std::vector<std::size_t> inputs;  // 0 is the input of the network, n the result of step n - 1
        quantisation out;
        int lowest;                 // code
        conv_layer conv;            // of a convolution
        image_padding padding;      // its padding
        linear_layer linear;        // of a linear layer
        std::vector<double> bias;   // (O) of both, integers
        std::vector<double> scale;  // (O) of the accumulator; of an addition, (2) of the operands
    };

    static operation operation_of(std::string const& name) {
        static std::map<std::string, operation> const known{
            {"conv", operation::convolution}, {"dwconv", operation::convolution},   {"fc", operation::linear},
            {"add", operation::add},          {"avgpool", operation::average_pool}, {"flatten", operation::flatten}};
        auto const found = known.find(name);
        if (found == known.end()) {
            throw std::invalid_argument{"an integer network has no operation '" + name + "'"};
        }
        return found->second;
    }

    step read(nlohmann::json const& entry, integer_weights const& weights,
              std::map<std::string, std::size_t> const& places, std::vector<quantisation> const& codes) const {
        auto const name = entry.at("name").get<std::string>();
        step result{};
        result.op = operation_of(entry.at("op"));
        for (auto const& input : entry.at("inputs")) {
            result.inputs.push_back(places.at(input));
        }
        result.out = {entry.at("out_scale"), entry.at("out_zero_point")};
        result.lowest = entry.value("relu", false) ? result.out.zero_point : -128;
        auto const in = codes[result.inputs.at(0)];
        auto const is_signed = in.zero_point != -128;
        auto const number = static_cast<std::uint32_t>(steps_.size());
        if (result.op == operation::convolution) {
            result.conv = {name, weight_codes(weights, name), make_tensor({0}), entry.at("stride").at(0), 0, number};
            result.conv.groups = entry.at("groups");
            result.conv.input_is_signed = is_signed;
            auto const rows = entry.at("pad_top_bottom"), columns = entry.at("pad_left_right");
            result.padding = {rows.at(0), rows.at(1), columns.at(0), columns.at(1)};
        } else if (result.op == operation::linear) {
            result.linear = {name, weight_codes(weights, name), make_tensor({0}), number, is_signed};
        } else if (result.op == operation::add) {
            result.scale = {in.scale, codes[result.inputs.at(1)].scale};
        }
        if (result.op == operation::convolution || result.op == operation::linear) {
            auto const& bias = weights.at(name + ".bias_i32");
            auto const& scale = weights.at(name + ".weight_scale");
            result.bias.assign(bias.data(), bias.data() + bias.size());
            for (std::size_t o = 0; o < scale.size(); ++o) {
                result.scale.push_back(in.scale * scale.data()[o]);
            }
        }
        return result;
    }

    /// The codes of a layer's weights. Floats add up inputs below 256 exactly while sums stay below 2^24.
    static tensor weight_codes(integer_weights const& weights, std::string const& name) {
        auto const& codes = weights.at(name + ".weight_i8");
        auto result = make_tensor({codes.shape().begin(), codes.shape().end()});
        auto const filter = codes.size() / codes.shape(0);
        for (std::size_t o = 0; o < codes.shape(0); ++o) {
            auto largest = 0.0;
            for (std::size_t i = o * filter; i < (o + 1) * filter; ++i) {
                result.data()[i] = static_cast<float>(codes.data()[i]);
                largest += 255 * std::abs(codes.data()[i]);
            }
            if (largest >= 0x1p24) {
                throw std::invalid_argument{"output " + std::to_string(o) + " of layer '" + name +
                                            "' may reach 2^24: its sums are not exact in float"};
            }
        }
        return result;
    }

    template <Backend B>
    static tensor run(B& backend, step const& by, std::vector<tensor> const& values) {
        auto const& x = values[by.inputs[0]];
        switch (by.op) {
        case operation::convolution:
            return rescaled(backend.conv2d(by.conv, pad(x, by.padding)), by);
        case operation::linear:
            return rescaled(backend.linear(by.linear, x), by);
        case operation::add:
            return sum(x, values[by.inputs[1]], by);
        case operation::average_pool:
            return mean(x, by);
        default:
            return flatten(x);
        }
    }

    /// code - zero_point of a real value
    static float requantise(double real, step const& by) {
        auto const code = std::floor(real / by.out.scale + 0.5) + by.out.zero_point;
        return static_cast<float>(std::clamp<double>(code, by.lowest, 127) - by.out.zero_point);
    }

    /// Accumulators (N, O, ...) -> integers of the next layer
    static tensor rescaled(tensor x, step const& by) {
        auto const plane = x.size() / (x.shape(0) * x.shape(1));
        for (std::size_t i = 0; i < x.size(); ++i) {
            auto const o = i / plane % by.bias.size();
            x.data()[i] = requantise(by.scale[o] * (static_cast<double>(x.data()[i]) + by.bias[o]), by);
        }
        return x;
    }

    static tensor sum(tensor x, tensor const& y, step const& by) {
        std::transform(x.data(), x.data() + x.size(), y.data(), x.data(),
                       [&](double a, double b) { return requantise(std::fma(by.scale[0], a, by.scale[1] * b), by); });
        return x;
    }

    /// Mean code of every plane, halves away from code 0; the scale stays: (N, C, H, W) -> (N, C, 1, 1)
    static tensor mean(tensor const& x, step const& by) {
        auto y = global_average_pool(x);
        each(y, [zero = static_cast<float>(by.out.zero_point)](float v) { return std::round(v + zero) - zero; });
        y.reshape(std::vector<std::size_t>{x.shape(0), x.shape(1), 1, 1});
        return y;
    }

    int input_zero_point_;
    std::vector<step> steps_;
};

}  // namespace networks
