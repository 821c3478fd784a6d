#include <doctest/doctest.h>

#include <xcim/adc/ideal.hpp>

TEST_CASE("adc::ideal returns the sum") {
    xcim::adc::ideal const a;
    auto const k = a.prepare({});
    CHECK(a.resolution({}) == 0);
    CHECK(k.step == 1);
    CHECK(k(-3.125F, xcim::lane<float>{}) == -3.125F);
    CHECK(to_string(a) == "ideal ADC");
}
