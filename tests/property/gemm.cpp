/// \file
/// The engine against testing::reference_product, bit for bit, over random problems and every length around the lanes.

#include <doctest/doctest.h>

#include <tests/support/tensors.hpp>
#include <xcim/testing/macro.hpp>
#include <xcim/xcim.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>

namespace {

using namespace xcim;
using test::different;
using test::random_tensor;
using test::tensor;

/// A product and the run-time numbers of a macro.
struct problem {
    std::size_t m = 1;
    std::size_t k = 1;
    std::size_t n = 1;
    int weight_bits = 8;
    int input_bits = 8;
    bool signed_inputs = true;
    int rows = 256;
    int drive_bits = 1;
    int cell_bits = 1;
    int adc_bits = 8;
    bool cuts_windows = true;  ///< bit_slice or channel_block

    friend std::string to_string(problem const& p) {
        return std::to_string(p.m) + "x" + std::to_string(p.k) + "x" + std::to_string(p.n) + ", weights " +
               std::to_string(p.weight_bits) + " bit, inputs " + std::to_string(p.input_bits) +
               (p.signed_inputs ? " bit signed, " : " bit unsigned, ") + std::to_string(p.rows) + " rows, drive " +
               std::to_string(p.drive_bits) + ", cell " + std::to_string(p.cell_bits) + ", ADC " +
               std::to_string(p.adc_bits);
    }
};

template <class Inputs, class Converter>
void compare_macro(problem const& p, Inputs const& inputs, Converter const& adc, tensor const& x, tensor const& w) {
    auto const check = [&](auto const& mapper) {
        auto const macro = CimMacro{quant::operands{quant::symmetric{p.weight_bits}, inputs},
                                    mapper,
                                    encoding::bit_parallel{p.drive_bits},
                                    cell::ideal{},
                                    noise::none{},
                                    adc};
        auto const right = testing::reference_product(macro, xcim::ref(x), xcim::ref(w)).y;
        CHECK(different(linear(macro, x, w, {.every_cycle = true}), right) == 0);
        CHECK(different(linear(macro, x, w), right) == 0);
    };
    if (p.cuts_windows) {
        check(mapping::bit_slice{{p.rows, 64}, p.cell_bits});
    } else {
        check(mapping::channel_block{{p.rows, 64}, p.cell_bits});
    }
}

void compare(problem const& p, std::uint32_t seed) {
    CAPTURE(to_string(p));
    auto const x = random_tensor({p.m, p.k}, seed, p.signed_inputs ? -1.0F : -0.2F, 1);
    auto const w = random_tensor({p.n, p.k}, seed + 1, -0.7F, 0.5F);
    auto const with_adc = [&](auto const& adc) {
        if (p.signed_inputs) {
            compare_macro(p, quant::symmetric{p.input_bits}, adc, x, w);
        } else {
            compare_macro(p, quant::unsigned_range{p.input_bits}.clipping_negatives(), adc, x, w);
        }
    };
    with_adc(adc::uniform{p.adc_bits});
    with_adc(adc::exact_count{});
    with_adc(adc::ideal{});
}

/// A number from `from` to `to`.
int pick(std::mt19937& random, int from, int to) {
    return from + static_cast<int>(random() % static_cast<std::uint32_t>(to - from + 1));
}

problem random_problem(std::mt19937& random) {
    std::array<int, 18> const rows{1, 2, 3, 7, 16, 31, 32, 33, 63, 64, 65, 100, 127, 129, 200, 255, 256, 300};
    problem p;
    p.weight_bits = pick(random, 2, 8);
    p.signed_inputs = pick(random, 0, 1) == 1;
    p.input_bits = pick(random, p.signed_inputs ? 2 : 1, 8);
    p.drive_bits = pick(random, 1, 8);
    p.cell_bits = pick(random, 1, 4);
    p.adc_bits = pick(random, 1, 12);
    p.cuts_windows = pick(random, 0, 1) == 1;
    p.rows = rows[static_cast<std::size_t>(pick(random, 0, 17))];
    p.m = static_cast<std::size_t>(pick(random, 0, 11));
    p.k = static_cast<std::size_t>(pick(random, 1, pick(random, 1, 600)));
    p.n = static_cast<std::size_t>(pick(random, 1, pick(random, 1, 140)));
    // The reference visits every cell in every phase.
    std::size_t const visits = p.k * p.n * static_cast<std::size_t>(p.weight_bits * p.input_bits);
    p.m = std::min(p.m, std::size_t{1} + 2'000'000 / visits);
    return p;
}

}  // namespace

TEST_CASE("random products, bits, encoders, cells and converters equal the reference bit for bit") {
    std::mt19937 random{2024};
    for (std::uint32_t i = 0; i < 250; ++i) {
        compare(random_problem(random), 10 * i);
    }
}

