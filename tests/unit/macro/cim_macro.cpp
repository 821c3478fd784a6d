#include <doctest/doctest.h>

#include <tests/support/compositions.hpp>
#include <tests/support/files.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/testing/macro.hpp>

#include <limits>
#include <string>
#include <type_traits>

namespace {

using namespace xcim;
using test::error_of;
using test::lossless_macro;
using test::random_tensor;
using test::tensor;

/// What a product through `macro` throws, both operands fine.
template <class Macro>
test::caught product_error(Macro const& macro) {
    return error_of([&] {
        tensor const x = random_tensor({2, 20}, 1);
        auto const array = macro.program(random_tensor({3, 20}, 2));
        static_cast<void>(testing::run_rows(macro, array, macro.quantise_inputs(xcim::ref(x)), 0, 2, {}));
    });
}

/// What running an array of one macro on another throws.
template <class A, class B>
test::caught mixed_error(A const& programmer, B const& runner) {
    tensor const x = random_tensor({2, 100}, 1);
    auto const array = programmer.program(random_tensor({3, 100}, 2));
    return error_of(
        [&] { static_cast<void>(testing::run_rows(runner, array, runner.quantise_inputs(xcim::ref(x)), 0, 2, {})); });
}

struct two_level_cell {
    static constexpr bool is_linear = true;
    int levels = 2;
    using kernel = cell::sram::kernel;
    [[nodiscard]] kernel prepare(cell_context) const { return {}; }
};

/// A noise model with a rule of its own.
struct ruled_noise {
    static constexpr bool is_identity = true;
    bool is_wrong = true;
    using kernel = noise::none::kernel;
    [[nodiscard]] kernel prepare(column_context const&) const { return {}; }
    [[nodiscard]] std::string wrong() const { return is_wrong ? "ruled_noise: must not be wrong" : ""; }
};

}  // namespace

TEST_CASE("a macro keeps its policies and replaces them by role") {
    auto const m = lossless_macro();
    CHECK(m.quantisers().bits == 4);
    CHECK(m.weight_quantiser().bits == 4);
    CHECK(m.input_quantiser().bits == 4);
    CHECK(m.mapping().array.rows == 64);

    auto const other = m.with(adc::uniform{6})
                           .with(encoding::bit_parallel{2})
                           .with(mapping::channel_block{.array = {100, 64}})
                           .with(quant::operands{quant::symmetric{5}, quant::unsigned_range{3}})
                           .with(noise::gaussian{in_cell_lsb(1)})
                           .with(cell::sram{})
                           .with(wire::ideal{})
                           .with(readout::single{});
    CHECK(int{other.adc().bits} == 6);
    CHECK(int{other.encoding().bits} == 2);
    CHECK(other.mapping().array.rows == 100);
    CHECK(other.weight_quantiser().bits == 5);
    CHECK(other.input_quantiser().bits == 3);
    CHECK(other.noise().amplitude == in_cell_lsb(1));
    CHECK(int{other.cell().levels} == 2);
    CHECK(m.mapping().array.rows == 64);  // the first one is untouched
    CHECK_FALSE(other.check());
}

TEST_CASE("policies that hold no number take no room") {
    auto const m = CimMacro{quant::operands{quant::symmetric{c<8>}, quant::unsigned_range{c<8>}},
                            mapping::bit_slice{},
                            encoding::bit_parallel{c<4>},
                            cell::sram{},
                            noise::none{},
                            adc::uniform{c<8>}};
    CHECK(sizeof m <=
          sizeof(mapping::bit_slice) + 2 * sizeof(std::optional<float>) + 2 * alignof(std::optional<float>));
    CHECK_FALSE(m.check());
}

TEST_CASE("describe prints one line a role") {
    auto const text = describe(lossless_macro().with(ruled_noise{}));
    for (auto const* part :
         {"quantiser: symmetric 4 bit\n", "mapper: bit_slice 64x64", "encoder: bit_serial\n", "cell: ideal cell",
          "wires: ideal wires\n", "noise: user-defined\n", "ADC: exact-count", "readout: single conversion\n"}) {
        CAPTURE(part);
        CHECK(text.find(part) != std::string::npos);
    }
}

TEST_CASE("the context of a phase: full scale of all rows, step of the converter") {
    auto const m = lossless_macro();
    auto const context = m.with(adc::uniform{4}).context_of(8, 4);
    CHECK(context.full_scale == 64 * 7 * 3);
    CHECK(context.rows == 64);
    CHECK(context.drive_levels == 8);
    CHECK(context.cell_levels == 4);
    CHECK(context.adc_step == doctest::Approx(64 * 7 * 3 / 15.0));
    CHECK(m.with(adc::ideal{}).context_of(8, 4).adc_step == 0);
}

