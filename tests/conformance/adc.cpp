/// A new converter is one line here.

#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/adc.hpp>
#include <xcim/testing/adc.hpp>

using xcim::testing::check_adc;

TEST_CASE("Adc: laws of every model") {
    CHECK_LAWS(check_adc(xcim::adc::ideal{}));
    CHECK_LAWS(check_adc(xcim::adc::exact_count{}));
    for (int const bits : {1, 2, 5, 8, 12, 16}) {
        CAPTURE(bits);
        CHECK_LAWS(check_adc(xcim::adc::uniform{bits}));
    }
    CHECK_LAWS(check_adc(xcim::adc::uniform{xcim::c<8>}));
    auto const both_signs = xcim::testing::signed_contexts();
    CHECK_LAWS(check_adc(xcim::adc::ideal{}, both_signs));
    CHECK_LAWS(check_adc(xcim::adc::exact_count{}, both_signs));
    CHECK_LAWS(check_adc(xcim::adc::uniform{2}, both_signs));
    CHECK_LAWS(check_adc(xcim::adc::uniform{9}, both_signs));
}

TEST_CASE("Adc: laws of converters that are circuits") {
    namespace adc = xcim::adc;
    auto const both_signs = xcim::testing::signed_contexts();
    auto const check = [&](auto const& model) {
        CAPTURE(to_string(model));
        CHECK_LAWS(check_adc(model));
        CHECK_LAWS(check_adc(model, both_signs));
    };
    check(adc::calibrated{8});
    check(adc::calibrated{6, adc::granular{}});
    check(adc::calibrated{6, adc::range_of_full_scale(-0.2, 0.4)});
    check(adc::sign_magnitude{6});
    check(adc::stochastic{adc::calibrated{5}});
    check(adc::sar{8, {.mismatch = 0.002, .comparator = 0.01, .gain_db = 60}});
    check(adc::ramp{7, {.mismatch = 0.002, .comparator = 0.01, .gain_db = 60}});
    check(adc::pipeline{8, {.comparator = 0.02}});
    check(adc::cyclic{8, {.comparator = 0.02}});
    check(adc::oscillator{3e-14, 8});
    check(adc::s_curve{8, {.bend = 0.2, .offset = 0.01, .series_resistance = 0.1}});
    check(adc::tabulated{{0.1, 0.2, 0.5}, {0, 0.15, 0.4, 0.7}});
    // With mismatch the stages' steps overlap.
    CHECK_LAWS(check_adc(adc::pipeline{8, {.mismatch = 0.05}}, both_signs, false));
    CHECK_LAWS(check_adc(adc::cyclic{8, {.mismatch = 0.05}}, both_signs, false));
}

TEST_CASE("Adc: adc::ideal and adc::exact_count lose nothing") {
    for (auto const& context : xcim::testing::some_contexts()) {
        CHECK_LAWS(xcim::testing::check_lossless(xcim::adc::ideal{}, context));
        CHECK_LAWS(xcim::testing::check_lossless(xcim::adc::exact_count{}, context));
    }
    for (auto const& context : xcim::testing::signed_contexts()) {
        CHECK_LAWS(xcim::testing::check_lossless(xcim::adc::ideal{}, context));
        CHECK_LAWS(xcim::testing::check_lossless(xcim::adc::exact_count{}, context));
    }
}
