/// \file
/// A composition that loses nothing runs as an integer product: the same bits as cycle by cycle, and only where that is
/// so.

#include <doctest/doctest.h>

#include <tests/support/tensors.hpp>
#include <xcim/xcim.hpp>

#include <random>

namespace {

using namespace xcim;
using test::different;
using test::random_tensor;

/// Sees whether conversions happen.
struct counting_probe final : column_probe {
    std::size_t conversions = 0;
    void observe(observed_strip const& strip) override { conversions += strip.phases * strip.columns; }
};

/// The same bits with and without cycles, from 1 and 3 threads; returns whether the macro says it collapses.
template <class Macro>
bool same_either_way(Macro const& macro, test::tensor const& x, test::tensor const& w) {
    auto const array = macro.program(w);
    auto const y = linear(macro, x, array, {.seed = 3});
    CHECK(different(y, linear(macro, x, array, {.seed = 3, .every_cycle = true})) == 0);
    CHECK(different(y, linear(macro, x, array, {.seed = 3, .threads = 3})) == 0);
    counting_probe probe;
    CHECK(different(y, linear(macro, x, array, {.seed = 3, .probe = &probe})) == 0);
    CHECK(probe.conversions > 0);
    return macro.path().is_integer_product;
}

}  // namespace

TEST_CASE("lossless compositions: the integer product equals the cycles on random shapes, bits and signs") {
    std::mt19937 engine{7};
    auto const pick = [&](int lowest, int highest) {
        return lowest + static_cast<int>(engine() % static_cast<unsigned>(highest - lowest + 1));
    };
    for (int round = 0; round < 60; ++round) {
        auto const size = [&](int highest) { return static_cast<std::size_t>(pick(1, highest)); };
        auto const m = size(40);
        auto const k = size(300);
        auto const n = size(150);
        int const weight_bits = pick(2, round % 7 == 0 ? 16 : 8);
        int const input_bits = pick(2, round % 5 == 0 ? 16 : 8);
        bool const is_signed = round % 2 == 0;
        CAPTURE(round);
        auto const x = random_tensor({m, k}, static_cast<std::uint32_t>(round), is_signed ? -1.0F : 0.0F);
        auto const w = random_tensor({n, k}, static_cast<std::uint32_t>(1000 + round));
        auto const base = CimMacro{quant::symmetric{weight_bits},
                                   mapping::bit_slice{.array = {pick(20, 260), 64}, .cell_bits = pick(1, 3)},
                                   encoding::bit_parallel{pick(1, 4)},
                                   cell::ideal{},
                                   noise::none{},
                                   adc::exact_count{}};
        if (is_signed) {
            CHECK(same_either_way(
                base.with(quant::operands{quant::symmetric{weight_bits}, quant::symmetric{input_bits}}), x, w));
        } else {
            auto const macro =
                base.with(quant::operands{quant::symmetric{weight_bits}, quant::unsigned_range{input_bits}});
            CHECK(same_either_way(macro, x, w));
        }
        if (round % 6 == 0) {
            auto const affine = base.with(quant::operands{quant::affine{7}, quant::affine{input_bits}});
            CHECK(same_either_way(affine, random_tensor({m, k}, static_cast<std::uint32_t>(round)), w));
        }
    }
}

TEST_CASE("boundary precision decides: a whole number of codes per count") {
    auto const x = random_tensor({6, 100}, 1, 0, 1);
    auto const w = random_tensor({9, 100}, 2);
    auto const macro = [](int rows, int adc_bits) {
        return CimMacro{quant::operands{quant::symmetric{5}, quant::unsigned_range{6}},
                        mapping::bit_slice{.array = {rows, 64}},
                        encoding::bit_serial{},
                        cell::sram{},
                        noise::none{},
                        adc::uniform{adc_bits}};
    };
    CHECK(same_either_way(macro(255, 8), x, w));
    CHECK(same_either_way(macro(85, 8), x, w));   // three codes per count
    CHECK(same_either_way(macro(51, 8), x, w));   // five
    CHECK(same_either_way(macro(31, 10), x, w));  // 33
    CHECK_FALSE(same_either_way(macro(256, 8), x, w));
    CHECK_FALSE(same_either_way(macro(255, 7), x, w));
    CHECK_FALSE(same_either_way(macro(254, 8), x, w));
}

