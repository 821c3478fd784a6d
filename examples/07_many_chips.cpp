/// \file
/// What a layer does on chips that differ: capacitor mismatch, comparator offsets and kT/C noise, a hundred chips in
/// one call, and what it takes for nearly all of them to be good enough.

#include "example.hpp"

#include <xcim/analysis.hpp>

int main() {
    auto const x = example::rectified({16, 256}, 1);  // (M, K)
    auto const w = example::normal({24, 256}, 2);     // (N, K)
    auto const macro = xcim::CimMacro{xcim::quant::operands{xcim::quant::symmetric{6}, xcim::quant::unsigned_range{6}},
                                      xcim::mapping::bit_slice{.array = {256, 64}},
                                      xcim::encoding::bit_serial{},
                                      xcim::cell::capacitor{.unit_capacitance = 1.2e-15, .matching = 0.02},
                                      xcim::noise::stack{xcim::noise::thermal{.unit_capacitance = 1.2e-15},
                                                         xcim::noise::comparator_offset{xcim::in_adc_lsb(0.0)}},
                                      xcim::adc::uniform{8}};
    auto const exact =
        xcim::linear(macro.with(xcim::cell::sram{}).with(xcim::noise::none{}).with(xcim::adc::exact_count{}), x, w);

    auto const over_chips = [&](double offset) {
        auto const design = macro.with(xcim::noise::stack{xcim::noise::thermal{.unit_capacitance = 1.2e-15},
                                                          xcim::noise::comparator_offset{xcim::in_adc_lsb(offset)}});
        return xcim::analysis::monte_carlo(design, w, {.chips = 100, .threads = 2}, [&](auto const& array) {
            return example::sqnr(exact, xcim::linear(design, x, array, {.seed = 1}));
        });
    };

    fmt::print("100 chips: signal to noise of the layer in dB, and how many chips reach 20 dB\n"
               "comparator offset, LSB    mean   sd   5th percentile   yield\n");
    for (double const offset : {0.0, 0.05, 0.1, 0.25, 0.5}) {
        auto const chips = over_chips(offset);
        fmt::print("{:21.2f}   {:5.1f} {:4.2f}   {:14.1f}   {:4.0f} %\n", offset, chips.mean(), chips.deviation(),
                   chips.quantile(0.05), 100 * chips.fraction_from(20));
    }

    auto const calibrated = over_chips(0);
    auto const offset = over_chips(0.25);
    example::claim(calibrated.quantile(0.05) > 40, "mismatch of 1.8 % a cell and kT/C noise average out over 256 rows");
    example::claim(calibrated.mean() - offset.mean() > 25,
                   "an offset that stays, a quarter of an LSB, costs more than 25 dB: calibrate it away");
    example::claim(offset.deviation() > calibrated.deviation(), "and makes the chips differ more");
}
