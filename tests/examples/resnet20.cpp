/// ResNet-20 against logits of other programs: the float reference, and the macro against ASiM.
///
/// A quantised network is chaotic: one activation whose last bit tips over a rounding boundary moves the logits by
/// 0.1 to 0.2 at eight bits, and by more than the logits themselves where the converter is coarse. Whole networks can
/// therefore only be compared where every rounding between the layers is the same. ASiM adds partial results up in
/// float, the macro exactly. So
///
///   * each layer is compared with ASiM's, given ASiM's input;
///   * whole networks without converter error are compared bit for bit;
///   * where the converter errs, a plain model of ASiM written here must give ASiM's logits bit for bit with float sums
///     and the macro's bit for bit with exact sums.

#include "../../examples/networks/resnet20.hpp"
#include "../../examples/networks/macro_backend.hpp"
#include "../support/shared.hpp"

#include <xcim/io.hpp>
#include <xcim/xcim.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using networks::tensor;

std::optional<fs::path> find(std::string const& relative) { return xcim::test::shared_or_skip(relative); }

tensor load(fs::path const& folder, std::string const& name) {
    return xcim::io::load_npy<float>(folder / (name + ".npy"));
}

/// Weights from a folder with one npy file per tensor.
networks::weight_map load_folder(fs::path const& folder) {
    networks::weight_map weights;
    for (auto const& entry : fs::directory_iterator{folder}) {
        if (entry.path().extension() == ".npy") {
            weights.emplace(entry.path().stem().string(), load(folder, entry.path().stem().string()));
        }
    }
    return weights;
}

float largest(tensor const& x) {
    auto result = 0.0F;
    std::for_each(x.data(), x.data() + x.size(), [&](float e) { result = std::max(result, std::abs(e)); });
    return result;
}

float largest_difference(tensor const& a, tensor const& b) {
    REQUIRE(a.size() == b.size());
    auto result = 0.0F;
    for (std::size_t i = 0; i < a.size(); ++i) {
        result = std::max(result, std::abs(a.data()[i] - b.data()[i]));
    }
    return result;
}

template <class Encoding>
auto make_macro(int bits, Encoding encoding, int adc_bits) {
    return xcim::CimMacro{xcim::quant::operands{xcim::quant::symmetric{bits}, xcim::quant::unsigned_range{bits}},
                          xcim::mapping::channel_block{.array = {255, 64}},
                          encoding,
                          xcim::cell::sram{},
                          xcim::noise::none{},
                          xcim::adc::uniform{adc_bits}};
}

/// Codes of a tensor and the value of the largest.
struct quantised {
    tensor codes;
    float scale;
};

quantised quantise(tensor v, int highest, bool is_signed) {
    auto scale = 0.0F;
    std::for_each(v.data(), v.data() + v.size(),
                  [&](float e) { scale = std::max(scale, is_signed ? std::abs(e) : e); });
    scale += 1e-7F;
    networks::each(v, [&](float e) {
        return std::nearbyint(std::clamp(e / scale, is_signed ? -1.0F : 0.0F, 1.0F) * static_cast<float>(highest));
    });
    return {v, scale};
}

/// Quantises and scales as ASiM and the macro do; `Products` multiplies the codes.
template <class Products>
class asim_backend {
public:
    asim_backend(Products products, int bits) : products_{std::move(products)}, bits_{bits} {}

    tensor conv2d(networks::conv_layer const& layer, tensor const& x) {
        if (layer.is_digital) {
            return networks::digital_conv2d(x, layer.weight, layer.bias, layer.stride, layer.padding, 2);
        }
        return scaled(layer.weight, x, [&](tensor const& inputs, tensor const& weights) {
            return products_.conv2d(inputs, weights, layer.stride, layer.padding);
        });
    }

