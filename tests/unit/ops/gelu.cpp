#include <doctest/doctest.h>

#include <tests/support/files.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/ops/gelu.hpp>

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

TEST_CASE("gelu is x times the normal distribution function") {
    // Phi(1), Phi(2), Phi(3) from tables of the normal distribution
    tensor const x{0, 1, 2, 3, -1, -2, -3};
    auto const y = gelu(x);
    CHECK(y(0) == 0.0F);
    CHECK(y(1) == doctest::Approx(0.841344746068543).epsilon(1e-7));
    CHECK(y(2) == doctest::Approx(2 * 0.977249868051821).epsilon(1e-7));
    CHECK(y(3) == doctest::Approx(3 * 0.998650101968370).epsilon(1e-7));
    CHECK(y(4) == doctest::Approx(-0.158655253931457).epsilon(1e-7));
    CHECK(y(5) == doctest::Approx(-2 * 0.0227501319481792).epsilon(1e-7));
    CHECK(y(6) == doctest::Approx(-3 * 0.00134989803163009).epsilon(1e-7));
}

TEST_CASE("gelu keeps its digits in the tail and its limits far out") {
    tensor const x{-10, -40, 40, 3e38F, -3e38F};
    auto const y = gelu(x);
    CHECK(y(0) == doctest::Approx(-10 * 7.619853024160527e-24).epsilon(1e-6));
    CHECK(y(1) == 0.0F);
    CHECK(y(2) == 40.0F);
    CHECK(y(3) == 3e38F);
    CHECK(y(4) == 0.0F);
}

TEST_CASE("gelu(x) - gelu(-x) = x, for any shape") {
    auto const x = random_tensor({3, 5, 7}, 1, -5, 5);
    auto const y = gelu(x);
    auto const z = gelu(-x);
    REQUIRE(shape_of(y) == shape_list{3, 5, 7});
    for (std::size_t i = 0; i < x.size(); ++i) {
        CHECK(std::fabs(y.data()[i] - z.data()[i] - x.data()[i]) <= 1e-6F);
    }
    CHECK(shape_of(gelu(tensor::from_shape({3, 0}))) == shape_list{3, 0});
    CHECK(gelu(tensor(1.0F))() == gelu(tensor{1})(0));
}

TEST_CASE("gelu refuses elements that are not finite") {
    for (float const bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        auto x = random_tensor({4, 5}, 3);
        x(2, 3) = bad;
        auto const e = error_of([&] { static_cast<void>(gelu(x)); });
        CHECK(e.code == errc::value);
        CHECK(e.says("index 13"));
    }
}
