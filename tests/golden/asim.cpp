/// \file
/// Layers as ASiM (Keio-CSG/ASiM; arXiv 2411.11022, 2024) computes them: cases of kind conv2d and linear number by
/// number, cases of noise by their statistics, and the extensions.

#include <tests/support/convolution.hpp>
#include <tests/support/golden.hpp>
#include <tests/support/shared.hpp>

namespace {

using namespace xcim;
using test::asim_unsigned;
using test::cases_of;
using test::different;
using test::golden_case;
using test::largest_difference;
using test::other_codes;
using test::tensor;

/// Calls `use` with the macro of a case: ASiM's two quantisers, whole channels per map, one ADC for all.
template <class Use>
void with_macro(golden_case const& c, Use const& use) {
    auto const base =
        CimMacro{quant::operands{quant::symmetric{c.integer("wbit")}, quant::symmetric{c.integer("xbit")}},
                 mapping::channel_block{.array = {c.integer("nrow"), 64}},
                 encoding::bit_parallel{c.value("act_enc", 1)},
                 cell::sram{},
                 noise::none{},
                 adc::uniform{c.integer("adc_prec")}};
    if (c.value("signed_act", false)) {
        use(base);
    } else {
        use(base.with(quant::operands{quant::symmetric{c.integer("wbit")}, asim_unsigned(c.integer("xbit"))}));
    }
}

conv_options options_of(golden_case const& c) {
    return {.stride = c.integer("stride"), .padding = c.integer("padding")};
}

/// The layer of a case with an array programmed before.
template <class Macro>
tensor run(golden_case const& c, Macro const& macro, tensor const& x, programmed_array const& array,
           run_options const& options = {}) {
    bool const has_bias = c.value("bias", false);
    if (c.is_convolution()) {
        return has_bias ? conv2d(macro, x, array, c.load("bias"), options_of(c), options)
                        : conv2d(macro, x, array, options_of(c), options);
    }
    return has_bias ? linear(macro, x, array, c.load("bias"), options) : linear(macro, x, array, options);
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

bool is_current_domain(golden_case const& c) { return c.kind().find("current_domain") != std::string::npos; }

/// The case is one of statistics over many runs.
bool has_statistics(golden_case const& c) {
    return c.config.contains("files") && c.config.at("files").contains("err_mean");
}

/// Calls `use` with the noise, readout and cells of a case added to its macro.
template <class Macro, class Use>
void with_noise(golden_case const& c, Macro const& macro, Use const& use) {
    auto const random = noise::gaussian{of_full_scale(c.value("rand_noise_sigma", 0.0) / 100)};
    auto const falling = noise::non_linearity{of_full_scale(c.value("non_linear_sigma", 0.0) / 100)};
    auto const noisy = macro.with(noise::stack{falling, random});
    int const hybrid_levels = c.value("hybrid_levels", 0);
    int const voting_levels = c.value("voting_levels", 0);
    double const variation = c.value("weight_var", 0.0) / 100;
    REQUIRE((hybrid_levels > 0 ? 1 : 0) + (voting_levels > 0 ? 1 : 0) + (is_current_domain(c) ? 1 : 0) <= 1);
    if (hybrid_levels > 0) {
        use(noisy.with(readout::hybrid{hybrid_levels, readout::top_cycles::without_noise}));
    } else if (voting_levels > 0) {
        use(noisy.with(readout::majority{voting_levels, c.integer("num_samp"), readout::vote::mode}));
    } else if (is_current_domain(c)) {
        // ASiM varies cells that store 0 as well, compresses the sum, then adds the noise.
        use(macro.with(noise::stack{noise::gain_compression{c.value("non_linear_alpha", 0.0)}, random})
                .with(cell::current{.variation = variation, .off_variation = variation}));
    } else {
        use(noisy);
    }
}

/// Statistics of (noisy - noiseless) against ASiM's. Every bound is a number of standard errors of the difference of
/// two samples, ASiM's and ours, the deviation's with the kurtosis measured. Six of them for each of a few hundred
/// outputs, five for the pooled sigma: right numbers fail once in a million, a sigma that is off by 3 % fails always,
/// which the last check states.
template <class Macro, class Noisy>
void check_noise(golden_case const& c, Macro const& macro, Noisy const& noisy) {
    auto const x = c.load("x");
    auto const w = c.load("w");
    auto const quiet = run(c, macro, x, macro.program(w));
    CHECK(largest_difference(quiet, c.load("y_noiseless")) < 2e-5);

    int const repetitions = 4000;
    std::vector<error_statistics> found(quiet.size());
    // What ASiM's current-domain cells draw afresh for every call belongs to a chip here: a chip for every call.
    auto array = noisy.program(w);
    for (int seed = 0; seed < repetitions; ++seed) {
        auto const number = static_cast<std::uint64_t>(seed);
        if (is_current_domain(c)) {
            array = noisy.program(w, {.chip = number});
        }
        auto const y = run(c, noisy, x, array, {.seed = number});
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

TEST_CASE("noise, hybrid cycles and voting have the statistics of ASiM's") {
    auto const folder = test::shared_or_skip("golden/asim");
    if (!folder) {
        return;
    }
    int tested = 0;
    for (auto const& c : test::all_cases_of(*folder)) {
        if (!has_statistics(c)) {
            continue;
        }
        ++tested;
        CAPTURE(c.folder.filename().string());
        with_macro(c, [&](auto const& macro) {
            with_noise(c, macro, [&](auto const& noisy) { check_noise(c, macro, noisy); });
        });
    }
    CHECK(tested > 0);
}

TEST_CASE("current-domain columns with gain compression equal ASiM's") {
    auto const folder = test::shared_or_skip("golden/asim");
    if (!folder) {
        return;
    }
    auto const cases = cases_of(*folder, {"conv2d_ext:current_domain"});
    CHECK(!cases.empty());
    for (auto const& c : cases) {
        CAPTURE(c.folder.filename().string());
        if (has_statistics(c)) {
            continue;
        }
        REQUIRE(c.value("weight_var", 0.0) == 0.0);
        with_macro(c, [&](auto const& macro) {
            auto const x = c.load("x");
            auto const w = c.load("w");
            auto const compressed = macro.with(noise::gain_compression{c.value("non_linear_alpha", 0.0)});
            CHECK(largest_difference(run(c, compressed, x, compressed.program(w)), c.load("y")) < 2e-5);
            CHECK(largest_difference(run(c, macro, x, macro.program(w)), c.load("y")) > 0.01);
            // The same cells as currents that do not vary.
            auto const cells = compressed.with(cell::current{.variation = 0});
            CHECK(largest_difference(run(c, cells, x, cells.program(w)), c.load("y")) < 2e-5);
        });
    }
}

/// One conversion per output and tile, signed. ASiM converts the sum of all maps with the full scale of one: the same
/// where there is one map, clipped where there are more. Its linear layer converts again after every cycle.
TEST_CASE("weight bit-parallel layers: ASiM's where it converts once per map, the right product where it does not") {
    auto const folder = test::shared_or_skip("golden/asim");
    if (!folder) {
        return;
    }
    auto const cases =
        cases_of(*folder, {"conv2d_ext:w4a4_weight_full_bit_parallel", "linear_ext:w4a4_weight_full_bit_parallel"});
    CHECK(!cases.empty());
    for (auto const& c : cases) {
        CAPTURE(c.folder.filename().string());
        with_macro(c, [&](auto const& serial) {
            auto const macro =
                serial.with(mapping::weight_parallel{.array = {c.integer("nrow"), 64}}).with(cell::ideal{});
            auto const x = c.load("x");
            auto const w = c.load("w");
            CHECK(other_codes(macro.input_quantiser(), x, c.integers("xq")) == 0);
            CHECK(other_codes(macro.weight_quantiser(), w, c.integers("wq")) == 0);
            auto const array = macro.program(w);
            auto const y = run(c, macro, x, array);
            auto const right = c.load("y_ideal_quant");
            if (c.is_convolution() && array.tiles() == 1) {
                CHECK(largest_difference(y, c.load("y")) < 2e-5);
            }
            // Half a step of every tile's conversion; ASiM's linear layer is beyond it.
            auto const levels = 1 << c.integer("act_enc");
            double const step = macro.adc().prepare(macro.context_of(levels, array.cell_levels)).step;
            double const bound = 0.5 * step * static_cast<double>(array.tiles()) * array.weight_scale.step() *
                                 macro.quantise_inputs(ref(x)).input_scale.step();
            CHECK(largest_difference(y, right) < bound * 1.0001);
            if (!c.is_convolution()) {
                CHECK(largest_difference(c.load("y"), right) > bound);
            }
            auto const exact = macro.with(adc::exact_count{});
            CHECK(largest_difference(run(c, exact, x, array), right) < 2e-5);
        });
    }
}

/// A folder of a kind that no test knows would be a case nobody looks at.
TEST_CASE("every golden case of ASiM is of a kind that is tested here, or of its training or networks") {
    auto const folder = test::shared_or_skip("golden/asim");
    if (!folder) {
        return;
    }
    for (auto const& c : test::all_cases_of(*folder)) {
        CAPTURE(c.folder.filename().string());
        auto const kind = c.kind();
        bool const is_known = kind == "conv2d" || kind == "linear" || kind == "mha" || has_statistics(c) ||
                              kind == "conv2d_ext:current_domain" ||
                              kind.ends_with("_ext:w4a4_weight_full_bit_parallel");
        bool const is_elsewhere = kind.starts_with("train") || kind.starts_with("pact") || kind.starts_with("resnet");
        CHECK((is_known || is_elsewhere));
    }
}
