#include <doctest/doctest.h>

#include <xcim/noise/gaussian.hpp>

#include <cmath>

TEST_CASE("noise::gaussian adds sigma times the draw, in the unit of the column") {
    xcim::column_context context;
    context.full_scale = 1000;
    context.adc_step = 4;
    float const z = -1.5F;
    xcim::lane<float> const l{&z, 1};
    CHECK(xcim::noise::gaussian{xcim::of_full_scale(0.01)}.prepare(context)(100.0F, l) == 85.0F);
    CHECK(xcim::noise::gaussian{xcim::in_adc_lsb(0.5)}.prepare(context)(100.0F, l) == 97.0F);
    CHECK(xcim::noise::gaussian{xcim::in_cell_lsb(2)}.prepare(context)(100.0F, l) == 97.0F);
}

TEST_CASE("noise::gaussian of amplitude zero is off and exact") {
    auto const k = xcim::noise::gaussian{}.prepare({});
    CHECK(k.is_off());
    float const z = 5;
    CHECK(k(0.1F, xcim::lane<float>{&z, 1}) == 0.1F);
    CHECK_FALSE(xcim::noise::gaussian{xcim::in_cell_lsb(1e-9)}.prepare({}).is_off());
    CHECK(to_string(xcim::noise::gaussian{xcim::in_cell_lsb(2)}).find("cell-LSB") != std::string::npos);
}
