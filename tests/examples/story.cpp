/// The decoder of stories260k against the logits and losses of another program.

#include "../../examples/networks/story.hpp"
#include "../../examples/networks/macro_backend.hpp"
#include "../support/shared.hpp"
#include "../support/tensors.hpp"

#include <xcim/io.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using networks::tensor;
using networks::token_list;

/// Little-endian 16-bit words.
std::vector<std::uint16_t> read_story_tokens(std::filesystem::path const& file) {
    auto stream = std::ifstream{file, std::ios::binary};
    auto const bytes = std::vector<char>{std::istreambuf_iterator<char>{stream}, {}};
    std::vector<std::uint16_t> tokens(bytes.size() / 2);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        auto const low = static_cast<unsigned char>(bytes[2 * i]), high = static_cast<unsigned char>(bytes[2 * i + 1]);
        tokens[i] = static_cast<std::uint16_t>(low | high << 8);
    }
    return tokens;
}

/// A decoder with 4 heads of q, 2 of k and v, 8 wide each, pseudo-random.
networks::weight_map small_decoder_weights() {
    networks::weight_map weights;
    auto const put = [&](std::string const& name, std::vector<std::size_t> const& shape) {
        weights[name] = xcim::test::random_tensor(shape, static_cast<std::uint32_t>(weights.size()), -0.4F, 0.4F);
    };
    put("tok_embeddings.weight", {11, 32});
    put("norm.weight", {32});
    for (std::string const block : {"layers.0", "layers.1"}) {
        put(block + ".attention_norm.weight", {32});
        put(block + ".attention.wq.weight", {32, 32});
        put(block + ".attention.wk.weight", {16, 32});
        put(block + ".attention.wv.weight", {16, 32});
        put(block + ".attention.wo.weight", {32, 32});
        put(block + ".ffn_norm.weight", {32});
        put(block + ".feed_forward.w1.weight", {48, 32});
        put(block + ".feed_forward.w2.weight", {32, 48});
        put(block + ".feed_forward.w3.weight", {48, 32});
    }
    return weights;
}

networks::decoder_architecture const small_architecture{.heads = 4, .kv_heads = 2};

token_list list_tokens(std::vector<std::uint16_t> const& tokens) {
    auto result = token_list::from_shape({1, tokens.size()});
    std::copy(tokens.begin(), tokens.end(), result.data());
    return result;
}

tensor small_logits(std::vector<std::uint16_t> const& tokens) {
    auto backend = networks::float_backend{};
    return networks::story_decoder{small_decoder_weights(), small_architecture}(backend, list_tokens(tokens));
}

double furthest_in(float const* a, float const* b, std::size_t count) {
    auto result = 0.0;
    for (std::size_t i = 0; i < count; ++i) {
        result = std::max(result, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    }
    return result;
}

}  // namespace

TEST_CASE("stories260k in float gives the recorded logits and losses") {
    auto const folder = xcim::test::shared_or_skip("data/models/stories260k");
    auto const file = xcim::test::shared_or_skip("data/text/tinystories/val_tokens_stories260k_u16.bin");
    if (!folder || !file) {
        return;
    }
    auto const net = networks::story_decoder{xcim::io::load_safetensors(*folder / "stories260k.safetensors").map()};
    CHECK(net.depth() == 5);
    CHECK(net.vocabulary() == 512);
    auto const windows = networks::text_windows{read_story_tokens(*file), 0, 2};
    auto backend = networks::float_backend{};
    auto const logits = net(backend, windows.read);  // (2, 512, 512)
    auto const wanted = xcim::io::load_npy<float>(*folder / "logits_first64.npy");
    REQUIRE(wanted.size() == 64 * 512);
    CHECK(furthest_in(logits.data(), wanted.data(), wanted.size()) < 1e-4);

    auto const losses = xcim::io::load_npy<float>(*folder / "window_loss_128.npy");
    auto const score = networks::score_predictions(logits, windows.next);
    CHECK(score.tokens == 1024);
    CHECK(score.nats_per_token() == doctest::Approx((losses(0) + losses(1)) / 2).epsilon(1e-5));
    auto const first = networks::text_windows{read_story_tokens(*file), 0, 1};
    CHECK(networks::score_predictions(networks::slice(logits, 0, 1), first.next).nats_per_token() ==
          doctest::Approx(1.274431602).epsilon(1e-5));
}

TEST_CASE("a decoder: later tokens do not change what is foretold before them") {
    auto const logits = small_logits({1, 4, 7, 2, 9});
    auto const others = small_logits({1, 4, 7, 3, 0});
    CHECK(furthest_in(logits.data(), others.data(), 3 * 11) < 1e-6);
    CHECK(furthest_in(logits.data() + 33, others.data() + 33, 2 * 11) > 1e-3);
}

