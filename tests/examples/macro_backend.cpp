/// The backend that puts the layers of a network on macros.

#include "../../examples/networks/macro_backend.hpp"
#include "../support/tensors.hpp"

#include <xcim/xcim.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using networks::tensor;
using xcim::test::random_tensor;
using xcim::test::shape_of;

using extents = std::vector<std::size_t>;

/// 4-bit operands with fixed scales, so that an image does not depend on its batch.
template <class Noise, class Converter>
auto unsigned_macro(Noise noise, Converter converter) {
    return xcim::CimMacro{
        xcim::quant::operands{xcim::quant::symmetric<>{4, 7.0F}, xcim::quant::unsigned_range<>{4, 15.0F}},
        xcim::mapping::bit_slice{.array = {36, 16}},
        xcim::encoding::bit_serial{},
        xcim::cell::sram{},
        noise,
        converter};
}

auto exact_macro() { return unsigned_macro(xcim::noise::none{}, xcim::adc::exact_count{}); }

auto noisy_macro() { return unsigned_macro(xcim::noise::gaussian{xcim::of_full_scale(0.02)}, xcim::adc::uniform{6}); }

/// The same for inputs from -7 to 7.
template <class Macro>
auto for_signed_inputs(Macro const& macro) {
    return macro.with(xcim::quant::symmetric<>{4, 7.0F});
}

/// Integers from `lowest` to `highest`.
tensor random_integers(extents const& shape, std::uint32_t seed, int lowest, int highest) {
    auto t = random_tensor(shape, seed, static_cast<float>(lowest), static_cast<float>(highest));
    networks::each(t, [](float v) { return std::nearbyint(v); });
    return t;
}

/// The same image `count` times.
tensor repeated(tensor const& image, std::size_t count) {
    auto shape = shape_of(image);
    shape[0] = count;
    auto y = networks::make_tensor(shape);
    for (std::size_t i = 0; i < count; ++i) {
        std::copy_n(image.data(), image.size(), y.data() + i * image.size());
    }
    return y;
}

networks::attention_layer random_attention(std::size_t width) {
    return {"attention",
            random_tensor({3 * width, width}, 1, -7, 7),
            random_tensor({3 * width}, 2),
            random_tensor({width, width}, 3, -7, 7),
            random_tensor({width}, 4),
            2,
            0.1F,
            10};
}

}  // namespace

TEST_CASE("layers of integers on a lossless macro are the layers in float: groups, signs, leading extents") {
    auto on_macro = networks::macro_backend{exact_macro(), for_signed_inputs(exact_macro()), {}};
    auto in_float = networks::float_backend{};

    auto conv = networks::conv_layer{"conv", random_integers({6, 2, 3, 2}, 1, -7, 7), random_integers({6}, 2, -9, 9)};
    conv.groups = 3;
    conv.padding = 1;
    auto const positive = random_integers({2, 6, 5, 4}, 3, 0, 15);
    CHECK(on_macro.conv2d(conv, positive) == in_float.conv2d(conv, positive));

    auto depthwise =
        networks::conv_layer{"depthwise", random_integers({6, 1, 3, 3}, 4, -7, 7), networks::make_tensor({0}), 2, 1, 1};
    depthwise.groups = 6;
    depthwise.input_is_signed = true;
    auto const any_sign = random_integers({2, 6, 5, 4}, 5, -7, 7);
    CHECK(on_macro.conv2d(depthwise, any_sign) == in_float.conv2d(depthwise, any_sign));

    auto const linear =
        networks::linear_layer{"linear", random_integers({5, 8}, 6, -7, 7), random_integers({5}, 7, -9, 9), 2, true};
    auto const tokens = random_integers({2, 3, 8}, 8, -7, 7);
    CHECK(shape_of(on_macro.linear(linear, tokens)) == extents{2, 3, 5});
    CHECK(on_macro.linear(linear, tokens) == in_float.linear(linear, tokens));
}

