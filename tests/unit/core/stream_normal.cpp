#include <doctest/doctest.h>

#include <xcim/core/stream_normal.hpp>
#include <xcim/testing/statistics.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace {

constexpr std::size_t grid_rows = 8;
constexpr std::size_t grid_columns = 64;

/// Grids (grids, rows, columns) of as many counters.
std::vector<float> draw_grids(std::size_t grids, xcim::word_pair<> key) {
    std::vector<float> z(grids * grid_rows * grid_columns);
    for (std::size_t g = 0; g < grids; ++g) {
        xcim::fill_normal_grid(key, {static_cast<std::uint32_t>(g), 0}, grid_rows, grid_columns,
                               z.data() + g * grid_rows * grid_columns, grid_columns);
    }
    return z;
}

double mean_product(std::span<float const> a, std::span<float const> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    }
    return sum / static_cast<double>(a.size());
}

}  // namespace

TEST_CASE("a grid of normals holds the numbers of the scalar definition, whatever its size") {
    std::size_t refined = 0;
    std::array<float, grid_rows * grid_columns> z{};
    for (std::uint32_t number = 0; number < 4000; ++number) {
        xcim::word_pair<> const counter{7 * number, number % 3 << 16 | number % 9 << 4};
        std::size_t const used_rows = 1 + number % grid_rows;
        std::size_t const used_columns = 1 + number * 5 % grid_columns;
        xcim::fill_normal_grid({1, 2}, counter, used_rows, used_columns, z.data(), grid_columns);
        std::size_t different = 0;
        for (std::size_t r = 0; r < used_rows; ++r) {
            for (std::size_t c = 0; c < used_columns; ++c) {
                float const right = xcim::grid_normal({1, 2}, counter, used_rows, r, c);
                different += std::memcmp(&right, &z[r * grid_columns + c], sizeof(float)) != 0 ? 1U : 0U;
                refined += std::fabs(right) > 3.85F ? 1U : 0U;
            }
        }
        CAPTURE(used_rows);
        CAPTURE(used_columns);
        CHECK(different == 0);
    }
    CHECK(refined > 20);  // the rare branch has been taken
}

TEST_CASE("columns of a grid do not depend on how many are drawn") {
    std::array<float, grid_rows * grid_columns> all{};
    std::array<float, grid_rows * grid_columns> some{};
    xcim::fill_normal_grid({3, 4}, {5, 0}, grid_rows, grid_columns, all.data(), grid_columns);
    for (std::size_t count = 1; count <= grid_columns; ++count) {
        xcim::fill_normal_grid({3, 4}, {5, 0}, grid_rows, count, some.data(), grid_columns);
        for (std::size_t r = 0; r < grid_rows; ++r) {
            CHECK(std::memcmp(&all[r * grid_columns], &some[r * grid_columns], count * sizeof(float)) == 0);
        }
    }
}

TEST_CASE("moments and distribution of two million normals from streams") {
    std::size_t const grids = 4096;
    auto const n = static_cast<double>(grids * grid_rows * grid_columns);
    for (std::uint32_t const seed : {1U, 2U}) {
        auto const z = draw_grids(grids, {seed, 0});
        double mean = 0;
        double square = 0;
        double cube = 0;
        double fourth = 0;
        for (float const f : z) {
            auto const v = static_cast<double>(f);
            mean += v;
            square += v * v;
            cube += v * v * v;
            fourth += v * v * v * v;
        }
        // Five standard errors each: sqrt(1/n), sqrt(2/n), sqrt(15/n), sqrt(96/n).
        CHECK(std::abs(mean / n) < 5 * std::sqrt(1 / n));
        CHECK(std::abs(square / n - 1) < 5 * std::sqrt(2 / n));
        CHECK(std::abs(cube / n) < 5 * std::sqrt(15 / n));
        CHECK(std::abs(fourth / n - 3) < 5 * std::sqrt(96 / n));
        double const distance = xcim::testing::kolmogorov_smirnov(z, xcim::testing::normal_distribution);
        CHECK(distance < 2.2 / std::sqrt(n));
    }
}

TEST_CASE("tails beyond three, four and five sigma hold as many normals from streams as they should") {
    std::array<double, 3> found{};
    std::size_t const grids = std::size_t{1} << 17;
    for (std::uint32_t part = 0; part < 2; ++part) {
        for (float const z : draw_grids(grids, {9, part})) {
            float const size = std::fabs(z);
            if (size > 3) {
                found[0] += 1;
                found[1] += size > 4 ? 1 : 0;
                found[2] += size > 5 ? 1 : 0;
            }
        }
    }
    for (std::size_t i = 0; i < 3; ++i) {
        auto const all = static_cast<double>(2 * grids * grid_rows * grid_columns);
        double const expected = all * std::erfc((3.0 + static_cast<double>(i)) / std::sqrt(2.0));
        CAPTURE(expected);
        // Five deviations of the count; for the three-sigma count also what the distribution function may be off by.
        CHECK(std::abs(found[i] - expected) < 5 * std::sqrt(expected) + (i == 0 ? 2 * 1.7e-5 * all * 0.05 : 0.0));
    }
}

TEST_CASE("places of a grid, neighbouring counters and other keys are uncorrelated, in value and in square") {
    std::size_t const grids = 4096;
    std::size_t const size = grid_rows * grid_columns;
    auto z = draw_grids(grids, {5, 0});
    auto other = draw_grids(grids, {6, 0});
    for (bool const squared : {false, true}) {
        CAPTURE(squared);
        double const limit = 5 / std::sqrt(static_cast<double>(grids * size));
        // Steps of one stream: 1 row, 2 rows, 16 columns; neighbouring streams; neighbouring counters.
        for (std::size_t const shift :
             {std::size_t{1}, std::size_t{16}, std::size_t{32}, grid_columns, 2 * grid_columns, 3 * grid_columns,
              4 * grid_columns, 7 * grid_columns + 16, size, 2 * size}) {
            CAPTURE(shift);
            CHECK(std::abs(mean_product(std::span{z}.subspan(shift), std::span{z}.first(z.size() - shift))) <
                  1.01 * limit);
        }
        CHECK(std::abs(mean_product(z, other)) < limit);
        for (auto* const numbers : {&z, &other}) {
            for (float& v : *numbers) {
                v = (v * v - 1) / std::sqrt(2.0F);
            }
        }
    }
}
