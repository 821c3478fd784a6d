/// Vision transformers against the logits of other programs.

#include "../../examples/networks/vit.hpp"
#include "../../examples/networks/macro_backend.hpp"
#include "../support/shared.hpp"
#include "../support/tensors.hpp"

#include <xcim/io.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace {

using networks::tensor;
using xcim::test::shape_of;

using extents = std::vector<std::size_t>;

float furthest(tensor const& a, tensor const& b) {
    REQUIRE(shape_of(a) == shape_of(b));
    auto result = 0.0F;
    for (std::size_t i = 0; i < a.size(); ++i) {
        result = std::max(result, std::abs(a.data()[i] - b.data()[i]));
    }
    return result;
}

networks::weight_map load_weights(std::filesystem::path const& file) { return xcim::io::load_safetensors(file).map(); }

/// Weights of torchvision's vit_b_32 with another depth and width, pseudo-random.
networks::weight_map torchvision_weights(std::size_t width, std::size_t depth, std::size_t hidden, std::size_t classes,
                                         std::size_t tokens) {
    networks::weight_map weights;
    auto const put = [&](std::string const& name, extents const& shape) {
        weights[name] = xcim::test::random_tensor(shape, static_cast<std::uint32_t>(weights.size()), -0.05F, 0.05F);
    };
    auto const put_linear = [&](std::string const& name, std::size_t outputs, std::size_t inputs) {
        put(name + ".weight", {outputs, inputs});
        put(name + ".bias", {outputs});
    };
    auto const put_norm = [&](std::string const& name) {
        put(name + ".weight", {width});
        put(name + ".bias", {width});
    };
    put("conv_proj.weight", {width, 3, 32, 32});
    put("conv_proj.bias", {width});
    put("class_token", {1, 1, width});
    put("encoder.pos_embedding", {1, tokens, width});
    for (std::size_t i = 0; i < depth; ++i) {
        auto const block = "encoder.layers.encoder_layer_" + std::to_string(i);
        put_norm(block + ".ln_1");
        put(block + ".self_attention.in_proj_weight", {3 * width, width});
        put(block + ".self_attention.in_proj_bias", {3 * width});
        put_linear(block + ".self_attention.out_proj", width, width);
        put_norm(block + ".ln_2");
        put_linear(block + ".mlp.0", hidden, width);
        put_linear(block + ".mlp.3", width, hidden);
    }
    put_norm("encoder.ln");
    put_linear("heads.head", classes, width);
    return weights;
}

std::size_t parameters(networks::weight_map const& weights) {
    std::size_t total = 0;
    for (auto const& [name, values] : weights) {
        total += values.size();
    }
    return total;
}

/// Computes nothing: outputs of the right shape, and the layers it met.
struct shape_backend {
    std::size_t convolutions = 0, linear_layers = 0, attention_layers = 0, weights = 0;
    std::vector<std::uint32_t> numbers;
    std::vector<bool> input_is_signed;  // of linear layers

    tensor conv2d(networks::conv_layer const& layer, tensor const& x) {
        ++convolutions;
        numbers.push_back(layer.number);
        weights += layer.weight.size() + layer.bias.size();
        auto const stride = static_cast<std::size_t>(layer.stride);
        return xt::zeros<float>({x.shape(0), layer.weight.shape(0), x.shape(2) / stride, x.shape(3) / stride});
    }
    tensor linear(networks::linear_layer const& layer, tensor const& x) {
        ++linear_layers;
        numbers.push_back(layer.number);
        input_is_signed.push_back(layer.input_is_signed);
        weights += layer.weight.size() + layer.bias.size();
        auto shape = shape_of(x);
        REQUIRE(shape.back() == layer.weight.shape(1));
        shape.back() = layer.weight.shape(0);
        return xt::zeros<float>(shape);
    }
    tensor attention(networks::attention_layer const& layer, tensor const& x) {
        ++attention_layers;
        for (std::uint32_t i = 0; i < networks::attention_layer::numbers; ++i) {
            numbers.push_back(layer.number + i);
        }
        weights += layer.qkv_weight.size() + layer.qkv_bias.size() + layer.out_weight.size() + layer.out_bias.size();
        return x;
    }
};

}  // namespace

TEST_CASE("vit_cifar10 in float gives the recorded logits") {
    auto const folder = xcim::test::shared_or_skip("data/models/vit_cifar10");
    auto const images = xcim::test::shared_or_skip("data/cifar10/test_lossless_1000.bin");
    if (!folder || !images) {
        return;
    }
    auto const net = networks::vit{load_weights(*folder / "vit_cifar10.safetensors"), networks::vit_cifar10()};
    CHECK(net.depth() == 6);
    auto backend = networks::float_backend{2};
    auto const logits = net(backend, net.prepare(xcim::io::load_cifar10(*images, 0, 64).images));
    auto const wanted = xcim::io::load_npy<float>(*folder / "logits_lossless_first256.npy");
    CHECK(furthest(logits, networks::slice(wanted, 0, 64)) < 1e-4F);
}