TEST_CASE("a decoder: the place of a token counts") {
    auto const logits = small_logits({4, 7, 2});
    auto const others = small_logits({7, 4, 2});  // without positions the last token would see the same
    CHECK(furthest_in(logits.data() + 22, others.data() + 22, 11) > 1e-4);
}

TEST_CASE("rotary positions: products of q and k depend on the distance alone, and lengths stay") {
    auto const at = networks::head_columns{12, 1, {}};  // one head of q, k and v, 4 wide
    auto qkv = networks::make_tensor({1, 6, 12});
    auto const row = xcim::test::random_tensor({12}, 5);
    for (std::size_t token = 0; token < 6; ++token) {
        std::copy_n(row.data(), 12, qkv.data() + token * 12);
    }
    networks::rotate_by_position(qkv, at, 100);
    auto const product = [&](std::size_t query, std::size_t key) {
        auto sum = 0.0;
        for (std::size_t i = 0; i < 4; ++i) {
            sum += static_cast<double>(qkv(0, query, i)) * static_cast<double>(qkv(0, key, 4 + i));
        }
        return sum;
    };
    CHECK(product(5, 3) == doctest::Approx(product(2, 0)));
    CHECK(product(4, 4) == doctest::Approx(product(0, 0)));
    CHECK(std::abs(product(1, 0) - product(0, 0)) > 1e-3);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(qkv(0, 0, i) == row(i));          // position 0
        CHECK(qkv(0, 5, 8 + i) == row(8 + i));  // v
    }
    // pairs (0, 1) turn by the position, pairs (2, 3) by position / sqrt(theta)
    auto const angle = std::atan2(qkv(0, 1, 3), qkv(0, 1, 2)) - std::atan2(row(3), row(2));
    CHECK(std::remainder(angle, 2 * 3.14159265F) == doctest::Approx(0.1).epsilon(1e-4));
}

TEST_CASE("shared heads of k and v answer as copies of them would") {
    auto const weight = xcim::test::random_tensor({16, 8}, 1);  // 4 heads of q, 2 of k and of v, 2 wide
    auto const out = xcim::test::random_tensor({8, 8}, 2), x = xcim::test::random_tensor({2, 3, 8}, 3);
    auto copied = networks::make_tensor({24, 8});
    std::vector<std::size_t> const rows{0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  8,  9,
                                        10, 11, 10, 11, 12, 13, 12, 13, 14, 15, 14, 15};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::copy_n(weight.data() + rows[i] * 8, 8, copied.data() + i * 8);
    }
    auto const none = networks::make_tensor({0});
    auto const backend = networks::float_backend{};
    auto const y = backend.attention({"shared", weight, none, out, none, 4, 0.7F, 0, {.kv_heads = 2}}, x);
    auto const wanted = backend.attention({"copied", copied, none, out, none, 4, 0.7F, 0}, x);
    REQUIRE(y.size() == wanted.size());
    CHECK(furthest_in(y.data(), wanted.data(), y.size()) < 1e-6);
    CHECK_THROWS_AS(static_cast<void>(backend.attention({"odd", weight, none, out, none, 4, 1, 0, {.kv_heads = 3}}, x)),
                    std::invalid_argument);
}

TEST_CASE("what a decoder cannot do is refused") {
    auto const net = networks::story_decoder{small_decoder_weights(), small_architecture};
    auto backend = networks::float_backend{};
    CHECK_THROWS_AS(static_cast<void>(net(backend, list_tokens({3, 11}))), std::invalid_argument);
    CHECK_THROWS_AS((networks::text_windows{std::vector<std::uint16_t>(20), 0, 2, 10}), std::invalid_argument);
    CHECK_NOTHROW(networks::text_windows{std::vector<std::uint16_t>(21), 0, 2, 10});
    auto const macro = xcim::CimMacro{xcim::quant::symmetric{8},    xcim::mapping::bit_slice{.array = {255, 64}},
                                      xcim::encoding::bit_serial{}, xcim::cell::sram{},
                                      xcim::noise::none{},          xcim::adc::exact_count{}};
    auto on_macro = networks::macro_backend{macro, {}};
    CHECK_THROWS_WITH_AS(static_cast<void>(net(on_macro, list_tokens({3, 1}))), doctest::Contains("layers.0.attention"),
                         std::invalid_argument);
}

TEST_CASE("scores of predictions: nats and top-1") {
    auto logits = networks::make_tensor({1, 2, 2});
    logits(0, 0, 0) = 1;
    logits(0, 0, 1) = 1;
    logits(0, 1, 0) = 0;
    logits(0, 1, 1) = 3;
    auto const score = networks::score_predictions(logits, list_tokens({1, 1}));
    CHECK(score.tokens == 2);
    CHECK(score.correct == 1);  // of equal logits the first counts
    CHECK(score.nats == doctest::Approx(std::log(2.0) + std::log(1 + std::exp(-3.0))));
    CHECK(score.percent_correct() == 50);
}
