#include <doctest/doctest.h>

#include <xcim/adc/uniform.hpp>
#include <xcim/noise/gaussian.hpp>
#include <xcim/readout/single.hpp>

TEST_CASE("readout::single adds noise, then converts") {
    xcim::column_context context;
    context.full_scale = 255;
    auto const adc = xcim::adc::uniform{8}.prepare(context);
    auto const [k] = xcim::readout::single{}.kernels(
        xcim::column_stages{xcim::noise::gaussian{xcim::in_cell_lsb(10)}.prepare(context), adc, adc});
    float const z = 1.46F;
    CHECK(k.draws == 1);
    CHECK(k(100.0F, xcim::lane<float>{&z, 1}) == 115.0F);
    CHECK(k(250.0F, xcim::lane<float>{&z, 1}) == 255.0F);
    CHECK(xcim::readout::single{}.conversions_of({}) == 1);
    CHECK(to_string(xcim::readout::single{}) == "single conversion");
}
