#include <doctest/doctest.h>

#include <xcim/adc.hpp>
#include <xcim/cost.hpp>
#include <xcim/encoding.hpp>
#include <xcim/readout.hpp>

#include <tests/support/compositions.hpp>
#include <tests/support/tensors.hpp>

#include <cstdint>
#include <map>

namespace {

using namespace xcim;
using cost::counts;
using cost::counts_of;
using test::random_tensor;
using by_bits = std::map<int, std::uint64_t>;

/// 8-bit weights, unsigned 8-bit inputs, arrays of 256 x 64.
auto macro_8b() {
    return test::lossless_macro()
        .with(quant::operands{quant::symmetric{8}, quant::unsigned_range{8}})
        .with(mapping::bit_slice{.array = {256, 64}})
        .with(adc::uniform{8});
}

}  // namespace

TEST_CASE("counts of one matrix row, written down") {
    auto const macro = macro_8b();
    auto const array = macro.program(random_tensor({10, 600}, 1));  // 3 tiles of 256, 256, 88 rows; 80 column lines
    auto const c = counts_of(macro, array, 1);
    CHECK(c.conversions == by_bits{{8, 10 * 3 * 64}});
    CHECK(c.all_conversions() == macro.conversions_per_row(array));
    CHECK(c.cycles == 3 * 64);
    CHECK(c.digital_cycles == 0);
    CHECK(c.arrays == 3 * 2);
    CHECK(c.activations == 6 * 8);
    CHECK(c.steps == 8);
    CHECK(c.row_drives == by_bits{{1, 600 * 2 * 8}});
    CHECK(c.cell_reads == std::uint64_t{10} * 600 * 64);
    CHECK(c.digital_adds == 10 * 3 * 64);
    CHECK(c.cells == 600 * 80);
    CHECK(c.cells_in_arrays == 6 * 256 * 64);
    CHECK(c.utilisation() == doctest::Approx(48'000.0 / 98'304));
}

TEST_CASE("counts grow with the rows, but for the arrays") {
    auto const macro = macro_8b();
    auto const array = macro.program(random_tensor({10, 600}, 1));
    auto const one = counts_of(macro, array, 1);
    auto const five = counts_of(macro, array, 5);
    CHECK(five.all_conversions() == 5 * one.all_conversions());
    CHECK(five.cycles == 5 * one.cycles);
    CHECK(five.steps == 5 * one.steps);
    CHECK(five.activations == 5 * one.activations);
    CHECK(five.cell_reads == 5 * one.cell_reads);
    CHECK(five.all_row_drives() == 5 * one.all_row_drives());
    CHECK(five.arrays == one.arrays);
    CHECK(five.utilisation() == one.utilisation());
    CHECK(counts_of(macro, array, 0).all_conversions() == 0);
}

TEST_CASE("encoding one more bit halves the cycles of even unsigned inputs, from 1 to 2 and from 2 to 4") {
    auto const macro = macro_8b();
    auto const array = macro.program(random_tensor({10, 600}, 1));
    auto const serial = counts_of(macro, array, 3);
    auto const two = counts_of(macro.with(encoding::bit_parallel{2}), array, 3);
    auto const four = counts_of(macro.with(encoding::bit_parallel{4}), array, 3);
    CHECK(2 * two.cycles == serial.cycles);
    CHECK(2 * two.all_conversions() == serial.all_conversions());
    CHECK(2 * two.steps == serial.steps);
    CHECK(4 * four.cycles == serial.cycles);
    CHECK(four.row_drives == by_bits{{4, serial.all_row_drives() / 4}});
    // Two more bits of the converter for four bits at once still save energy.
    auto const wide = macro.with(encoding::bit_parallel{4}).with(adc::uniform{10});
    double const saved = cost::energy(counts_of(wide, array, 3)).total() / cost::energy(serial).total();
    CHECK(saved == doctest::Approx(1.3 * 1.3 / 4));
}

TEST_CASE("phases of different width have converters of their own bits") {
    auto const macro = macro_8b().with(quant::symmetric{5}).with(encoding::bit_parallel{3}).with(adc::exact_count{});
    auto const array = macro.program(random_tensor({4, 100}, 2));
    auto const c = counts_of(macro, array, 1);  // phases of 3, 1 and (sign) 1 bits: full scales 7 * 256 and 256
    CHECK(c.conversions == by_bits{{9, 2 * 4 * 5}, {11, 4 * 5}});
    CHECK(c.row_drives == by_bits{{1, 2 * 100}, {3, 100}});
}

