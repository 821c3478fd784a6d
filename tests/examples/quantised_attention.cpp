/// Attention on integers beside attention in float.

#include "../../examples/networks/flare_attention.hpp"
#include "../../examples/networks/ibert_attention.hpp"
#include "../support/tensors.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace {

using networks::tensor;

/// 4 heads, 6 wide, with biases and, as decoders have them, a mask, shared heads and rotary positions.
networks::attention_layer odd_attention(networks::attention_pattern const& pattern) {
    auto const kv_heads = pattern.kv_heads == 0 ? std::size_t{4} : static_cast<std::size_t>(pattern.kv_heads);
    auto const columns = 6 * (4 + 2 * kv_heads);
    return {"attention",
            xcim::test::random_tensor({columns, 24}, 1, -0.5F, 0.5F),
            xcim::test::random_tensor({columns}, 2),
            xcim::test::random_tensor({24, 24}, 3),
            xcim::test::random_tensor({24}, 4),
            4,
            0.4F,
            7,
            pattern};
}

tensor odd_input() { return xcim::test::random_tensor({2, 9, 24}, 5, -2, 2); }

/// |y - wanted| / |wanted|
double relative_distance(tensor const& y, tensor const& wanted) {
    REQUIRE(y.size() == wanted.size());
    auto error = 0.0, signal = 0.0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        error += std::pow(static_cast<double>(y.data()[i] - wanted.data()[i]), 2);
        signal += std::pow(static_cast<double>(wanted.data()[i]), 2);
    }
    return std::sqrt(error / signal);
}

networks::attention_pattern const decoder_pattern{.kv_heads = 2, .is_causal = true, .rotary_theta = 100};

}  // namespace

TEST_CASE("integers with float between them: each further bit halves the error, down to float's own") {
    for (auto const& pattern : {networks::attention_pattern{}, decoder_pattern}) {
        auto const layer = odd_attention(pattern);
        auto const wanted = networks::float_backend{}.attention(layer, odd_input());
        auto const distance = [&](int bits) {
            return relative_distance(networks::dequantising_attention{bits, bits, true}(layer, odd_input()), wanted);
        };
        auto const at_8 = distance(8), at_10 = distance(10), at_12 = distance(12);
        CHECK(at_8 < 0.02);
        CHECK(at_10 < at_8 / 2.5);
        CHECK(at_12 < at_10 / 2.5);
    }
}

TEST_CASE("scores that do not fill their codes lose accuracy where attention is spread out") {
    auto const layer = odd_attention({});
    auto const flat = [&] {
        auto copy = layer;
        copy.scale = 0.01F;
        return copy;
    }();
    auto const wanted = networks::float_backend{}.attention(flat, odd_input());
    auto const distance = [&](bool fill) {
        return relative_distance(networks::dequantising_attention{12, 6, fill}(flat, odd_input()), wanted);
    };
    CHECK(distance(false) > 1.2 * distance(true));
}

TEST_CASE("ranges of a layer are those of its inputs, of q, k, v and of the heads' outputs") {
    auto layer = odd_attention(decoder_pattern);
    auto recorder = networks::range_recorder{};
    auto const y = recorder.attention(layer, odd_input());
    CHECK(y == networks::float_backend{}.attention(layer, odd_input()));
    REQUIRE(recorder.ranges().contains(7));
    auto const ranges = recorder.ranges().at(7);
    auto const input = odd_input();
    CHECK(ranges.input == networks::largest_magnitude({input.data(), input.size()}));
    CHECK(ranges.heads <= ranges.v);  // a weighted mean
    CHECK(ranges.heads > 0.2F * ranges.v);

    layer.pattern.rotary_theta = 0;
    auto without = networks::range_recorder{};
    static_cast<void>(without.attention(layer, odd_input()));
    CHECK(without.ranges().at(7).v == ranges.v);
    CHECK(without.ranges().at(7).k != ranges.k);
    auto const once = recorder.ranges().at(7).q;
    static_cast<void>(recorder.attention(layer, 0.5F * odd_input()));
    CHECK(recorder.ranges().at(7).q == once);  // of all that came
}

TEST_CASE("an attention backend computes the rest of a network in float") {
    auto const backend = networks::attention_backend{
        [](networks::attention_layer const&, tensor const& x) -> tensor { return -1.0F * x; }};
    static_assert(networks::AttentionBackend<decltype(backend)>);
    auto const x = odd_input();
    CHECK(backend.attention({}, x) == tensor(-1.0F * x));
    auto const weight = xcim::test::random_tensor({3, 24}, 8);
    CHECK(backend.linear({"linear", weight, networks::make_tensor({0})}, x) ==
          networks::float_linear(x, weight, networks::make_tensor({0})));
}

TEST_CASE("I-BERT's attention comes near the float one, nearer with more bits") {
    for (auto const& pattern : {networks::attention_pattern{}, decoder_pattern}) {
        auto const layer = odd_attention(pattern);
        auto recorder = networks::range_recorder{};
        auto const wanted = recorder.attention(layer, odd_input());
        auto const distance = [&](int bits) {
            return relative_distance(networks::ibert_attention{recorder.ranges(), bits, bits, bits}(layer, odd_input()),
                                     wanted);
        };
        CHECK(distance(8) < 0.04);
        CHECK(distance(10) < distance(8) / 2);
        auto const with_fine_scores = networks::ibert_attention{recorder.ranges(), 8, 8, 16}(layer, odd_input());
        CHECK(relative_distance(with_fine_scores, wanted) < distance(8));
    }
}

