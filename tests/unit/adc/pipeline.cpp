#include <doctest/doctest.h>

#include <tests/unit/adc/converter_runs.hpp>
#include <xcim/adc/cyclic.hpp>
#include <xcim/adc/pipeline.hpp>
#include <xcim/adc/sar.hpp>

#include <cmath>
#include <functional>

namespace {

using namespace converter_test;

/// Codes of stages of 1.5 bits by the published equations, x in units of Vref, 0 to 2^n - 1; the digits' half bits are
/// added up as two bits of a register each. `z(stage, i)`: offsets of both comparators, C1, C2.
int staged_code(int n, adc::stage_errors const& e, double x, std::function<double(int, int)> const& z, double last) {
    double const gain = std::pow(10.0, e.gain_db / 20);
    double v = x;
    int code = 0;
    for (int stage = 0; stage < n - 1; ++stage) {
        bool const high = v > 0.25 + e.comparator * z(stage, 0);
        bool const low = !high && v < -0.25 + e.comparator * z(stage, 1);
        int const weight = 1 << (n - 1 - stage);
        code += high ? weight : low ? 0 : weight / 2;
        double const c1 = 1 + e.mismatch * z(stage, 2);
        double const c2 = 1 + e.mismatch * z(stage, 3);
        double const c = c2 / c1;
        double const beta = c1 / (c1 + c2 + e.parasitic);
        v = ((1 + c) * v - (high ? c : low ? -c : 0.0)) / (1 + 1 / (gain * beta));
    }
    return code + (v > e.comparator * last ? 1 : 0);
}

struct staged_range {
    double centre;
    double reference;
    double per_level;
    double first;
};

staged_range staged_range_of(column_context const& c, int n) {
    double const levels = std::exp2(n);
    if (c.signed_sums) {
        return {0, c.full_scale, 2, 1 - levels};
    }
    return {c.full_scale / 2, c.full_scale / 2 * levels / (levels - 1), 1, 0};
}

/// Kernel against equations, every sum with a converter of its own; draws_of_stage 4, or 0 where all stages are one.
template <class Converter>
void check_stages(Converter const& adc, column_context const& context, int draws_of_stage) {
    int const bits = adc.bits;
    auto const k = adc.prepare(context);
    auto const sums = sums_beyond(context, 400);
    auto const fixed = converter_normals(static_cast<std::size_t>(decltype(k)::column_draws), sums.size(), 3);
    auto const codes = conversion_codes(k, sums, fixed);
    auto const range = staged_range_of(context, bits);
    int const last = draws_of_stage > 0 ? 4 * (bits - 1) : 4;
    CAPTURE(to_string(adc));
    CHECK(wrong_conversions(sums, codes, float_distance(context), [&](double x, std::size_t i) {
              auto const z = [&](int stage, int d) {
                  auto const draw = static_cast<std::size_t>(draws_of_stage * stage + d);
                  return static_cast<double>(fixed[draw * sums.size() + i]);
              };
              double const v = (x - range.centre) / range.reference;
              return range.first + range.per_level * staged_code(bits, adc.errors, v, z, z(0, last));
          }) == 0);
}

adc::stage_errors const bad_stages[] = {{},
                                        {.mismatch = 0.03},
                                        {.comparator = 0.1},
                                        {.gain_db = 30},
                                        {.mismatch = 0.02, .comparator = 0.05, .gain_db = 40, .parasitic = 0.3}};

}  // namespace

TEST_CASE("adc::pipeline and adc::cyclic: decisions and residues of their stages") {
    for (auto const& context : converter_contexts()) {
        for (int const bits : {2, 4, 8, 11, 16}) {
            for (auto const& errors : bad_stages) {
                check_stages(adc::pipeline{bits, errors}, context, 4);
                check_stages(adc::cyclic{bits, errors}, context, 0);
            }
        }
    }
}

