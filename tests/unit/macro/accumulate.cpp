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
#include <random>
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

/// One block of random cells that is driven with random levels of random digits.
class driven_block {
public:
    driven_block(std::size_t rows, std::size_t cell_bits, bool has_signed_cells, std::uint32_t seed) : random_{seed} {
        cells_.assign(rows, std::vector<int>(xcim::block_columns));
        words_.assign(cell_bits * xcim::words_for(rows) * xcim::block_columns, 0);
        nibbles_.assign(8 * words_.size(), 0);
        for (std::size_t r = 0; r < rows; ++r) {
            for (std::size_t c = 0; c < xcim::block_columns; ++c) {
                store(r, c, static_cast<std::uint32_t>(random_()), cell_bits, has_signed_cells);
            }
        }
        block_ = {words_.data(), nibbles_.data(),     nullptr,         xcim::words_for(rows), rows,
                  cell_bits,     xcim::block_columns, has_signed_cells};
    }

    /// Sums of these phases that are not those of plain loops.
    [[nodiscard]] std::size_t wrong(std::vector<xcim::digit> const& phases) {
        std::size_t const rows = block_.rows;
        std::vector<std::uint16_t> codes(32 * block_.tile_words);
        for (auto& code : codes) {
            code = static_cast<std::uint16_t>(random_());
        }
        std::vector<std::uint32_t> planes(block_.tile_words * 16);
        xcim::pack_planes(codes.data(), rows, 16, planes.data());
        xcim::aligned_vector<std::uint8_t> tables(xcim::look_up_table_bytes(phases, rows));
        xcim::fill_look_up_tables(codes.data(), rows, phases, tables.data());
        xcim::aligned_vector<float> sums(phases.size() * xcim::block_columns);
        xcim::accumulate_bits(block_, {planes.data(), 16, tables.data(), nullptr}, phases, sums.data());
        std::size_t count = 0;
        for (std::size_t i = 0; i < sums.size(); ++i) {
            int right = 0;
            for (std::size_t r = 0; r < rows; ++r) {
                right += phases[i / xcim::block_columns].level(codes[r]) * cells_[r][i % xcim::block_columns];
            }
            count += sums[i] == static_cast<float>(right) ? 0U : 1U;
        }
        return count;
    }

private:
    void store(std::size_t r, std::size_t c, std::uint32_t bits, std::size_t cell_bits, bool has_sign) {
        for (std::size_t b = 0; b < cell_bits; ++b) {
            std::size_t const word = b * xcim::words_for(cells_.size()) + r / 32;
            std::uint32_t const bit = (bits >> b) & 1U;
            words_[word * xcim::block_columns + c] |= bit << r % 32;
            std::size_t const nibble = word * 8 + r % 32 / 4;
            nibbles_[nibble * xcim::block_columns + xcim::detail::nibble_position(c)] |=
                static_cast<std::uint8_t>(bit << r % 4);
            cells_[r][c] += static_cast<int>(bit << b) * (has_sign && b + 1 == cell_bits ? -1 : 1);
        }
    }

    std::mt19937 random_;
    std::vector<std::vector<int>> cells_;  // (rows, 64)
    xcim::aligned_vector<std::uint32_t> words_;
    xcim::aligned_vector<std::uint8_t> nibbles_;
    xcim::tile_block block_;
};

}  // namespace

TEST_CASE("levels of both signs, cells of both signs: the sums of plain loops") {
    for (std::size_t const rows : {1U, 31U, 33U, 70U, 129U}) {
        for (std::size_t const cell_bits : {1U, 2U, 5U}) {
            for (bool const has_signed_cells : {false, true}) {
                driven_block block{rows, cell_bits, has_signed_cells, static_cast<std::uint32_t>(rows + cell_bits)};
                for (int bits = 2; bits <= 8; ++bits) {
                    CAPTURE(rows);
                    CAPTURE(cell_bits);
                    CAPTURE(has_signed_cells);
                    CAPTURE(bits);
                    CHECK(block.wrong({{0, bits, 1, true}}) == 0);
                    CHECK(block.wrong({{0, bits, 1, true}, {bits, bits, 1 << bits, true}}) == 0);
                    CHECK(block.wrong({{3, bits, 1, false}}) == 0);
                }
                CHECK(block.wrong({{4, 12, 1, true}}) == 0);
            }
        }
    }
}

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
