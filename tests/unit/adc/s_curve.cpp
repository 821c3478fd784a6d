#include <doctest/doctest.h>

#include <tests/unit/adc/converter_runs.hpp>
#include <xcim/adc/s_curve.hpp>
#include <xcim/adc/sign_magnitude.hpp>
#include <xcim/testing/adc.hpp>

#include <cmath>

namespace {

using namespace converter_test;

}  // namespace

TEST_CASE("adc::s_curve bends, shifts and clips as its equations say, each column its own way") {
    adc::curve_errors const all{.bend = 0.4,
                                .bend_spread = 0.8,
                                .gain = 1.1,
                                .gain_spread = 0.05,
                                .offset = -0.02,
                                .offset_spread = 0.03,
                                .series_resistance = 0.2};
    for (auto const& context : converter_contexts()) {
        for (int const bits : {2, 6, 9}) {
            for (auto const& e :
                 {all, adc::curve_errors{.bend = 2}, adc::curve_errors{.gain = 3}, adc::curve_errors{}}) {
                for (double const bound : {1.0, 0.4}) {
                    auto const k = adc::s_curve{bits, e, adc::range_of_full_scale(-bound, bound)}.prepare(context);
                    auto const sums = sums_beyond(context, 400);
                    auto const fixed = converter_normals(3, sums.size(), 4);
                    auto const codes = conversion_codes(k, sums, fixed);
                    double const res = 1 / (std::exp2(bits) - 2);
                    double const f = context.full_scale;
                    CHECK(k.step == doctest::Approx(2 * bound * f * res));
                    CHECK(wrong_conversions(sums, codes, 2 * float_distance(context), [&](double x, std::size_t i) {
                              auto const z = [&](std::size_t d) {
                                  return static_cast<double>(fixed[d * sums.size() + i]);
                              };
                              double const n = std::fmax(0.0, e.bend * (1 + e.bend_spread * z(0)));
                              double const g = e.gain * (1 + e.gain_spread * z(1));
                              double y = x / f;
                              y = g * y / (1 + n * std::fabs(y)) + e.offset + e.offset_spread * z(2);
                              y /= 1 + e.series_resistance * std::fabs(y);
                              return std::nearbyint(std::fmin(bound, std::fmax(-bound, y)) / (2 * bound * res));
                          }) == 0);
                }
            }
        }
    }
}

TEST_CASE("adc::s_curve without errors is adc::sign_magnitude") {
    auto const context = converter_contexts()[3];
    auto const sums = sums_beyond(context, 999);
    std::vector<float> const nothing(3 * sums.size());
    CHECK(conversion_codes(adc::s_curve{8}.prepare(context), sums, nothing) ==
          conversion_codes(adc::sign_magnitude{8}.prepare(context), sums));
    CHECK(adc::s_curve{8}.prepare(context).step == doctest::Approx(adc::sign_magnitude{8}.prepare(context).step));
    CHECK(adc::s_curve{8, {}, adc::granular{2}}.prepare(context).step == doctest::Approx(2));
    CHECK(codes_ascend(
        conversion_codes(adc::s_curve{8, {.bend = 3, .series_resistance = 2}}.prepare(context), sums, nothing)));
    CHECK(adc::s_curve{1}.wrong() != "");
    CHECK(adc::s_curve{8, {.bend = -1}}.wrong() ==
          "adc::s_curve.errors.bend is -1.000000; a finite number from 0 on is needed");
    CHECK(adc::s_curve{8, {.gain = 0}}.wrong() != "");
    CHECK(adc::s_curve{8}.wrong() == "");
    CHECK(adc_column_draws_of<adc::s_curve<>::kernel> == 3);
}
