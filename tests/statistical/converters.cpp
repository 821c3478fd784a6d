/// \file
/// Converters drawn many times, at fixed seeds: what their errors do on average, against formulas.

#include <doctest/doctest.h>

#include <xcim/adc/cyclic.hpp>
#include <xcim/adc/pipeline.hpp>
#include <xcim/adc/sar.hpp>
#include <xcim/adc/stochastic.hpp>
#include <xcim/analysis/linearity.hpp>
#include <xcim/testing/batches.hpp>
#include <xcim/testing/column_contexts.hpp>
#include <xcim/testing/statistics.hpp>

#include <cmath>
#include <span>
#include <vector>

namespace {

using namespace xcim;

column_context converter_context() {
    auto context = testing::context_for(255, 4, 1, false);
    context.signed_sums = true;
    return context;
}

/// INL at the threshold in the middle of the positive half, over `count` converters.
template <class A>
std::vector<double> mid_range_inl(A const& adc, int bits, std::size_t count) {
    auto const context = converter_context();
    auto const kernel = adc.prepare(context);
    std::vector<double> inl;
    for (std::size_t i = 0; i < count; ++i) {
        auto const one = testing::some_normals(static_cast<std::size_t>(decltype(kernel)::column_draws), 1, 100 + i);
        auto const r = analysis::linearity_of(
            analysis::transfer_of(kernel, -1.2 * context.full_scale, 1.2 * context.full_scale, one, 64));
        auto const middle = static_cast<std::size_t>(3 << (bits - 2));  // s = 2^(bits-2)
        if (r.thresholds.size() + 1 == std::size_t{1} << bits) {
            inl.push_back(r.inl[middle - 1]);
        }
    }
    return inl;
}

double root_mean_square(std::vector<double> const& v) {
    double squares = 0;
    for (double const x : v) {
        squares += x * x;
    }
    return std::sqrt(squares / static_cast<double>(v.size()));
}

}  // namespace

TEST_CASE("stochastic rounding: mean and variance of a conversion") {
    auto const context = testing::context_for(255, 4, 1, false);
    auto const k = adc::stochastic{adc::calibrated{6}}.prepare(context);
    std::size_t const count = 200000;
    auto const normals = testing::some_normals(1, count, 8);
    for (double const position : {3.0, 3.01, 3.25, 20.5, 41.9, 62.75}) {
        std::vector<float> codes(count);
        auto const sum = static_cast<float>(position * k.lsb());
        for (std::size_t i = 0; i < count; ++i) {
            codes[i] = k(sum, lane<float>{normals.data() + i, 0});
        }
        auto const found = testing::moments_of(std::span<float const>{codes});
        double const fraction = position - std::floor(position);
        double const deviation = std::sqrt(fraction * (1 - fraction));
        CAPTURE(position);
        // Five deviations, and what 16-bit normals and floats add.
        CHECK(std::fabs(found.mean - position) < 5 * deviation / std::sqrt(static_cast<double>(count)) + 4e-5);
        // Of a deviation sqrt(f (1 - f)): its derivative times that of the fraction, and a term of second order.
        double const root = std::sqrt(static_cast<double>(count));
        CHECK(std::fabs(found.deviation - deviation) < 2.5 * std::fabs(1 - 2 * fraction) / root + 1e-3);
    }
}

TEST_CASE("rounding to the nearest instead is off by up to half a step, always the same way") {
    auto const context = testing::context_for(255, 4, 1, false);
    auto const k = adc::calibrated{6}.prepare(context);
    CHECK(k(static_cast<float>(20.25 * k.lsb()), lane<float>{}) == 20.0F);
}

TEST_CASE("INL of adc::sar grows with the square root of the levels and with the mismatch") {
    // Capacitor N-2 against half of all: variance (2^(N-2) + (2^(N-2) - 1)) / 4 of a unit's.
    for (double const mismatch : {0.002, 0.01}) {
        for (int const bits : {6, 8, 10}) {
            std::size_t const count = bits == 10 ? 150 : 400;
            auto const inl = mid_range_inl(adc::sar{bits, {.mismatch = mismatch}}, bits, count);
            REQUIRE(inl.size() == count);
            double const expected = mismatch * std::sqrt((std::exp2(bits - 1) - 1) / 4);
            CAPTURE(bits);
            CAPTURE(mismatch);
            // Five deviations; the second order in the mismatch is below a hundredth.
            CHECK(std::fabs(root_mean_square(inl) / expected - 1) <
                  5 / std::sqrt(2 * static_cast<double>(count)) + 0.02);
        }
    }
}

