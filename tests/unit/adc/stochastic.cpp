#include <doctest/doctest.h>

#include <tests/unit/adc/converter_runs.hpp>
#include <xcim/adc/stochastic.hpp>
#include <xcim/testing/statistics.hpp>

#include <algorithm>
#include <cmath>

namespace {

using namespace converter_test;

}  // namespace

TEST_CASE("normal_distribution is Phi to 2.5e-7, in batches too") {
    auto const z = ramp_of_sums(-9, 9, 100001);
    testing::report r;
    auto const p =
        testing::check_batch_is_scalar(r, "Phi", z, [](auto v, std::size_t) { return adc::normal_distribution(v); });
    CHECK_LAWS(r);
    double worst = 0;
    for (std::size_t i = 0; i < z.size(); ++i) {
        worst = std::max(
            worst, std::fabs(static_cast<double>(p[i]) - testing::normal_distribution(static_cast<double>(z[i]))));
    }
    CHECK(worst < 2.5e-7);
    CHECK(adc::normal_distribution(0.0F) == 0.5F);
    CHECK(adc::normal_distribution(-100.0F) >= 0.0F);
    CHECK(adc::normal_distribution(100.0F) <= 1.0F);
}

TEST_CASE("adc::stochastic goes up where the uniform is below the fraction") {
    for (auto const& context : converter_contexts()) {
        for (int const bits : {2, 5, 8}) {
            auto const sums = sums_beyond(context, 400);
            auto const normals = converter_normals(1, sums.size(), 5);
            auto const check = [&](auto const& inner, double lowest, double lsb, double top, double per_level,
                                   double first) {
                auto const k = adc::stochastic{inner}.prepare(context);
                auto const codes = conversion_codes(k, sums, {}, normals);
                CHECK(wrong_conversions(sums, codes, float_distance(context), [&](double x, std::size_t i) {
                          double const z = std::fmin(top, std::fmax(0.0, (x - lowest) / lsb));
                          double const u = testing::normal_distribution(static_cast<double>(normals[i]));
                          return first + per_level * (std::floor(z) + (u < z - std::floor(z) ? 1 : 0));
                      }) == 0);
            };
            double const f = context.full_scale;
            double const top = std::exp2(bits) - 1;
            if (context.signed_sums) {
                check(adc::calibrated{bits}, -f, 2 * f / top, top, 2, -top);
                double const half = std::exp2(bits - 1) - 1;
                check(adc::sign_magnitude{bits}, -f, f / half, 2 * half, 1, -half);
            } else {
                check(adc::calibrated{bits}, 0, f / top, top, 1, 0);
            }
        }
    }
}

TEST_CASE("adc::stochastic: a level is always read as itself") {
    auto const context = testing::context_for(255, 1);
    auto const sums = every_count(context);
    auto const codes =
        conversion_codes(adc::stochastic{}.prepare(context), sums, {}, converter_normals(1, sums.size(), 2));
    CHECK(codes == sums);
    CHECK(adc_draws_of<adc::stochastic<>::kernel> == 1);
    CHECK(adc::stochastic{adc::calibrated{0}}.wrong() != "");
    CHECK(adc::stochastic{adc::calibrated{5}}.resolution(context) == 5);
    CHECK(to_string(adc::stochastic{adc::sign_magnitude{4}}) == "stochastic sign-magnitude ADC 4 bit, full range");
}