TEST_CASE("vit_mnist in float gives the recorded logits") {
    auto const folder = xcim::test::shared_or_skip("data/models/vit_mnist");
    auto const images = xcim::test::shared_or_skip("data/mnist/t10k-images-idx3-ubyte");
    if (!folder || !images) {
        return;
    }
    auto const net = networks::vit{load_weights(*folder / "vit_mnist.safetensors"), networks::vit_mnist()};
    CHECK(net.depth() == 6);
    auto const labels = std::filesystem::path{*images}.replace_filename("t10k-labels-idx1-ubyte");
    auto backend = networks::float_backend{2};
    auto const logits = net(backend, net.prepare(xcim::io::load_mnist(*images, labels, 0, 64).images));
    auto const wanted = xcim::io::load_npy<float>(*folder / "logits_first256.npy");
    CHECK(furthest(logits, networks::slice(wanted, 0, 64)) < 1e-4F);
}

TEST_CASE("vit_mnist on lossless 8-bit macros answers as in float") {
    auto const folder = xcim::test::shared_or_skip("data/models/vit_mnist");
    auto const images = xcim::test::shared_or_skip("data/mnist/t10k-images-idx3-ubyte");
    if (!folder || !images) {
        return;
    }
    auto const net = networks::vit{load_weights(*folder / "vit_mnist.safetensors"), networks::vit_mnist()};
    auto const labels = std::filesystem::path{*images}.replace_filename("t10k-labels-idx1-ubyte");
    auto const digits = xcim::io::load_mnist(*images, labels, 0, 50);
    auto const macro = xcim::CimMacro{xcim::quant::operands{xcim::quant::symmetric{8}, xcim::quant::unsigned_range{8}},
                                      xcim::mapping::bit_slice{.array = {255, 64}},
                                      xcim::encoding::bit_serial{},
                                      xcim::cell::sram{},
                                      xcim::noise::none{},
                                      xcim::adc::exact_count{}};
    auto in_float = networks::float_backend{2};
    auto on_macro = networks::macro_backend{macro, macro.with(xcim::quant::symmetric{8}), {.threads = 2}};
    auto const input = net.prepare(digits.images);
    auto const wanted = net(in_float, input);
    auto const logits = net(on_macro, input);
    CHECK(networks::argmax(logits) == networks::argmax(wanted));
    auto signal = 0.0, error = 0.0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        auto const reference = double{wanted.data()[i]}, difference = reference - double{logits.data()[i]};
        signal += reference * reference;
        error += difference * difference;
    }
    CHECK(10 * std::log10(signal / error) > 30);  // dB
}

TEST_CASE("vit with the names of torchvision's vit_b_32: shapes, layers, parameters") {
    auto const weights = torchvision_weights(768, 12, 3072, 1000, 50);
    CHECK(parameters(weights) == 88'224'232);
    auto const net = networks::vit{weights, networks::vit_b()};
    CHECK(net.depth() == 12);
    auto backend = shape_backend{};
    CHECK(shape_of(net(backend, xt::zeros<float>({2, 3, 224, 224}))) == extents{2, 1000});
    CHECK(backend.convolutions == 1);
    CHECK(backend.attention_layers == 12);
    CHECK(backend.linear_layers == 25);  // two a block and the head
    auto const norms = std::size_t{2 * 25 * 768}, tokens = std::size_t{51 * 768};
    CHECK(backend.weights + norms + tokens == 88'224'232);
    for (std::size_t i = 0; i < backend.numbers.size(); ++i) {
        CHECK(backend.numbers[i] == i);  // every product draws noise of its own
    }
    // GELU and layer norm go below zero
    CHECK(backend.input_is_signed == std::vector<bool>(25, true));
    CHECK_THROWS(static_cast<void>(net(backend, xt::zeros<float>({1, 3, 256, 256}))));
}

TEST_CASE("a small vit with torchvision's names runs in float; old names of the linear layers are another scheme") {
    auto weights = torchvision_weights(24, 2, 48, 7, 5);
    auto const images = xcim::test::random_tensor({2, 3, 64, 64}, 99);
    auto backend = networks::float_backend{};
    auto const logits = networks::vit{weights, networks::vit_b()}(backend, images);
    CHECK(shape_of(logits) == extents{2, 7});
    CHECK(furthest(logits, xt::zeros<float>({2, 7})) > 0);
    for (std::size_t i = 0; i < 2; ++i) {
        auto const block = "encoder.layers.encoder_layer_" + std::to_string(i) + ".mlp.";
        for (std::string const end : {".weight", ".bias"}) {
            weights[block + "linear_1" + end] = weights.extract(block + "0" + end).mapped();
            weights[block + "linear_2" + end] = weights.extract(block + "3" + end).mapped();
        }
    }
    CHECK_THROWS(networks::vit{weights, networks::vit_b()});
    CHECK(networks::vit{weights, networks::vit_b_with_old_names()}(backend, images) == logits);
}