    tensor linear(networks::linear_layer const& layer, tensor const& x) {
        auto y = scaled(layer.weight, x,
                        [&](tensor const& inputs, tensor const& weights) { return products_.linear(inputs, weights); });
        for (std::size_t i = 0; i < y.size(); ++i) {
            y.data()[i] += layer.bias.data()[i % layer.bias.size()];
        }
        return y;
    }

private:
    template <class Multiply>
    tensor scaled(tensor const& w, tensor const& x, Multiply multiply) const {
        auto const highest_weight = (1 << (bits_ - 1)) - 1, highest_input = (1 << bits_) - 1;
        auto const weights = quantise(w, highest_weight, true);
        auto const inputs = quantise(x, highest_input, false);
        auto y = multiply(inputs.codes, weights.codes);
        networks::each(
            y, [scale = weights.scale * inputs.scale,
                codes = static_cast<float>(highest_weight * highest_input)](float e) { return e * scale / codes; });
        return y;
    }

    Products products_;
    int bits_;
};

/// Products of 8-bit codes written down plainly: bit planes, maps of 255 rows, a converter, shift and add.
///
/// Sum is the type that partial results are added up in: float as in ASiM, or double, where codes add up exactly.
template <class Sum>
struct plain_products {
    int input_group;
    int adc_bits;

    [[nodiscard]] tensor conv2d(tensor const& x, tensor const& w, int stride, int padding) const {
        auto const maps = 255 / (w.shape(2) * w.shape(3));  // input channels per map
        return multiply(x, w, maps, [&](tensor const& inputs, tensor const& bits) {
            return networks::float_conv2d(inputs, bits, networks::make_tensor({0}), stride, padding, 2);
        });
    }

    [[nodiscard]] tensor linear(tensor const& x, tensor const& w) const {
        return multiply(x, w, 255, [](tensor const& inputs, tensor const& bits) {
            return networks::float_linear(inputs, bits, networks::make_tensor({0}));
        });
    }

private:
    /// Digits lowest .. lowest + width - 1 of the channels first .. last - 1, two's complement.
    static tensor plane(tensor const& codes, std::size_t first, std::size_t last, int lowest, int width) {
        auto shape = std::vector<std::size_t>(codes.shape().begin(), codes.shape().end());
        auto const channel = codes.size() / shape[0] / shape[1], channels = shape[1];
        shape[1] = last - first;
        auto result = networks::make_tensor(shape);
        for (std::size_t i = 0; i < result.size(); ++i) {
            auto const item = i / (shape[1] * channel), rest = i % (shape[1] * channel);
            auto const code = static_cast<int>(codes.data()[(item * channels + first) * channel + rest]);
            result.data()[i] = static_cast<float>(((code & 255) >> lowest) & ((1 << width) - 1));
        }
        return result;
    }

    template <class Count>
    tensor multiply(tensor const& x, tensor const& w, std::size_t map, Count count) const {
        auto const top_code = static_cast<float>((1 << adc_bits) - 1);
        std::vector<Sum> sums;
        tensor y;
        for (std::size_t first = 0; first < x.shape(1); first += map) {
            auto const last = std::min(first + map, x.shape(1));
            for (int i = 7; i >= 0; --i) {
                auto const bits = plane(w, first, last, i, 1);
                for (int lowest = 8 - input_group; lowest >= 0; lowest -= input_group) {
                    auto const full_scale = static_cast<float>(((1 << input_group) - 1) * 255);
                    auto const sign_and_shift = static_cast<Sum>((i == 7 ? -1.0 : 1.0) * (1 << (i + lowest)));
                    y = count(plane(x, first, last, lowest, input_group), bits);
                    sums.resize(y.size());
                    for (std::size_t k = 0; k < y.size(); ++k) {
                        auto const code = std::nearbyint(std::clamp(y.data()[k] / full_scale, 0.0F, 1.0F) * top_code);
                        sums[k] += sign_and_shift * value(code, top_code, full_scale);
                    }
                }
            }
        }
        for (std::size_t k = 0; k < y.size(); ++k) {
            y.data()[k] = std::is_same_v<Sum, float> ? static_cast<float>(sums[k])
                                                     : static_cast<float>(sums[k] / static_cast<Sum>(top_code));
        }
        return y;
    }