TEST_CASE("every number of outputs from one to beyond two batches") {
    for (std::size_t n = 1; n <= 2 * lanes + 1; ++n) {
        compare(
            {.m = 2, .k = 37, .n = n, .weight_bits = 3, .input_bits = 4, .rows = 20, .drive_bits = 2, .adc_bits = 5},
            static_cast<std::uint32_t>(n));
    }
    for (std::size_t const n : {63U, 64U, 65U, 127U, 128U, 129U}) {
        compare({.m = 2, .k = 37, .n = n, .weight_bits = 3, .input_bits = 4, .rows = 20, .adc_bits = 5},
                static_cast<std::uint32_t>(n));
    }
}

TEST_CASE("every number of rows from one to beyond two batches and two words") {
    for (std::size_t k = 1; k <= std::max<std::size_t>(2 * lanes + 1, 66); ++k) {
        for (int const rows : {256, 19}) {
            compare({.m = 3,
                     .k = k,
                     .n = 5,
                     .weight_bits = 4,
                     .input_bits = 3,
                     .rows = rows,
                     .drive_bits = static_cast<int>(k % 3) + 1,
                     .adc_bits = 6},
                    static_cast<std::uint32_t>(k));
        }
    }
}

TEST_CASE("every number of input rows around the blocks of the engine") {
    for (std::size_t m = 0; m <= 18; ++m) {
        compare({.m = m, .k = 50, .n = 7, .weight_bits = 3, .input_bits = 3, .rows = 20, .adc_bits = 5},
                static_cast<std::uint32_t>(m));
    }
}

TEST_CASE("every pair of operand widths") {
    for (int weight_bits = 2; weight_bits <= 8; ++weight_bits) {
        for (int input_bits = 1; input_bits <= 8; ++input_bits) {
            compare({.m = 1,
                     .k = 70,
                     .n = 3,
                     .weight_bits = weight_bits,
                     .input_bits = input_bits,
                     .signed_inputs = false,
                     .rows = 33,
                     .adc_bits = 7},
                    static_cast<std::uint32_t>(weight_bits * 10 + input_bits));
        }
    }
    compare({.m = 2, .k = 70, .n = 3, .weight_bits = 16, .input_bits = 16, .rows = 100, .drive_bits = 5}, 1);
    compare({.m = 2,
             .k = 70,
             .n = 3,
             .weight_bits = 12,
             .input_bits = 16,
             .signed_inputs = false,
             .rows = 50,
             .drive_bits = 16,
             .adc_bits = 16},
            2);
}

TEST_CASE("no noise, linear cells, a converter that loses nothing: the integer product for every mapper and encoder") {
    auto const x = random_tensor({4, 300}, 1);
    auto const w = random_tensor({9, 300}, 2);
    auto const check = [&](auto const& mapper, auto const& encoder, auto const& adc) {
        auto const macro = CimMacro{quant::symmetric{7}, mapper, encoder, cell::ideal{}, noise::none{}, adc};
        auto const qx = testing::quantise(macro.input_quantiser(), xcim::ref(x));
        auto const qw = testing::quantise(macro.weight_quantiser(), xcim::ref(w));
        auto const right = testing::integer_product(qx, qw, 300);
        product_scale const real_value{qw.code_scale, qx.code_scale};
        auto const y = linear(macro, x, w, {.every_cycle = true});
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < right.size(); ++i) {
            wrong += y.data()[i] == real_value(static_cast<double>(right[i])) ? 0U : 1U;
        }
        CAPTURE(describe(macro));
        CHECK(wrong == 0);
    };
    auto const each_mapper = [&](auto const& encoder, auto const& adc) {
        for (int const rows : {30, 255}) {
            for (int cell_bits = 1; cell_bits <= 3; ++cell_bits) {
                check(mapping::bit_slice{{rows, 64}, cell_bits}, encoder, adc);
                check(mapping::channel_block{{rows, 64}, cell_bits}, encoder, adc);
            }
        }
    };
    each_mapper(encoding::bit_serial{}, adc::exact_count{});
    each_mapper(encoding::bit_serial{}, adc::ideal{});
    for (int drive_bits = 1; drive_bits <= 7; ++drive_bits) {
        each_mapper(encoding::bit_parallel{drive_bits}, adc::exact_count{});
        each_mapper(encoding::bit_parallel{drive_bits}, adc::ideal{});
    }
    // 255 counts, 255 steps.
    check(mapping::bit_slice{{255, 64}}, encoding::bit_serial{}, adc::uniform{8});
    check(mapping::channel_block{{255, 64}}, encoding::bit_serial{}, adc::uniform{8});
}