TEST_CASE("an input below zero in a layer that is not marked signed is an error, not a silent zero") {
    auto backend = networks::macro_backend{exact_macro(), for_signed_inputs(exact_macro()), {}};
    auto layer = networks::linear_layer{"linear", random_integers({5, 8}, 6, -7, 7), networks::make_tensor({0})};
    auto const x = random_integers({4, 8}, 8, -7, 7);
    CHECK_THROWS_AS(static_cast<void>(backend.linear(layer, x)), xcim::error);
    layer.input_is_signed = true;
    layer.number = 1;
    CHECK(backend.linear(layer, x) == networks::float_backend{}.linear(layer, x));
}

TEST_CASE("attention on fine lossless macros is near attention in float") {
    auto const macro =
        exact_macro().with(xcim::quant::operands{xcim::quant::symmetric{10}, xcim::quant::unsigned_range{10}});
    auto backend = networks::macro_backend{macro, macro.with(xcim::quant::symmetric{10}), {.threads = 2}};
    auto const layer = random_attention(8);
    auto const x = random_tensor({3, 6, 8}, 5);
    auto const y = backend.attention(layer, x);
    auto const wanted = networks::float_backend{}.attention(layer, x);
    REQUIRE(shape_of(y) == shape_of(wanted));
    auto largest = 0.0F, furthest = 0.0F;
    for (std::size_t i = 0; i < y.size(); ++i) {
        largest = std::max(largest, std::abs(wanted.data()[i]));
        furthest = std::max(furthest, std::abs(wanted.data()[i] - y.data()[i]));
    }
    CHECK(furthest > 0);
    CHECK(furthest < 0.01F * largest);
}

TEST_CASE("the noise of a layer of tokens does not depend on how a run is cut into batches") {
    auto const new_backend = [] {
        return networks::macro_backend{noisy_macro(), for_signed_inputs(noisy_macro()), {.seed = 5}};
    };
    auto const x = repeated(random_tensor({1, 4, 8}, 1, -7, 7), 3);
    auto const linear =
        networks::linear_layer{"linear", random_tensor({5, 8}, 2, -7, 7), networks::make_tensor({0}), 3, true};
    auto const attention = random_attention(8);
    auto whole = new_backend();
    auto const all_linear = whole.linear(linear, x);           // (3, 4, 5)
    auto const all_attention = whole.attention(attention, x);  // (3, 4, 8)
    auto cut = new_backend();
    for (std::size_t image = 0; image < 3; ++image) {
        cut.begin_batch(image);
        auto const one = networks::slice(x, image, image + 1);
        CHECK(cut.linear(linear, one) == networks::slice(all_linear, image, image + 1));
        CHECK(cut.attention(attention, one) == networks::slice(all_attention, image, image + 1));
    }
    // equal images, other noise
    CHECK(networks::slice(all_linear, 0, 1) != networks::slice(all_linear, 1, 2));
    CHECK(networks::slice(all_attention, 0, 1) != networks::slice(all_attention, 1, 2));
}

TEST_CASE("a backend is one chip: its arrays keep their errors, other layers and other chips have others") {
    auto const macro = unsigned_macro(xcim::noise::comparator_offset{xcim::of_full_scale(0.05)}, xcim::adc::uniform{6});
    auto const run = [&](auto const& layer, tensor const& x, std::uint64_t seed, std::uint64_t chip) {
        auto backend = networks::macro_backend{macro, for_signed_inputs(macro), {.seed = seed}, chip};
        if constexpr (requires { layer.heads; }) {
            return backend.attention(layer, x);
        } else {
            return backend.linear(layer, x);
        }
    };
    auto const check = [&](auto layer, tensor const& x) {
        auto const y = run(layer, x, 1, 0);
        CHECK(run(layer, x, 2, 0) == y);  // nothing is drawn per run
        CHECK(run(layer, x, 1, 1) != y);
        layer.number += 7;
        CHECK(run(layer, x, 1, 0) != y);
    };
    auto const x = random_tensor({2, 4, 8}, 1, -7, 7);
    check(networks::linear_layer{"linear", random_tensor({5, 8}, 2, -7, 7), networks::make_tensor({0}), 3, true}, x);
    check(random_attention(8), x);
}
