#include <xcim/ops/flare_macros.hpp>
#include <xcim/ops/integer_attention.hpp>

#include <xcim/adc/uniform.hpp>
#include <xcim/noise/gaussian.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <vector>

namespace {

xt::xarray<std::int32_t> attention_codes(std::vector<std::size_t> const& shape, std::int32_t highest,
                                         std::mt19937& draw) {
    xt::xarray<std::int32_t> codes = xt::xarray<std::int32_t>::from_shape(shape);
    auto const span = static_cast<unsigned>(2 * highest + 2);
    for (auto& code : codes) {
        code = static_cast<std::int32_t>(draw() % span) - highest - 1;
    }
    return codes;
}

/// Four heads that share two sets of keys, 11 tokens.
struct grouped_layer {
    std::mt19937 draw{5};
    xcim::integer_attention_weights weights{{attention_codes({24, 20}, 127, draw), 0.01, {}},
                                            {attention_codes({12, 20}, 127, draw), 0.01, {}},
                                            {attention_codes({12, 20}, 127, draw), 0.01, {}},
                                            {attention_codes({20, 24}, 127, draw), 0.01, {}}};
    xcim::integer_attention_options options{.heads = 4, .input_scale = 0.001, .causal = true};
    xcim::integer_attention_plan plan = xcim::plan_integer_attention(weights, options);
    xt::xarray<std::int32_t> x = attention_codes({2, 11, 20}, 127, draw);
    xt::xarray<std::int32_t> exponents = xt::xarray<std::int32_t>::from_shape({2, 11});

    grouped_layer() {
        for (auto& e : exponents) {
            e = static_cast<std::int32_t>(draw() % 4);
        }
    }

    template <class Macros>
    [[nodiscard]] auto on(Macros const& macros, xcim::macro_products_options const& how = {}) const {
        auto const codes = [](xcim::integer_projection const& p) {
            return std::span<std::int32_t const>{p.codes.data(), p.codes.size()};
        };
        return xcim::macro_products{macros, plan.shape,
                                    xcim::projection_codes{codes(weights.query), codes(weights.key),
                                                           codes(weights.value), codes(weights.output)},
                                    how};
    }
};

}  // namespace

TEST_CASE("macro_products: FLARE's memories without noise compute the exact attention, cycle by cycle too") {
    grouped_layer const layer;
    auto const exact =
        integer_attention(xcim::program_integer_attention(layer.weights, layer.options), layer.x, layer.exponents);
    auto const macros = xcim::flare_macros(layer.options);
    CHECK(macros.projection.path().is_integer_product);
    CHECK(macros.scores.path().is_integer_product);
    CHECK(macros.values.path().is_integer_product);
    for (bool const every_cycle : {false, true}) {
        auto const y =
            integer_attention(layer.plan, layer.on(macros, {.every_cycle = every_cycle}), layer.x, layer.exponents);
        CHECK(y.codes == exact.codes);
        CHECK(y.exponents == exact.exponents);
        CHECK(y.scale == exact.scale);
    }
}

TEST_CASE("macro_products: what is drawn depends on seed, layer, token and head, not on how rows are grouped") {
    grouped_layer const layer;
    xcim::noise::gaussian const noise{xcim::in_cell_lsb(0.3)};
    auto const macros = xcim::flare_macros(
        layer.options, xcim::flare_design<xcim::noise::gaussian>{.weight_noise = noise, .activation_noise = noise});
    auto const run = [&](xcim::macro_products_options const& how, xcim::integer_attention_call const& call) {
        return integer_attention(layer.plan, layer.on(macros, how), layer.x, layer.exponents, call).codes;
    };
    auto const y = run({.seed = 1}, {});
    CHECK(run({.seed = 1}, {.rows_in_flight = 1}) == y);
    CHECK(run({.seed = 1}, {.rows_in_flight = 5, .threads = 2}) == y);
    CHECK(run({.seed = 1}, {.flow = xcim::dataflow::unfused}) == y);
    CHECK(run({.seed = 2}, {}) != y);
    CHECK(run({.layer = 1, .seed = 1}, {}) != y);
    auto const exact =
        integer_attention(xcim::program_integer_attention(layer.weights, layer.options), layer.x, layer.exponents);
    CHECK(exact.codes != y);
}

TEST_CASE("macro_products: a converter whose codes are no counts has no place between integers") {
    grouped_layer const layer;
    auto const macros = xcim::flare_macros(layer.options);
    auto const coarse = macros.projection.with(xcim::adc::uniform{3});
    xcim::integer_attention_macros const wrong{coarse, macros.scores, macros.values};
    CHECK_THROWS_WITH_AS(static_cast<void>(integer_attention(layer.plan, layer.on(wrong), layer.x, layer.exponents)),
                         doctest::Contains("a converter whose code stands for 1.14"), xcim::error);
}
