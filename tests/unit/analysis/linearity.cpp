#include <doctest/doctest.h>

#include <xcim/adc/calibrated.hpp>
#include <xcim/adc/pipeline.hpp>
#include <xcim/adc/ramp.hpp>
#include <xcim/adc/s_curve.hpp>
#include <xcim/adc/sar.hpp>
#include <xcim/adc/tabulated.hpp>
#include <xcim/analysis/linearity.hpp>
#include <xcim/testing/batches.hpp>
#include <xcim/testing/column_contexts.hpp>

#include <cmath>
#include <vector>

namespace {

using namespace xcim;
using analysis::linearity_of;
using analysis::reference_line;
using analysis::transfer_of;

column_context linearity_context(bool signed_sums = false) {
    auto context = testing::context_for(255, 4, 1, false);
    context.signed_sums = signed_sums;
    return context;
}

/// Codes 0, 1, 2 ... between thresholds of our choice.
analysis::transfer staircase(std::vector<float> const& thresholds, float lowest, float highest) {
    analysis::transfer t;
    t.lowest = lowest;
    t.highest = highest;
    float code = 0;
    for (float const threshold : thresholds) {
        t.transitions.push_back({threshold, code, code + 1});
        code += 1;
    }
    return t;
}

}  // namespace

TEST_CASE("transfer_of finds every threshold of a converter, to neighbouring floats") {
    for (auto const& signed_sums : {false, true}) {
        auto const context = linearity_context(signed_sums);
        double const f = context.full_scale;
        auto const k = adc::calibrated{6}.prepare(context);
        auto const t = transfer_of(k, -1.2 * f, 1.2 * f, {}, 50);
        REQUIRE(t.transitions.size() == 63);
        CHECK(t.is_monotone());
        for (std::size_t i = 0; i < t.transitions.size(); ++i) {
            double const lowest = signed_sums ? -f : 0;
            double const threshold = lowest + (static_cast<double>(i) + 0.5) * k.lsb();
            CHECK(std::fabs(static_cast<double>(t.transitions[i].sum) - threshold) < f * 0x1p-22);
            lane<float> const l;
            float const sum = t.transitions[i].sum;
            CHECK(k(sum, l) == t.transitions[i].from);
            CHECK(k(std::nextafter(sum, 1e9F), l) == t.transitions[i].to);
        }
    }
}

TEST_CASE("linearity_of an ideal converter is 0 everywhere and has all its bits") {
    for (bool const signed_sums : {false, true}) {
        auto const context = linearity_context(signed_sums);
        double const f = context.full_scale;
        auto const check = [&](auto const& k, double bits, std::size_t levels) {
            for (auto const line : {reference_line::end_points, reference_line::best_fit}) {
                auto const r = linearity_of(transfer_of(k, -1.3 * f, 1.3 * f), line);
                CHECK(r.codes.size() == levels);
                CHECK(r.thresholds.size() == levels - 1);
                CHECK(r.inl.size() == levels - 1);
                CHECK(r.dnl.size() == levels - 2);
                CHECK(r.missing.empty());
                CHECK(r.worst_inl() < 1e-3);
                CHECK(r.worst_dnl() < 1e-3);
                CHECK(std::fabs(r.gain_error) < 1e-4);
                CHECK(std::fabs(r.offset_error) < 1e-3);
                CHECK(r.lsb == doctest::Approx(k.lsb()).epsilon(1e-4));
                CHECK(r.enob == doctest::Approx(bits).epsilon(1e-3));
                CHECK(r.is_monotone);
            }
        };
        check(adc::calibrated{7}.prepare(context), 7, 128);
        check(adc::sar{7}.prepare(context), 7, 128);
        check(adc::sar{6, {.is_split = true}}.prepare(context), 6, 64);
        check(adc::pipeline{5}.prepare(context), 5, 32);
        check(adc::ramp{5}.prepare(context), 5, 32);
    }
}

TEST_CASE("linearity_of known thresholds") {
    // Even steps of 10 but for one threshold 4 too high.
    auto const r = linearity_of(staircase({10, 20, 34, 40, 50}, 0, 60));
    CHECK(r.lsb == doctest::Approx(10));
    CHECK(r.codes == std::vector<double>{0, 1, 2, 3, 4, 5});
    double const inl[] = {0, 0, 0.4, 0, 0};
    double const dnl[] = {0, 0.4, -0.4, 0};
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(r.inl[i] == doctest::Approx(inl[i]));
    }
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(r.dnl[i] == doctest::Approx(dnl[i]));
    }
    CHECK(r.worst_inl() == doctest::Approx(0.4));
    // Nominally a step of 1 from thresholds 0.5, 1.5, ...: a tenth of the gain, and 9.5 steps late.
    CHECK(r.gain_error == doctest::Approx(-0.9));
    CHECK(r.offset_error == doctest::Approx(9.5));
    // Error in LSB runs from -0.5 to 0.5, twice, then to 0.9, from -0.1 to 0.5 and again from -0.5 to 0.5.
    double const square = (2.0 / 12 + (0.9 * 0.9 * 0.9 + 0.5 * 0.5 * 0.5) / 3 + (0.125 + 0.001) / 3) / 4;
    double const without_first = (1.0 / 12 + (0.9 * 0.9 * 0.9 + 0.125) / 3 + (0.125 + 0.001) / 3 + 1.0 / 12) / 4;
    CHECK(square == doctest::Approx(without_first));
    CHECK(r.enob == doctest::Approx(std::log2(6) - 0.5 * std::log2(12 * square)));

    auto const fit = linearity_of(staircase({10, 20, 34, 40, 50}, 0, 60), reference_line::best_fit);
    CHECK(fit.lsb == doctest::Approx(10));  // the odd one is in the middle
    CHECK(fit.inl[0] == doctest::Approx(-0.08));
    CHECK(fit.inl[2] == doctest::Approx(0.32));
}

