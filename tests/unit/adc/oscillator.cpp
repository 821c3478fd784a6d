#include <doctest/doctest.h>

#include <tests/unit/adc/converter_runs.hpp>
#include <xcim/adc/oscillator.hpp>
#include <xcim/adc/sign_magnitude.hpp>
#include <xcim/testing/adc.hpp>

#include <cmath>

namespace {

using namespace converter_test;

column_context oscillator_context() {
    auto context = testing::context_for(512, 7, 1, false);
    context.signed_sums = true;
    return context;
}

}  // namespace

TEST_CASE("adc::oscillator counts whole portions of charge, towards zero, up to the counter's end") {
    CHECK(adc::oscillator{}.charge_per_count == doctest::Approx(16.03e-15).epsilon(1e-3));
    // Cells of 100 nS steps at 0.2 V for 1 ns: 0.02 fC.
    CHECK(adc::charge_of(100e-9, 0.2, 1e-9) == doctest::Approx(2e-17));
    for (double const charge : {2e-17, 1e-15, adc::oscillator::default_charge, 5e-14}) {
        for (int const bits : {1, 8, 12}) {
            for (auto const& context : {oscillator_context(), testing::context_for(300, 4, 1, false)}) {
                adc::oscillator const adc{charge, bits};
                auto const k = adc.prepare(context);
                auto const sums = sums_beyond(context, 500);
                auto const codes = conversion_codes(k, sums);
                CHECK(k.step == doctest::Approx(adc.charge_per_count / charge));
                CAPTURE(charge);
                CHECK(wrong_conversions(sums, codes, float_distance(context), [&](double x, std::size_t) {
                          double const counts = std::trunc(x * charge / (100e-6 / 6.24e9));
                          double const end = std::exp2(bits) - 1;
                          return std::fmax(context.signed_sums ? -end : 0.0, std::fmin(end, counts));
                      }) == 0);
            }
        }
    }
}

TEST_CASE("adc::oscillator: whole counts are not lost to rounding") {
    auto const context = oscillator_context();
    for (int const portions : {3, 7, 10, 49, 1000}) {  // sums per count
        auto const k = adc::oscillator{1e-15, 12, portions * 1e-15}.prepare(context);
        for (int count = -60; count <= 60; ++count) {
            lane<float> const l;
            CHECK(k(static_cast<float>(count * portions), l) == static_cast<float>(count));
        }
    }
}

TEST_CASE("adc::oscillator: pulses split in two halves lose counts that rounding converters do not") {
    // A pulse of n = 8 k + l units: the halves are read one after the other, Q = Q_l + 8 Q_k.
    auto const context = oscillator_context();
    auto const loss = [&](auto const& kernel) {
        double total = 0;
        lane<float> const l;
        int const pulses = 4096;
        for (int i = 0; i < pulses; ++i) {
            int const low = i % 8;
            int const high = i / 8 % 16;
            double const per_unit = 200 + 0.37 * (i / 128);  // sum of the cells per unit of time
            auto const read = [&](double sum) {
                return static_cast<double>(kernel(static_cast<float>(sum), l)) * kernel.step / kernel.lsb();
            };
            double const whole = (8 * high + low) * per_unit / kernel.lsb();
            total += whole - (read(low * per_unit) + 8 * read(high * per_unit));
        }
        return total / pulses;
    };
    // Half a count of the low half and eight halves of the high one, but for the empty pulses.
    double const lost = loss(adc::oscillator{1e-15, 16, 37.3e-15}.prepare(context));
    CHECK(lost > 0.9 * (0.5 * 7 / 8 + 4 * 15.0 / 16));
    CHECK(lost < 1.1 * (0.5 * 7 / 8 + 4 * 15.0 / 16));
    double const steps = std::exp2(15) - 1;
    auto const rounding = adc::sign_magnitude{16, adc::range_in_cell_lsb(-37.3 * steps, 37.3 * steps)}.prepare(context);
    CHECK(rounding.lsb() == doctest::Approx(37.3));
    CHECK(std::fabs(loss(rounding)) < 0.1);
}

TEST_CASE("adc::oscillator: laws and errors") {
    CHECK_LAWS(testing::check_adc(adc::oscillator{1e-15, 8}));
    CHECK_LAWS(testing::check_adc(adc::oscillator{7e-14, 5}, testing::signed_contexts()));
    CHECK(adc::oscillator{1e-15, 0}.wrong() == "adc::oscillator.bits is 0; 1 to 16 are possible");
    CHECK(adc::oscillator{0}.wrong() ==
          "adc::oscillator.charge_per_unit is 0.000000; a finite number of coulombs above 0 is needed");
    CHECK(adc::oscillator{1e-15, 8, -1}.wrong() != "");
    CHECK(adc::oscillator{1e-15, 8}.resolution(oscillator_context()) == 9);
    CHECK(adc::oscillator{}.wrong() == "");
}
