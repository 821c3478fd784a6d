#include <doctest/doctest.h>

#include <tests/unit/adc/converter_runs.hpp>
#include <xcim/adc/calibrated.hpp>
#include <xcim/adc/sar.hpp>
#include <xcim/analysis/linearity.hpp>

#include <cmath>
#include <functional>
#include <vector>

namespace {

using namespace converter_test;

/// Levels 0 to 2^n - 1 of a capacitive converter, in units of Vref, by the published equations.
std::vector<double> levels_of_capacitors(int n, adc::capacitor_errors const& e, std::function<double(int)> const& z) {
    double const gain = std::pow(10.0, e.gain_db / 20);
    auto const power = [](double x) { return std::exp2(x); };
    std::vector<double> capacitor;
    double bridge = 0;
    int const h = n / 2;
    for (int k = 0; k < n; ++k) {
        double const exponent = !e.is_split || k < h ? k : k < n - 1 ? k - h : 0;
        capacitor.push_back(power(exponent) + e.mismatch * power(exponent / 2) * z(k));
    }
    if (e.is_split) {
        double const nominal = power(h) / (power(h) - 1);
        bridge = nominal + e.mismatch * std::sqrt(nominal) * z(n);
    }
    double const last = power(n - 1) + e.mismatch * power((n - 1) / 2.0) * z(n);
    std::vector<double> levels;
    for (int m = 0; m < 1 << n; ++m) {
        int const s = m - (1 << (n - 1));
        int const size = std::abs(s);
        double level = 0;
        double beta = 1;
        if (size == 1 << (n - 1)) {
            level = 1;
            beta = e.is_split ? 1 : last / (last + capacitor[static_cast<std::size_t>(n) - 1]);
        } else {
            double low = 0;
            double high = 0;
            double all_low = capacitor[static_cast<std::size_t>(n) - 1];
            double all_high = 0;
            for (int k = 0; k < n - 1; ++k) {
                double const c = capacitor[static_cast<std::size_t>(k)];
                (k < h ? all_low : all_high) += c;
                (k < h ? low : high) += (size >> k & 1) != 0 ? c : 0;
            }
            level = e.is_split ? (low * bridge + high * (all_low + bridge)) /
                                     ((all_low + bridge) * (all_high + bridge) - bridge * bridge)
                               : (low + high) / capacitor[static_cast<std::size_t>(n) - 1];
            beta = e.is_split ? 1 : last / (last + low + high);
        }
        levels.push_back((s < 0 ? -level : level) / (1 + 1 / (gain * beta)));
    }
    return levels;
}

/// Binary search x > level - offset, in units of Vref.
int searched_code(std::vector<double> const& levels, int n, double x, double offset) {
    int code = 0;
    for (int bit = 1 << (n - 1); bit > 0; bit /= 2) {
        code += x > levels[static_cast<std::size_t>(code + bit)] - offset ? bit : 0;
    }
    return code;
}

/// Where the range of a converter lies and what codes it has.
struct sar_range {
    double centre;
    double reference;
    double per_level;
    double first;
};

sar_range full_range_of(column_context const& c, int n) {
    double const levels = std::exp2(n);
    if (c.signed_sums) {
        return {0, c.full_scale, 2, 1 - levels};
    }
    return {c.full_scale / 2, c.full_scale / 2 * levels / (levels - 1), 1, 0};
}

}  // namespace

TEST_CASE("adc::sar searches the levels of its own capacitors") {
    adc::capacitor_errors const large{.mismatch = 0.04, .comparator = 0.03, .gain_db = 30};
    adc::capacitor_errors split = large;
    split.is_split = true;
    for (auto const& context : converter_contexts()) {
        for (int const bits : {2, 3, 6, 8, 11}) {
            for (auto const& errors :
                 {large, split, adc::capacitor_errors{.mismatch = 0.1}, adc::capacitor_errors{.gain_db = 20},
                  adc::capacitor_errors{.comparator = 0.1}}) {
                auto const k = adc::sar{bits, errors}.prepare(context);
                auto const sums = sums_beyond(context, 300);
                auto const draws = static_cast<std::size_t>(adc_column_draws_of<adc::sar<>::kernel>);
                auto const fixed = converter_normals(draws, sums.size(), 3);
                auto const codes = conversion_codes(k, sums, fixed);
                auto const range = full_range_of(context, bits);
                CHECK(k.step * range.per_level == doctest::Approx(2 * range.reference / std::exp2(bits)));
                CAPTURE(bits);
                CAPTURE(to_string(errors));
                std::size_t wrong = 0;
                for (std::size_t i = 0; i < sums.size(); ++i) {
                    auto const z = [&](int d) {
                        return static_cast<double>(fixed[static_cast<std::size_t>(d) * sums.size() + i]);
                    };
                    auto const levels = levels_of_capacitors(bits, errors, z);
                    wrong +=
                        wrong_conversions({sums[i]}, {codes[i]}, float_distance(context), [&](double x, std::size_t) {
                            double const v = (x - range.centre) / range.reference;
                            return range.first +
                                   range.per_level * searched_code(levels, bits, v, errors.comparator * z(bits + 1));
                        });
                }
                CHECK(wrong == 0);
            }
        }
    }
}

