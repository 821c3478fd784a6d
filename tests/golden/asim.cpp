/// \file
/// Layers as ASiM (Keio-CSG/ASiM; arXiv 2411.11022, 2024) computes them: cases of kind conv2d and linear number by
/// number, cases of random noise by their statistics. The folder is read, so further cases of these kinds are tested
/// without a change here.

#include <doctest/doctest.h>

#include <tests/support/convolution.hpp>
#include <tests/support/shared.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/io/npy.hpp>
#include <xcim/testing/macro.hpp>
#include <xcim/xcim.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace xcim;
using nlohmann::json;
using test::different;
using test::tensor;

/// One folder: its configuration and tensors.
struct golden_case {
    fs::path folder;
    json config;

    [[nodiscard]] std::string kind() const { return config.at("kind"); }
    [[nodiscard]] bool is_convolution() const { return kind().starts_with("conv2d"); }
    [[nodiscard]] int integer(char const* name) const { return config.at(name).get<int>(); }
    [[nodiscard]] tensor load(char const* name) const {
        return io::load_npy<float>(folder / (std::string(name) + ".npy"));
    }
    [[nodiscard]] xt::xarray<std::int32_t> integers(char const* name) const {
        return io::load_npy<std::int32_t>(folder / (std::string(name) + ".npy"));
    }
};

/// Cases whose kind is in `kinds`, in the order of their names.
std::vector<golden_case> cases_of(fs::path const& folder, std::vector<std::string> const& kinds) {
    std::vector<golden_case> cases;
    for (auto const& entry : fs::directory_iterator{folder}) {
        std::ifstream file{entry.path() / "case.json"};
        if (!file) {
            continue;
        }
        golden_case c{entry.path(), json::parse(file)};
        if (c.config.contains("kind") && std::ranges::find(kinds, c.kind()) != kinds.end()) {
            cases.push_back(std::move(c));
        }
    }
    std::ranges::sort(cases, {}, [](golden_case const& c) { return c.folder; });
    return cases;
}

/// Calls `use` with the macro of a case: ASiM's two quantisers, whole channels per map, one ADC for all.
template <class Use>
void with_macro(golden_case const& c, Use const& use) {
    auto const base =
        CimMacro{quant::operands{quant::symmetric{c.integer("wbit")}, quant::symmetric{c.integer("xbit")}},
                 mapping::channel_block{.array = {c.integer("nrow"), 64}},
                 encoding::bit_parallel{c.config.at("act_enc").is_null() ? 1 : c.integer("act_enc")},
                 cell::sram{},
                 noise::none{},
                 adc::uniform{c.integer("adc_prec")}};
    if (c.config.at("signed_act").get<bool>()) {
        use(base);
    } else {
        use(base.with(quant::operands{quant::symmetric{c.integer("wbit")}, quant::unsigned_range{c.integer("xbit")}}));
    }
}

conv_options options_of(golden_case const& c) {
    return {.stride = c.integer("stride"), .padding = c.integer("padding")};
}

/// The layer of a case with an array programmed before.
template <class Macro>
tensor run(golden_case const& c, Macro const& macro, tensor const& x, programmed_array const& array,
           run_options const& options = {}) {
    bool const has_bias = c.config.at("bias").get<bool>();
    if (c.is_convolution()) {
        return has_bias ? conv2d(macro, x, array, c.load("bias"), options_of(c), options)
                        : conv2d(macro, x, array, options_of(c), options);
    }
    return has_bias ? linear(macro, x, array, c.load("bias"), options) : linear(macro, x, array, options);
}

double largest_difference(tensor const& a, tensor const& b) {
    REQUIRE(test::shape_of(a) == test::shape_of(b));
    double worst = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        worst = std::max(worst, std::abs(static_cast<double>(a.data()[i]) - static_cast<double>(b.data()[i])));
    }
    return worst;
}

/// Elements whose code is not ASiM's.
template <class Quantiser>
std::size_t other_codes(Quantiser const& quantiser, tensor const& t, xt::xarray<std::int32_t> const& right) {
    auto const q = testing::quantise(quantiser, xcim::ref(t));
    REQUIRE(q.codes.size() == right.size());
    std::size_t count = 0;
    for (std::size_t i = 0; i < q.codes.size(); ++i) {
        count += q.codes[i] == right.data()[i] ? 0U : 1U;
    }
    return count;
}

/// ASiM runs too few maps in some convolutions and loses the trailing channels. Ours must not: it equals the reference,
/// and ASiM's numbers come out when the weights of those channels are set to zero.
template <class Macro>
void check_lost_channels(golden_case const& c, Macro const& macro, tensor const& y) {
    auto const x = c.load("x");
    auto w = c.load("w");
    CHECK(different(y, test::reference_convolution(macro, x, w, nullptr, options_of(c)).y) == 0);
    CHECK(largest_difference(y, c.load("y")) > 0.01);
    auto const lost = static_cast<std::size_t>(c.integer("channels_dropped_by_asim"));
    std::size_t const channels = w.shape()[1];
    std::size_t const area = w.shape()[2] * w.shape()[3];
    for (std::size_t n = 0; n < w.shape()[0]; ++n) {
        std::fill_n(w.data() + (n * channels + channels - lost) * area, lost * area, 0.0F);
    }
    auto quantisers = macro.quantisers();
    quantisers.weights.fixed_range = c.config.at("w_scale").get<float>();
    auto const without = macro.with(quantisers);
    CHECK(largest_difference(run(c, without, x, without.program(w)), c.load("y")) < 2e-5);
}

