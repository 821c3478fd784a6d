/// \file
/// Sums of states and drives bit for bit against the loop that defines them.

#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/adc.hpp>
#include <xcim/cell.hpp>
#include <xcim/encoding.hpp>
#include <xcim/macro.hpp>
#include <xcim/macro/cell_sums.hpp>
#include <xcim/mapping.hpp>
#include <xcim/noise.hpp>
#include <xcim/quant.hpp>
#include <xcim/testing/macro.hpp>

#include <array>
#include <cmath>
#include <random>
#include <type_traits>
#include <vector>

namespace {

/// A cell whose contribution bends with the drive.
struct bending_cell_kernel {
    template <xcim::value V>
    V operator()(V state, V drive) const {
        return state * drive / (V(1.0F) + xcim::abs(drive));
    }
};

/// Random states and drives of one tile.
struct cell_sums_problem {
    std::size_t rows;
    std::size_t drive_rows;
    std::vector<float> states = std::vector<float>(rows * xcim::block_columns);
    std::vector<float> drives = std::vector<float>(drive_rows * rows);
    std::vector<float> start = std::vector<float>(xcim::block_columns);

    cell_sums_problem(std::size_t row_count, std::size_t drive_row_count)
        : rows{row_count}, drive_rows{drive_row_count} {
        std::mt19937 engine{static_cast<unsigned>(1000 * rows + drive_rows)};
        std::uniform_real_distribution<float> uniform{-1, 1};
        for (auto* const numbers : {&states, &drives, &start}) {
            for (float& v : *numbers) {
                v = uniform(engine);
            }
        }
    }

    [[nodiscard]] xcim::cell_operands operands(bool starts) const {
        return {states.data(), drives.data(), starts ? start.data() : nullptr};
    }

    /// The definition.
    template <class Kernel>
    [[nodiscard]] float sum(Kernel const& kernel, std::size_t i, std::size_t c, bool starts) const {
        float total = starts ? start[c] : 0.0F;
        for (std::size_t r = 0; r < rows; ++r) {
            float const state = states[r * xcim::block_columns + c];
            float const drive = drives[i * rows + r];
            if constexpr (xcim::is_product<Kernel>) {
                total = std::fma(state, drive, total);
            } else {
                total = total + xcim::unfused(kernel(state, drive));
            }
        }
        return total;
    }

    template <class Kernel>
    [[nodiscard]] std::size_t wrong(Kernel const& kernel, std::size_t columns, bool starts) const {
        std::vector<float> sums(drive_rows * xcim::block_columns, -1.0F);
        xcim::sum_cells(kernel, operands(starts), rows, drive_rows, columns, sums.data());
        std::size_t count = 0;
        for (std::size_t i = 0; i < drive_rows; ++i) {
            for (std::size_t c = 0; c < columns; ++c) {
                count += sums[i * xcim::block_columns + c] == sum(kernel, i, c, starts) ? 0U : 1U;
            }
        }
        return count;
    }
};

}  // namespace

TEST_CASE("cell sums: every number of drive rows") {
    std::size_t wrong = 0;
    for (std::size_t drive_rows = 1; drive_rows <= 50; ++drive_rows) {
        wrong += cell_sums_problem{37, drive_rows}.wrong(xcim::multiply_cells{}, 64, drive_rows % 2 == 0);
    }
    CHECK(wrong == 0);
}

