/// ResNet-18: the topology of both forms, with pseudo-random weights.

#include "../../examples/networks/resnet18.hpp"
#include "../support/tensors.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using networks::tensor;
using xcim::test::shape_of;

using extents = std::vector<std::size_t>;

networks::weight_map resnet18_weights(std::size_t stem_kernel, std::size_t classes) {
    networks::weight_map weights;
    auto const put = [&](std::string const& name, extents const& shape, float lowest, float highest) {
        weights[name] = xcim::test::random_tensor(shape, static_cast<std::uint32_t>(weights.size()), lowest, highest);
    };
    auto const put_stage = [&](std::string const& conv, std::string const& norm, std::size_t outputs,
                               std::size_t inputs, std::size_t kernel) {
        put(conv + ".weight", {outputs, inputs, kernel, kernel}, -0.05F, 0.05F);
        put(norm + ".weight", {outputs}, 0.5F, 1.5F);
        put(norm + ".bias", {outputs}, -0.5F, 0.5F);
        put(norm + ".running_mean", {outputs}, -0.5F, 0.5F);
        put(norm + ".running_var", {outputs}, 0.5F, 1.5F);
    };
    put_stage("conv1", "bn1", 64, 3, stem_kernel);
    for (std::size_t stage = 0; stage < 4; ++stage) {
        auto const outputs = std::size_t{64} << stage;
        for (std::size_t block = 0; block < 2; ++block) {
            auto const inputs = stage > 0 && block == 0 ? outputs / 2 : outputs;
            auto const prefix = "layer" + std::to_string(stage + 1) + "." + std::to_string(block) + ".";
            put_stage(prefix + "conv1", prefix + "bn1", outputs, inputs, 3);
            put_stage(prefix + "conv2", prefix + "bn2", outputs, outputs, 3);
            if (inputs != outputs) {
                put_stage(prefix + "downsample.0", prefix + "downsample.1", outputs, inputs, 1);
            }
        }
    }
    put("fc.weight", {classes, 512}, -0.05F, 0.05F);
    put("fc.bias", {classes}, -0.05F, 0.05F);
    return weights;
}

/// Without the running statistics, as parameters are usually counted.
std::size_t trained_parameters(networks::weight_map const& weights) {
    std::size_t total = 0;
    for (auto const& [name, values] : weights) {
        total += name.find("running") == std::string::npos ? values.size() : 0;
    }
    return total;
}

/// Float, and remembers the layers and the shapes of their outputs.
struct listing_backend {
    networks::float_backend inner{};
    std::size_t digital = 0, on_macro = 0;
    std::vector<std::uint32_t> numbers{};
    std::vector<extents> shapes{};

    tensor conv2d(networks::conv_layer const& layer, tensor const& x) {
        layer.is_digital ? ++digital : ++on_macro;
        numbers.push_back(layer.number);
        auto y = inner.conv2d(layer, x);
        shapes.push_back(shape_of(y));
        return y;
    }
    tensor linear(networks::linear_layer const& layer, tensor const& x) {
        ++on_macro;
        numbers.push_back(layer.number);
        return inner.linear(layer, x);
    }
};

void check_layers(listing_backend const& backend) {
    CHECK(backend.digital == 1);
    CHECK(backend.on_macro == 20);  // 16 convolutions of 3x3, three of 1x1, one linear layer
    auto numbers = backend.numbers;
    std::sort(numbers.begin(), numbers.end());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        CHECK(numbers[i] == i);  // every layer draws noise of its own
    }
}

}  // namespace

TEST_CASE("resnet18 for ImageNet: parameters, layers, shapes") {
    auto const weights = resnet18_weights(7, 1000);
    CHECK(trained_parameters(weights) == 11'689'512);
    auto const net = networks::resnet18{weights};
    auto backend = listing_backend{};
    auto const images = net.prepare(xt::zeros<std::uint8_t>({1, 3, 224, 224}));
    CHECK(shape_of(net(backend, images)) == extents{1, 1000});
    check_layers(backend);
    CHECK(backend.shapes.front() == extents{1, 64, 112, 112});
    CHECK(backend.shapes[1] == extents{1, 64, 56, 56});  // behind the maximum pool
    CHECK(backend.shapes.back() == extents{1, 512, 7, 7});
}

TEST_CASE("resnet18 for CIFAR: a 3x3 first convolution of stride 1 and no pool") {
    auto const net = networks::resnet18{resnet18_weights(3, 10)};
    auto backend = listing_backend{};
    CHECK(shape_of(net(backend, xcim::test::random_tensor({2, 3, 32, 32}, 1))) == extents{2, 10});
    check_layers(backend);
    CHECK(backend.shapes.front() == extents{2, 64, 32, 32});
    CHECK(backend.shapes[1] == extents{2, 64, 32, 32});
    CHECK(backend.shapes.back() == extents{2, 512, 4, 4});
}

TEST_CASE("resnet18 refuses weights of another first convolution or with a tensor missing") {
    auto weights = resnet18_weights(5, 10);
    CHECK_THROWS(networks::resnet18{weights});
    weights = resnet18_weights(3, 10);
    weights.erase("layer3.1.conv2.weight");
    CHECK_THROWS(networks::resnet18{weights});
}
