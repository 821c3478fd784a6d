/// \file
/// Hybrid and voting readouts in every composition: against the plain reference, and where their result is known.

#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/testing/macro.hpp>
#include <xcim/xcim.hpp>

#include <cmath>

namespace {

using namespace xcim;
using test::different;
using test::random_tensor;

/// 6-bit signed weights and inputs, arrays of 50 rows, a converter that loses.
template <class Encoding, class Noise = noise::none>
auto lossy_macro(Encoding encoding, Noise noise = {}) {
    return CimMacro{quant::symmetric{6}, mapping::bit_slice{.array = {50, 64}}, encoding, cell::sram{}, noise,
                    adc::uniform{4}};
}

template <class Use>
void for_each_readout(Use const& use) {
    for (int const levels : {0, 1, 3, 20}) {
        CAPTURE(levels);
        use(readout::hybrid{levels});
        use(readout::hybrid{levels, readout::top_cycles::without_noise});
        use(readout::majority{levels, 3, readout::vote::mode});
        use(readout::majority{levels, 4, readout::vote::mean});
        use(readout::hybrid{levels, readout::top_cycles::digital,
                            readout::majority{levels + 2, 3, readout::vote::median}});
    }
}

}  // namespace

TEST_CASE("readouts equal the plain reference with every encoder, mapper and cell, from any threads and cuts") {
    auto const x = random_tensor({11, 120}, 1);
    auto const w = random_tensor({37, 120}, 2);  // blocks of columns hold parts of several slices
    auto const check = [&](auto const& macro) {
        for_each_readout(
            [&](auto const& readout) { CHECK_LAWS(testing::check_macro(macro.with(readout), ref(x), ref(w))); });
    };
    // Few types, many numbers: every type of macro costs seconds of compilation.
    auto const ideal = lossy_macro(encoding::bit_parallel{1}).with(cell::ideal{});
    check(ideal);
    check(ideal.with(encoding::bit_parallel{2}).with(mapping::bit_slice{.array = {50, 64}, .cell_bits = 2}));
    check(ideal.with(noise::gaussian{in_cell_lsb(1.5)}).with(encoding::bit_parallel{3}));
    check(lossy_macro(encoding::mismatched_dac{3, 0.05})
              .with(cell::capacitor{.matching = 0.1, .parasitic_capacitance = 5e-15}));
}

TEST_CASE("all cycles digital: the exact product, whatever cells, noise and converter are like") {
    auto const x = random_tensor({7, 90}, 3);
    auto const w = random_tensor({20, 90}, 4);
    auto const all = readout::hybrid{32};
    auto const exact = lossy_macro(encoding::bit_parallel{1}).with(adc::exact_count{});
    auto const right = linear(exact, x, w);
    auto const bad = lossy_macro(encoding::bit_parallel{2}, noise::gaussian{of_full_scale(0.3)}).with(all);
    CHECK(different(linear(bad, x, w), right) == 0);
    CHECK(different(linear(bad, x, w, {.every_cycle = true}), right) == 0);
    auto const worse = bad.with(cell::current{.variation = 0.5, .off_variation = 0.5});
    CHECK(different(linear(worse.with(encoding::mismatched_dac{2, 0.3}), x, w), right) == 0);
    // ASiM's "digital" cycles still go through the converter.
    auto const asim = bad.with(readout::hybrid{32, readout::top_cycles::without_noise});
    CHECK(different(linear(asim, x, w), linear(lossy_macro(encoding::bit_parallel{2}), x, w)) == 0);
    CHECK(different(linear(asim, x, w), right) > 0);
}

TEST_CASE("digital top cycles take their share of the noise away") {
    auto const x = random_tensor({40, 90}, 5);
    auto const w = random_tensor({30, 90}, 6);
    auto const macro = lossy_macro(encoding::bit_parallel{1}, noise::gaussian{in_cell_lsb(1)}).with(adc::exact_count{});
    auto const right = linear(macro.with(noise::none{}), x, w);
    auto const error = [&](auto const& m) {
        auto const y = linear(m, x, w, {.seed = 1});
        double sum = 0;
        for (std::size_t i = 0; i < y.size(); ++i) {
            sum += std::pow(static_cast<double>(y.data()[i] - right.data()[i]), 2);
        }
        return sum;
    };
    // Cycle (q, p) contributes 4^(q + p): six bits each, signs as heavy as their place.
    auto const share = [](int levels) {
        double analog = 0;
        double all = 0;
        for (int q = 0; q < 6; ++q) {
            for (int p = 0; p < 6; ++p) {
                double const power = std::pow(4.0, q + p);
                all += power;
                analog += cycle{q, 6, p, 6}.is_top(levels) ? 0 : power;
            }
        }
        return analog / all;
    };
    double const whole = error(macro);
    for (int const levels : {1, 2, 3}) {
        CAPTURE(levels);
        CHECK(error(macro.with(readout::hybrid{levels})) / whole == doctest::Approx(share(levels)).epsilon(0.2));
    }
}

TEST_CASE("one sample is no vote; more samples of the mean divide the noise power") {
    auto const x = random_tensor({40, 90}, 7);
    auto const w = random_tensor({30, 90}, 8);
    auto const macro = lossy_macro(encoding::bit_parallel{1}, noise::gaussian{in_cell_lsb(2)}).with(adc::ideal{});
    auto const single = linear(macro, x, w, {.seed = 2});
    CHECK(different(linear(macro.with(readout::majority{32, 1}), x, w, {.seed = 2}), single) == 0);
    auto const right = linear(macro.with(noise::none{}), x, w);
    auto const power = [&](auto const& m) {
        auto const y = linear(m, x, w, {.seed = 2});
        double sum = 0;
        for (std::size_t i = 0; i < y.size(); ++i) {
            sum += std::pow(static_cast<double>(y.data()[i] - right.data()[i]), 2);
        }
        return sum;
    };
    double const one = power(macro);
    for (int const samples : {2, 5, 9}) {
        CAPTURE(samples);
        CHECK(power(macro.with(readout::majority{32, samples, readout::vote::mean})) / one ==
              doctest::Approx(1.0 / samples).epsilon(0.1));
    }
}

TEST_CASE("conversions are counted cycle by cycle") {
    auto const w = random_tensor({10, 120}, 9);  // three tiles
    auto const macro = lossy_macro(encoding::bit_parallel{1});
    auto const array = macro.program(w);
    auto const count = [&](auto const& readout) { return macro.with(readout).conversions_per_row(array); };
    CHECK(count(readout::single{}) == 10 * 3 * 36);
    CHECK(count(readout::hybrid{3}) == 10 * 3 * 30);
    CHECK(count(readout::hybrid{3, readout::top_cycles::without_noise}) == 10 * 3 * 36);
    CHECK(count(readout::majority{3, 7}) == 10 * 3 * (36 + 6 * 6));
    CHECK(count(readout::hybrid{2, readout::top_cycles::digital, readout::majority{3, 7}}) == 10 * 3 * (33 + 3 * 6));
}