    /// In float the value of a code; in double its product with the full scale, to be divided at the end.
    static Sum value(float code, float top_code, float full_scale) {
        if constexpr (std::is_same_v<Sum, float>) {
            return code / top_code * full_scale;
        } else {
            return static_cast<Sum>(code) * static_cast<Sum>(full_scale);
        }
    }
};

struct float_case {
    char const* folder;
    char const* file;
    networks::resnet20_names names;
};

/// Feeds the backend inside with recorded inputs and compares its outputs with recorded ones.
template <networks::Backend B>
class trace_backend {
public:
    trace_backend(B inner, fs::path folder) : inner_{std::move(inner)}, folder_{std::move(folder)} {}

    tensor conv2d(networks::conv_layer const& layer, tensor const&) {
        return compared(layer.name, inner_.conv2d(layer, load(folder_, layer.name + ".in")));
    }
    tensor linear(networks::linear_layer const& layer, tensor const&) {
        return compared(layer.name, inner_.linear(layer, load(folder_, layer.name + ".in")));
    }

private:
    [[nodiscard]] tensor compared(std::string const& name, tensor y) const {
        auto const wanted = load(folder_, name + ".out");
        CHECK_MESSAGE(largest_difference(y, wanted) <= 1e-6F * largest(wanted), name);
        return y;
    }

    B inner_;
    fs::path folder_;
};

/// The network and the 32 images of ASiM's golden logits.
struct golden_network {
    networks::resnet20 net;
    fs::path folder;
    tensor images;  // (32, 3, 32, 32)

    static std::optional<golden_network> find() {
        auto const weights = ::find("golden/asim/resnet20_weights");
        auto const golden = ::find("golden/asim/resnet20_cifar10_shared32");
        if (!weights || !golden) {
            return std::nullopt;
        }
        auto const pixels = xcim::io::load_npy<std::uint8_t>(*golden / "images_u8.npy");
        return golden_network{networks::resnet20{load_folder(*weights)}, *golden, networks::resnet20::prepare(pixels)};
    }

    /// (32, 10) logits of the library
    template <class Macro>
    [[nodiscard]] tensor run_macro(Macro const& macro) const {
        auto backend = networks::macro_backend{macro, {.threads = 2}};
        return net(backend, images);
    }

    /// (32, 10) logits with products of another kind
    template <class Products>
    [[nodiscard]] tensor run(Products products, int bits) const {
        auto backend = asim_backend{std::move(products), bits};
        return net(backend, images);
    }
};

/// ASiM, the plain model with its sums, the plain model with exact sums, the macro: each like the one before.
template <class Encoding>
void compare_coarse(Encoding encoding, int input_group, int adc_bits, char const* name) {
    auto const golden = golden_network::find();
    if (!golden) {
        return;
    }
    CHECK(golden->run(plain_products<float>{input_group, adc_bits}, 8) == load(golden->folder, name));
    auto const exact = golden->run(plain_products<double>{input_group, adc_bits}, 8);
    CHECK(golden->run_macro(make_macro(8, encoding, adc_bits)) == exact);
}

}  // namespace

