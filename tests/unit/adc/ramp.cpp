#include <doctest/doctest.h>

#include <tests/unit/adc/converter_runs.hpp>
#include <xcim/adc/ramp.hpp>
#include <xcim/adc/sar.hpp>

#include <algorithm>
#include <cmath>

namespace {

using namespace converter_test;

/// The m whose level is nearest, of several the lowest.
int nearest_level(std::vector<double> const& levels, double x) {
    int best = 0;
    for (std::size_t m = 1; m < levels.size(); ++m) {
        if (std::fabs(levels[m] - x) < std::fabs(levels[static_cast<std::size_t>(best)] - x)) {
            best = static_cast<int>(m);
        }
    }
    return best;
}

}  // namespace

TEST_CASE("adc::ramp: the levels of its capacitors by the published equations") {
    auto const key = stage_key(77, 0, stage::converter);
    for (int const bits : {2, 5, 8}) {
        adc::capacitor_errors const errors{.mismatch = 0.03, .gain_db = 40};
        auto const levels = adc::ramp{bits, errors, adc::full_range{}, 77}.levels();
        std::vector<double> z;
        for (int k = 0; k <= bits; ++k) {
            auto const draw = static_cast<std::uint32_t>(k);
            z.push_back(static_cast<double>(four_normals(key, {draw / 4, 0})[draw % 4]));
        }
        auto const capacitor = [&](int k, int power) {
            return std::exp2(power) + 0.03 * std::exp2(power / 2.0) * z[static_cast<std::size_t>(k)];
        };
        double const last = capacitor(bits, bits - 1);
        double const top = capacitor(bits - 1, bits - 1);
        REQUIRE(levels.size() == std::size_t{1} << bits);
        for (int m = 0; m < 1 << bits; ++m) {
            int const s = m - (1 << (bits - 1));
            double total = 0;
            for (int k = 0; k < bits; ++k) {
                total += (std::abs(s) >> k & 1) != 0 ? capacitor(k, k) : 0.0;
            }
            double const beta = last / (last + total);
            double const level = (total / top * (s < 0 ? -1 : 1) + std::exp2(-bits)) / (1 + 0.01 / beta);
            CHECK(levels[static_cast<std::size_t>(m)] == doctest::Approx(level).epsilon(1e-12));
        }
    }
}

TEST_CASE("adc::ramp takes the nearest level, each column with its own comparator") {
    for (auto const& context : converter_contexts()) {
        for (int const bits : {2, 6, 9}) {
            for (double const mismatch : {0.0, 0.01, 0.2}) {  // the last: levels out of order
                for (bool const is_split : {false, true}) {
                    adc::ramp const adc{bits, {mismatch, 0.02, 50, is_split}, adc::full_range{}, 3};
                    auto const levels = adc.levels();
                    auto const k = adc.prepare(context);
                    auto const sums = sums_beyond(context, 300);
                    auto const fixed = converter_normals(1, sums.size(), 9);
                    auto const codes = conversion_codes(k, sums, fixed);
                    double const f = context.full_scale;
                    double const n = std::exp2(bits);
                    double const centre = context.signed_sums ? 0 : f / 2;
                    double const reference = context.signed_sums ? f : f / 2 * n / (n - 1);
                    CAPTURE(bits);
                    CAPTURE(mismatch);
                    CHECK(wrong_conversions(sums, codes, float_distance(context), [&](double x, std::size_t i) {
                              double const v = (x - centre) / reference + 0.02 * static_cast<double>(fixed[i]);
                              int const m = nearest_level(levels, v);
                              return context.signed_sums ? 2 * m - n + 1 : m;
                          }) == 0);
                }
            }
        }
    }
}

TEST_CASE("adc::ramp without errors reads what adc::sar without errors reads") {
    for (auto const& context : converter_contexts()) {
        auto const sums = sums_beyond(context, 1001);
        auto const a = adc::ramp{7}.prepare(context);
        auto const b = adc::sar{7}.prepare(context);
        std::vector<float> const nothing(18 * sums.size());
        auto const codes = conversion_codes(a, sums, nothing);
        auto const searched = conversion_codes(b, sums, nothing);
        CHECK(a.step == b.step);
        double const f = context.full_scale;
        double const lowest = context.signed_sums ? -f : 0;
        std::size_t different = 0;
        for (std::size_t i = 0; i < sums.size(); ++i) {
            // On a threshold a float's rounding decides.
            double const steps = (static_cast<double>(sums[i]) - lowest) / b.lsb() + (context.signed_sums ? 0 : 0.5);
            bool const is_tie = std::fabs(steps - std::nearbyint(steps)) < 1e-4;
            different += codes[i] == searched[i] || is_tie ? 0 : 1;
        }
        CHECK(different == 0);
        CHECK(codes_ascend(codes));
    }
}

TEST_CASE("adc::ramp: another chip has other capacitors") {
    adc::capacitor_errors const errors{.mismatch = 0.05};
    CHECK(adc::ramp{8, errors, adc::full_range{}, 1}.levels() != adc::ramp{8, errors, adc::full_range{}, 2}.levels());
    CHECK(adc::ramp{8, errors, adc::full_range{}, 1}.levels() == adc::ramp{8, errors, adc::full_range{}, 1}.levels());
    CHECK(adc::ramp{11}.wrong() == "adc::ramp.bits is 11; 2 to 10 are possible");
    CHECK(adc::ramp{8}.wrong() == "");
    CHECK(adc_column_draws_of<adc::ramp<>::kernel> == 1);
}