TEST_CASE("adc::sar without errors is the ideal mid-rise quantiser, to the last tie") {
    for (bool const is_split : {false, true}) {
        for (int const bits : {2, 5, 8}) {
            for (auto const& context : converter_contexts()) {
                auto const sums = every_count(context);
                auto const k = adc::sar{bits, {.is_split = is_split}}.prepare(context);
                auto const codes = conversion_codes(
                    k, sums, converter_normals(static_cast<std::size_t>(decltype(k)::column_draws), sums.size(), 1));
                auto const levels = static_cast<std::int64_t>(1) << bits;
                auto const f = static_cast<std::int64_t>(context.full_scale);
                std::size_t wrong = 0;
                for (std::size_t i = 0; i < sums.size(); ++i) {
                    // Thresholds below the sum: signed at -F + 2 F m / L, else at (2 m - 1) F / (2 (L - 1)); integers.
                    auto const x = static_cast<std::int64_t>(sums[i]);
                    std::int64_t m = 0;
                    while (m + 1 < levels && (context.signed_sums ? (x + f) * levels > 2 * f * (m + 1)
                                                                  : 2 * x * (levels - 1) > (2 * m + 1) * f)) {
                        ++m;
                    }
                    auto const code = context.signed_sums ? 2 * m - levels + 1 : m;
                    wrong += codes[i] == static_cast<float>(code) ? 0 : 1;
                }
                CAPTURE(bits);
                CHECK(wrong == 0);
            }
        }
    }
}

TEST_CASE("adc::sar of 16 bits, one chip") {
    auto const context = converter_contexts()[3];
    for (bool const is_split : {false, true}) {
        adc::capacitor_errors const errors{.mismatch = 0.01, .comparator = 0.01, .gain_db = 80, .is_split = is_split};
        auto const one = testing::some_normals(18, 1, 6);
        auto const levels =
            levels_of_capacitors(16, errors, [&](int i) { return double{one[static_cast<std::size_t>(i)]}; });
        auto const sums = sums_beyond(context, 2000);
        auto const codes =
            conversion_codes(adc::sar{16, errors}.prepare(context), sums, same_converter(one, sums.size()));
        CHECK(wrong_conversions(sums, codes, float_distance(context), [&](double x, std::size_t) {
                  return 2 * searched_code(levels, 16, x / context.full_scale, 0.01 * double{one[17]}) + 1 - 65536;
              }) == 0);
    }
}

TEST_CASE("adc::sar: other ranges move and stretch the levels") {
    auto context = testing::context_for(100, 1, 1, false);
    std::vector<float> const zeros(20);
    lane<float> const l{nullptr, 0, zeros.data(), 1};
    auto const shifted = adc::sar{3, {}, adc::range_in_cell_lsb(10, 26)}.prepare(context);  // parts of 2
    for (int i = 0; i < 8; ++i) {
        CHECK(static_cast<double>(shifted(10.5F + 2.0F * static_cast<float>(i), l)) * shifted.step ==
              doctest::Approx(11 + 2 * i));
    }
    CHECK(static_cast<double>(shifted(-5.0F, l)) * shifted.step == doctest::Approx(11));
    CHECK(static_cast<double>(shifted(90.0F, l)) * shifted.step == doctest::Approx(25));
    auto const coarse = adc::sar{4, {}, adc::granular{5}}.prepare(context);
    CHECK(coarse.step == 5);
    CHECK(coarse(0.0F, l) == 0.0F);
    CHECK(coarse(52.0F, l) == 10.0F);
    context.signed_sums = true;
    auto const around = adc::sar{2, {}, adc::range_in_cell_lsb(-8, 4)}.prepare(context);  // +-8: parts of 4
    CHECK(around.step == 2);
    CHECK(around(-7.0F, l) == -3.0F);
    CHECK(around(-1.0F, l) == -1.0F);
    CHECK(around(1.0F, l) == 1.0F);
    CHECK(around(100.0F, l) == 3.0F);
    auto const fine = adc::sar{4, {}, adc::granular{2}}.prepare(context);
    CHECK(fine.step == 1);
    CHECK(fine(4.5F, l) == 5.0F);
}

TEST_CASE("adc::sar: whatever the errors, codes are monotone where levels are") {
    auto const context = testing::context_for(200, 1, 1, false);
    auto const sums = sums_beyond(context, 3000);
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        auto const one = testing::some_normals(18, 1, seed);
        auto const k = adc::sar{8, {.mismatch = 0.01, .comparator = 0.02, .gain_db = 40}}.prepare(context);
        CHECK(codes_ascend(conversion_codes(k, sums, same_converter(one, sums.size()))));
    }
}

TEST_CASE("adc::sar: fewer bits known to the compiler, the same converter from fewer draws") {
    auto const context = testing::context_for(200, 1, 1, false);
    adc::capacitor_errors const errors{.mismatch = 0.05, .comparator = 0.02, .gain_db = 40};
    auto const sums = sums_beyond(context, 300);
    auto const fixed = converter_normals(10, sums.size(), 7);
    auto const k = adc::sar{c<8>, errors}.prepare(context);
    CHECK(decltype(k)::column_draws == 10);
    CHECK(conversion_codes(k, sums, fixed) == conversion_codes(adc::sar{8, errors}.prepare(context), sums, fixed));
}

TEST_CASE("adc::sar says what is wrong and how it is shared") {
    CHECK(adc::sar{8}.columns_per_converter() == 8);
    CHECK(adc::sar{8, {}, adc::full_range{}, 4}.columns_per_converter() == 4);
    CHECK(adc::sar{1}.wrong() == "adc::sar.bits is 1; 2 to 16 are possible");
    CHECK(adc::sar{8, {.mismatch = -0.1}}.wrong() ==
          "adc::sar.errors.mismatch is -0.100000; a finite number from 0 to 0.2 is needed");
    CHECK(adc::sar{8, {.comparator = 2}}.wrong() != "");
    CHECK(adc::sar{8, {.gain_db = 0}}.wrong() ==
          "adc::sar.errors.gain_db is 0.000000; decibels above 0, or infinity, are needed");
    CHECK(adc::sar{8, {}, adc::full_range{}, 0}.wrong() == "adc::sar.columns is 0; 1 to 65536 are possible");
    CHECK(adc::sar{8}.wrong() == "");
}