TEST_CASE("adc::sar with a split array is less linear: one unit less in its top half weighs 2^h steps") {
    // Capacitor N-2 and all high ones are of 2^h times larger steps, of 2^h times fewer units: 2^(h/2) the deviation.
    int const bits = 8;
    auto const whole = root_mean_square(mid_range_inl(adc::sar{bits, {.mismatch = 0.003}}, bits, 400));
    auto const split =
        root_mean_square(mid_range_inl(adc::sar{bits, {.mismatch = 0.003, .is_split = true}}, bits, 400));
    CHECK(split / whole > 3);
    CHECK(split / whole < 5);
}

TEST_CASE("offsets of comparators: each its own, of the deviation that was asked for") {
    auto const context = converter_context();
    std::vector<double> offsets;
    auto const k = adc::sar{8, {.comparator = 0.02}}.prepare(context);
    for (std::uint64_t i = 0; i < 400; ++i) {
        auto const one = testing::some_normals(18, 1, i);
        offsets.push_back(analysis::linearity_of(
                              analysis::transfer_of(k, -1.3 * context.full_scale, 1.3 * context.full_scale, one, 64))
                              .offset_error);
    }
    // Vref is 128 steps of 8 bits.
    auto const found = testing::moments_of(std::span<double const>{offsets});
    CHECK(std::fabs(found.mean) < 5 * 2.56 / 20);
    CHECK(std::fabs(found.deviation / 2.56 - 1) < 5 / std::sqrt(800.0));
}

TEST_CASE("finite gain takes from adc::pipeline the same share whatever the chip; a 1.5-bit stage forgives offsets") {
    auto const context = converter_context();
    double const f = context.full_scale;
    // At the first stage's thresholds the residue jumps by e Vref too little, e = 1 / (A beta), beta = 1/2: e/2 Vref at
    // the input, 0.512 steps of 10 bits, of which the codes on either side lose half each.
    double const e = 2e-3;
    auto const k = adc::pipeline{10, {.gain_db = 60}}.prepare(context);
    auto const r = analysis::linearity_of(analysis::transfer_of(k, -1.2 * f, 1.2 * f, {}, 1 << 14));
    double most = 0;
    for (std::size_t i = 0; i < r.dnl.size(); ++i) {
        most = std::fmax(most, std::fabs(r.dnl[i]));
    }
    CHECK(most == doctest::Approx(e / 4 * 512).epsilon(0.1));
    for (std::uint64_t i = 0; i < 20; ++i) {
        auto one = testing::some_normals(61, 1, i);
        one[36] = 0;  // the last comparator of 10 bits
        auto const offsets = adc::pipeline{10, {.comparator = 0.05}}.prepare(context);
        CHECK(analysis::linearity_of(analysis::transfer_of(offsets, -1.2 * f, 1.2 * f, one, 1 << 13)).worst_inl() <
              1e-2);
    }
}

TEST_CASE("adc::cyclic repeats one stage's mismatch, which cancels in part: half the INL of adc::pipeline") {
    // A stage with c = 1 + d is off by d (D - V) / 2. At its first threshold that jumps by d / 2; the second stage
    // jumps back by half as much where it has the same d.
    auto const context = converter_context();
    double const f = context.full_scale;
    auto const worst = [&](auto const& adc) {
        double total = 0;
        auto const k = adc.prepare(context);
        for (std::uint64_t i = 0; i < 100; ++i) {
            auto const one = testing::some_normals(61, 1, i);
            auto const r = analysis::linearity_of(analysis::transfer_of(k, -1.2 * f, 1.2 * f, one, 4096));
            total += r.worst_inl();
        }
        return total / 100;
    };
    double const pipeline = worst(adc::pipeline{8, {.mismatch = 0.005}});
    double const cyclic = worst(adc::cyclic{8, {.mismatch = 0.005}});
    CHECK(cyclic < 0.65 * pipeline);
    CHECK(cyclic > 0.4 * pipeline);
    // Twice the mismatch, twice the INL.
    CHECK(worst(adc::pipeline{8, {.mismatch = 0.0025}}) == doctest::Approx(pipeline / 2).epsilon(0.2));
}
