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
