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
using xcim::noise::gaussian;
using xcim::noise::stack;
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
    CHECK_LAWS(check_noise_model(stack{xcim::noise::none{}}));
    CHECK_LAWS(check_noise_model(xcim::noise::elementwise{[](auto sum, auto z) { return sum + z; }}));
}

TEST_CASE("NoiseModel: amplitude zero is the identity bit for bit") {
    for (auto const& context : xcim::testing::some_contexts()) {
        CHECK_LAWS(check_silent(xcim::noise::none{}, context));
        CHECK_LAWS(check_silent(gaussian{}, context));
        CHECK_LAWS(check_silent(gaussian{in_cell_lsb(0)}, context));
        CHECK_LAWS(check_silent(stack{gaussian{}, gaussian{in_cell_lsb(0)}}, context));
    }
}

TEST_CASE("NoiseModel: moments and distribution at fixed seeds") {
    auto const context = xcim::testing::context_for(200, 1);
    for (std::uint64_t const seed : {1U, 2U, 3U}) {
        CHECK_LAWS(check_normal_noise(gaussian{of_full_scale(0.01)}, context, 100, 100, 2, seed));
        CHECK_LAWS(check_normal_noise(gaussian{in_cell_lsb(0.5)}, context, 10, 10, 0.5, seed));
        CHECK_LAWS(
            check_normal_noise(stack{gaussian{in_cell_lsb(3)}, gaussian{in_cell_lsb(4)}}, context, 100, 100, 5, seed));
    }
}
