/// \file
/// Faults and limits found in ASiM (Keio-CSG/ASiM, commit 4119e52), one test each: a macro here must not have them.
/// Others are tested where they belong: hybrid cycles that are still converted in property/readout.cpp, the scale of
/// attention in unit/ops/attention.cpp, one conversion shared by several tiles in golden/asim.cpp, noise of amplitude
/// zero that costs time in property/lossless_collapse.cpp.

#include <doctest/doctest.h>

#include <tests/support/convolution.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/xcim.hpp>

#include <cmath>

namespace {

using namespace xcim;
using test::different;
using test::random_tensor;
using test::tensor;

/// Signed 4-bit operands, one code per count: without noise the exact product of the codes.
auto faultless(int rows) {
    return CimMacro{quant::symmetric{4},    mapping::channel_block{.array = {rows, 64}},
                    encoding::bit_serial{}, cell::sram{},
                    noise::none{},          adc::exact_count{}};
}

/// Elements of a convolution, every cycle run, that are not those of its definition.
template <class Macro>
std::size_t wrong_elements(Macro const& macro, tensor const& x, tensor const& w, conv_options const& o) {
    return different(conv2d(macro, x, w, o, {.every_cycle = true}),
                     test::reference_convolution(macro, x, w, nullptr, o).y);
}

}  // namespace

TEST_CASE("no input channel is dropped where channels do not divide into arrays") {
    // 3x3, 256 rows: 28 channels an array. ASiM runs 9 maps for 256 channels and needs 10.
    for (auto const& [rows, channels] : {std::pair{256, 256}, std::pair{128, 128}, std::pair{64, 64}}) {
        auto const x = random_tensor({1, static_cast<std::size_t>(channels), 3, 3}, 1);
        auto const w = random_tensor({2, static_cast<std::size_t>(channels), 3, 3}, 2);
        auto const macro = faultless(rows);
        CHECK(wrong_elements(macro, x, w, {}) == 0);
        CHECK(macro.program(w).tiles() == static_cast<std::size_t>((channels + rows / 9 - 1) / (rows / 9)));
    }
}

TEST_CASE("windows larger than an array are cut, groups, dilation and rectangles map") {
    auto const x = random_tensor({2, 6, 9, 8}, 3);
    conv_options const depthwise{.padding = 1, .groups = 6};
    CHECK(wrong_elements(faultless(4), x, random_tensor({6, 1, 3, 3}, 4), depthwise) == 0);
    conv_options const dilated{.stride = {2, 1}, .padding = {0, 2}, .dilation = {1, 2}};
    CHECK(wrong_elements(faultless(7), x, random_tensor({5, 6, 5, 3}, 5), dilated) == 0);
}

TEST_CASE("static scales: an image's result does not depend on its neighbours in the batch") {
    auto const x = random_tensor({4, 3, 5, 5}, 6, 0, 1);
    auto const w = random_tensor({4, 3, 3, 3}, 7);
    auto const fixed = faultless(100).with(quant::operands{quant::symmetric{4}, quant::unsigned_range<>{4, 1.0F}});
    auto const all = conv2d(fixed, x, w);
    for (std::size_t i = 0; i < 4; ++i) {
        tensor one = tensor::from_shape(std::vector<std::size_t>{1, 3, 5, 5});
        std::copy_n(x.data() + i * one.size(), one.size(), one.data());
        auto const y = conv2d(fixed, one, w);
        for (std::size_t k = 0; k < y.size(); ++k) {
            CHECK(y.data()[k] == all.data()[i * y.size() + k]);
        }
    }
}

TEST_CASE("negative values in an unsigned layer are an error, an all-negative tensor too") {
    auto const macro = faultless(64).with(quant::operands{quant::symmetric{4}, quant::unsigned_range{4}});
    auto const w = random_tensor({2, 3}, 8);
    tensor x = tensor::from_shape(std::vector<std::size_t>{1, 3});
    std::fill_n(x.data(), 3, 1.0F);
    CHECK_NOTHROW(static_cast<void>(linear(macro, x, w)));
    x.data()[1] = -0.25F;
    CHECK_THROWS_WITH(static_cast<void>(linear(macro, x, w)),
                      "xcim: the input of shape (1, 3) holds -0.250000; quant::unsigned_range takes 0 and above: use "
                      "quant::symmetric or quant::affine, or unsigned_range{...}.clipping_negatives() where negative "
                      "values are to become 0");
    std::fill_n(x.data(), 3, -1.0F);
    CHECK_THROWS_AS(static_cast<void>(linear(macro, x, w)), error);
    auto const clipping =
        macro.with(quant::operands{quant::symmetric{4}, quant::unsigned_range{4}.clipping_negatives()});
    for (float const y : linear(clipping, x, w)) {
        CHECK(y == 0.0F);  // not full-scale codes
    }
}

