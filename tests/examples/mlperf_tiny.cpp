/// The integer networks of MLPerf Tiny against their recorded int8 logits, of which every one must be equal.

#include "../../examples/networks/ds_cnn.hpp"
#include "../../examples/networks/macro_backend.hpp"
#include "../../examples/networks/resnet8.hpp"
#include "../support/shared.hpp"

#include <xcim/io.hpp>
#include <xcim/xcim.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <optional>

namespace {

namespace fs = std::filesystem;
using networks::tensor;

/// A network, its input for the first images and the logits recorded for these.
template <class Network>
struct recorded {
    Network net;
    tensor input;   // (N, C, H, W)
    tensor logits;  // (N, classes)
};

template <class Network>
Network load_network(fs::path const& folder, std::string const& weights) {
    auto config = std::ifstream{folder / "config.json"};
    return {nlohmann::json::parse(config), xcim::io::load_safetensors_as<double>(folder / weights).map()};
}

std::optional<recorded<networks::resnet8>> load_resnet8(std::size_t count) {
    auto const folder = xcim::test::shared_or_skip("data/models/mlperf_tiny_resnet8");
    auto const images = xcim::test::shared_or_skip("data/cifar10/test_lossless_1000.bin");
    if (!folder || !images) {
        return std::nullopt;
    }
    auto const logits = xcim::io::load_npy<float>(*folder / "logits_lossless_first256_int8.npy");
    return recorded<networks::resnet8>{load_network<networks::resnet8>(*folder, "resnet8_int8.safetensors"),
                                       networks::resnet8::prepare(xcim::io::load_cifar10(*images, 0, count).images),
                                       networks::slice(logits, 0, count)};
}

std::optional<recorded<networks::ds_cnn>> load_ds_cnn(std::size_t count) {
    auto const folder = xcim::test::shared_or_skip("data/models/mlperf_tiny_kws_dscnn");
    auto const words = xcim::test::shared_or_skip("data/kws/kws01_1000.bin");
    if (!folder || !words) {
        return std::nullopt;
    }
    auto const logits = xcim::io::load_npy<float>(*folder / "logits_first256_int8.npy");
    auto net = load_network<networks::ds_cnn>(*folder, "kws_int8.safetensors");
    auto input = net.prepare(networks::load_keywords(*words, count).codes);
    return recorded<networks::ds_cnn>{std::move(net), std::move(input), networks::slice(logits, 0, count)};
}

/// One code per count; inputs and weights pass through as the integers they are.
auto exact_macro() {
    return xcim::CimMacro{
        xcim::quant::operands{xcim::quant::symmetric<>{8, 127.0F}, xcim::quant::unsigned_range<>{8, 255.0F}},
        xcim::mapping::channel_block{.array = {255, 64}},
        xcim::encoding::bit_serial{},
        xcim::cell::sram{},
        xcim::noise::none{},
        xcim::adc::exact_count{}};
}

/// For inputs of that zero point (of codes -128 to 127).
auto exact_macro(int zero_point) {
    return exact_macro().with(xcim::quant::operands{xcim::quant::symmetric<>{8, 127.0F},
                                                    xcim::quant::affine<>{8, {{1.0F, 128 + zero_point}}}});
}

}  // namespace

TEST_CASE("resnet8 in exact integers gives the recorded logits") {
    auto const wanted = load_resnet8(256);
    if (!wanted) {
        return;
    }
    auto backend = networks::float_backend{2};
    CHECK(wanted->net(backend, wanted->input) == wanted->logits);
}

TEST_CASE("ds_cnn in exact integers gives the recorded logits") {
    auto const wanted = load_ds_cnn(256);
    if (!wanted) {
        return;
    }
    auto backend = networks::float_backend{2};
    CHECK(wanted->net(backend, wanted->input) == wanted->logits);
}

TEST_CASE("resnet8 on a lossless macro gives the recorded logits") {
    auto const wanted = load_resnet8(32);
    if (!wanted) {
        return;
    }
    auto backend = networks::macro_backend{exact_macro(), {.threads = 2}};
    CHECK(wanted->net(backend, wanted->input) == wanted->logits);
}

TEST_CASE("ds_cnn on a lossless macro, its first layer with a zero point, gives the recorded logits") {
    auto const wanted = load_ds_cnn(32);
    if (!wanted) {
        return;
    }
    auto backend = networks::macro_backend{exact_macro(), exact_macro(wanted->net.input_zero_point()), {.threads = 2}};
    CHECK(wanted->net(backend, wanted->input) == wanted->logits);
}

TEST_CASE("every cycle of both integer networks through 8-bit converters of 255 rows is lossless, too") {
    auto const converter = xcim::adc::uniform{8};
    auto const options = xcim::run_options{.threads = 2, .every_cycle = true};
    if (auto const wanted = load_resnet8(2)) {
        auto backend = networks::macro_backend{exact_macro().with(converter), options};
        CHECK(wanted->net(backend, wanted->input) == wanted->logits);
    }
    if (auto const wanted = load_ds_cnn(4)) {
        auto const first = exact_macro(wanted->net.input_zero_point()).with(converter);
        auto backend = networks::macro_backend{exact_macro().with(converter), first, options};
        CHECK(wanted->net(backend, wanted->input) == wanted->logits);
    }
}
