/// \file
/// A convolution layer: program the filters once, run images through them. Driving four input bits at once needs a
/// quarter of the conversions; what does it cost in accuracy?

#include "example.hpp"

#include <algorithm>

int main() {
    auto const images = example::rectified({2, 32, 12, 12}, 1);  // (N, C, H, W)
    auto const filters = example::normal({24, 32, 3, 3}, 2);     // (out, C, 3, 3)
    auto const bias = example::normal({24}, 3);                  // (out)

    auto const macro = xcim::CimMacro{
        xcim::quant::operands{xcim::quant::symmetric{8}, xcim::quant::unsigned_range{8, 4.0F}},  // fixed input range
        xcim::mapping::channel_block{.array = {255, 64}},  // 28 whole 3x3 windows
        xcim::encoding::bit_parallel{1},
        xcim::cell::sram{},
        xcim::noise::gaussian{},
        xcim::adc::uniform{8}};
    auto const array = macro.program(filters);
    fmt::print("{} outputs of {} rows in {} row tiles of {} rows\n", array.outputs(), array.shape.rows(), array.tiles(),
               array.rows_per_tile);

    xcim::conv_options const same{.stride = 1, .padding = 1};
    auto const exact = xcim::conv2d(macro.with(xcim::adc::ideal{}), images, array, bias, same);  // (N, out, H, W)
    auto const quality = [&](int bits_at_once, double sigma) {
        auto const design = macro.with(xcim::encoding::bit_parallel{bits_at_once})
                                .with(xcim::noise::gaussian{xcim::of_full_scale(sigma)});
        auto const db = example::sqnr(exact, xcim::conv2d(design, images, array, bias, same, {.seed = 1}));
        fmt::print("  {} at once, noise {:.1f} %: {:4} conversions per output pixel, {}\n", bits_at_once, 100 * sigma,
                   design.conversions_per_row(array) / array.outputs(),
                   std::isinf(db) ? "lossless" : fmt::format("{:.1f} dB", db));
        return db;
    };

    fmt::print("input bits driven\n");
    example::claim(std::isinf(quality(1, 0)), "bit by bit, 8-bit converters count 255 rows exactly");
    double const one = quality(1, 0.001);
    quality(2, 0.001);
    example::claim(quality(4, 0.001) < one - 6, "a quarter of the conversions costs over 6 dB");

    // A batch may be cut anywhere: image 1 alone draws the noise it draws in the batch.
    auto const noisy = macro.with(xcim::noise::gaussian{xcim::of_full_scale(0.001)});
    auto const both = xcim::conv2d(noisy, images, array, bias, same, {.seed = 1});
    example::tensor second = example::tensor::from_shape({1, 32, 12, 12});
    std::copy(images.data() + second.size(), images.data() + images.size(), second.data());
    auto const alone = xcim::conv2d(noisy, second, array, bias, same, {.seed = 1, .first_item = 1});
    example::claim(std::equal(alone.begin(), alone.end(), both.begin() + static_cast<std::ptrdiff_t>(alone.size())),
                   "an image gives the same numbers alone as in its batch");
}
