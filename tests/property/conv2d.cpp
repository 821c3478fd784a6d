/// \file
/// Convolutions of random geometry against the naive one, bit for bit.

#include <doctest/doctest.h>

#include <tests/support/convolution.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/xcim.hpp>

#include <random>
#include <string>

namespace {

using namespace xcim;
using test::different;
using test::random_tensor;

}  // namespace

TEST_CASE("convolutions of random geometry equal the naive one bit for bit") {
    std::mt19937 random{77};
    auto const pick = [&](int from, int to) {
        return from + static_cast<int>(random() % static_cast<std::uint32_t>(to - from + 1));
    };
    auto const extent = [&](int from, int to) { return static_cast<std::size_t>(pick(from, to)); };
    int tried = 0;
    while (tried < 120) {
        conv_options o;
        o.stride = {pick(1, 3), pick(1, 3)};
        o.padding = {pick(0, 2), pick(0, 2)};
        o.dilation = {pick(1, 2), pick(1, 3)};
        o.groups = pick(1, 3);
        auto const groups = static_cast<std::size_t>(o.groups);
        std::vector<std::size_t> const w{groups * extent(1, 5), extent(1, 6), extent(1, 4), extent(1, 4)};
        std::vector<std::size_t> const x{extent(0, 2), groups * w[1], extent(1, 9), extent(1, 9)};
        auto const fits = [](std::size_t input, int padding, std::size_t kernel, int dilation) {
            return input + 2 * static_cast<std::size_t>(padding) >=
                   static_cast<std::size_t>(dilation) * (kernel - 1) + 1;
        };
        if (!fits(x[2], o.padding.vertical, w[2], o.dilation.vertical) ||
            !fits(x[3], o.padding.horizontal, w[3], o.dilation.horizontal)) {
            continue;
        }
        ++tried;
        auto const seed = static_cast<std::uint32_t>(10 * tried);
        auto const image = random_tensor(x, seed, -0.1F, 1);
        auto const filters = random_tensor(w, seed + 1);
        auto const bias = random_tensor({w[0]}, seed + 2);
        auto const macro = CimMacro{
            quant::operands{quant::symmetric{pick(2, 6)}, quant::unsigned_range{pick(1, 6)}.clipping_negatives()},
            mapping::channel_block{{pick(5, 70), 64}},
            encoding::bit_parallel{pick(1, 3)},
            cell::sram{},
            noise::none{},
            adc::uniform{pick(3, 8)}};
        CAPTURE(tried);
        CAPTURE(to_string(x));
        CAPTURE(to_string(w));
        CHECK(different(conv2d(macro, image, filters, bias, o, {.threads = pick(1, 3)}),
                        test::reference_convolution(macro, image, filters, &bias, o).y) == 0);
        auto const rows = macro.with(mapping::bit_slice{macro.mapping().array});
        CHECK(different(conv2d(rows, image, filters, o),
                        test::reference_convolution(rows, image, filters, nullptr, o).y) == 0);
    }
}
