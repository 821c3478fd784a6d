#include <doctest/doctest.h>

#include <tests/support/files.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/ops/integer_softmax.hpp>
#include <xcim/ops/softmax.hpp>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace {

using xcim::test::error_of;
using xcim::test::shape_of;

xt::xarray<std::int8_t> integer_softmax_logits(std::vector<std::size_t> const& shape) {
    std::mt19937 random{1};
    auto x = xt::xarray<std::int8_t>::from_shape(shape);
    for (auto& v : x) {
        v = static_cast<std::int8_t>(static_cast<int>(random() % 256) - 128);
    }
    return x;
}

}  // namespace

TEST_CASE("integer softmax: every row with the entry of its own exponent") {
    auto const x = integer_softmax_logits({2, 3, 40});
    xt::xarray<int> const exponents{{-1, 0, 1}, {2, -7, -100}};
    xcim::vdr_options options;
    options.out_bits = 12;
    xcim::vdr_table const table{0.02, options};
    auto const y = xcim::integer_softmax<std::uint16_t>(x, exponents, table);
    REQUIRE(shape_of(y.codes) == std::vector<std::size_t>{2, 3, 40});
    REQUIRE(shape_of(y.shifts) == std::vector<std::size_t>{2, 3});
    REQUIRE(shape_of(y.sums) == std::vector<std::size_t>{2, 3});
    auto const weights = y.weights();
    for (std::size_t row = 0; row < 6; ++row) {
        std::vector<std::uint16_t> right(40);
        CHECK(y.shifts.data()[row] == xcim::vdr_softmax_row(std::span<std::int8_t const>{x.data() + row * 40, 40},
                                                            std::span{right}, table.at(exponents.data()[row]),
                                                            options));
        CHECK(std::equal(right.begin(), right.end(), y.codes.data() + row * 40));
        std::int64_t sum = 0;
        for (auto const code : right) {
            sum += code;
        }
        CHECK(y.sums.data()[row] == sum);

        xt::xarray<float> real = xt::xarray<float>::from_shape({40});
        for (std::size_t i = 0; i < 40; ++i) {
            real(i) = std::ldexp(0.02F, exponents.data()[row]) * static_cast<float>(x.data()[row * 40 + i]);
        }
        auto const exact = xcim::softmax(real);
        for (std::size_t i = 0; i < 40; ++i) {
            CHECK(std::abs(weights.data()[row * 40 + i] - exact(i)) < 0.002F);
        }
    }
}

TEST_CASE("integer softmax takes expressions, single rows and no rows") {
    xcim::vdr_table const table{0.1, {}};
    auto const x = integer_softmax_logits({5, 9});
    xt::xarray<int> const exponents{0, 1, -1, 2, 0};
    auto const y = xcim::integer_softmax(x, exponents, table);
    auto const of_expression = xcim::integer_softmax(xt::cast<std::int16_t>(x) * 1, exponents + 0, table);
    CHECK(std::equal(y.codes.begin(), y.codes.end(), of_expression.codes.begin()));

    xt::xarray<std::int32_t> const row{3, 100, -20};
    xt::xarray<int> const none(0);
    CHECK(xcim::integer_softmax(row, none, table).sums() > 0);
    auto const empty = xt::xarray<std::int8_t>::from_shape({0, 4});
    CHECK(xcim::integer_softmax(empty, xt::xarray<int>::from_shape({0}), table).codes.size() == 0);
}

TEST_CASE("integer softmax says what is wrong with its arguments") {
    using xcim::errc;
    xcim::vdr_table const table{0.1, {}};
    auto const x = integer_softmax_logits({5, 9});
    auto const zeros = [](std::vector<std::size_t> const& shape) { return xt::xarray<int>(xt::zeros<int>(shape)); };
    auto const of = [&](auto const& logits, auto const& exponents) {
        return error_of([&] { static_cast<void>(xcim::integer_softmax(logits, exponents, table)); });
    };
    CHECK(of(x, zeros({4})).says("(5)"));
    CHECK(of(x, zeros({5, 9})).code == errc::shape);
    CHECK(of(integer_softmax_logits({3, 0}), zeros({3})).says("(3, 0)"));
    CHECK(of(xt::xarray<std::int16_t>{{0, 128}}, zeros({1})).code == errc::value);
    CHECK(of(xt::xarray<std::int16_t>{{-129, 0}}, zeros({1})).says("8 bits"));
    CHECK(error_of([&] { static_cast<void>(xcim::integer_softmax<std::int8_t>(x, zeros({5}), table)); }).code ==
          errc::bits);
    xcim::vdr_options literal;
    literal.fraction_bits = std::nullopt;
    xcim::vdr_table const without{0.1, literal};
    CHECK(
        error_of([&] { static_cast<void>(xcim::integer_softmax(x, zeros({5}) - 40, without)); }).says("exponent -40"));
}