TEST_CASE("I-BERT's attention saturates beyond the ranges it was given, and needs some") {
    auto const layer = odd_attention({});
    auto recorder = networks::range_recorder{};
    static_cast<void>(recorder.attention(layer, odd_input()));
    auto const arithmetic = networks::ibert_attention{recorder.ranges()};
    auto const y = arithmetic(layer, 100.0F * odd_input()), further = arithmetic(layer, 200.0F * odd_input());
    CHECK(relative_distance(further, y) < 0.3);  // nearly every code at its end
    CHECK_THROWS_WITH_AS(static_cast<void>(networks::ibert_attention{{}}(layer, odd_input())),
                         doctest::Contains("'attention'"), std::invalid_argument);
}

TEST_CASE("rescaling multiplies by the ratio, rounding halves up") {
    auto const by = networks::rescaling{0.25};
    CHECK(by(6) == 2);
    CHECK(by(5) == 1);
    CHECK(by(-6) == -1);
    CHECK(by(-7) == -2);
    CHECK(networks::rescaling{3.0}(-7) == -21);
    CHECK(networks::rescaling{1e-30}(1'000'000) == 0);
    auto const odd = networks::rescaling{0.0123};
    for (std::int64_t v = -2'000'000'000; v < 2'000'000'000; v += 99'999'989) {
        CHECK(std::abs(static_cast<double>(odd(v)) - 0.0123 * static_cast<double>(v)) < 0.52);
    }
}

TEST_CASE("FLARE's attention comes near the float one, nearer with more bits") {
    for (auto const& pattern : {networks::attention_pattern{}, decoder_pattern}) {
        auto const layer = odd_attention(pattern);
        auto recorder = networks::range_recorder{};
        auto const wanted = recorder.attention(layer, odd_input());
        auto const distance = [&](int bits) {
            xcim::integer_attention_options options;
            options.x_bits = options.q_bits = options.logit_bits = options.p_bits = options.o_bits = bits;
            options.w_bits = options.out_bits = bits;
            return relative_distance(networks::flare_attention{recorder.ranges(), options}(layer, odd_input()), wanted);
        };
        CHECK(distance(8) < 0.03);
        CHECK(distance(10) < distance(8) / 2);
    }
}

TEST_CASE("FLARE's attention: scales come from the ranges, and larger inputs have room") {
    auto const layer = odd_attention({});
    auto recorder = networks::range_recorder{};
    static_cast<void>(recorder.attention(layer, odd_input()));
    auto const arithmetic = networks::flare_attention{recorder.ranges(), {}};
    auto const larger = tensor(20.0F * odd_input());
    CHECK(relative_distance(arithmetic(layer, larger), networks::float_backend{}.attention(layer, larger)) < 0.03);
    CHECK_THROWS_WITH_AS(static_cast<void>(networks::flare_attention{{}, {}}(layer, odd_input())),
                         doctest::Contains("'attention'"), std::invalid_argument);
}

TEST_CASE("FLARE's attention shows its tensors; a query does not see what comes later") {
    auto const layer = odd_attention(decoder_pattern);
    auto recorder = networks::range_recorder{};
    static_cast<void>(recorder.attention(layer, odd_input()));
    std::size_t calls = 0;
    auto const observe = [&](networks::observed_attention const& seen) {
        ++calls;
        CHECK(seen.layer->number == 7);
        CHECK(seen.options->heads == 4);
        REQUIRE(seen.traces->size() == 2);
        auto const& p = seen.traces->front().p;  // (9, 4, 9)
        REQUIRE(p.size() == 9 * 4 * 9);
        for (std::size_t query = 0; query < 9; ++query) {
            for (std::size_t key = 0; key < 9; ++key) {
                auto const code = p[(query * 4 + 1) * 9 + key];
                CHECK((key <= query || code == 0));
                CHECK((query > 0 || key > 0 || code >= 128));
            }
        }
    };
    auto const arithmetic = networks::flare_attention{recorder.ranges(), {}, {}, observe};
    auto const y = arithmetic(layer, odd_input());
    CHECK(calls == 1);
    CHECK(y == networks::flare_attention{recorder.ranges(), {}}(layer, odd_input()));
}

TEST_CASE("the factor that stands for the division is found from what comes out") {
    auto layer = odd_attention({});
    layer.out_bias = networks::make_tensor({0});
    auto recorder = networks::range_recorder{};
    auto const wanted = recorder.attention(layer, odd_input());
    xcim::integer_attention_options options;
    options.norm = xcim::row_norm::none;
    auto finder = networks::gain_finder{networks::flare_attention{recorder.ranges(), options}};
    CHECK(finder.attention(layer, odd_input()) == wanted);
    auto const bare = networks::flare_attention{recorder.ranges(), options}(layer, odd_input());
    auto const scaled = networks::flare_attention{recorder.ranges(), options, finder.gains()}(layer, odd_input());
    auto const gain = static_cast<float>(finder.gains().at(7));
    CHECK(gain > 0);
    CHECK(relative_distance(scaled, tensor(gain * bare)) < 1e-5);
    CHECK(relative_distance(scaled, wanted) < relative_distance(bare, wanted));
}
