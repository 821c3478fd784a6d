#include <doctest/doctest.h>

#include <xcim/cell/elementary.hpp>

#include <algorithm>
#include <cmath>

using namespace xcim;

TEST_CASE("cell::exponential and logarithm agree with the C library") {
    double worst = 0;
    for (double x = -700; x <= 700; x += 0.0173) {
        worst = std::max(worst, std::abs(cell::exponential(x) / std::exp(x) - 1));
    }
    CHECK(worst < 1e-12);
    CHECK(cell::exponential(0) == 1);
    worst = 0;
    for (double x = 1e-300; x < 1e300; x *= 1.0037) {
        worst = std::max(worst, std::abs(cell::logarithm(x) - std::log(x)) / std::max(1.0, std::abs(std::log(x))));
    }
    for (double x = 0.4; x < 2.5; x += 1e-4) {  // around 1, where the logarithm is small
        worst = std::max(worst, std::abs(cell::logarithm(x) - std::log(x)) / (std::abs(std::log(x)) + 1e-15));
    }
    CHECK(worst < 1e-12);
    CHECK(cell::logarithm(1) == 0);
    CHECK(cell::logarithm(8) == doctest::Approx(3 * std::log(2.0)).epsilon(1e-14));
}
