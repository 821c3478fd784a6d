#include <doctest/doctest.h>

#include <tests/unit/adc/converter_runs.hpp>
#include <xcim/adc/calibrated.hpp>
#include <xcim/adc/lossless_bits.hpp>
#include <xcim/adc/uniform.hpp>
#include <xcim/testing/adc.hpp>

#include <cmath>

namespace {

using namespace converter_test;

/// Value by the definition: clip, count steps from the lowest level, round half to even.
double calibrated_value(double sum, double lowest, double highest, double levels) {
    double const step = (highest - lowest) / (levels - 1);
    return lowest + std::nearbyint((std::fmin(std::fmax(sum, lowest), highest) - lowest) / step) * step;
}

}  // namespace

TEST_CASE("adc::calibrated reads the nearest of 2^bits levels from end to end") {
    for (auto const& context : converter_contexts()) {
        for (int const bits : {1, 3, 8, 12}) {
            double const f = context.full_scale;
            double const low = context.signed_sums ? -f : 0;
            auto const sums = sums_beyond(context, 700);
            auto const check = [&](auto const& adc, double lowest, double highest) {
                auto const kernel = adc.prepare(context);
                auto const codes = conversion_codes(kernel, sums);
                std::size_t wrong = 0;
                for (std::size_t i = 0; i < sums.size(); ++i) {
                    double const value = static_cast<double>(codes[i]) * kernel.step;
                    auto const right = [&](double x) {
                        return std::fabs(value - calibrated_value(x, lowest, highest, std::exp2(bits))) <= 1e-6 * f;
                    };
                    auto const x = static_cast<double>(sums[i]);
                    wrong +=
                        right(x) || right(x - float_distance(context)) || right(x + float_distance(context)) ? 0 : 1;
                }
                CAPTURE(bits);
                CAPTURE(to_string(adc));
                CHECK(wrong == 0);
            };
            check(adc::calibrated{bits}, low, f);
            check(adc::calibrated{bits, adc::range_in_cell_lsb(0.07 * f, 0.61 * f)}, 0.07 * f, 0.61 * f);
            check(adc::calibrated{bits, adc::range_of_full_scale(-0.3, 0.4)}, -0.3 * f, 0.4 * f);
            double const first = context.signed_sums ? -3 * std::exp2(bits - 1) : 0;
            check(adc::calibrated{bits, adc::granular{3}}, first, first + 3 * (std::exp2(bits) - 1));
        }
    }
}

TEST_CASE("adc::calibrated: ties of whole sums are ties") {
    // Steps of 18 / 15 = 1.2: 3 lies half-way between levels 2 and 3, 9 between 7 and 8.
    auto const k = adc::calibrated{4, adc::range_in_cell_lsb(0, 18)}.prepare(testing::context_for(30, 1));
    lane<float> const l;
    CHECK(k(3.0F, l) == 2.0F);
    CHECK(k(9.0F, l) == 8.0F);
    CHECK(k(15.0F, l) == 12.0F);
    CHECK(k.step == doctest::Approx(1.2));
    CHECK(k(30.0F, l) == 15.0F);
}

TEST_CASE("adc::calibrated over the full range is adc::uniform, code by code") {
    for (int const bits : {1, 4, 8, 11}) {
        for (int const rows : {100, 255, 256}) {
            auto const context = testing::context_for(rows, 2);
            auto const a = adc::calibrated{bits}.prepare(context);
            auto const b = adc::uniform{bits}.prepare(context);
            auto const sums = every_count(context);
            CHECK(conversion_codes(a, sums) == conversion_codes(b, sums));
            CHECK(a.step == b.step);
            CHECK(a.is_exact() == b.is_exact());
            CHECK(a.counts() == b.counts());
        }
    }
}