TEST_CASE("adc::pipeline without errors is the ideal mid-rise quantiser, to the last tie") {
    for (auto const& context : converter_contexts()) {
        for (int const bits : {2, 5, 8}) {
            auto const sums = every_count(context);
            std::vector<float> const nothing(61 * sums.size());
            auto const ideal = conversion_codes(adc::sar{bits}.prepare(context), sums, nothing);
            CHECK(conversion_codes(adc::pipeline{bits}.prepare(context), sums, nothing) == ideal);
            CHECK(conversion_codes(adc::cyclic{bits}.prepare(context), sums, nothing) == ideal);
        }
    }
}

TEST_CASE("adc::pipeline: offsets below a quarter of Vref are made up for, but for the last comparator's") {
    auto const context = testing::context_for(200, 1, 1, false);
    auto const sums = sums_beyond(context, 2000);
    std::vector<float> const nothing(61 * sums.size());
    auto const ideal = conversion_codes(adc::pipeline{8}.prepare(context), sums, nothing);
    auto const k = adc::pipeline{8, {.comparator = 0.05}}.prepare(context);
    std::vector<float> one(61);
    for (std::size_t stage = 0; stage < 7; ++stage) {  // 4.9 deviations: offsets of 0.245 Vref
        one[4 * stage] = stage % 2 == 0 ? 4.9F : -4.9F;
        one[4 * stage + 1] = stage % 3 == 0 ? -4.9F : 4.9F;
    }
    CHECK(conversion_codes(k, sums, same_converter(one, sums.size())) == ideal);
    one[28] = 1;  // the last comparator
    CHECK(conversion_codes(k, sums, same_converter(one, sums.size())) != ideal);
    one[28] = 0;
    one[0] = 6;  // 0.3 Vref
    CHECK(conversion_codes(k, sums, same_converter(one, sums.size())) != ideal);
}

TEST_CASE("adc::cyclic is adc::pipeline whose stages are alike") {
    auto const context = testing::context_for(200, 1, 1, false);
    auto const sums = sums_beyond(context, 500);
    adc::stage_errors const errors{.mismatch = 0.02, .comparator = 0.05, .gain_db = 40, .parasitic = 0.3};
    auto const one = testing::some_normals(5, 1, 4);
    std::vector<float> all;
    for (int stage = 0; stage < 7; ++stage) {
        all.insert(all.end(), one.begin(), one.begin() + 4);
    }
    all.push_back(one[4]);
    CHECK(conversion_codes(adc::cyclic{8, errors}.prepare(context), sums, same_converter(one, sums.size())) ==
          conversion_codes(adc::pipeline{c<8>, errors}.prepare(context), sums, same_converter(all, sums.size())));
    CHECK(adc_column_draws_of<adc::pipeline<constant<8>>::kernel> == 29);
    CHECK(adc_column_draws_of<adc::pipeline<>::kernel> == 61);
    CHECK(adc_column_draws_of<adc::cyclic<>::kernel> == 5);
}

TEST_CASE("adc::pipeline and adc::cyclic say what is wrong") {
    CHECK(adc::pipeline{1}.wrong() == "adc::pipeline.bits is 1; 2 to 16 are possible");
    CHECK(adc::cyclic{17}.wrong() == "adc::cyclic.bits is 17; 2 to 16 are possible");
    CHECK(adc::pipeline{8, {.mismatch = 0.3}}.wrong() ==
          "adc::pipeline.errors.mismatch is 0.300000; a finite number from 0 to 0.2 is needed");
    CHECK(adc::cyclic{8, {.parasitic = -1}}.wrong() != "");
    CHECK(adc::cyclic{8, {.gain_db = -3}}.wrong() != "");
    CHECK(adc::pipeline{8}.wrong() == "");
    CHECK(adc::cyclic{8}.wrong() == "");
    CHECK(adc::pipeline{8, {}, adc::full_range{}, 16}.columns_per_converter() == 16);
    CHECK(adc::cyclic{8}.columns_per_converter() == 8);
}