TEST_CASE("bits outside the range of a quantiser are an error with both numbers") {
    for (int const bits : {-1, 0, 1, 17}) {
        auto const macro = lossless_macro().with(quant::symmetric{bits});
        auto const e = product_error(macro);
        CAPTURE(bits);
        CHECK(e.code == errc::bits);
        CHECK(e.says("weight quantiser has " + std::to_string(bits) + " bits; 2 to 16"));
        REQUIRE(macro.check());
        CHECK(*macro.check() == e.sentence);
    }
    auto const inputs = lossless_macro().with(quant::operands{quant::symmetric{4}, quant::unsigned_range{0}});
    CHECK(product_error(inputs).says("input quantiser has 0 bits; 1 to 16"));
}

TEST_CASE("array sizes outside their range are an error with both numbers") {
    for (int const rows : {-1, 0, 65537}) {
        auto const macro = lossless_macro().with(mapping::bit_slice{.array = {rows, 64}});
        auto const e = product_error(macro);
        CHECK(e.code == errc::range);
        CHECK(e.says("array has " + std::to_string(rows) + " rows"));
        CHECK(e.says("1 to 65536"));
        CHECK(macro.check());
    }
    CHECK(product_error(lossless_macro().with(mapping::bit_slice{.array = {64, 0}})).says("0 columns"));
}

TEST_CASE("more levels than a cell has are an error") {
    auto const macro = lossless_macro().with(mapping::bit_slice{.array = {64, 64}, .cell_bits = 2}).with(cell::sram{});
    auto const e = product_error(macro);
    CHECK(e.code == errc::composition);
    CHECK(e.says("stores 4 levels in a cell that has 2"));
    CHECK(macro.check());
    CHECK(lossless_macro().with(mapping::bit_slice{.array = {64, 64}, .cell_bits = 2}).with(two_level_cell{}).check());
}

TEST_CASE("a policy's own rule is heard") {
    auto const macro = lossless_macro().with(ruled_noise{});
    auto const e = product_error(macro);
    CHECK(e.code == errc::range);
    CHECK(e.says("ruled_noise: must not be wrong"));
    CHECK(macro.check() == e.sentence);
    CHECK_FALSE(lossless_macro().with(ruled_noise{false}).check());
}

TEST_CASE("column sums that floats cannot hold are an error") {
    auto const e =
        product_error(lossless_macro()
                          .with(mapping::bit_slice{.array = {65536, 64}, .cell_bits = 8})
                          .with(quant::operands{quant::symmetric{16}, quant::unsigned_range{16}.clipping_negatives()})
                          .with(encoding::bit_parallel{8}));
    CHECK(e.code == errc::range);
    CHECK(e.says("2^24"));
}

TEST_CASE("a sigma in ADC steps needs a converter that has steps") {
    auto const e = product_error(lossless_macro().with(adc::ideal{}).with(noise::gaussian{in_adc_lsb(1)}));
    CHECK(e.code == errc::composition);
    CHECK(e.says("in_adc_lsb"));
}

TEST_CASE("weights of a wrong shape are an error that shows it") {
    auto const m = lossless_macro();
    for (std::vector<std::size_t> const& shape : {std::vector<std::size_t>{}, {4}, {4, 3, 2}, {4, 3, 2, 2, 2}}) {
        auto const e = error_of([&] { static_cast<void>(m.program(tensor::from_shape(shape))); });
        CHECK(e.code == errc::shape);
        CHECK(e.says(to_string(shape)));
        CHECK(e.says("(out, in)"));
    }
    for (std::vector<std::size_t> const& shape : {std::vector<std::size_t>{0, 3}, {3, 0}, {2, 0, 3, 3}, {2, 1, 0, 3}}) {
        auto const e = error_of([&] { static_cast<void>(m.program(tensor::from_shape(shape))); });
        CHECK(e.code == errc::shape);
        CHECK(e.says("no extent may be zero"));
    }
    for (int const groups : {-1, 0, 4}) {
        auto const e = error_of([&] {
            static_cast<void>(m.program(random_tensor({6, 2, 3, 3}, 1), {.groups = groups}));
        });
        CHECK(e.code == errc::shape);
        CHECK(e.says("groups is " + std::to_string(groups)));
        CHECK(e.says("6 outputs"));
    }
}

TEST_CASE("an element that is not finite is an error, in weights and in inputs") {
    auto const m = lossless_macro();
    tensor bad = random_tensor({4, 20}, 1);
    bad(2, 3) = std::numeric_limits<float>::quiet_NaN();
    auto const weights = error_of([&] { static_cast<void>(m.program(bad)); });
    CHECK(weights.code == errc::value);
    CHECK(weights.says("weights of shape (4, 20)"));
    CHECK(weights.says("flat index 43"));
    bad(2, 3) = -std::numeric_limits<float>::infinity();
    auto const inputs = error_of([&] { static_cast<void>(m.quantise_inputs(xcim::ref(bad))); });
    CHECK(inputs.code == errc::value);
    CHECK(inputs.says("input"));
    CHECK(inputs.says("flat index 43"));
}

