/// \file
/// What a user's smallest program costs to compile: one macro, one product.

#include <xcim/xcim.hpp>

xt::xarray<float> product(xt::xarray<float> const& x, xt::xarray<float> const& weights) {
    auto const macro = xcim::CimMacro{
        xcim::quant::symmetric{8}, xcim::mapping::bit_slice{.array = {256, 64}},      xcim::encoding::bit_serial{},
        xcim::cell::sram{},        xcim::noise::gaussian{xcim::of_full_scale(0.001)}, xcim::adc::uniform{8}};
    return xcim::gemm(macro, x, weights, {.seed = 1});
}
