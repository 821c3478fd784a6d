/// \file
/// Rows driven to both sides, weights of both signs: without loss every pair of encoding and mapping is the integer
/// product, by every path.

#include <doctest/doctest.h>

#include <tests/support/files.hpp>
#include <tests/support/laws.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/encoding/analog_dac.hpp>
#include <xcim/encoding/pulse_width.hpp>
#include <xcim/mapping/differential.hpp>
#include <xcim/mapping/offset.hpp>
#include <xcim/testing/macro.hpp>
#include <xcim/xcim.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace xcim;
using pulse_passes = encoding::passes;
using mapping::subtraction;
using test::different;
using test::random_tensor;

/// Two's complement of which only the upper half has a sign: neighbouring phases of one width and two kinds.
struct half_signed {
    struct digits_type {
        [[nodiscard]] int count() const { return 2; }
        [[nodiscard]] int levels(int) const { return 16; }
        [[nodiscard]] int level(int code, int i) const { return i == 0 ? code & 7 : code >> 3; }
        [[nodiscard]] int weight(int i) const { return i == 0 ? 1 : 8; }
        [[nodiscard]] int bias() const { return 0; }
        [[nodiscard]] bool is_signed(int i) const { return i == 1; }
    };
    [[nodiscard]] digits_type digits(format) const { return {}; }
    friend std::string to_string(half_signed const&) { return "half_signed"; }
};

/// Signed weights and inputs, no loss.
template <class Mapping, class Encoding>
auto drive_macro(int weight_bits, int input_bits, Mapping mapping, Encoding encoding) {
    return CimMacro{quant::operands{quant::symmetric{weight_bits}, quant::symmetric{input_bits}},
                    mapping,
                    encoding,
                    cell::ideal{},
                    noise::none{},
                    adc::exact_count{}};
}

/// Integer codes of a format, in reproducible disorder; the lowest one of a signed format is left out.
std::vector<std::int32_t> drive_codes(std::size_t count, format f, std::uint32_t seed) {
    std::mt19937 engine{seed};
    std::int32_t const lowest = f.is_signed ? -f.highest() : 0;
    auto const span = static_cast<std::uint32_t>(f.highest() - lowest + 1);
    std::vector<std::int32_t> codes(count);
    for (auto& code : codes) {
        code = lowest + static_cast<std::int32_t>(engine() % span);
    }
    return codes;
}

/// Sums that are not those of plain integer arithmetic: as an integer product, with all cycles, from three threads.
template <class Macro>
std::size_t drive_errors(Macro const& macro, std::size_t m, std::size_t k, std::size_t n, std::uint32_t seed) {
    auto const x = drive_codes(m * k, format_of(macro.input_quantiser()), seed);
    auto const w = drive_codes(n * k, format_of(macro.weight_quantiser()), seed + 1);
    auto const array = macro.program_codes(code_ref{w.data(), {n, k}});
    auto const inputs = macro.take_codes(code_ref{x.data(), {m, k}});
    auto const right = testing::integer_product({x, {}}, {w, {}}, k);
    row_source const source = [&](std::size_t, std::size_t begin, std::size_t end, std::uint16_t* to,
                                  std::size_t stride) {
        for (std::size_t r = begin; r < end; ++r) {
            std::copy_n(inputs.words.data() + r * k, k, to + (r - begin) * stride);
        }
    };
    std::size_t wrong = 0;
    for (run_options const& options :
         {run_options{}, run_options{.every_cycle = true}, run_options{.threads = 3, .every_cycle = true}}) {
        std::vector<std::int64_t> sums(m * n);
        output_layout out;
        out.outer_stride = n;
        out.sums = sums.data();
        macro.run(array, inputs, m, source, out, options);
        for (std::size_t i = 0; i < sums.size(); ++i) {
            wrong += sums[i] == right[i] ? 0U : 1U;
        }
    }
    return wrong;
}

/// Every mapping with one encoding.
template <class Encoding>
void check_mappings(int weight_bits, int input_bits, Encoding const& encoding, std::size_t m, std::size_t k,
                    std::size_t n, int rows, int cell_bits, std::uint32_t seed) {
    geometry const array{rows, 64};
    CAPTURE(to_string(encoding));
    CAPTURE(weight_bits);
    CAPTURE(input_bits);
    CAPTURE(m);
    CAPTURE(k);
    CAPTURE(n);
    CAPTURE(rows);
    CAPTURE(cell_bits);
    auto const pairs = drive_macro(weight_bits, input_bits, mapping::differential{array, cell_bits}, encoding);
    CHECK(drive_errors(pairs, m, k, n, seed) == 0);
    CHECK(pairs.path().is_integer_product);
    CHECK(drive_errors(pairs.with(mapping::differential{array, cell_bits, subtraction::digital}), m, k, n, seed) == 0);
    CHECK(drive_errors(pairs.with(mapping::offset{array, cell_bits}), m, k, n, seed) == 0);
}

}  // namespace