TEST_CASE("an array runs on macros that differ in encoder, noise or converter, on no others") {
    auto const m = lossless_macro();
    CHECK(mixed_error(m, m).sentence.empty());
    CHECK(mixed_error(m, m.with(encoding::bit_parallel{2})).sentence.empty());
    CHECK(mixed_error(m, m.with(adc::ideal{})).sentence.empty());
    CHECK(mixed_error(m, m.with(quant::operands{quant::symmetric{4}, quant::symmetric{6}})).sentence.empty());

    auto const bits = mixed_error(m, m.with(quant::symmetric{5}));
    CHECK(bits.code == errc::composition);
    CHECK(bits.says("4-bit weights"));
    CHECK(bits.says("5 bits"));
    auto const sign = mixed_error(m, m.with(quant::unsigned_range{4}.clipping_negatives()));
    CHECK(sign.code == errc::composition);
    auto const rows = mixed_error(m, m.with(mapping::bit_slice{.array = {32, 64}}));
    CHECK(rows.code == errc::composition);
    CHECK(rows.says("arrays of 64 rows"));
    CHECK(rows.says("program the weights with it"));
    auto const slices = mixed_error(m, m.with(mapping::bit_slice{.array = {64, 64}, .cell_bits = 2}));
    CHECK(slices.code == errc::composition);
    CHECK(slices.says("other weight slices"));
}

TEST_CASE("threads below one are an error") {
    auto const m = lossless_macro();
    auto const array = m.program(random_tensor({3, 20}, 2));
    tensor const x = random_tensor({2, 20}, 1);
    auto const e = error_of(
        [&] { static_cast<void>(testing::run_rows(m, array, m.quantise_inputs(xcim::ref(x)), 0, 2, {.threads = 0})); });
    CHECK(e.code == errc::range);
    CHECK(e.says("run_options.threads is 0"));
}

TEST_CASE("a macro is a value: const, copyable, the same numbers from a copy") {
    auto const m = lossless_macro();
    auto const copy = m;
    tensor const x = random_tensor({5, 33}, 3);
    tensor const w = random_tensor({7, 33}, 4);
    auto const a = testing::run_rows(m, m.program(w), m.quantise_inputs(xcim::ref(x)), 0, 5, {});
    auto const b = testing::run_rows(copy, copy.program(w), copy.quantise_inputs(xcim::ref(x)), 0, 5, {});
    CHECK(test::different(a, b) == 0);
    CHECK(a != std::vector<float>(35, 0.0F));
}

TEST_CASE("parameters outside a model's range are an error that names them, in check and in program") {
    auto const refused = [](auto const& macro, std::string const& name) {
        auto const sentence = macro.check();
        REQUIRE(sentence);
        CAPTURE(*sentence);
        CHECK(sentence->find(name) != std::string::npos);
        CHECK_THROWS_AS(static_cast<void>(macro.program(tensor_ref{std::vector<float>(4, 1.0F).data(), {2, 2}})),
                        error);
    };
    auto const m = lossless_macro();
    refused(m.with(encoding::bit_parallel{0}), "encoding::bit_parallel.bits is 0; 1 to 16");
    refused(m.with(mapping::bit_slice{.array = {64, 64}, .cell_bits = 0}), "mapping::bit_slice.cell_bits is 0");
    refused(m.with(mapping::channel_block{.array = {64, 64}, .cell_bits = 9}), "mapping::channel_block.cell_bits is 9");
    for (int const bits : {-3, 0, 40}) {
        refused(m.with(adc::uniform{bits}), "adc::uniform.bits is " + std::to_string(bits));
    }
    float const nan = std::numeric_limits<float>::quiet_NaN();
    for (float const range : {nan, 0.0F, -1.0F}) {
        refused(m.with(quant::symmetric{4, range}), "quant::symmetric.fixed_range");
        refused(m.with(quant::operands{quant::symmetric{4}, quant::unsigned_range{4, range}}),
                "unsigned_range.fixed_range");
    }
    refused(m.with(noise::gaussian{of_full_scale(-0.1)}), "noise::gaussian has sigma");
    refused(m.with(noise::stack{noise::none{}, noise::gaussian{in_cell_lsb(nan)}}), "noise::gaussian has sigma");
    refused(m.with(cell::ideal{1}), "cell::ideal.levels is 1");
}

TEST_CASE("check finds what only a product would meet") {
    auto const m = lossless_macro();
    CHECK(m.with(noise::gaussian{in_adc_lsb(1)}).with(adc::ideal{}).check());
    CHECK(m.with(mapping::bit_slice{.array = {65536, 64}, .cell_bits = 7})
              .with(cell::ideal{})
              .with(quant::symmetric{8})
              .with(encoding::bit_parallel{7})
              .check());
}
