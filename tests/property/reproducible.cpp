/// \file
/// Noise belongs to a site, not to the order of work: threads, batches and programs change no number.

#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/testing/macro.hpp>
#include <xcim/xcim.hpp>

#include <algorithm>

namespace {

using namespace xcim;
using test::different;
using test::random_tensor;
using test::tensor;

/// Fixed scales, so that a part of a batch is quantised as the whole.
auto noisy_macro() {
    return CimMacro{quant::operands{quant::symmetric<>{6, 1.0F}, quant::unsigned_range<>{5, 1.0F}},
                    mapping::bit_slice{.array = {40, 64}},
                    encoding::bit_parallel{2},
                    cell::sram{},
                    noise::gaussian{of_full_scale(0.02)},
                    adc::uniform{7}};
}

auto stacked_macro() {
    return noisy_macro()
        .with(noise::stack{noise::gaussian{in_cell_lsb(0.7)}, noise::elementwise{[](auto sum, auto z) {
                               return sum + unfused(decltype(sum)(0.02F) * unfused(z * sum));
                           }}})
        .with(adc::ideal{});
}

tensor rows_of(tensor const& x, std::size_t first, std::size_t last) {
    auto shape = test::shape_of(x);
    std::size_t const size = x.size() / shape[0];
    shape[0] = last - first;
    tensor part = tensor::from_shape(shape);
    std::copy_n(x.data() + first * size, part.size(), part.data());
    return part;
}

template <class Macro>
void check_linear(Macro const& macro) {
    for (std::size_t const n : {5U, 100U}) {  // few blocks of rows and several panels: both ways to share out work
        auto const x = random_tensor({21, 90}, 1, 0, 1);
        auto const w = random_tensor({n, 90}, 2);
        auto const array = macro.program(w);
        auto const y = linear(macro, x, array, {.seed = 7});
        for (int const threads : {1, 2, 3, 7}) {
            CHECK(different(y, linear(macro, x, array, {.seed = 7, .threads = threads})) == 0);
            CHECK(different(rows_of(y, 0, 1),
                            linear(macro, rows_of(x, 0, 1), array, {.seed = 7, .threads = threads})) == 0);
        }
        CHECK(different(y, linear(macro, x, w, {.seed = 7})) == 0);
        for (std::size_t cut = 0; cut <= 21; ++cut) {
            CAPTURE(cut);
            CHECK(different(rows_of(y, cut, 21),
                            linear(macro, rows_of(x, cut, 21), array, {.seed = 7, .first_item = cut})) == 0);
        }
        // Other seeds, layers and items draw other noise.
        CHECK(different(y, linear(macro, x, array, {.seed = 8})) > 0);
        CHECK(different(y, linear(macro, x, array, {.seed = 7, .layer = 1})) > 0);
        CHECK(different(y, linear(macro, x, array, {.seed = 7, .first_item = 1})) > 0);
        CHECK(different(y, linear(macro, x, array, {.seed = 7 + (std::uint64_t{1} << 32)})) > 0);
    }
}

template <class Macro>
void check_conv(Macro const& macro) {
    auto const x = random_tensor({5, 4, 6, 6}, 3, 0, 1);
    auto const w = random_tensor({8, 2, 3, 3}, 4);
    conv_options const o{.padding = 1, .groups = 2};
    auto const y = conv2d(macro, x, w, o, {.seed = 9});
    for (int const threads : {1, 2, 3}) {
        CHECK(different(y, conv2d(macro, x, w, o, {.seed = 9, .threads = threads})) == 0);
    }
    for (std::size_t cut = 0; cut <= 5; ++cut) {
        CAPTURE(cut);
        CHECK(different(rows_of(y, 0, cut), conv2d(macro, rows_of(x, 0, cut), w, o, {.seed = 9})) == 0);
        CHECK(different(rows_of(y, cut, 5), conv2d(macro, rows_of(x, cut, 5), w, o, {.seed = 9, .first_item = cut})) ==
              0);
    }
    CHECK(different(y, conv2d(macro, x, w, o, {.seed = 10})) > 0);
}

}  // namespace

TEST_CASE("linear: threads, cuts of the batch and programming on the fly change no number") {
    check_linear(noisy_macro());
    check_linear(stacked_macro());
}

TEST_CASE("conv2d: threads and cuts of the batch change no number") {
    check_conv(noisy_macro());
    check_conv(stacked_macro());
}

TEST_CASE("laws of CimMacro with noise") {
    auto const x = random_tensor({13, 90}, 5, 0, 1);
    auto const w = random_tensor({70, 90}, 6);
    CHECK_LAWS(testing::check_macro(noisy_macro(), xcim::ref(x), xcim::ref(w), {.seed = 3}));
    CHECK_LAWS(testing::check_macro(stacked_macro(), xcim::ref(x), xcim::ref(w), {.seed = 3}));
}

TEST_CASE("noise of amplitude zero is no noise") {
    auto const x = random_tensor({7, 90}, 5, 0, 1);
    auto const w = random_tensor({20, 90}, 6);
    for (int const adc_bits : {5, 7, 9}) {
        auto const off = noisy_macro().with(adc::uniform{adc_bits}).with(noise::gaussian{in_cell_lsb(0)});
        CHECK(different(linear(off, x, w, {.seed = 3}), linear(off.with(noise::none{}), x, w)) == 0);
    }
}
