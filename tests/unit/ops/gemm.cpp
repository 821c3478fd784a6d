#include <doctest/doctest.h>

#include <tests/support/compositions.hpp>
#include <tests/support/files.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/ops/gemm.hpp>
#include <xcim/testing/macro.hpp>

#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xtensor.hpp>
#endif

#include <cmath>

namespace {

using namespace xcim;
using test::different;
using test::error_of;
using test::lossless_macro;
using test::random_tensor;
using test::shape_of;
using test::tensor;

using shape_list = std::vector<std::size_t>;

}  // namespace

TEST_CASE("gemm multiplies (M, K) with (K, N)") {
    // Whole numbers up to the highest code are their own codes.
    auto const m = lossless_macro().with(quant::symmetric<>{4, 7.0F});
    tensor const x{{1, 2, 3}, {-4, 0, 7}};
    tensor const w{{1, 0}, {0, 1}, {2, -3}};
    auto const y = gemm(m, x, w);
    REQUIRE(shape_of(y) == shape_list{2, 2});
    CHECK(y(0, 0) == 7);
    CHECK(y(0, 1) == -7);
    CHECK(y(1, 0) == 10);
    CHECK(y(1, 1) == -21);
}

TEST_CASE("gemm with an array takes the transpose: the same numbers as with the matrix") {
    auto const m = lossless_macro().with(adc::uniform{5});
    auto const x = random_tensor({5, 90}, 1);
    auto const w = random_tensor({90, 11}, 2);
    tensor transposed = tensor::from_shape({11, 90});
    for (std::size_t k = 0; k < 90; ++k) {
        for (std::size_t n = 0; n < 11; ++n) {
            transposed(n, k) = w(k, n);
        }
    }
    auto const y = gemm(m, x, w);
    CHECK(different(y, gemm(m, x, m.program(transposed))) == 0);
    CHECK(different(y, linear(m, x, transposed)) == 0);
    CHECK(different(y, testing::reference_product(m, xcim::ref(x), xcim::ref(transposed)).y) == 0);
}

TEST_CASE("gemm takes containers of fixed rank, expressions and other element types") {
    auto const m = lossless_macro();
    auto const x = random_tensor({3, 20}, 1);
    auto const w = random_tensor({20, 4}, 2);
    auto const y = gemm(m, x, w);
    xt::xtensor<float, 2> const x2 = x;
    xt::xtensor<float, 2> const w2 = w;
    CHECK(different(y, gemm(m, x2, w2)) == 0);
    CHECK(different(y, gemm(m, x + 0.0F, w * 1.0F)) == 0);
    xt::xarray<double> const wide = x;
    CHECK(different(y, gemm(m, wide, w)) == 0);
}

TEST_CASE("gemm of an empty batch is empty, of one row is that row of the batch where scales are fixed") {
    auto const m = lossless_macro().with(quant::symmetric<>{4, 1.0F});
    auto const w = random_tensor({20, 4}, 2);
    auto const none = gemm(m, tensor::from_shape({0, 20}), w);
    CHECK(shape_of(none) == shape_list{0, 4});
    CHECK(none.size() == 0);
    auto const x = random_tensor({3, 20}, 3);
    auto const y = gemm(m, x, w);
    for (std::size_t i = 0; i < 3; ++i) {
        tensor one = tensor::from_shape({1, 20});
        std::copy_n(x.data() + 20 * i, 20, one.data());
        auto const row = gemm(m, one, w);
        CHECK(std::equal(row.begin(), row.end(), y.data() + 4 * i));
    }
}

TEST_CASE("gemm of wrong shapes says what was found and what is needed") {
    auto const m = lossless_macro();
    auto const x = random_tensor({3, 20}, 1);
    auto const call = [&](auto const& a, auto const& b) { return error_of([&] { static_cast<void>(gemm(m, a, b)); }); };
    auto const inner = call(x, random_tensor({21, 4}, 2));
    CHECK(inner.code == errc::shape);
    CHECK(inner.says("(3, 20)"));
    CHECK(inner.says("21"));
    auto const rank = call(random_tensor({3, 4, 5}, 1), random_tensor({5, 4}, 2));
    CHECK(rank.code == errc::shape);
    CHECK(rank.says("(M, K) is needed"));
    auto const weights = call(x, random_tensor({20}, 2));
    CHECK(weights.code == errc::shape);
    CHECK(weights.says("(K, N) is needed"));
    auto const empty = call(x, tensor::from_shape({20, 0}));
    CHECK(empty.code == errc::shape);
    auto const conv = call(random_tensor({3, 18}, 1), m.program(random_tensor({4, 2, 3, 3}, 2)));
    CHECK(conv.code == errc::shape);
    CHECK(conv.says("convolution"));
}

TEST_CASE("gemm refuses column-major memory") {
    auto const m = lossless_macro();
    using columns_first = xt::xarray<float, xt::layout_type::column_major>;
    columns_first const x = columns_first::from_shape({3, 20});
    auto const e = error_of([&] { static_cast<void>(gemm(m, x, random_tensor({20, 4}, 1))); });
    CHECK(e.code == errc::shape);
    CHECK(e.says("input"));
    CHECK(e.says("row-major"));
}