TEST_CASE("a convolution in groups: each group has arrays of its own") {
    auto const macro = macro_8b();
    auto const array = macro.program(random_tensor({6, 4, 3, 3}, 3), {.groups = 3});
    auto const c = counts_of(macro, array, 100);
    CHECK(c.arrays == 3);
    CHECK(c.cells == 3 * 36 * 16);
    CHECK(c.cycles == 100 * 3 * 64);
    CHECK(c.conversions == by_bits{{8, 100 * 6 * 64}});
    CHECK(c.cell_reads == 100 * 6 * 36 * 64);
}

TEST_CASE("majority voting: ASiM's W X + (N - 1) L (L + 1) / 2 cycles a map") {
    auto const macro = macro_8b().with(readout::majority{.levels = 3, .samples = 5});
    auto const array = macro.program(random_tensor({10, 200}, 1));
    auto const c = counts_of(macro, array, 1);
    CHECK(c.cycles == 64 + 4 * 6);
    CHECK(c.conversions == by_bits{{8, 10 * (64 + 4 * 6)}});
    CHECK(c.digital_adds == 10 * 64);
    CHECK(c.steps == 5 + 3 * 5);  // the top three phases are repeated
    CHECK(c.activations == 2 * 20);
}

TEST_CASE("hybrid: digital cycles take no conversion") {
    auto const macro = macro_8b().with(readout::hybrid{3});
    auto const array = macro.program(random_tensor({10, 200}, 1));
    auto const c = counts_of(macro, array, 2);
    CHECK(c.digital_cycles == 2 * 6);
    CHECK(c.cycles == 2 * 58);  // 91 % of 64
    CHECK(c.conversions == by_bits{{8, 2 * 10 * 58}});
    CHECK(c.cell_reads == 2 * 10 * 200 * 58);
    CHECK(c.digital_adds == 2 * (10 * 58 + 10 * 200 * 6));
    CHECK(c.steps == 2 * 8);
    auto const all = macro.with(readout::hybrid{32});
    CHECK(counts_of(all, array, 2).all_conversions() == 0);
    CHECK(counts_of(all, array, 2).steps == 0);
    CHECK(counts_of(all, array, 2).conversions.empty());
}

TEST_CASE("a network is the sum of its layers") {
    auto const macro = macro_8b();
    auto const a = counts_of(macro, macro.program(random_tensor({10, 600}, 1)), 4);
    auto const b = counts_of(macro.with(adc::uniform{6}), macro.program(random_tensor({3, 20}, 2)), 1);
    cost::network_counts network;
    network.add("first", a);
    network.add("second", b);
    auto const total = network.total();
    CHECK(network.layers[1].name == "second");
    CHECK(network.layers[1].count == b);
    CHECK(total == a + b);
    CHECK(total.conversions == by_bits{{6, b.all_conversions()}, {8, a.all_conversions()}});
    CHECK(total.arrays == a.arrays + b.arrays);
    CHECK(cost::energy(total).total() == doctest::Approx(cost::energy(a).total() + cost::energy(b).total()));
    CHECK(cost::network_counts{}.total() == counts{});
}

TEST_CASE("counts of an encoder with a schedule follow the data") {
    auto const macro = CimMacro{quant::symmetric{4},  mapping::bit_slice{.array = {16, 64}},
                                encoding::bit_sift{}, cell::sram{},
                                noise::none{},        adc::exact_count{}};
    auto const array = macro.program(random_tensor({5, 30}, 3));  // tiles of 16 and 14 rows, 20 column lines
    std::vector<std::int32_t> codes(2 * 30, 0);
    for (std::size_t k = 0; k < 9; ++k) {
        codes[k] = 1;  // nine ones in plane 0 of the first tile: two cycles
    }
    codes[20] = 1;   // one in the second tile, at the same time
    codes[30] = -8;  // the second input row has a one in plane 3 only
    auto const c = cost::scheduled_counts_of(macro, array, {codes.data(), {2, 30}});
    CHECK(c.cycles == (2 + 1 + 1) * 4);  // four slices
    CHECK(c.all_conversions() == std::uint64_t{4} * 4 * 5);
    CHECK(c.conversions == by_bits{{4, 80}});  // nine levels
    CHECK(c.activations == 4);
    CHECK(c.steps == 2 + 1);
    CHECK(c.row_drives == by_bits{{1, 11}});
    CHECK(c.cell_reads == std::uint64_t{11} * 5 * 4);

    codes[0] = 8;
    CHECK_THROWS_WITH_AS(static_cast<void>(cost::scheduled_counts_of(macro, array, {codes.data(), {2, 30}})),
                         doctest::Contains("code 8 at flat index 0"), error);
    CHECK_THROWS_WITH_AS(static_cast<void>(cost::scheduled_counts_of(macro, array, {codes.data(), {3, 20}})),
                         doctest::Contains("(rows, 30) is needed"), error);
}
