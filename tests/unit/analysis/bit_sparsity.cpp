#include <doctest/doctest.h>

#include <xcim/analysis/bit_sparsity.hpp>
#include <xcim/analysis/distribution.hpp>
#include <xcim/quant/symmetric.hpp>
#include <xcim/quant/unsigned_range.hpp>

#include <tests/support/tensors.hpp>

#include <limits>
#include <vector>

using namespace xcim;
using analysis::bit_sparsity;
using test::tensor;

TEST_CASE("bit_sparsity of codes written down") {
    // Two's complement of 4 bits: 0111, 1001, 1111, 0000, 0010
    tensor const t{7, -7, -1, 0, 2};
    CHECK(bit_sparsity(quant::symmetric{4, 7.0F}, t) == std::vector<double>{0.6, 0.6, 0.4, 0.4});
    // Binary: 111, 000, 000, 000, 010
    CHECK(bit_sparsity(quant::unsigned_range{3, 7.0F}, t) == std::vector<double>{0.2, 0.4, 0.2});
    CHECK(bit_sparsity(quant::unsigned_range{3}, tensor::from_shape({0})) == std::vector<double>{0, 0, 0});
}

TEST_CASE("bit_sparsity takes the scale from the tensor where it is free") {
    tensor const t{20, 50};  // codes 1 and 3
    CHECK(bit_sparsity(quant::unsigned_range{2}, t) == std::vector<double>{1, 0.5});
}

TEST_CASE("what the paper sees in real layers follows from the distributions") {
    auto const weights = bit_sparsity(quant::symmetric{6}, analysis::sample(analysis::normal{}, {50'000}, 1));
    for (double const s : weights) {
        CHECK(s == doctest::Approx(0.5).epsilon(0.1));  // normal weights: half of the bits
    }
    auto const inputs =
        bit_sparsity(quant::unsigned_range{6}, analysis::sample(analysis::rectified_normal{}, {50'000}, 2));
    CHECK(inputs.back() < 0.05);  // behind a ReLU the top bit is rare
    for (double const s : inputs) {
        CHECK(s < 0.4);
    }
}

TEST_CASE("bit_sparsity refuses what is not finite") {
    tensor const t{1, std::numeric_limits<float>::quiet_NaN()};
    CHECK_THROWS_AS(static_cast<void>(bit_sparsity(quant::symmetric{4}, t)), error);
}