TEST_CASE("cell sums: rows around the parts that are summed together") {
    std::size_t wrong = 0;
    for (std::size_t const rows : {1U, 2U, 3U, 63U, 127U, 128U, 129U, 255U, 256U, 257U, 385U, 513U, 1152U}) {
        for (bool const starts : {false, true}) {
            cell_sums_problem const p{rows, 7};
            wrong += p.wrong(xcim::multiply_cells{}, 64, starts) + p.wrong(bending_cell_kernel{}, 64, starts);
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("cell sums: bits as drives") {
    cell_sums_problem p{200, 13};
    for (float& v : p.drives) {
        v = std::round(v);
    }
    CHECK(p.wrong(xcim::multiply_cells{}, 64, false) == 0);
    CHECK(p.wrong(xcim::multiply_cells{}, 64, true) == 0);
    p.drives.back() = 0.75F;
    CHECK(p.wrong(xcim::multiply_cells{}, 64, true) == 0);
}

TEST_CASE("cell sums: every number of columns, of products and of what else a cell may be") {
    cell_sums_problem const p{131, 9};
    std::size_t wrong = 0;
    for (std::size_t columns = 1; columns <= xcim::block_columns; ++columns) {
        wrong += p.wrong(xcim::multiply_cells{}, columns, true) + p.wrong(bending_cell_kernel{}, columns, false);
    }
    CHECK(wrong == 0);
}

TEST_CASE("cell sums: input row by input row with 1 to 8 phases, whatever the order, block after block") {
    xcim::cell_sums sums;
    std::size_t wrong = 0;
    for (std::size_t phases = 1; phases <= 8; ++phases) {
        std::size_t const inputs = 2 * xcim::cell_sums::inputs_at_once(phases) + 1;
        for (std::size_t const rows : {20U, 150U}) {
            cell_sums_problem const p{rows, inputs * phases};
            sums.take(p.operands(rows == 20), {rows, phases, inputs, 64});
            std::vector<std::size_t> order(inputs);
            for (std::size_t m = 0; m < inputs; ++m) {
                order[m] = rows == 20 ? m : inputs - 1 - m;
            }
            for (std::size_t const m : order) {
                float const* const found = sums.of(xcim::multiply_cells{}, m);
                for (std::size_t i = 0; i < phases * 64; ++i) {
                    float const right = p.sum(xcim::multiply_cells{}, m * phases + i / 64, i % 64, rows == 20);
                    wrong += found[i] == right ? 0U : 1U;
                }
            }
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("cell sums: drives are levels, or what tables say of them") {
    std::vector<std::uint16_t> codes;
    for (unsigned i = 0; i < 300; ++i) {
        codes.push_back(static_cast<std::uint16_t>(40503U * i));
    }
    std::vector<float> table(codes.size() * 256);
    for (std::size_t i = 0; i < table.size(); ++i) {
        table[i] = static_cast<float>(i) + 0.5F;
    }
    std::vector<float> drives(codes.size());
    std::size_t wrong = 0;
    for (int bits = 1; bits <= 8; ++bits) {
        for (bool const is_signed : {false, true}) {
            xcim::digit const phase{8 - bits, bits, 1, is_signed};
            auto const levels = static_cast<std::size_t>(phase.levels());
            auto const wrong_with = [&](xcim::drive_levels const& d, auto const& right) {
                d.fill(codes.data(), codes.size(), phase, drives.data());
                for (std::size_t r = 0; r < codes.size(); ++r) {
                    wrong += drives[r] == right(r, phase.level(codes[r])) ? 0U : 1U;
                }
            };
            auto const place = [&](int level) { return static_cast<std::size_t>(level - phase.lowest()); };
            wrong_with({}, [](std::size_t, int level) { return static_cast<float>(level); });
            wrong_with({table.data(), 0}, [&](std::size_t, int level) { return table[place(level)]; });
            wrong_with({table.data(), levels},
                       [&](std::size_t r, int level) { return table[r * levels + place(level)]; });
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("cell sums: kernels that say they multiply do") {
    auto const check = [](auto const& cell) {
        auto const kernel = cell.prepare(xcim::cell_context{8, 16});
        static_assert(xcim::is_product<std::remove_const_t<decltype(kernel)>>);
        for (float const state : {-1.7F, 0.0F, 0.3F, 5.0F}) {
            for (float const drive : {-2.0F, 0.0F, 0.7F, 15.0F}) {
                CHECK(kernel(state, drive) == state * drive);
            }
        }
    };
    check(xcim::cell::ideal{});
    check(xcim::cell::sram{});
    check(xcim::cell::capacitor{});
    check(xcim::cell::current{});
    static_assert(!xcim::is_product<bending_cell_kernel>);
}

TEST_CASE("cell sums: macros of cells that differ give the sums of the scalar model, however their rows are cut") {
    auto const x = xcim::test::random_tensor({5, 150}, 1, 0, 1);
    auto const w = xcim::test::random_tensor({70, 150}, 2);
    for (int const drive_bits : {1, 3, 8}) {
        auto const macro =
            xcim::CimMacro{xcim::quant::operands{xcim::quant::symmetric{4}, xcim::quant::unsigned_range{8}},
                           xcim::mapping::weight_parallel{{140, 64}},
                           xcim::encoding::bit_parallel{drive_bits},
                           xcim::cell::current{.levels = 16},
                           xcim::noise::none{},
                           xcim::adc::uniform{12}};
        CAPTURE(drive_bits);
        CHECK_LAWS(xcim::testing::check_macro(macro, xcim::ref(x), xcim::ref(w)));
    }
}