TEST_CASE("current-domain cells work in linear layers, signed inputs compressed like all others") {
    auto const x = random_tensor({6, 100}, 9);
    auto const w = random_tensor({8, 100}, 10);
    auto const macro = faultless(128).with(cell::current{.variation = 0}).with(adc::ideal{});
    auto const straight = linear(macro, x, w);
    CHECK(different(straight, linear(faultless(128), x, w)) == 0);
    // A weak compression is, to first order, alpha times a sum of squares of all counts, the sign phase's among them.
    auto const once = linear(macro.with(noise::gain_compression{1e-5}), x, w);
    auto const twice = linear(macro.with(noise::gain_compression{2e-5}), x, w);
    for (std::size_t i = 0; i < straight.size(); ++i) {
        double const first = static_cast<double>(once.data()[i]) - static_cast<double>(straight.data()[i]);
        double const second = static_cast<double>(twice.data()[i]) - static_cast<double>(straight.data()[i]);
        CHECK(second == doctest::Approx(2 * first).epsilon(0.02).scale(1e-3));
    }
}

TEST_CASE("voting, hybrid cycles and encodings combine in attention; K may be encoded wider than Q has bits") {
    auto const base = faultless(40).with(noise::gaussian{in_cell_lsb(0.6)});
    auto const voting = base.with(readout::hybrid{1, readout::top_cycles::digital, readout::majority{4, 5}});
    auto const scores =
        voting.with(quant::operands{quant::symmetric{3}, quant::symmetric{7}}).with(encoding::bit_parallel{5});
    auto const values =
        voting.with(quant::operands{quant::symmetric{5}, quant::unsigned_range{6}}).with(encoding::bit_parallel{2});
    attention_macros const macros{voting, scores, values};
    attention_weights const weights{random_tensor({36, 12}, 11), {}, random_tensor({12, 12}, 12), {}};
    auto const stored = program_attention(macros, weights, {.heads = 3});
    auto const x = random_tensor({2, 7, 12}, 13);
    auto const y = attention(macros, x, stored, {.seed = 1});
    CHECK(different(y, attention(macros, x, stored, {.seed = 2})) > 0);
    // All cycles digital: the same numbers as without noise, converter and votes.
    auto const digital = [](auto const& macro) {
        return macro.with(readout::hybrid{32, readout::top_cycles::digital, readout::majority{4, 5}});
    };
    auto const plain = [](auto const& macro) { return macro.with(noise::none{}).with(readout::single{}); };
    attention_macros const exact{plain(voting), plain(scores), plain(values)};
    attention_macros const all{digital(voting), digital(scores), digital(values)};
    CHECK(different(attention(all, x, program_attention(all, weights, {.heads = 3})),
                    attention(exact, x, program_attention(exact, weights, {.heads = 3}))) == 0);
    CHECK(different(y, attention(exact, x, stored)) > 0);
}

TEST_CASE("the mode of few samples is biased downwards where codes tie, median and mean are not") {
    // Column sums of 50 read with sigma 0.7 LSB, three samples of every conversion.
    tensor x = tensor::from_shape(std::vector<std::size_t>{400, 100});
    for (std::size_t i = 0; i < x.size(); ++i) {
        x.data()[i] = i % 100 < 50 ? 1.0F : 0.0F;
    }
    tensor w = tensor::from_shape(std::vector<std::size_t>{50, 100});
    std::fill_n(w.data(), w.size(), 1.0F);
    auto const macro = CimMacro{quant::unsigned_range<>{1, 1.0F},
                                mapping::bit_slice{.array = {100, 64}},
                                encoding::bit_serial{},
                                cell::sram{},
                                noise::gaussian{in_cell_lsb(0.7)},
                                adc::exact_count{}};
    auto const bias = [&](readout::vote by) {
        auto const y = linear(macro.with(readout::majority{8, 3, by}), x, w, {.seed = 4});
        double sum = 0;
        for (float const v : y) {
            sum += static_cast<double>(v) - 50;
        }
        return sum / static_cast<double>(y.size());
    };
    CHECK(bias(readout::vote::mode) == doctest::Approx(-0.23).epsilon(0.1));
    CHECK(std::abs(bias(readout::vote::median)) < 0.02);
    CHECK(std::abs(bias(readout::vote::mean)) < 0.02);
}