TEST_CASE("anything that may change a sum keeps the cycles") {
    auto const x = random_tensor({6, 100}, 3, 0, 1);
    auto const w = random_tensor({9, 100}, 4);
    auto const exact = CimMacro{quant::operands{quant::symmetric{5}, quant::unsigned_range{6}},
                                mapping::bit_slice{.array = {255, 64}},
                                encoding::bit_serial{},
                                cell::sram{},
                                noise::none{},
                                adc::uniform{8}};
    auto const collapses = [&](auto const& macro) { return same_either_way(macro, x, w); };
    CHECK(collapses(exact));
    // Noise of amplitude zero, alone and stacked.
    CHECK(collapses(exact.with(noise::gaussian{})));
    CHECK(collapses(exact.with(noise::stack{noise::non_linearity{}, noise::gain_compression{}, noise::none{},
                                            noise::comparator_offset{}, noise::gaussian{}})));
    CHECK_FALSE(collapses(exact.with(noise::stack{noise::non_linearity{}, noise::gaussian{in_cell_lsb(0.1)}})));
    CHECK(collapses(exact.with(adc::ideal{})));
    CHECK(collapses(exact.with(readout::hybrid{3})));
    CHECK(collapses(exact.with(readout::majority{3, 5})));
    CHECK(collapses(exact.with(adc::uniform{4}).with(readout::hybrid{32})));  // all digital
    CHECK_FALSE(collapses(exact.with(noise::gaussian{in_cell_lsb(0.1)})));
    CHECK_FALSE(collapses(exact.with(noise::gain_compression{0.001})));
    CHECK_FALSE(collapses(exact.with(noise::comparator_offset{in_cell_lsb(0.1)})));
    CHECK_FALSE(collapses(exact.with(cell::capacitor{.matching = 0})));
    CHECK_FALSE(collapses(exact.with(encoding::mismatched_dac{2})));
    CHECK_FALSE(collapses(exact.with(adc::uniform{4}).with(readout::hybrid{3})));
    // Codes of more than eight bits are multiplied byte by byte.
    CHECK(collapses(exact.with(quant::operands{quant::symmetric{9}, quant::unsigned_range{6}})));
    CHECK(collapses(exact.with(quant::operands{quant::symmetric{16}, quant::unsigned_range{13}})));
    CHECK(collapses(
        exact.with(quant::operands{quant::unsigned_range{8}.clipping_negatives(), quant::unsigned_range{16}})));
}

TEST_CASE("convolutions collapse too: groups, padding, zero points, bias") {
    auto const x = random_tensor({3, 6, 7, 5}, 5);
    auto const w = random_tensor({10, 3, 3, 2}, 6);
    auto const bias = random_tensor({10}, 7);
    auto const macro = CimMacro{quant::operands{quant::symmetric{8}, quant::affine{8}},
                                mapping::channel_block{.array = {255, 64}},
                                encoding::bit_serial{},
                                cell::sram{},
                                noise::none{},
                                adc::exact_count{}};
    conv_options const o{.stride = {2, 1}, .padding = {1, 2}, .groups = 2};
    auto const y = conv2d(macro, x, w, bias, o);
    CHECK(macro.path().is_integer_product);
    CHECK(different(y, conv2d(macro, x, w, bias, o, {.every_cycle = true})) == 0);
    CHECK(different(y, conv2d(macro, x, w, bias, o, {.threads = 2})) == 0);
}

TEST_CASE("describe says which path runs and why") {
    auto const exact = CimMacro{quant::symmetric{8},    mapping::bit_slice{.array = {255, 64}},
                                encoding::bit_serial{}, cell::sram{},
                                noise::none{},          adc::uniform{8}};
    auto const ends = [](std::string const& text, std::string const& line) {
        return text.size() >= line.size() && text.compare(text.size() - line.size(), line.size(), line) == 0;
    };
    CHECK(ends(describe(exact), "path: integer product: linear cells, no noise, a whole number of codes per count\n"));
    CHECK(ends(describe(exact.with(adc::uniform{7})),
               "path: every cycle: the converter does not read every count as itself\n"));
    CHECK(ends(describe(exact.with(noise::gaussian{in_cell_lsb(1)})), "path: every cycle: there is noise\n"));
    CHECK(ends(describe(exact.with(cell::current{})),
               "path: every cycle: cells, wires or drivers make column sums that are no counts\n"));
    CHECK(ends(describe(exact.with(quant::symmetric{9})),
               "path: integer product: linear cells, no noise, a whole number of codes per count\n"));
}
