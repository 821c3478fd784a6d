#include <doctest/doctest.h>

#include <tests/support/files.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/ops/layer_norm.hpp>

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

tensor uniform_row(std::size_t size, float value) {
    tensor t = tensor::from_shape({size});
    t.fill(value);
    return t;
}

}  // namespace

TEST_CASE("layer_norm of a known row: the variance divides by n, gain and shift are per element") {
    tensor const x{{1, 2, 3, 4}};  // mean 2.5, variance 1.25
    tensor const gain{1, 2, 1, -1};
    tensor const shift{0, 0, 10, 0.5F};
    auto const y = layer_norm(x, gain, shift, 0.3125);  // variance + epsilon = 1.25^2
    CHECK(y(0, 0) == -1.2F);
    CHECK(y(0, 1) == -0.8F);
    CHECK(y(0, 2) == 10.4F);
    CHECK(y(0, 3) == -0.7F);
}

TEST_CASE("layer_norm gives rows of mean 0 and variance 1") {
    auto const x = random_tensor({4, 3, 129}, 1, 50, 53);
    auto const y = layer_norm(x, uniform_row(129, 1), uniform_row(129, 0), 1e-12);
    REQUIRE(shape_of(y) == shape_list{4, 3, 129});
    for (std::size_t row = 0; row < 12; ++row) {
        double sum = 0;
        double squares = 0;
        for (std::size_t i = row * 129; i < (row + 1) * 129; ++i) {
            double const v = y.data()[i];
            sum += v;
            squares += v * v;
        }
        CHECK(std::fabs(sum / 129) < 1e-7);
        CHECK(squares / 129 == doctest::Approx(1).epsilon(1e-6));
    }
}

TEST_CASE("layer_norm of a constant row is the shift; a large common offset costs no digits") {
    auto const shift = random_tensor({6}, 2);
    auto const y = layer_norm(uniform_row(6, 1234.5F), uniform_row(6, 3), shift);
    CHECK(different(y, shift) == 0);
    tensor const a{1, 2, 4, 7};
    tensor const b{1048577, 1048578, 1048580, 1048583};  // exactly 2^20 more
    CHECK(different(layer_norm(a, uniform_row(4, 1), uniform_row(4, 0)),
                    layer_norm(b, uniform_row(4, 1), uniform_row(4, 0))) == 0);
}

TEST_CASE("layer_norm: epsilon is 1e-5 by default and is added to the variance") {
    auto const x = random_tensor({2, 16}, 3, -0.01F, 0.01F);
    auto const gain = random_tensor({16}, 4);
    auto const shift = random_tensor({16}, 5);
    CHECK(different(layer_norm(x, gain, shift), layer_norm(x, gain, shift, 1e-5)) == 0);
    CHECK(different(layer_norm(x, gain, shift), layer_norm(x, gain, shift, 1e-6)) > 16);
    CHECK(shape_of(layer_norm(tensor::from_shape({0, 16}), gain, shift)) == shape_list{0, 16});
}

TEST_CASE("layer_norm refuses what it cannot normalise") {
    auto const one = uniform_row(5, 1);
    auto const x = random_tensor({4, 5}, 6);
    for (auto const& wrong : {shape_list{}, shape_list{3, 0}}) {
        auto const e = error_of([&] { static_cast<void>(layer_norm(tensor::from_shape(wrong), one, one)); });
        CHECK(e.code == errc::shape);
        CHECK(e.says("shape " + to_string(wrong)));
    }
    auto const gain = error_of([&] { static_cast<void>(layer_norm(x, uniform_row(4, 1), one)); });
    CHECK(gain.code == errc::shape);
    CHECK(gain.says("gain has shape (4); (5) is needed"));
    auto const shift = error_of([&] { static_cast<void>(layer_norm(x, one, random_tensor({1, 5}, 1))); });
    CHECK(shift.code == errc::shape);
    CHECK(shift.says("shift has shape (1, 5); (5) is needed"));
    auto bad = one;
    bad(3) = std::numeric_limits<float>::infinity();
    CHECK(error_of([&] { static_cast<void>(layer_norm(x, bad, one)); }).says("gain of shape (5)"));
    auto input = x;
    input(2, 3) = std::numeric_limits<float>::quiet_NaN();
    auto const e = error_of([&] { static_cast<void>(layer_norm(input, one, one)); });
    CHECK(e.code == errc::value);
    CHECK(e.says("index 13"));
    for (double const epsilon : {0.0, -1e-5, std::numeric_limits<double>::quiet_NaN()}) {
        CHECK(error_of([&] { static_cast<void>(layer_norm(x, one, one, epsilon)); }).code == errc::range);
    }
}