TEST_CASE("every encoding with every mapping is the integer product") {
    std::mt19937 engine{11};
    auto const pick = [&](int lowest, int highest) {
        return lowest + static_cast<int>(engine() % static_cast<unsigned>(highest - lowest + 1));
    };
    for (int round = 0; round < 24; ++round) {
        auto const m = static_cast<std::size_t>(pick(1, 13));  // both sides of what the matrix unit is used for
        auto const k = static_cast<std::size_t>(pick(1, 200));
        auto const n = static_cast<std::size_t>(pick(1, 70));
        int const weight_bits = pick(2, 8);
        int const input_bits = pick(2, 8);
        int const rows = pick(7, 140);
        int const cell_bits = pick(1, 7);
        auto const seed = static_cast<std::uint32_t>(100 * round);
        auto const check = [&](auto const& encoding) {
            check_mappings(weight_bits, input_bits, encoding, m, k, n, rows, cell_bits, seed);
        };
        check(encoding::pulse_width{});
        check(encoding::pulse_width{pulse_passes::split, pick(1, 6)});
        check(encoding::pulse_width{pulse_passes::bit_wise});
        check(encoding::bit_parallel{pick(1, 4)});
        if (round % 4 == 0) {
            check(encoding::bit_serial{});
        }
    }
}

TEST_CASE("signed drives at the ends of words, registers and blocks of rows") {
    for (int const rows : {1, 31, 32, 33, 64, 127, 129, 256}) {
        auto const k = static_cast<std::size_t>(rows) + 5;
        for (std::size_t const m : {std::size_t{1}, std::size_t{40}}) {
            check_mappings(8, 8, encoding::pulse_width{}, m, k, 21, rows, 4, 5);  // slices of 4 and 3 bits
            check_mappings(8, 6, encoding::pulse_width{pulse_passes::split, 3}, m, k, 65, rows, 7, 6);
        }
    }
}

TEST_CASE("phases with and without a sign, side by side") {
    for (std::size_t const m : {std::size_t{3}, std::size_t{12}}) {
        check_mappings(6, 6, half_signed{}, m, 90, 17, 64, 3, 8);
    }
}

TEST_CASE("signed drives whose shifted sums would not fit a float") {
    // 515 rows of 8-bit drives and cells reach 8.3e6, below 2^23, but twice as much when drives are counted from 0.
    for (std::size_t const m : {std::size_t{1}, std::size_t{9}}) {
        check_mappings(8, 8, encoding::pulse_width{}, m, 515, 9, 515, 7, 3);
    }
    check_mappings(2, 16, encoding::pulse_width{}, 2, 70, 5, 70, 1, 4);  // one pulse of up to 32767 units
    check_mappings(9, 9, encoding::pulse_width{pulse_passes::bit_wise}, 6, 70, 5, 70, 1, 4);
}

TEST_CASE("unsigned inputs are driven from 0 on") {
    auto const x = random_tensor({6, 90}, 1, 0, 1);
    auto const w = random_tensor({11, 90}, 2);
    auto const base = drive_macro(6, 8, mapping::differential{{64, 64}, 3}, encoding::bit_serial{})
                          .with(quant::operands{quant::symmetric{6}, quant::unsigned_range{8}});
    auto const right = linear(base, x, w);
    for (pulse_passes const p : {pulse_passes::one_pass, pulse_passes::split, pulse_passes::bit_wise}) {
        auto const pulses = base.with(encoding::pulse_width{p});
        CHECK(different(linear(pulses, x, w), right) == 0);
        CHECK(different(linear(pulses, x, w, {.every_cycle = true}), right) == 0);
    }
    // Zero points and biased weights together: x (w + 2^(B-1)) and what is taken away digitally.
    auto const affine =
        base.with(mapping::offset{{64, 64}, 2}).with(quant::operands{quant::symmetric{6}, quant::affine{7}});
    auto const mixed = random_tensor({6, 90}, 3);
    CHECK(different(linear(affine, mixed, w), linear(affine.with(mapping::bit_slice{.array = {64, 64}}), mixed, w)) ==
          0);
    CHECK(different(linear(affine, mixed, w), linear(affine, mixed, w, {.every_cycle = true})) == 0);
}

