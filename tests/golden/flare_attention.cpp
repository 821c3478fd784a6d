/// \file
/// FLARE's attention against an independent implementation: all tensors between inputs and outputs, exactly.

#include <doctest/doctest.h>

#include <tests/support/shared.hpp>
#include <xcim/io/npy.hpp>
#include <xcim/ops/integer_attention.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace xcim;

struct flare_attention_case {
    std::filesystem::path folder;
    nlohmann::json config;

    template <class T = std::int32_t>
    [[nodiscard]] xt::xarray<T> integers(std::string const& name) const {
        return io::load_npy<T>(folder / (name + ".npy"));
    }
};

template <class T>
T flare_choice(nlohmann::json const& options, char const* name, std::map<std::string, T> const& choices) {
    std::string const found = options.at(name);
    REQUIRE_MESSAGE(choices.contains(found), name, " is ", found);
    return choices.at(found);
}

integer_attention_options flare_options(flare_attention_case const& c) {
    auto const& o = c.config.at("options");
    integer_attention_options options;
    options.heads = c.config.at("heads").get<std::size_t>();
    options.input_scale = c.config.at("s_x").get<double>();
    options.x_bits = o.at("x_bits").get<int>();
    options.w_bits = o.at("w_bits").get<int>();
    options.q_bits = o.at("q_bits").get<int>();
    options.kv_bits = o.at("kv_bits").get<int>();
    options.logit_bits = o.at("logit_bits").get<int>();
    options.p_bits = o.at("p_bits").get<int>();
    options.o_bits = o.at("o_bits").get<int>();
    options.out_bits = o.at("out_bits").get<int>();
    options.round = flare_choice<rounding>(o, "rounding",
                                           {{"floor", rounding::floor},
                                            {"trunc", rounding::trunc},
                                            {"half_up", rounding::half_up},
                                            {"half_even", rounding::half_even}});
    options.window = flare_choice<kv_window>(
        o, "kv_window", {{"register", kv_window::register_msb}, {"calibrated", kv_window::calibrated}});
    options.fraction_bits =
        o.at("frac_bits").is_null() ? std::nullopt : std::optional<int>{o.at("frac_bits").get<int>()};
    options.norm = flare_choice<row_norm>(
        o, "norm", {{"recip", row_norm::reciprocal}, {"pow2", row_norm::power_of_two}, {"none", row_norm::none}});
    options.reciprocal_bits = o.at("recip_bits").get<int>();
    options.q_group =
        flare_choice<query_group>(o, "q_group", {{"token", query_group::token}, {"head", query_group::head}});
    CHECK(o.size() == 14);  // every option is known here
    return options;
}

/// Weights of a case are (in, out).
integer_projection flare_projection(flare_attention_case const& c, std::string const& name) {
    auto const w = c.integers("W" + name);
    std::size_t const inputs = w.shape()[0];
    std::size_t const outputs = w.shape()[1];
    auto codes = xt::xarray<std::int32_t>::from_shape({outputs, inputs});
    for (std::size_t n = 0; n < outputs; ++n) {
        for (std::size_t k = 0; k < inputs; ++k) {
            codes.data()[n * inputs + k] = w.data()[k * outputs + n];
        }
    }
    return {codes, c.config.at("s_w").at(name).get<double>(), {}};
}

template <class A, class B>
std::size_t different_numbers(A const& ours, B const& right) {
    REQUIRE(ours.size() == right.size());
    std::size_t count = 0;
    for (std::size_t i = 0; i < right.size(); ++i) {
        count += ours.data()[i] != right.data()[i] ? 1U : 0U;
    }
    return count;
}

template <class P>
void check_flare_attention(flare_attention_case const& c, integer_attention_call call) {
    integer_attention_weights const w{flare_projection(c, "Q"), flare_projection(c, "K"), flare_projection(c, "V"),
                                      flare_projection(c, "O")};
    auto const layer = program_integer_attention<P>(w, flare_options(c));
    std::vector<integer_attention_trace> traces;
    call.trace = &traces;
    auto const y = integer_attention(layer, c.integers("x"), c.integers("ex"), call);
    REQUIRE(traces.size() == 1);
    auto const& t = traces[0];
    CHECK(different_numbers(t.q, c.integers("Q")) == 0);
    CHECK(different_numbers(t.q_shift, c.integers("s1")) == 0);
    CHECK(different_numbers(t.keys, c.integers("K")) == 0);
    CHECK(different_numbers(t.values, c.integers("V")) == 0);
    CHECK(t.key_shift == c.config.at("sK").get<int>());
    CHECK(t.value_shift == c.config.at("sV").get<int>());
    CHECK(different_numbers(t.logits, c.integers("logits")) == 0);
    CHECK(different_numbers(t.logit_shift, c.integers("s2")) == 0);
    CHECK(different_numbers(t.p, c.integers("p")) == 0);
    CHECK(different_numbers(t.heads, c.integers<std::int64_t>("av")) == 0);
    CHECK(different_numbers(t.o, c.integers("o")) == 0);
    CHECK(different_numbers(t.o_shift, c.integers("s3")) == 0);
    CHECK(different_numbers(t.out, c.integers("out")) == 0);
    CHECK(different_numbers(t.out_shift, c.integers("s4")) == 0);
    CHECK(different_numbers(y.codes, c.integers("out")) == 0);
    CHECK(different_numbers(y.exponents, c.integers("out_exp")) == 0);
    CHECK(y.scale == doctest::Approx(c.config.at("out_scale").get<double>()).epsilon(1e-12));
}

}  // namespace

TEST_CASE("FLARE's attention equals the reference in every tensor") {
    auto const folder = test::shared_or_skip("golden/flare");
    if (!folder) {
        return;
    }
    std::size_t cases = 0;
    for (auto const& entry : std::filesystem::directory_iterator{*folder}) {
        std::ifstream file{entry.path() / "case.json"};
        if (!file) {
            continue;
        }
        flare_attention_case const c{entry.path(), nlohmann::json::parse(file)};
        std::string const function = c.config.at("function");
        if (!function.starts_with("flare_attention.")) {
            continue;
        }
        CAPTURE(entry.path().filename().string());
        REQUIRE(function == "flare_attention.attention");
        ++cases;
        check_flare_attention<packed_products>(c, {});
        check_flare_attention<packed_products>(c, {.rows_in_flight = 1});
        check_flare_attention<packed_products>(c, {.flow = dataflow::unfused});
        check_flare_attention<exact_products<std::int64_t>>(c, {});
    }
    CHECK(cases > 0);
}
