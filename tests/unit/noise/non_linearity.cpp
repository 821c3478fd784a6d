#include <doctest/doctest.h>

#include <xcim/noise/non_linearity.hpp>
#include <xcim/testing/column_contexts.hpp>

#include <cmath>

using namespace xcim;

TEST_CASE("noise::non_linearity falls with the square root of the active rows") {
    auto const context = testing::context_for(255, 1);
    auto const k = noise::non_linearity{in_cell_lsb(2)}.prepare(context);
    float const z = 1.0F;
    lane<float> const l{&z, 1};
    CHECK(k(0.0F, l) == 2.0F);
    CHECK(k(99.0F, l) == doctest::Approx(99.2));
    CHECK(k(-99.0F, l) == doctest::Approx(-98.8));
    CHECK(noise::non_linearity{of_full_scale(-1)}.wrong() ==
          "noise::non_linearity has sigma -1.000000 of full scale; a finite number from 0 on is needed");
}

TEST_CASE("noise::non_linearity counts fully driven rows where a phase drives several bits") {
    auto const context = testing::context_for(100, 4);  // 15 cell-LSB a row
    auto const k = noise::non_linearity{in_cell_lsb(2)}.prepare(context);
    float const z = 1.0F;
    CHECK(k(15.0F * 99, lane<float>{&z, 1}) - 15.0F * 99 == doctest::Approx(0.2).epsilon(1e-3));
}
