#include <doctest/doctest.h>

#include <tests/unit/adc/converter_runs.hpp>
#include <xcim/adc/sign_magnitude.hpp>
#include <xcim/testing/adc.hpp>

#include <cmath>

namespace {

using namespace converter_test;

}  // namespace

TEST_CASE("adc::sign_magnitude rounds the magnitude, whatever the sign") {
    for (auto const& context : converter_contexts()) {
        for (int const bits : {2, 5, 9}) {
            double const f = context.full_scale;
            double const top = std::exp2(bits - 1) - 1;
            auto const check = [&](auto const& adc, double reach) {
                auto const k = adc.prepare(context);
                auto const sums = sums_beyond(context, 500);
                auto const codes = conversion_codes(k, sums);
                CHECK(k.step == doctest::Approx(reach / top));
                CHECK(wrong_conversions(sums, codes, float_distance(context), [&](double x, std::size_t) {
                          return std::fmin(top, std::fmax(-top, std::nearbyint(x / reach * top)));
                      }) == 0);
                for (float const sum : sums) {
                    lane<float> const l;
                    CHECK(k(-sum, l) == -k(sum, l));
                    CHECK_FALSE((std::signbit(k(sum, l)) && k(sum, l) == 0.0F));
                }
            };
            check(adc::sign_magnitude{bits}, f);
            check(adc::sign_magnitude{bits, adc::granular{2}}, 2 * top);
            check(adc::sign_magnitude{bits, adc::range_of_full_scale(-0.6, 0.3)}, 0.6 * f);
        }
    }
}

TEST_CASE("adc::sign_magnitude: laws, and lossless where a step is a count") {
    for (int const bits : {2, 6, 9}) {
        CHECK_LAWS(testing::check_adc(adc::sign_magnitude{bits}, testing::signed_contexts()));
    }
    CHECK_LAWS(testing::check_adc(adc::sign_magnitude{c<4>, adc::range_of_full_scale(-0.3, 0.1)}));
    auto context = testing::context_for(120, 1);
    context.signed_sums = true;
    adc::sign_magnitude const wide{8, adc::granular{}};
    CHECK(wide.prepare(context).is_exact());
    CHECK_LAWS(testing::check_lossless(wide, context));
    CHECK_FALSE(adc::sign_magnitude{7, adc::granular{}}.prepare(context).is_exact());
    CHECK(adc::sign_magnitude{1}.wrong() == "adc::sign_magnitude.bits is 1; 2 to 16 are possible");
    CHECK(to_string(adc::sign_magnitude{4}) == "sign-magnitude ADC 4 bit, full range");
}
