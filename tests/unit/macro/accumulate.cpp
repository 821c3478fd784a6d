/// \file
/// Column sums of every path, seen through a converter that loses nothing: the product is the integer one exactly.

#include <doctest/doctest.h>

#include <tests/support/compositions.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/testing/macro.hpp>

#if __has_include(<xtensor/generators/xbuilder.hpp>)
#include <xtensor/generators/xbuilder.hpp>
#else
#include <xtensor/xbuilder.hpp>
#endif

#include <cmath>
#include <vector>

namespace {

using xcim::test::tensor;

/// Elements of the product that are not the integer product of the codes times the scales.
template <class Macro>
std::size_t wrong_products(Macro const& macro, tensor const& x, tensor const& w) {
    std::size_t const inputs = w.shape()[1];
    auto const array = macro.program(w);
    auto const q = macro.quantise_inputs(xcim::ref(x));
    auto const y = xcim::testing::run_rows(macro, array, q, 0, x.shape()[0], {.every_cycle = true});
    auto const qx = xcim::testing::quantise(macro.input_quantiser(), xcim::ref(x));
    auto const qw = xcim::testing::quantise(macro.weight_quantiser(), xcim::ref(w));
    auto const right = xcim::testing::integer_product(qx, qw, inputs);
    xcim::product_scale const real_value{qw.code_scale, qx.code_scale};
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        wrong += y[i] == real_value(static_cast<double>(right[i])) ? 0U : 1U;
    }
    return wrong;
}

/// The same cell, not declared linear.
struct multiplying_cell {
    static constexpr bool is_linear = false;
    int levels = 16;
    struct kernel {
        template <xcim::value V>
        V operator()(V state, V drive) const {
            return state * drive;
        }
    };
    [[nodiscard]] kernel prepare(xcim::cell_context) const { return {}; }
};

}  // namespace

TEST_CASE("drives of 1 to 8 bits on cells of 1 to 4 bits, rows around every word and register") {
    for (int drive_bits = 1; drive_bits <= 8; ++drive_bits) {
        for (int cell_bits = 1; cell_bits <= 4; ++cell_bits) {
            for (int const rows : {1, 3, 31, 32, 33, 63, 64, 65, 127, 129, 200}) {
                auto const macro =
                    xcim::CimMacro{xcim::quant::operands{xcim::quant::symmetric{5}, xcim::quant::unsigned_range{8}},
                                   xcim::mapping::bit_slice{{rows, 64}, cell_bits},
                                   xcim::encoding::bit_parallel{drive_bits},
                                   xcim::cell::ideal{},
                                   xcim::noise::none{},
                                   xcim::adc::exact_count{}};
                CAPTURE(drive_bits);
                CAPTURE(cell_bits);
                CAPTURE(rows);
                auto const seed = static_cast<std::uint32_t>(rows);
                CHECK(wrong_products(macro, xcim::test::random_tensor({2, 131}, seed, 0, 1),
                                     xcim::test::random_tensor({19, 131}, seed + 1)) == 0);
            }
        }
    }
}

TEST_CASE("all ones: the largest column sums there are") {
    // 4 drive bits in 4400 rows pass the 1024 groups of four rows that 16-bit sums hold.
    for (int const drive_bits : {1, 4, 8}) {
        for (int const rows : {256, 4096, 4400}) {
            auto const macro = xcim::CimMacro{xcim::quant::unsigned_range{8},
                                              xcim::mapping::bit_slice{{rows, 64}, 2},
                                              xcim::encoding::bit_parallel{drive_bits},
                                              xcim::cell::ideal{},
                                              xcim::noise::none{},
                                              xcim::adc::exact_count{}};
            auto const inputs = static_cast<std::size_t>(rows);
            tensor const x = xt::ones<float>({std::size_t{1}, inputs});
            tensor const w = xt::ones<float>({std::size_t{3}, inputs});
            CAPTURE(drive_bits);
            CAPTURE(rows);
            CHECK(wrong_products(macro, x, w) == 0);
        }
    }
}

TEST_CASE("cells summed by their kernel give the sums of linear cells") {
    for (int const drive_bits : {1, 3, 8}) {
        auto const macro = xcim::test::lossless_macro()
                               .with(xcim::encoding::bit_parallel{drive_bits})
                               .with(xcim::mapping::bit_slice{{37, 64}, 2})
                               .with(multiplying_cell{});
        CHECK(wrong_products(macro, xcim::test::random_tensor({3, 90}, 5), xcim::test::random_tensor({21, 90}, 6)) ==
              0);
    }
}
