#include <doctest/doctest.h>

#include <tests/support/compositions.hpp>
#include <tests/support/files.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/ops/linear.hpp>
#include <xcim/testing/macro.hpp>

#include <limits>

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

TEST_CASE("linear is x W^T + b for any leading extents") {
    auto const m = lossless_macro().with(adc::uniform{6});
    auto const w = random_tensor({7, 50}, 1);
    auto const bias = random_tensor({7}, 2);
    auto const flat = random_tensor({6, 50}, 3);
    auto const right =
        testing::reference_product(m, xcim::ref(flat), xcim::ref(w), std::span<float const>{bias.data(), 7}).y;
    auto const y = linear(m, flat, w, bias);
    CHECK(shape_of(y) == shape_list{6, 7});
    CHECK(different(y, right) == 0);

    tensor cube = flat;
    cube.reshape({2, 3, 50});
    auto const z = linear(m, cube, w, bias);
    CHECK(shape_of(z) == shape_list{2, 3, 7});
    CHECK(different(z, right) == 0);

    tensor one = tensor::from_shape({50});
    std::copy_n(flat.data(), 50, one.data());
    CHECK(shape_of(linear(m.with(quant::symmetric<>{4, 1.0F}), one, w)) == shape_list{7});
    CHECK(shape_of(linear(m, tensor::from_shape({0, 3, 50}), w, bias)) == shape_list{0, 3, 7});
}

TEST_CASE("linear: a bias is added digitally, after the converter") {
    auto const m = lossless_macro().with(adc::uniform{1}).with(quant::symmetric<>{4, 7.0F});
    tensor const x{{0, 0, 0}};
    tensor const w{{1, 2, 3}, {4, 5, 6}};
    tensor const bias{0.123F, -4000.5F};
    auto const y = linear(m, x, w, bias);
    CHECK(y(0, 0) == 0.123F);
    CHECK(y(0, 1) == -4000.5F);
}

TEST_CASE("linear of wrong shapes and biases says what was found and what is needed") {
    auto const m = lossless_macro();
    auto const w = random_tensor({7, 50}, 1);
    auto const x = random_tensor({6, 50}, 3);
    auto const inputs = error_of([&] { static_cast<void>(linear(m, random_tensor({6, 51}, 1), w)); });
    CHECK(inputs.code == errc::shape);
    CHECK(inputs.says("(6, 51)"));
    CHECK(inputs.says("must be 50"));
    auto const scalar = error_of([&] { static_cast<void>(linear(m, tensor::from_shape({}), w)); });
    CHECK(scalar.code == errc::shape);
    for (shape_list const& wrong : {shape_list{6}, shape_list{7, 1}, shape_list{}}) {
        auto const e = error_of([&] { static_cast<void>(linear(m, x, w, tensor::from_shape(wrong))); });
        CHECK(e.code == errc::shape);
        CHECK(e.says("bias has shape " + to_string(wrong)));
        CHECK(e.says("(7) is needed"));
    }
    tensor bad = random_tensor({7}, 1);
    bad(4) = std::numeric_limits<float>::infinity();
    auto const e = error_of([&] { static_cast<void>(linear(m, x, w, bad)); });
    CHECK(e.code == errc::value);
    CHECK(e.says("bias"));
    CHECK(e.says("index 4"));
    auto const groups = m.program(random_tensor({8, 2, 1, 1}, 1), {.groups = 2});
    CHECK(error_of([&] { static_cast<void>(linear(m, random_tensor({3, 2}, 1), groups)); }).code == errc::shape);
}