TEST_CASE("resnet20 in float gives the logits recorded for the pretrained models") {
    for (auto const& one :
         {float_case{"resnet20_cifar10", "resnet20_cifar10", {}},
          float_case{"resnet20_cifar10", "resnet20_cifar10_folded", {}},
          float_case{"resnet20_cifar10_jpegft", "resnet20_cifar10_jpegft_folded", {}},
          float_case{"resnet20_crosssim_cifar10", "resnet20_crosssim_cifar10", {"res", "classifier.2", 1e-3F}}}) {
        auto const models = find(std::string{"data/models/"} + one.folder);
        auto const images = find("data/cifar10/test_lossless_1000.bin");
        if (!models || !images) {
            return;
        }
        auto const weights = xcim::io::load_safetensors(*models / (std::string{one.file} + ".safetensors"));
        auto const net = networks::resnet20{weights.map(), one.names};
        auto const wanted = networks::slice(load(*models, "logits_lossless_first256"), 0, 64);  // (64, 10)

        auto backend = networks::float_backend{2};
        auto const logits = net(backend, net.prepare(xcim::io::load_cifar10(*images, 0, 64).images));
        CHECK_MESSAGE(largest_difference(logits, wanted) < 1e-4F, one.file);
    }
}

TEST_CASE("every layer of resnet20 gives ASiM's output for ASiM's input") {
    auto const weights = find("golden/asim/resnet20_weights");
    auto const trace = find("golden/asim/resnet20_trace_one_image");
    if (!weights || !trace) {
        return;
    }
    auto const net = networks::resnet20{load_folder(*weights)};
    auto image = xcim::io::load_npy<std::uint8_t>(*trace / "image_u8.npy");
    image.reshape({1, 3, 32, 32});
    auto backend = trace_backend{
        networks::macro_backend{make_macro(8, xcim::encoding::bit_serial{}, 8), xcim::run_options{}}, *trace};
    static_cast<void>(net(backend, net.prepare(image)));
}

TEST_CASE("resnet20 with an exact converter gives ASiM's logits bit for bit") {
    auto const golden = golden_network::find();
    if (!golden) {
        return;
    }
    using xcim::encoding::bit_serial;
    CHECK(golden->run_macro(make_macro(8, bit_serial{}, 8)) == load(golden->folder, "logits_w8a8_bs_adc8"));
    CHECK(golden->run_macro(make_macro(4, bit_serial{}, 8)) == load(golden->folder, "logits_w4a4_bs_adc8"));
}

TEST_CASE("resnet20 with a coarse converter and 4-bit inputs differs from ASiM only by ASiM's float sums") {
    compare_coarse(xcim::encoding::bit_parallel{4}, 4, 8, "logits_w8a8_enc4_adc8");
}

TEST_CASE("resnet20 with a coarse converter, bit-serial, differs from ASiM only by ASiM's float sums") {
    compare_coarse(xcim::encoding::bit_serial{}, 1, 6, "logits_w8a8_bs_adc6");
}

TEST_CASE("the noise of an image does not depend on how a run is cut into batches") {
    auto const noisy = xcim::CimMacro{xcim::quant::operands{xcim::quant::symmetric{4}, xcim::quant::unsigned_range{4}},
                                      xcim::mapping::channel_block{.array = {36, 16}},
                                      xcim::encoding::bit_serial{},
                                      xcim::cell::sram{},
                                      xcim::noise::gaussian{xcim::of_full_scale(0.01)},
                                      xcim::adc::uniform{6}};
    auto const layer = networks::conv_layer{"conv", xt::ones<float>({4, 4, 3, 3}), networks::make_tensor({0}), 1, 1, 2};
    auto x = networks::make_tensor({3, 4, 5, 5});
    for (std::size_t i = 0; i < x.size(); ++i) {
        x.data()[i] = static_cast<float>(i % 100 * 37 % 16);  // the same values in every image, hence the same scale
    }
    auto whole = networks::macro_backend{noisy, {.seed = 5}};
    auto last = networks::macro_backend{noisy, {.seed = 5}};
    auto const all = whole.conv2d(layer, x);  // (3, 4, 5, 5)
    last.begin_batch(2);
    CHECK(last.conv2d(layer, networks::slice(x, 2, 3)) == networks::slice(all, 2, 3));
    last.begin_batch(1);
    CHECK(last.conv2d(layer, networks::slice(x, 2, 3)) != networks::slice(all, 2, 3));
}
