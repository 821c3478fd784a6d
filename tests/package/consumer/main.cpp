/// \file
/// What a user's program does: weights to a file and back, a noisy convolution, a noisy linear layer.

#include <xcim/io/npy.hpp>
#include <xcim/xcim.hpp>

#include <cstddef>
#include <cstdio>
#include <vector>

namespace {

xt::xarray<float> ramp(std::vector<std::size_t> const& shape) {
    xt::xarray<float> t = xt::xarray<float>::from_shape(shape);
    float next = -1;
    for (auto& v : t) {
        v = next;
        next = next < 1 ? next + 0.125F : -1;
    }
    return t;
}

}  // namespace

int main(int /*argc*/, char** argv) {
    auto const macro = xcim::CimMacro{
        xcim::quant::symmetric{4}, xcim::mapping::bit_slice{.array = {16, 8}}, xcim::encoding::bit_serial{},
        xcim::cell::sram{},        xcim::noise::gaussian{xcim::in_adc_lsb(1)}, xcim::adc::uniform{4}};
    auto const filters = ramp({2, 2, 3, 3});
    xcim::io::save_npy(argv[1], filters);
    auto const loaded = xcim::io::load_npy<float>(argv[1]);
    if (loaded != filters) {
        std::puts("the filters changed in the file");
        return 1;
    }

    auto const image = ramp({1, 2, 5, 5});
    auto const y = xcim::conv2d(macro, image, loaded, {.padding = 1}, {.seed = 1});
    auto const z = xcim::linear(macro, ramp({3, 20}), ramp({4, 20}), {.seed = 1});
    if (y.dimension() != 4 || y.size() != 50 || z.dimension() != 2 || z.size() != 12) {
        std::puts("a result has the wrong shape");
        return 1;
    }
    if (y == xcim::conv2d(macro, image, loaded, {.padding = 1}, {.seed = 2})) {
        std::puts("the seed does not reach the noise");
        return 1;
    }
    return 0;
}