TEST_CASE("a converter that loses sees signed drives as the scalar loops do") {
    auto const x = random_tensor({7, 80}, 4);
    auto const w = random_tensor({9, 80}, 5);
    auto const lossy =
        drive_macro(8, 8, mapping::differential{{48, 64}, 4}, encoding::pulse_width{}).with(adc::uniform{7});
    CHECK_FALSE(lossy.path().is_integer_product);
    CHECK_LAWS(testing::check_macro(lossy, ref(x), ref(w)));
    CHECK_LAWS(testing::check_macro(lossy.with(encoding::pulse_width{pulse_passes::split}), ref(x), ref(w)));
    CHECK_LAWS(testing::check_macro(lossy.with(encoding::pulse_width{pulse_passes::bit_wise}), ref(x), ref(w)));
    CHECK_LAWS(testing::check_macro(lossy.with(mapping::offset{{48, 64}, 8}), ref(x), ref(w)));
    auto const apart = mapping::differential{{48, 64}, 4, subtraction::digital};
    CHECK_LAWS(testing::check_macro(lossy.with(apart), ref(x), ref(w)));
    CHECK_LAWS(testing::check_macro(lossy.with(apart).with(encoding::analog_dac{5, 0.02, 0.1, 0.05}), ref(x), ref(w)));
}

TEST_CASE("a DAC as wide as its inputs drives what a pulse does; a narrower one rounds drives, not codes") {
    auto const x = random_tensor({5, 70}, 6);
    auto const w = random_tensor({12, 70}, 7);
    auto const pulses = drive_macro(6, 6, mapping::differential{{70, 64}, 5}, encoding::pulse_width{});
    auto const right = linear(pulses, x, w);
    auto const dac = pulses.with(encoding::analog_dac{6});
    CHECK_FALSE(dac.path().is_integer_product);
    CHECK(different(linear(dac, x, w), right) == 0);
    CHECK(different(linear(pulses.with(encoding::analog_dac{12}), x, w), right) == 0);
    CHECK(different(linear(pulses.with(encoding::analog_dac{3}), x, w), right) > 0);

    // An input at the end of the scale, of either sign, is driven exactly by a DAC of any width.
    auto ends = x;
    for (auto& v : ends) {
        v = v < 0 ? -1.0F : 1.0F;
    }
    CHECK(different(linear(pulses.with(encoding::analog_dac{2}), ends, w), linear(pulses, ends, w)) == 0);
}

TEST_CASE("the code without a positive counterpart is refused, by name") {
    std::vector<std::int32_t> const lowest{-8, 0};
    std::vector<std::int32_t> const symmetric{-7, 7};
    code_ref const bad{lowest.data(), {1, 2}};
    code_ref const good{symmetric.data(), {1, 2}};
    auto const says = [](auto const& f, std::string const& sentence) {
        auto const e = test::error_of(f);
        CAPTURE(e.sentence);
        CHECK(e.code == errc::value);
        CHECK(e.says(sentence));
    };
    for (pulse_passes const p : {pulse_passes::one_pass, pulse_passes::split, pulse_passes::bit_wise}) {
        auto const m = drive_macro(4, 4, mapping::differential{{8, 8}, 3}, encoding::pulse_width{p, 2});
        CHECK_NOTHROW(static_cast<void>(m.take_codes(good)));
        says([&] { static_cast<void>(m.take_codes(bad)); }, "input code -8 needs level -");
        CHECK_NOTHROW(static_cast<void>(m.program_codes(good)));
        says([&] { static_cast<void>(m.program_codes(bad)); },
             "weight code -8 needs level -8 of a signed cell whose levels are -7 to 7");
        auto const apart = m.with(mapping::differential{{8, 8}, 1, subtraction::digital});
        CHECK_NOTHROW(static_cast<void>(apart.program_codes(good)));
        says([&] { static_cast<void>(apart.program_codes(bad)); }, "weight code -8 has no digits");
        CHECK_NOTHROW(static_cast<void>(m.with(mapping::offset{{8, 8}, 4}).program_codes(bad)));
    }
}

TEST_CASE("digits that do not fit are refused, by name") {
    auto const base = drive_macro(8, 8, mapping::differential{{64, 64}}, encoding::pulse_width{pulse_passes::bit_wise});
    CHECK_FALSE(base.check());
    auto const inputs = base.with(quant::operands{quant::symmetric{8}, quant::symmetric{10}}).check();
    REQUIRE(inputs);
    CHECK(inputs->find("Encoder: the digits of a 10-bit code take 18 bits; 1 to 16 are possible") != std::string::npos);
    auto const weights = base.with(quant::operands{quant::symmetric{10}, quant::symmetric{8}}).check();
    REQUIRE(weights);
    CHECK(weights->find("Mapper: the digits of a 10-bit code take 18 bits; 1 to 16 are possible") != std::string::npos);
    auto const sram = base.with(cell::sram{}).check();
    REQUIRE(sram);
    CHECK(sram->find("the Mapper stores 4 levels in a cell that has 2") != std::string::npos);
    CHECK_FALSE(base.with(cell::sram{}).with(mapping::differential{{64, 64}, 1, subtraction::digital}).check());
}
