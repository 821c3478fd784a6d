#include <doctest/doctest.h>

#include <tests/support/compositions.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/ops/linear.hpp>
#include <xcim/ops/stored_product.hpp>

using xcim::rows_of;
using xcim::test::different;
using xcim::test::random_tensor;
using xcim::test::tensor;

namespace {

/// Matrix `number` of a tensor (..., rows, columns).
tensor matrix_of(tensor const& t, std::size_t number) {
    auto const extents = xcim::test::shape_of(t);
    std::vector<std::size_t> const one{extents[extents.size() - 2], extents.back()};
    tensor m = tensor::from_shape(one);
    std::copy_n(t.data() + number * m.size(), m.size(), m.data());
    return m;
}

}  // namespace

TEST_CASE("stored_product multiplies pair by pair, scales taken from the whole operands") {
    using namespace xcim;
    auto const stored = random_tensor({2, 3, 7, 70}, 1);
    auto const driven = random_tensor({2, 3, 5, 70}, 2);
    auto const macro = test::lossless_macro();
    auto const y = stored_product(macro, stored, driven);
    auto const transposed = stored_product(macro, stored, driven, rows_of::stored);
    CHECK(test::shape_of(y) == std::vector<std::size_t>{2, 3, 5, 7});
    CHECK(test::shape_of(transposed) == std::vector<std::size_t>{2, 3, 7, 5});
    auto const weights = quant::symmetric{4}.calibrated(range_of(ref(stored), "stored"));
    auto const inputs = quant::symmetric{4}.calibrated(range_of(ref(driven), "driven"));
    auto const fixed = macro.with(quant::operands{weights, inputs});
    for (std::size_t pair = 0; pair < 6; ++pair) {
        auto const right = linear(fixed, matrix_of(driven, pair), matrix_of(stored, pair));
        CHECK(different(matrix_of(y, pair), right) == 0);
        for (std::size_t m = 0; m < 5; ++m) {
            for (std::size_t s = 0; s < 7; ++s) {
                CHECK(transposed.data()[(pair * 7 + s) * 5 + m] == right(m, s));
            }
        }
    }
}

TEST_CASE("stored_product: noise belongs to the pair and the driven row, whatever the threads and batches") {
    using namespace xcim;
    auto const stored = random_tensor({4, 2, 6, 50}, 3);
    auto const driven = random_tensor({4, 2, 9, 50}, 4);
    auto const noisy = test::lossless_macro()
                           .with(quant::operands{quant::symmetric<>{4, 1.0F}, quant::symmetric<>{4, 1.0F}})
                           .with(noise::gaussian{in_cell_lsb(2)});
    for (auto const order : {rows_of::driven, rows_of::stored}) {
        auto const y = stored_product(noisy, stored, driven, order, {.seed = 5});
        CHECK(different(y, stored_product(noisy, stored, driven, order, {.seed = 5, .threads = 3})) == 0);
        CHECK(different(y, stored_product(noisy, stored, driven, order, {.seed = 6})) > 0);
        std::size_t const half = y.size() / 2;
        auto const second = [&](tensor const& t) {
            auto shape = test::shape_of(t);
            shape[0] = 2;
            tensor part = tensor::from_shape(shape);
            std::copy_n(t.data() + part.size(), part.size(), part.data());
            return part;
        };
        auto const rest = stored_product(noisy, second(stored), second(driven), order, {.seed = 5, .first_item = 2});
        for (std::size_t i = 0; i < half; ++i) {
            CHECK(rest.data()[i] == y.data()[half + i]);
        }
    }
    // Transposing the result does not change what was drawn for a driven row.
    auto const y = stored_product(noisy, stored, driven, rows_of::driven, {.seed = 5});
    auto const t = stored_product(noisy, stored, driven, rows_of::stored, {.seed = 5});
    CHECK(y(1, 1, 8, 2) == t(1, 1, 2, 8));
}

TEST_CASE("stored_product says which shapes it needs") {
    auto const macro = xcim::test::lossless_macro();
    CHECK_THROWS_WITH(
        static_cast<void>(xcim::stored_product(macro, random_tensor({2, 3, 4}, 1), random_tensor({2, 3, 5}, 2))),
        "xcim: the stored operand has shape (2, 3, 4), the driven one (2, 3, 5); equal leading extents and columns "
        "are needed");
    CHECK_THROWS_WITH(static_cast<void>(xcim::stored_product(macro, random_tensor({3}, 1), random_tensor({3}, 2))),
                      "xcim: the stored operand has shape (3); (..., rows, columns) without empty extents is needed");
}
