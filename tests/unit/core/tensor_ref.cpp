#include <doctest/doctest.h>

#include <tests/support/files.hpp>
#include <xcim/core/tensor_ref.hpp>
#include <xcim/ops/xtensor.hpp>

#include <cmath>
#include <limits>
#include <vector>

using xcim::range;
using xcim::range_of;
using xcim::tensor_ref;

TEST_CASE("range_of finds the extremes wherever they are, for every length around the lanes") {
    for (std::size_t size = 1; size <= 4 * xcim::lanes + 1; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            std::vector<float> v(size, 0.5F);
            v[at] = 7;
            CHECK(range_of({v.data(), {size}}, "v") == range{size == 1 ? 7.0F : 0.5F, 7});
            v[at] = -7;
            CHECK(range_of({v.data(), {size}}, "v") == range{-7, size == 1 ? -7.0F : 0.5F});
        }
    }
    CHECK(range_of({nullptr, {0, 3}}, "v") == range{0, 0});
}

TEST_CASE("one element that is not finite is an error that says which") {
    float const inf = std::numeric_limits<float>::infinity();
    for (float const bad : {inf, -inf, std::numeric_limits<float>::quiet_NaN()}) {
        for (std::size_t size = 1; size <= 2 * xcim::lanes + 1; ++size) {
            for (std::size_t at = 0; at < size; ++at) {
                std::vector<float> v(size, 0.5F);
                v[at] = bad;
                auto const e = xcim::test::error_of([&] {
                    static_cast<void>(range_of({v.data(), {size}}, "weights"));
                });
                CHECK(e.code == xcim::errc::value);
                CHECK(e.says("weights"));
                CHECK(e.says("index " + std::to_string(at) + ";"));
            }
        }
    }
    // Differences of large finite numbers overflow, the numbers themselves are fine.
    std::vector<float> const large{-3e38F, 3e38F};
    CHECK(range_of({large.data(), {2}}, "v") == range{-3e38F, 3e38F});
}

TEST_CASE("ref takes row-major memory only") {
    xt::xarray<float> const a = xt::xarray<float>::from_shape({2, 3});
    auto const r = xcim::ref(a, "a");
    CHECK(r.data == a.data());
    CHECK(r.shape == std::vector<std::size_t>{2, 3});
    CHECK(r.size() == 6);

    using columns_first = xt::xarray<float, xt::layout_type::column_major>;
    columns_first const b = columns_first::from_shape({2, 3});
    auto const e = xcim::test::error_of([&] { static_cast<void>(xcim::ref(b, "input")); });
    CHECK(e.code == xcim::errc::shape);
    CHECK(e.says("input"));
    CHECK(e.says("(2, 3)"));
    CHECK(e.says("row-major"));
    // One row or one column is both.
    columns_first const one = columns_first::from_shape({1, 3});
    CHECK_NOTHROW(static_cast<void>(xcim::ref(one)));
    xt::xarray<float> const empty = xt::xarray<float>::from_shape({0, 3});
    CHECK(xcim::ref(empty).size() == 0);
}

TEST_CASE("shapes print as tuples") {
    CHECK(xcim::to_string(std::vector<std::size_t>{2, 3, 4}) == "(2, 3, 4)");
    CHECK(xcim::to_string(std::vector<std::size_t>{}) == "()");
}
