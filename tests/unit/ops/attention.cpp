#include <doctest/doctest.h>

#include <tests/support/compositions.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/ops/attention.hpp>

#include <cmath>

using xcim::test::different;
using xcim::test::random_tensor;
using xcim::test::tensor;

namespace {

/// Fixed scales, so that parts of a batch are quantised as the whole.
auto macros_of(int bits) {
    using namespace xcim;
    auto const base =
        test::lossless_macro().with(quant::operands{quant::symmetric<>{bits, 1.0F}, quant::symmetric<>{bits, 2.0F}});
    auto const scores = base.with(quant::operands{quant::symmetric<>{bits, 2.0F}, quant::symmetric<>{bits, 2.0F}});
    auto const values = base.with(quant::operands{quant::symmetric<>{bits, 2.0F}, quant::unsigned_range<>{bits, 1.0F}});
    return attention_macros{base, scores, values};
}

xcim::attention_weights weights_of(std::size_t width) {
    return {random_tensor({3 * width, width}, 1, -0.5F, 0.5F),
            random_tensor({3 * width}, 2, -0.1F, 0.1F),
            random_tensor({width, width}, 3, -0.5F, 0.5F),
            {}};
}

/// The definition in double.
std::vector<double> float_attention(tensor const& x, xcim::attention_weights const& w, std::size_t heads,
                                    double scale) {
    std::size_t const batch = x.shape()[0], tokens = x.shape()[1], width = x.shape()[2], d = width / heads;
    std::vector<double> y;
    for (std::size_t b = 0; b < batch; ++b) {
        std::vector<double> qkv(tokens * 3 * width);
        for (std::size_t n = 0; n < tokens; ++n) {
            for (std::size_t o = 0; o < 3 * width; ++o) {
                double sum = static_cast<double>(w.qkv_bias(o));
                for (std::size_t e = 0; e < width; ++e) {
                    sum += static_cast<double>(x(b, n, e)) * static_cast<double>(w.qkv(o, e));
                }
                qkv[n * 3 * width + o] = sum;
            }
        }
        std::vector<double> joined(tokens * width);
        for (std::size_t h = 0; h < heads; ++h) {
            for (std::size_t i = 0; i < tokens; ++i) {
                std::vector<double> e(tokens);
                double total = 0;
                for (std::size_t j = 0; j < tokens; ++j) {
                    double dot = 0;
                    for (std::size_t c = 0; c < d; ++c) {
                        dot += qkv[i * 3 * width + h * d + c] * qkv[j * 3 * width + width + h * d + c];
                    }
                    e[j] = std::exp(scale * dot);
                    total += e[j];
                }
                for (std::size_t c = 0; c < d; ++c) {
                    for (std::size_t j = 0; j < tokens; ++j) {
                        joined[i * width + h * d + c] += e[j] / total * qkv[j * 3 * width + 2 * width + h * d + c];
                    }
                }
            }
        }
        for (std::size_t n = 0; n < tokens; ++n) {
            for (std::size_t o = 0; o < width; ++o) {
                double sum = 0;
                for (std::size_t e = 0; e < width; ++e) {
                    sum += joined[n * width + e] * static_cast<double>(w.out(o, e));
                }
                y.push_back(sum);
            }
        }
    }
    return y;
}

}  // namespace

TEST_CASE("attention of many bits is attention in float, with the scale of a head's width") {
    auto const x = random_tensor({2, 5, 12}, 4);
    auto const w = weights_of(12);
    auto const macros = macros_of(14);
    auto const near = [&](xcim::attention_options const& options, double scale) {
        auto const y = xcim::attention(macros, x, xcim::program_attention(macros, w, options));
        auto const right = float_attention(x, w, 3, scale);
        double worst = 0;
        for (std::size_t i = 0; i < y.size(); ++i) {
            worst = std::max(worst, std::abs(static_cast<double>(y.data()[i]) - right[i]));
        }
        return worst;
    };
    CHECK(near({.heads = 3}, 0.5) < 2e-3);
    CHECK(near({.heads = 3, .scale = 3.0F}, 3.0) < 2e-3);
    // ASiM divides by the square root of the whole width: not the same numbers.
    CHECK(near({.heads = 3}, 1 / std::sqrt(12.0)) > 5e-3);
}

TEST_CASE("attention: the same numbers from any threads and any cut of the batch") {
    using namespace xcim;
    auto macros = macros_of(5);
    auto const noise = noise::gaussian{in_cell_lsb(1)};
    attention_macros const noisy{macros.projection.with(noise), macros.scores.with(noise), macros.values.with(noise)};
    auto const x = random_tensor({4, 6, 12}, 5);
    auto const stored = program_attention(noisy, weights_of(12), {.heads = 2});
    auto const y = attention(noisy, x, stored, {.seed = 3, .layer = 8});
    CHECK(different(y, attention(noisy, x, stored, {.seed = 3, .threads = 2, .layer = 8})) == 0);
    CHECK(different(y, attention(noisy, x, stored, {.seed = 4, .layer = 8})) > 0);
    tensor last = tensor::from_shape(std::vector<std::size_t>{1, 6, 12});
    std::copy_n(x.data() + 3 * last.size(), last.size(), last.data());
    auto const part = attention(noisy, last, stored, {.seed = 3, .layer = 8, .first_item = 3});
    for (std::size_t i = 0; i < part.size(); ++i) {
        CHECK(part.data()[i] == y.data()[3 * part.size() + i]);
    }
}

TEST_CASE("attention says which shapes it needs") {
    auto const macros = macros_of(4);
    auto w = weights_of(12);
    CHECK_THROWS_WITH(static_cast<void>(xcim::program_attention(macros, w, {.heads = 5})),
                      "xcim: attention_options.heads is 5; a divisor of E = 12 is needed");
    CHECK_THROWS_WITH(static_cast<void>(xcim::attention(macros, random_tensor({2, 5, 11}, 1),
                                                        xcim::program_attention(macros, w, {.heads = 2}))),
                      "xcim: the input has shape (2, 5, 11); (batch, tokens, 12) is needed");
    w.qkv = random_tensor({24, 12}, 1);
    CHECK_THROWS_WITH(static_cast<void>(xcim::program_attention(macros, w, {.heads = 2})),
                      "xcim: weights.qkv has shape (24, 12); (3 E, E) is needed");
}
