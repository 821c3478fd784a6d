#include <doctest/doctest.h>

#include <tests/unit/adc/converter_runs.hpp>
#include <xcim/adc/tabulated.hpp>
#include <xcim/testing/adc.hpp>

#include <cmath>
#include <limits>

namespace {

using namespace converter_test;

/// Thresholds that lie closer where sums are small: i^2 / (n + 1)^2, values half-way.
adc::tabulated quadratic_table(std::size_t n, sigma_unit unit, double scale) {
    adc::tabulated adc;
    adc.unit = unit;
    double const last = static_cast<double>(n + 1) * static_cast<double>(n + 1);
    for (std::size_t i = 1; i <= n; ++i) {
        adc.thresholds.push_back(scale * static_cast<double>(i * i) / last);
    }
    for (std::size_t i = 0; i <= n; ++i) {
        auto const x = static_cast<double>(i);
        adc.values.push_back(scale * x * (x + 1) / last);
    }
    return adc;
}

}  // namespace

TEST_CASE("adc::tabulated: thresholds too close for floats, and the step on average") {
    std::vector<double> thresholds;
    std::vector<double> values{0};
    for (int i = 0; i < 40; ++i) {
        thresholds.push_back(1000 + i * 1e-6);
        values.push_back(i + 1);
    }
    auto const context = xcim::testing::context_for(255, 4, 1, false);
    auto const k = xcim::adc::tabulated{thresholds, values, xcim::sigma_unit::cell_lsb}.prepare(context);
    CHECK(k(999.0F, xcim::lane<float>{}) == 0.0F);
    CHECK(k(1001.0F, xcim::lane<float>{}) == 40.0F);
    CHECK(k.lsb() == 1);
}

TEST_CASE("adc::tabulated reads the value between its thresholds") {
    for (auto const& context : converter_contexts()) {
        for (std::size_t const n : {1U, 2U, 7U, 8U, 15U, 100U, 255U}) {
            auto const adc = quadratic_table(n, sigma_unit::full_scale, 1);
            auto const k = adc.prepare(context);
            auto const sums = sums_beyond(context, 600);
            auto const codes = conversion_codes(k, sums);
            std::size_t wrong = 0;
            for (std::size_t i = 0; i < sums.size(); ++i) {
                std::size_t below = 0;
                for (double const t : adc.thresholds) {
                    below += static_cast<double>(sums[i]) > t * context.full_scale ? 1U : 0U;
                }
                wrong += codes[i] == static_cast<float>(adc.values[below] * context.full_scale) ? 0U : 1U;
            }
            CAPTURE(n);
            CHECK(wrong == 0);
            CHECK(k.step == 1);
            CHECK(adc.resolution(context) == static_cast<int>(std::ceil(std::log2(static_cast<double>(n) + 1))));
        }
    }
}

TEST_CASE("adc::tabulated in cell-LSB: a sum on a threshold lies below it") {
    auto const k = adc::tabulated{{2, 6}, {0, 3.5, 9}, sigma_unit::cell_lsb}.prepare(testing::context_for(100, 1));
    lane<float> const l;
    CHECK(k(2.0F, l) == 0.0F);
    CHECK(k(2.0001F, l) == 3.5F);
    CHECK(k(6.0F, l) == 3.5F);
    CHECK(k(7.0F, l) == 9.0F);
    CHECK(k(-1e30F, l) == 0.0F);
    CHECK(k(1e30F, l) == 9.0F);
}

TEST_CASE("adc::tabulated: laws and errors") {
    CHECK_LAWS(testing::check_adc(quadratic_table(15, sigma_unit::full_scale, 1)));
    CHECK_LAWS(testing::check_adc(quadratic_table(11, sigma_unit::cell_lsb, 70), testing::signed_contexts()));
    CHECK(adc::tabulated{}.wrong() ==
          "adc::tabulated has 0 thresholds and 0 values; 1 to 255 thresholds and one value more are needed");
    CHECK(adc::tabulated{{1, 1}, {0, 1, 2}}.wrong() ==
          "adc::tabulated.thresholds[1] is 1.000000; finite numbers in ascending order are needed");
    CHECK(adc::tabulated{{1}, {0, std::numeric_limits<double>::quiet_NaN()}}.wrong() ==
          "adc::tabulated.values[1] is not finite");
    CHECK(adc::tabulated{{1}, {0}}.wrong() != "");
    CHECK(adc::tabulated{{1}, {0, 1}, sigma_unit::adc_lsb}.wrong() != "");
    CHECK(adc::tabulated{{1}, {0, 1}}.wrong() == "");
    CHECK_THROWS_AS(static_cast<void>(adc::tabulated{}.prepare({})), error);
}
