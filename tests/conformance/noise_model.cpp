/// A new noise model is one line in the first test and one with amplitude zero in the second.

#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/noise.hpp>
#include <xcim/testing/noise_model.hpp>

#include <cmath>

namespace {

using xcim::in_adc_lsb;
using xcim::in_cell_lsb;
using xcim::of_full_scale;
using xcim::noise::comparator_offset;
using xcim::noise::gain_compression;
using xcim::noise::gaussian;
using xcim::noise::non_linearity;
using xcim::noise::popcount_errors;
using xcim::noise::sense_variation;
using xcim::noise::stack;
using xcim::noise::thermal;
using xcim::testing::check_noise_model;
using xcim::testing::check_normal_noise;
using xcim::testing::check_silent;

}  // namespace

TEST_CASE("NoiseModel: laws of every model") {
    CHECK_LAWS(check_noise_model(xcim::noise::none{}));
    CHECK_LAWS(check_noise_model(gaussian{of_full_scale(0.01)}));
    CHECK_LAWS(check_noise_model(gaussian{in_adc_lsb(0.3)}));
    CHECK_LAWS(check_noise_model(gaussian{in_cell_lsb(5)}));
    CHECK_LAWS(check_noise_model(stack{gaussian{in_cell_lsb(1)}, xcim::noise::none{}, gaussian{of_full_scale(0.1)}}));
    CHECK_LAWS(check_noise_model(non_linearity{of_full_scale(0.01)}));
    CHECK_LAWS(check_noise_model(gain_compression{0.002}));
    CHECK_LAWS(check_noise_model(thermal{}));
    CHECK_LAWS(check_noise_model(comparator_offset{in_adc_lsb(0.5)}));
    CHECK_LAWS(check_noise_model(sense_variation{{.on = 0.03, .ratio = 4, .off = 0.1, .converter = 0.02}}));
    CHECK_LAWS(check_noise_model(popcount_errors{{{0.1, 0.2}, {-0.3, 0.1}, {0, 0.4}}}));
    CHECK_LAWS(check_noise_model(
        stack{comparator_offset{in_cell_lsb(1)}, non_linearity{in_cell_lsb(1)}, gain_compression{0.001}, thermal{}}));
    CHECK_LAWS(check_noise_model(stack{xcim::noise::none{}}));
    CHECK_LAWS(check_noise_model(xcim::noise::elementwise{[](auto sum, auto z) { return sum + z; }}));
}

TEST_CASE("NoiseModel: amplitude zero is the identity bit for bit") {
    for (auto const& context : xcim::testing::some_contexts()) {
        CHECK_LAWS(check_silent(xcim::noise::none{}, context));
        CHECK_LAWS(check_silent(gaussian{}, context));
        CHECK_LAWS(check_silent(non_linearity{}, context));
        CHECK_LAWS(check_silent(gain_compression{}, context));
        CHECK_LAWS(check_silent(thermal{.temperature = 0}, context));
        CHECK_LAWS(check_silent(comparator_offset{}, context));
        CHECK_LAWS(check_silent(sense_variation{}, context));
        CHECK_LAWS(check_silent(popcount_errors{{{}, {}, {}}}, context));
        CHECK_LAWS(check_silent(gaussian{in_cell_lsb(0)}, context));
        CHECK_LAWS(check_silent(stack{gaussian{}, gaussian{in_cell_lsb(0)}}, context));
    }
}

TEST_CASE("NoiseModel: moments and distribution at fixed seeds") {
    auto const context = xcim::testing::context_for(200, 1);
    for (std::uint64_t const seed : {1U, 2U, 3U}) {
        CHECK_LAWS(check_normal_noise(gaussian{of_full_scale(0.01)}, context, 100, 100, 2, seed));
        CHECK_LAWS(check_normal_noise(gaussian{in_cell_lsb(0.5)}, context, 10, 10, 0.5, seed));
        CHECK_LAWS(check_normal_noise(non_linearity{in_cell_lsb(5)}, context, 99, 99, 0.5, seed));
        CHECK_LAWS(check_normal_noise(comparator_offset{in_cell_lsb(3)}, context, 50, 50, 3, seed));
        CHECK_LAWS(check_normal_noise(thermal{.unit_capacitance = 1e-18, .supply = 1.0, .temperature = 300}, context,
                                      20, 20, 0.91019, seed));
        CHECK_LAWS(check_normal_noise(sense_variation{{.on = 0.2, .converter = 0.5}}, context, 100, 100, 2.0615528,
                                      seed));  // sqrt(100 * 0.2^2 + 0.5^2)
        CHECK_LAWS(check_normal_noise(popcount_errors{{{0, 0}, {0.5, 2}}}, context, 1, 1.5, 2, seed));
        CHECK_LAWS(
            check_normal_noise(stack{gaussian{in_cell_lsb(3)}, gaussian{in_cell_lsb(4)}}, context, 100, 100, 5, seed));
    }
}
