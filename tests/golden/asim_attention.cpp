/// \file
/// Attention as ASiM computes it: each product with its own bits, encodings and ADCs, and the whole layer with ASiM's
/// scale. Ours is 1 / sqrt(head width) unless told otherwise.

#include <tests/support/golden.hpp>
#include <tests/support/shared.hpp>

namespace {

using namespace xcim;
using test::asim_unsigned;
using test::golden_case;
using test::largest_difference;
using test::other_codes;
using test::tensor;

template <class Weights, class Inputs>
auto attention_macro(golden_case const& c, Weights const& weights, Inputs const& inputs, char const* encoding,
                     char const* adc_bits) {
    return CimMacro{quant::operands{weights, inputs},
                    mapping::bit_slice{.array = {c.value("nrow", 255), 64}},
                    encoding::bit_parallel{c.value(encoding, 1)},
                    cell::sram{},
                    noise::none{},
                    adc::uniform{c.value(adc_bits, 8)}};
}

auto macros_of(golden_case const& c) {
    auto const bits = [&](char const* name) { return quant::symmetric{c.value(name, 8)}; };
    return attention_macros{
        attention_macro(c, bits("proj_wbit"), bits("proj_xbit"), "proj_act_enc", "proj_adc_prec"),
        attention_macro(c, bits("qk_qbit"), bits("qk_kbit"), "qk_k_enc", "qk_adc_prec"),
        attention_macro(c, bits("av_vbit"), asim_unsigned(c.value("av_abit", 8)), "av_a_enc", "av_adc_prec")};
}

/// (B, H, R, C) -> (B, H, C, R)
tensor transposed(tensor const& t) {
    auto const s = test::shape_of(t);
    tensor y = tensor::from_shape(std::vector<std::size_t>{s[0], s[1], s[3], s[2]});
    for (std::size_t pair = 0; pair < s[0] * s[1]; ++pair) {
        for (std::size_t r = 0; r < s[2]; ++r) {
            for (std::size_t col = 0; col < s[3]; ++col) {
                y.data()[(pair * s[3] + col) * s[2] + r] = t.data()[(pair * s[2] + r) * s[3] + col];
            }
        }
    }
    return y;
}

}  // namespace

TEST_CASE("attention equals ASiM's: codes, both products, the layer") {
    auto const folder = test::shared_or_skip("golden/asim");
    if (!folder) {
        return;
    }
    auto const cases = test::cases_of(*folder, {"mha"});
    CHECK(!cases.empty());
    for (auto const& c : cases) {
        CAPTURE(c.folder.filename().string());
        auto const macros = macros_of(c);
        auto const q = c.load("q");               // (B, H, N, D)
        auto const k = transposed(c.load("kT"));  // (B, H, N, D)
        auto const v = c.load("v");               // (B, H, N, D)
        CHECK(other_codes(macros.scores.weight_quantiser(), q, c.integers("qq")) == 0);
        CHECK(other_codes(macros.scores.input_quantiser(), c.load("kT"), c.integers("kTq")) == 0);
        CHECK(other_codes(macros.values.input_quantiser(), c.load("attn"), c.integers("attnq")) == 0);
        CHECK(other_codes(macros.values.weight_quantiser(), v, c.integers("vq")) == 0);
        CHECK(largest_difference(stored_product(macros.scores, q, k, rows_of::stored), c.load("qk")) < 1e-3);
        CHECK(largest_difference(stored_product(macros.values, transposed(v), c.load("attn")), c.load("av")) < 2e-5);

        auto scores = c.load("qk");
        for (float& s : scores) {
            s *= c.value("softmax_scale", 0.0F);
        }
        CHECK(largest_difference(softmax(scores), c.load("attn")) < 1e-6);

        attention_weights const w{c.load("wqkv"), c.load("bqkv"), c.load("wo"), c.load("bo")};
        auto const asim =
            program_attention(macros, w, {.heads = c.integer("num_heads"), .scale = c.value("softmax_scale", 0.0F)});
        auto const y = attention(macros, c.load("x"), asim);
        CHECK(largest_difference(y, c.load("y")) < 1e-4);
        auto const right = program_attention(macros, w, {.heads = c.integer("num_heads")});
        CHECK(static_cast<double>(right.scale) == doctest::Approx(1 / std::sqrt(c.value("head_dim", 1.0))));
        if (c.integer("num_heads") > 1) {
            CHECK(largest_difference(attention(macros, c.load("x"), right), c.load("y")) > 1e-3);
        }
    }
}
