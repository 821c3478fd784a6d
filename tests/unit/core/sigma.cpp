#include <doctest/doctest.h>

#include <tests/support/files.hpp>
#include <xcim/concepts/column.hpp>

TEST_CASE("a sigma becomes cell-LSB in the context of its column") {
    xcim::column_context context;
    context.full_scale = 200;
    context.adc_step = 2.5;
    CHECK(xcim::to_cell_lsb(xcim::of_full_scale(0.01), context) == 2.0);
    CHECK(xcim::to_cell_lsb(xcim::in_adc_lsb(2), context) == 5.0);
    CHECK(xcim::to_cell_lsb(xcim::in_cell_lsb(0.75), context) == 0.75);
}

TEST_CASE("a sigma in ADC steps without a step is an error that says what to use instead") {
    xcim::column_context context;
    context.adc_step = 0;
    auto const e = xcim::test::error_of([&] { static_cast<void>(xcim::to_cell_lsb(xcim::in_adc_lsb(1), context)); });
    CHECK(e.code == xcim::errc::composition);
    CHECK(e.says("in_adc_lsb"));
    CHECK(e.says("of_full_scale"));
}

TEST_CASE("a sigma prints its unit") {
    CHECK(to_string(xcim::of_full_scale(0.5)).find("of full scale") != std::string::npos);
    CHECK(to_string(xcim::in_adc_lsb(0.5)).find("ADC-LSB") != std::string::npos);
    CHECK(to_string(xcim::in_cell_lsb(0.5)).find("cell-LSB") != std::string::npos);
}