/// Mean, deviation and fourth moment of one output over the repetitions.
struct error_statistics {
    double sum = 0;
    double squares = 0;
    double fourth = 0;
};

/// Statistics of (noisy - noiseless) against ASiM's. Every bound is a number of standard errors of the difference of
/// two samples, ASiM's and ours, the deviation's with the kurtosis measured. Six of them for each of a few hundred
/// outputs, five for the pooled sigma: right numbers fail once in a million, a sigma that is off by 3 % fails always,
/// which the last check states.
template <class Macro>
void check_noise(golden_case const& c, Macro const& macro) {
    auto const x = c.load("x");
    auto const array = macro.program(c.load("w"));
    auto const quiet = run(c, macro, x, array);
    CHECK(largest_difference(quiet, c.load("y_noiseless")) < 2e-5);

    auto const noisy = macro.with(noise::gaussian{of_full_scale(c.config.at("rand_noise_sigma").get<double>() / 100)});
    int const repetitions = 4000;
    std::vector<error_statistics> found(quiet.size());
    for (int seed = 0; seed < repetitions; ++seed) {
        auto const y = run(c, noisy, x, array, {.seed = static_cast<std::uint64_t>(seed)});
        for (std::size_t i = 0; i < found.size(); ++i) {
            double const e = static_cast<double>(y.data()[i]) - static_cast<double>(quiet.data()[i]);
            found[i].sum += e;
            found[i].squares += e * e;
            found[i].fourth += e * e * e * e;
        }
    }
    auto const mean = c.load("err_mean");
    auto const deviation = c.load("err_std");
    REQUIRE(mean.size() == found.size());
    auto const n = static_cast<double>(repetitions);
    double const samples = 1 / n + 1 / c.config.at("repetitions").get<double>();
    double ratio = 0;
    double ratio_variance = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        CAPTURE(i);
        auto const right = static_cast<double>(deviation.data()[i]);
        REQUIRE(right > 0);
        double const m = found[i].sum / n;
        double const variance = found[i].squares / n - m * m;
        CHECK(std::abs(m - static_cast<double>(mean.data()[i])) < 6 * right * std::sqrt(samples));
        double const kurtosis = std::max(1.5, found[i].fourth / n / (variance * variance));
        double const relative_error = std::sqrt((kurtosis - 1) / 4 * samples);
        CHECK(std::abs(std::sqrt(variance) / right - 1) < 6 * relative_error);
        ratio += std::sqrt(variance) / right;
        ratio_variance += relative_error * relative_error;
    }
    auto const outputs = static_cast<double>(found.size());
    double const pooled_error = std::sqrt(ratio_variance) / outputs;
    CHECK(std::abs(ratio / outputs - 1) < 5 * pooled_error);
    CHECK(5 * pooled_error < 0.03);
}

}  // namespace

TEST_CASE("conv2d and linear equal ASiM: the same integers, outputs within its float32 rounding") {
    auto const folder = test::shared_or_skip("golden/asim");
    if (!folder) {
        return;
    }
    auto const cases = cases_of(*folder, {"conv2d", "linear"});
    CHECK(!cases.empty());
    for (auto const& c : cases) {
        CAPTURE(c.folder.filename().string());
        with_macro(c, [&](auto const& macro) {
            auto const x = c.load("x");
            auto const w = c.load("w");
            CHECK(other_codes(macro.input_quantiser(), x, c.integers("xq")) == 0);
            CHECK(other_codes(macro.weight_quantiser(), w, c.integers("wq")) == 0);
            auto const y = run(c, macro, x, macro.program(w));
            if (c.config.value("channels_dropped_by_asim", 0) > 0) {
                check_lost_channels(c, macro, y);
            } else {
                CHECK(largest_difference(y, c.load("y")) < 2e-5);
            }
            // Without converter: the integer product.
            auto const ideal = macro.with(adc::ideal{});
            if (c.config.value("channels_dropped_by_asim", 0) == 0) {
                CHECK(largest_difference(run(c, ideal, x, ideal.program(w)), c.load("y_ideal_quant")) < 2e-5);
            }
        });
    }
}

TEST_CASE("random noise has the statistics of ASiM's") {
    auto const folder = test::shared_or_skip("golden/asim");
    if (!folder) {
        return;
    }
    int tested = 0;
    for (auto const& c : cases_of(*folder, {"conv2d_noise", "linear_noise"})) {
        auto const is_zero = [&](char const* name) {
            return !c.config.contains(name) || c.config.at(name).is_null() || c.config.at(name).get<double>() == 0;
        };
        if (!is_zero("non_linear_sigma") || !is_zero("hybrid_levels")) {
            continue;
        }
        ++tested;
        CAPTURE(c.folder.filename().string());
        with_macro(c, [&](auto const& macro) { check_noise(c, macro); });
    }
    CHECK(tested > 0);
}
