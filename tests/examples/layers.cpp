/// The digital layers of the example networks against their definitions.

#include "../../examples/networks/backends.hpp"
#include "../support/tensors.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <vector>

namespace {

using networks::tensor;
using xcim::test::random_tensor;
using xcim::test::shape_of;

using extents = std::vector<std::size_t>;

bool is_near(tensor const& a, tensor const& b) {
    REQUIRE(shape_of(a) == shape_of(b));
    auto largest = 0.0F;
    for (std::size_t i = 0; i < a.size(); ++i) {
        largest = std::max(largest, std::abs(a.data()[i] - b.data()[i]));
    }
    return largest < 1e-5F;
}

/// Channels [first, first + count) of images (N, C, H, W).
tensor channels(tensor const& x, std::size_t first, std::size_t count) {
    auto const plane = x.shape(2) * x.shape(3);
    auto y = networks::make_tensor({x.shape(0), count, x.shape(2), x.shape(3)});
    for (std::size_t n = 0; n < x.shape(0); ++n) {
        std::copy_n(x.data() + (n * x.shape(1) + first) * plane, count * plane, y.data() + n * count * plane);
    }
    return y;
}

}  // namespace

TEST_CASE("a grouped convolution is one convolution per group, in float and digital") {
    auto const x = random_tensor({2, 6, 7, 5}, 1);
    auto const w = random_tensor({9, 2, 3, 2}, 2);
    auto const bias = random_tensor({9}, 3);
    auto const y = networks::float_conv2d(x, w, bias, 2, 1);
    auto const z = networks::digital_conv2d(x, w, bias, 2, 1);
    for (std::size_t g = 0; g < 3; ++g) {
        auto const images = channels(x, 2 * g, 2);
        auto const filters = networks::slice(w, 3 * g, 3 * g + 3);
        auto const biases = networks::slice(bias, 3 * g, 3 * g + 3);
        CHECK(is_near(channels(y, 3 * g, 3), networks::float_conv2d(images, filters, biases, 2, 1)));
        // the digital layer's scales are those of all groups together
        auto const parts =
            networks::float_conv2d(channels(networks::fake_quantise(x), 2 * g, 2),
                                   networks::slice(networks::fake_quantise(w), 3 * g, 3 * g + 3), biases, 2, 1);
        CHECK(is_near(channels(z, 3 * g, 3), parts));
    }
    CHECK_THROWS(networks::float_conv2d(random_tensor({1, 5, 3, 3}, 1), w, bias, 1, 1));
    CHECK_THROWS(networks::float_conv2d(random_tensor({1, 4, 3, 3}, 1), w, bias, 1, 1));  // two groups, nine filters
}

TEST_CASE("pad puts zeros on each side: convolving it is convolving with that padding") {
    auto const x = random_tensor({2, 3, 4, 5}, 4);
    auto const padded = networks::pad(x, {1, 2, 0, 3});
    REQUIRE(shape_of(padded) == extents{2, 3, 7, 8});
    for (std::size_t n = 0; n < 2; ++n) {
        for (std::size_t c = 0; c < 3; ++c) {
            for (std::size_t i = 0; i < 7; ++i) {
                for (std::size_t j = 0; j < 8; ++j) {
                    auto const inside = i >= 1 && i < 5 && j < 5;
                    CHECK(padded(n, c, i, j) == (inside ? x(n, c, i - 1, j) : 0.0F));
                }
            }
        }
    }
    auto const w = random_tensor({4, 3, 3, 3}, 5);
    auto const none = networks::make_tensor({0});
    CHECK(is_near(networks::float_conv2d(networks::pad(x, {1, 1, 1, 1}), w, none, 1, 0),
                  networks::float_conv2d(x, w, none, 1, 1)));
}

TEST_CASE("max_pool: pixels outside the image never win, windows overlap") {
    auto x = tensor{{{{-5, -1, -3}, {-2, -9, -4}, {-7, -8, -6}}}};
    auto const y = networks::max_pool(x, 3, 2, 1);
    CHECK(y == tensor{{{{-1, -1}, {-2, -4}}}});
    CHECK(networks::max_pool(x, 2, 1, 0) == tensor{{{{-1, -1}, {-2, -4}}}});
    CHECK(shape_of(networks::max_pool(random_tensor({2, 3, 112, 112}, 6), 3, 2, 1)) == extents{2, 3, 56, 56});
}

TEST_CASE("global_average_pool is the mean of every plane") {
    auto const x = tensor{{{{1, 2}, {3, 6}}, {{0, 0}, {0, -4}}}};
    CHECK(networks::global_average_pool(x) == tensor{{3, -1}});
    auto const y = random_tensor({2, 5, 8, 8}, 7);
    CHECK(networks::global_average_pool(y) == networks::flatten(networks::average_pool(y, 8)));
}

TEST_CASE("float attention against its definition") {
    std::size_t const tokens = 5, width = 6, heads = 2, head_width = 3;
    auto const layer = networks::attention_layer{"attention",
                                                 random_tensor({18, 6}, 1),
                                                 random_tensor({18}, 2),
                                                 random_tensor({6, 6}, 3),
                                                 random_tensor({6}, 4),
                                                 2,
                                                 0.7F};
    auto const x = random_tensor({3, tokens, width}, 5);
    auto const qkv = networks::float_linear(x, layer.qkv_weight, layer.qkv_bias);  // (3, tokens, 18)
    auto joined = networks::make_tensor({3, tokens, width});
    for (std::size_t n = 0; n < 3; ++n) {
        for (std::size_t h = 0; h < heads; ++h) {
            for (std::size_t i = 0; i < tokens; ++i) {
                std::vector<double> weights(tokens);
                auto sum = 0.0;
                for (std::size_t j = 0; j < tokens; ++j) {
                    auto score = 0.0;
                    for (std::size_t d = h * head_width; d < (h + 1) * head_width; ++d) {
                        score += double{qkv(n, i, d)} * double{qkv(n, j, width + d)};
                    }
                    weights[j] = std::exp(score * 0.7);
                    sum += weights[j];
                }
                for (std::size_t d = h * head_width; d < (h + 1) * head_width; ++d) {
                    auto value = 0.0;
                    for (std::size_t j = 0; j < tokens; ++j) {
                        value += weights[j] / sum * double{qkv(n, j, 2 * width + d)};
                    }
                    joined(n, i, d) = static_cast<float>(value);
                }
            }
        }
    }
    auto const wanted = networks::float_linear(joined, layer.out_weight, layer.out_bias);
    CHECK(is_near(networks::float_backend{}.attention(layer, x), wanted));
}

TEST_CASE("conversions of an attention layer: four products") {
    auto const layer = networks::attention_layer{"attention",
                                                 random_tensor({48, 16}, 1),
                                                 networks::make_tensor({0}),
                                                 random_tensor({16, 16}, 3),
                                                 networks::make_tensor({0}),
                                                 4,
                                                 0.5F};
    auto backend = networks::counting_backend{{.rows = 8, .weight_slices = 2, .input_phases = 3}};
    CHECK(shape_of(backend.attention(layer, random_tensor({2, 10, 16}, 4))) == extents{2, 10, 16});
    auto const qkv = 20U * 48 * 2, scores = 2U * 4 * 10 * 10 * 1, values = 20U * 16 * 2, out = 20U * 16 * 2;
    CHECK(backend.total() == (qkv + scores + values + out) * 2 * 3);
}