TEST_CASE("linearity_of: a code that is missing, one that comes back") {
    auto t = staircase({10, 20, 30, 40, 50}, 0, 60);
    t.transitions[2] = {30, 2, 4};
    t.transitions.erase(t.transitions.begin() + 3);
    t.transitions[3].from = 4;
    auto const r = linearity_of(t);
    CHECK(r.missing == std::vector<double>{3});
    CHECK(r.dnl[2] == doctest::Approx(-1));
    CHECK(r.dnl[3] == doctest::Approx(1));
    CHECK(r.is_monotone);

    auto back = staircase({10, 20, 30, 40}, 0, 50);
    // 2 lasts from 20 to 30; within 3 the code falls back to 2 between 33 and 35.
    back.transitions.insert(back.transitions.begin() + 3, {{33, 3, 2}, {35, 2, 3}});
    auto const b = linearity_of(back);
    CHECK_FALSE(b.is_monotone);
    CHECK(b.thresholds[2] == doctest::Approx(32));  // 2 more units read less than 3
    CHECK(b.dnl[1] == doctest::Approx(0.2));
    CHECK(b.dnl[2] == doctest::Approx(-0.2));
}

TEST_CASE("linearity of circuits: gain and offset are told from curvature") {
    auto const context = linearity_context(true);
    double const f = context.full_scale;
    std::vector<float> one(18);
    one[9] = 1;  // comparator: 0.02 Vref = 2.56 LSB of 8 bits
    auto const offset =
        linearity_of(transfer_of(adc::sar{8, {.comparator = 0.02}}.prepare(context), -1.2 * f, 1.2 * f, one));
    CHECK(offset.offset_error == doctest::Approx(-2.56).epsilon(1e-3));
    CHECK(offset.worst_inl() < 1e-3);
    CHECK(std::fabs(offset.gain_error) < 1e-4);

    auto const gain = linearity_of(transfer_of(adc::s_curve{8, {.gain = 1.1}}.prepare(context), -1.2 * f, 1.2 * f));
    CHECK(gain.gain_error == doctest::Approx(0.1).epsilon(1e-3));
    CHECK(gain.worst_inl() < 1e-3);

    auto const bent = linearity_of(transfer_of(adc::s_curve{8, {.bend = 0.1}}.prepare(context), -2 * f, 2 * f),
                                   reference_line::best_fit);
    CHECK(bent.worst_inl() > 1);
    CHECK(bent.enob < 7);
    // The end points move to where x / (1 + n |x|) is 1 - 1.5 LSB of it: the curve is symmetric.
    CHECK(bent.inl.front() == doctest::Approx(-bent.inl.back()).epsilon(1e-3));

    // Capacitor 6, half of a sign's range, 4 units too large of 64: levels of it 4 steps up, none before.
    one.assign(18, 0);
    one[6] = 4 / (0.01F * 8);
    auto const k = adc::sar{8, {.mismatch = 0.01}}.prepare(context);
    auto const r = linearity_of(transfer_of(k, -1.2 * f, 1.2 * f, one));
    CHECK(r.is_monotone);
    CHECK(r.dnl[128 + 62] == doctest::Approx(4 / r.lsb * k.lsb() + k.lsb() / r.lsb - 1).epsilon(1e-3));
}

TEST_CASE("linearity: bad input") {
    auto const context = linearity_context();
    auto const k = adc::sar{4}.prepare(context);
    CHECK_THROWS_AS(static_cast<void>(transfer_of(k, 5, 5)), error);
    CHECK_THROWS_AS(static_cast<void>(transfer_of(k, 0, 5, {}, 1)), error);
    CHECK_THROWS_AS(static_cast<void>(transfer_of(k, 0, 5, std::vector<float>(3))), error);
    CHECK_THROWS_AS(static_cast<void>(linearity_of(staircase({1}, 0, 2))), error);
    auto const table = adc::tabulated{{1, 2, 3}, {0, 1, 2.7, 3}, sigma_unit::cell_lsb}.prepare(context);
    CHECK_THROWS_AS(static_cast<void>(linearity_of(transfer_of(table, 0, 5))), error);
}