TEST_CASE("adc::calibrated: what it says of itself") {
    auto context = testing::context_for(200, 1);
    auto const covers = adc::calibrated{8, adc::granular{}};
    CHECK(covers.prepare(context).is_exact());
    CHECK(covers.prepare(context).counts());
    CHECK_LAWS(testing::check_lossless(covers, context));
    CHECK_FALSE(adc::calibrated{7, adc::granular{}}.prepare(context).is_exact());
    CHECK_FALSE(adc::calibrated{8, adc::granular{2}}.prepare(context).is_exact());
    context.signed_sums = true;
    CHECK_FALSE(covers.prepare(context).is_exact());
    CHECK_FALSE(covers.prepare(context).counts());
    CHECK(adc::calibrated{9, adc::granular{}}.prepare(context).is_exact());
    CHECK_LAWS(testing::check_lossless(adc::calibrated{9, adc::granular{}}, context));
    // Zero lies between two levels: odd codes of half a step.
    auto const k = adc::calibrated{3}.prepare(context);
    CHECK(k(1.0F, lane<float>{}) == 1.0F);
    CHECK(k(-1.0F, lane<float>{}) == -1.0F);
    CHECK(k(200.0F, lane<float>{}) == 7.0F);
    CHECK(k.lsb() == doctest::Approx(400.0 / 7));
    CHECK_FALSE(decltype(adc::calibrated{8, adc::range_in_cell_lsb(0, 1)})::is_integer);
}

TEST_CASE("adc::calibrated: laws") {
    for (int const bits : {1, 2, 5, 8, 16}) {
        CHECK_LAWS(testing::check_adc(adc::calibrated{bits}));
        CHECK_LAWS(testing::check_adc(adc::calibrated{bits}, testing::signed_contexts()));
    }
    CHECK_LAWS(testing::check_adc(adc::calibrated{c<6>, adc::granular{2}}));
    CHECK_LAWS(testing::check_adc(adc::calibrated{6, adc::granular{}}, testing::signed_contexts()));
    CHECK_LAWS(testing::check_adc(adc::calibrated{5, adc::range_of_full_scale(-0.1, 0.37)}));
    CHECK_LAWS(testing::check_adc(adc::calibrated{5, adc::range_in_cell_lsb(-17, 40)}, testing::signed_contexts()));
}

TEST_CASE("adc::calibrated refuses what is no converter") {
    CHECK(adc::calibrated{0}.wrong() == "adc::calibrated.bits is 0; 1 to 16 are possible");
    CHECK(adc::calibrated{17}.wrong() != "");
    CHECK(adc::calibrated{8}.wrong() == "");
    CHECK(adc::calibrated{8, adc::granular{0}}.wrong() ==
          "adc::calibrated.range.cells is 0; 1 to 1048576 are possible");
    CHECK(adc::calibrated{8, adc::range_in_cell_lsb(3, 3)}.wrong() ==
          "adc::calibrated.range goes from 3.000000 to 3.000000; two finite numbers in ascending order are needed");
    CHECK(adc::calibrated{8, adc::sum_range{0, 1, sigma_unit::adc_lsb}}.wrong() != "");
    CHECK(to_string(adc::calibrated{6, adc::granular{2}}) == "ADC 6 bit, steps of 2 cell-LSB");
}

TEST_CASE("lossless_bits: one level for every count") {
    CHECK(adc::lossless_bits(1) == 1);
    CHECK(adc::lossless_bits(128) == 8);
    CHECK(adc::lossless_bits(255) == 8);
    CHECK(adc::lossless_bits(256) == 9);
    CHECK(adc::lossless_bits(128, 1, 2) == 9);
    CHECK(adc::lossless_bits(144, 8, 4) == 20);  // 144 * 255 * 15 = 550800
    for (int const rows : {1, 31, 100, 1000}) {
        for (int const drive : {1, 3, 8}) {
            double const levels = rows * (std::exp2(drive) - 1) * 3 + 1;
            CHECK(adc::lossless_bits(rows, drive, 2) == static_cast<int>(std::ceil(std::log2(levels))));
        }
    }
    CHECK_THROWS_AS(static_cast<void>(adc::lossless_bits(0)), error);
    CHECK_THROWS_AS(static_cast<void>(adc::lossless_bits(8, 0)), error);
    CHECK_THROWS_AS(static_cast<void>(adc::lossless_bits(8, 1, 17)), error);
}
