#include <doctest/doctest.h>

#include <tests/support/compositions.hpp>
#include <tests/support/tensors.hpp>

#include <numeric>

using xcim::test::lossless_macro;
using xcim::test::random_tensor;

TEST_CASE("a programmed array knows its layer, tiles, slices and columns") {
    auto const macro = lossless_macro().with(xcim::mapping::bit_slice{.array = {64, 64}, .cell_bits = 2});
    auto const a = macro.program(random_tensor({70, 150}, 1));
    CHECK(a.shape == xcim::weight_shape{70, 150, 1});
    CHECK(a.dimensions == std::vector<std::size_t>{70, 150});
    CHECK(a.outputs() == 70);
    CHECK(a.tiles() == 3);
    CHECK(a.rows_of(0) == 64);
    CHECK(a.rows_of(2) == 22);
    CHECK(a.tile_words() == 2);
    CHECK(a.slices.digits.size() == 3);  // 4 bits: 2, 1 and the sign
    CHECK(a.cell_levels == 4);
    CHECK(a.cell_bits() == 2);
    CHECK(a.is_linear);
    CHECK(a.column_sums_per_phase() == 70 * 3 * 3);
    CHECK(a.bytes() > 0);
    CHECK(macro.conversions_per_row(a) == 70 * 3 * 3 * 4);
}

TEST_CASE("panels hold every output of every group once, none across groups") {
    auto const a = lossless_macro().program(random_tensor({150, 2, 3, 3}, 2), {.groups = 2});
    CHECK(a.shape == xcim::weight_shape{75, 2, 9});
    std::vector<std::size_t> owners(150, 0);
    for (auto const& p : a.panels) {
        for (std::size_t n = p.first_output; n < p.first_output + p.outputs; ++n) {
            ++owners[n];
            CHECK(n / 75 == p.group);
        }
        CHECK(p.columns == p.outputs * 4);
    }
    CHECK(owners == std::vector<std::size_t>(150, 1));
}

TEST_CASE("a programmed array keeps the sums of its weight codes") {
    auto const macro = lossless_macro();
    auto const w = random_tensor({5, 40}, 3);
    auto const a = macro.program(w);
    auto const kernel = macro.weight_quantiser().prepare(a.weight_scale);
    for (std::size_t n = 0; n < 5; ++n) {
        double sum = 0;
        for (std::size_t k = 0; k < 40; ++k) {
            sum += static_cast<double>(kernel.code(w(n, k)));
        }
        CHECK(static_cast<double>(a.code_sums[n]) == sum);
    }
}
