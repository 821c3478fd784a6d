#include <doctest/doctest.h>

#include <xcim/core/dense.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

using namespace xcim;

namespace {

/// A matrix inside a larger one, so that strides matter.
struct dense_matrix {
    std::size_t rows;
    std::size_t columns;
    std::vector<double> values = std::vector<double>(rows * (columns + 3) + 1, 99.0);

    dense_matrix(std::size_t r, std::size_t c, unsigned seed) : rows{r}, columns{c} {
        std::mt19937 engine{seed};
        std::uniform_real_distribution<double> number{-1, 1};
        for (std::size_t i = 0; i < rows; ++i) {
            for (std::size_t j = 0; j < columns; ++j) {
                at(i, j) = number(engine);
            }
        }
    }

    [[nodiscard]] dense_view<double> view() { return {values.data() + 1, rows, columns, columns + 3}; }
    [[nodiscard]] double& at(std::size_t i, std::size_t j) { return view().row(i)[j]; }
};

}  // namespace

TEST_CASE("add_product adds the product of its definition and touches nothing else") {
    struct shape {
        std::size_t m;
        std::size_t k;
        std::size_t n;
    };
    constexpr std::size_t l = batch<double>::size;
    for (auto const& sizes :
         {shape{1, 1, 1}, shape{2, 3, l}, shape{3, 1, l + 1}, shape{8, 5, 2 * l}, shape{9, 7, 2 * l + 1},
          shape{11, 8, 3 * l}, shape{15, 200, 3 * l + 1}, shape{270, 193, 5}, shape{6, 0, 4}, shape{0, 3, 4}}) {
        auto const m = sizes.m;
        auto const k = sizes.k;
        auto const n = sizes.n;
        CAPTURE(m);
        CAPTURE(k);
        CAPTURE(n);
        dense_matrix a{m, k, 1};
        dense_matrix b{k, n, 2};
        dense_matrix c{m, n, 3};
        auto before = c;
        add_product(c.view(), a.view(), b.view(), -0.5);
        double worst = 0;
        for (std::size_t i = 0; i < m; ++i) {
            for (std::size_t j = 0; j < n; ++j) {
                double right = before.at(i, j);
                for (std::size_t t = 0; t < k; ++t) {
                    right += -0.5 * a.at(i, t) * b.at(t, j);
                }
                worst = std::max(worst, std::abs(right - c.at(i, j)));
                c.at(i, j) = before.at(i, j);
            }
        }
        CHECK(worst <= 1e-16 * static_cast<double>(k + 4) * static_cast<double>(k + 4));
        CHECK(c.values == before.values);
    }
}

TEST_CASE("lu_factors solves systems, also those that need pivots") {
    for (std::size_t const n : {1U, 2U, 7U, 8U, 9U, 16U, 33U, 100U}) {
        CAPTURE(n);
        dense_matrix a{n, n, 4};
        if (n > 1) {
            a.at(0, 0) = 0;
        }
        std::size_t const columns = n % 2 == 0 ? 1 : 60;
        dense_matrix x{n, columns, 5};
        dense_matrix b{n, columns, 6};
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < columns; ++j) {
                b.at(i, j) = 0;
                for (std::size_t t = 0; t < n; ++t) {
                    b.at(i, j) += a.at(i, t) * x.at(t, j);
                }
            }
        }
        lu_factors const factors{a.view()};
        REQUIRE(factors.is_regular());
        factors.solve(b.view());
        double worst = 0;
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < columns; ++j) {
                worst = std::max(worst, std::abs(b.at(i, j) - x.at(i, j)));
            }
        }
        CHECK(worst < 1e-11);
    }
}

TEST_CASE("lu_factors says so where there is no inverse") {
    dense_matrix a{3, 3, 1};
    for (std::size_t j = 0; j < 3; ++j) {
        a.at(1, j) = 0;
    }
    CHECK_FALSE(lu_factors{a.view()}.is_regular());
}
