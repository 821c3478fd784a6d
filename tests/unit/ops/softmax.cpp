#include <doctest/doctest.h>

#include <tests/support/files.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/ops/softmax.hpp>

#include <cmath>
#include <limits>

namespace {

using namespace xcim;
using test::different;
using test::error_of;
using test::random_tensor;
using test::shape_of;
using test::tensor;

using shape_list = std::vector<std::size_t>;

}  // namespace

TEST_CASE("softmax of known rows") {
    tensor const x{{0, 0, 0, 0}, {0, std::log(2.0F), std::log(4.0F), std::log(8.0F)}};
    auto const y = softmax(x);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(y(0, i) == 0.25F);
        CHECK(y(1, i) == doctest::Approx(std::exp2(static_cast<double>(i)) / 15).epsilon(1e-7));
    }
    CHECK(softmax(tensor{-3.5F})(0) == 1.0F);
}

TEST_CASE("softmax adds up to 1 along the last axis, is positive and keeps the order") {
    auto const x = random_tensor({3, 2, 37}, 1, -20, 20);
    auto const y = softmax(x);
    REQUIRE(shape_of(y) == shape_list{3, 2, 37});
    for (std::size_t row = 0; row < 6; ++row) {
        double sum = 0;
        for (std::size_t i = row * 37; i < (row + 1) * 37; ++i) {
            sum += y.data()[i];
            CHECK(y.data()[i] > 0);
            for (std::size_t j = row * 37; j < i; ++j) {
                CHECK((x.data()[i] < x.data()[j]) == (y.data()[i] < y.data()[j]));
            }
        }
        CHECK(sum == doctest::Approx(1).epsilon(1e-6));
    }
}

TEST_CASE("softmax subtracts the maximum: large inputs do not overflow, and a constant may be added") {
    tensor const large{{1e30F, -1e30F, 1e30F}, {-3e38F, -3e38F, 3e38F}};
    auto const y = softmax(large);
    CHECK(y(0, 0) == 0.5F);
    CHECK(y(0, 1) == 0.0F);
    CHECK(y(1, 2) == 1.0F);
    tensor const a{1, 2, 3.5F};
    tensor const b{1025, 1026, 1027.5F};  // exactly 1024 more
    CHECK(different(softmax(a), softmax(b)) == 0);
}

TEST_CASE("softmax: rows do not depend on each other, expressions and empty batches are taken") {
    auto const x = random_tensor({5, 9}, 2, -4, 4);
    auto const y = softmax(x);
    for (std::size_t row = 0; row < 5; ++row) {
        tensor one = tensor::from_shape({9});
        std::copy_n(x.data() + row * 9, 9, one.data());
        auto const alone = softmax(one);
        CHECK(std::equal(alone.data(), alone.data() + 9, y.data() + row * 9));
    }
    CHECK(different(softmax(x * 1.0F), y) == 0);
    CHECK(shape_of(softmax(tensor::from_shape({0, 4}))) == shape_list{0, 4});
}

TEST_CASE("softmax refuses an empty last axis and elements that are not finite") {
    for (auto const& wrong : {shape_list{}, shape_list{0}, shape_list{3, 0}}) {
        auto const e = error_of([&] { static_cast<void>(softmax(tensor::from_shape(wrong))); });
        CHECK(e.code == errc::shape);
        CHECK(e.says("shape " + to_string(wrong)));
    }
    for (float const bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                            -std::numeric_limits<float>::infinity()}) {
        auto x = random_tensor({4, 5}, 3);
        x(2, 3) = bad;
        auto const e = error_of([&] { static_cast<void>(softmax(x)); });
        CHECK(e.code == errc::value);
        CHECK(e.says("index 13"));
    }
}
