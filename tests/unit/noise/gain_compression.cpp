#include <doctest/doctest.h>

#include <xcim/noise/gain_compression.hpp>

#include <limits>

using namespace xcim;

TEST_CASE("noise::gain_compression saturates") {
    auto const k = noise::gain_compression{0.002}.prepare({});
    CHECK(k(0.0F, lane<float>{}) == 0.0F);
    CHECK(k(250.0F, lane<float>{}) == doctest::Approx(250 / 1.5));
    CHECK(k(-250.0F, lane<float>{}) == -k(250.0F, lane<float>{}));
    CHECK(noise::gain_compression{0}.prepare({})(17.0F, lane<float>{}) == 17.0F);
    CHECK(noise::gain_compression{std::numeric_limits<double>::infinity()}.wrong() ==
          "noise::gain_compression.alpha is inf; a finite number from 0 on is needed");
}
