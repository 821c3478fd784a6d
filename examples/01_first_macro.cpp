/// \file
/// A first macro: 256 rows of SRAM, inputs driven bit by bit, an 8-bit converter on every column. How good is its
/// matrix product, and which part costs what?

#include "example.hpp"

int main() {
    auto const x = example::normal({32, 510}, 1);  // (M, K)
    auto const w = example::normal({510, 24}, 2);  // (K, N)
    auto const exact = example::product(x, w);     // (M, N)

    auto const macro = xcim::CimMacro{xcim::quant::symmetric{8},                      // weights and inputs
                                      xcim::mapping::bit_slice{.array = {256, 64}},   // two tiles for K = 510
                                      xcim::encoding::bit_serial{},                   // eight input phases
                                      xcim::cell::sram{},                             // eight cells a weight
                                      xcim::noise::gaussian{xcim::of_full_scale(0)},  // quiet, for now
                                      xcim::adc::uniform{8}};
    fmt::print("{}\n", describe(macro));

    auto const shorter = macro.with(xcim::mapping::bit_slice{.array = {255, 64}});
    auto const y_lossless = xcim::gemm(macro.with(xcim::adc::ideal{}), x, w);
    auto const y_shorter = xcim::gemm(shorter, x, w);
    auto const with_noise = [&](double steps, xcim::run_options options) {
        return xcim::gemm(shorter.with(xcim::noise::gaussian{xcim::in_adc_lsb(steps)}), x, w, options);
    };

    auto const line = [&](char const* design, auto const& y) {
        fmt::print("  {:<38}{:5.1f} dB\n", design, example::sqnr(exact, y));
        return example::sqnr(exact, y);
    };
    fmt::print("SQNR of {} outputs against float\n", exact.size());
    double const operands = line("converters without loss: the operands", y_lossless);
    double const rows_256 = line("256 rows, 257 sums, 8-bit ADC", xcim::gemm(macro, x, w));
    double const bits_7 = line("256 rows, 257 sums, 7-bit ADC", xcim::gemm(macro.with(xcim::adc::uniform{7}), x, w));
    line("255 rows, 256 sums, 8-bit ADC", y_shorter);
    line("  noise of 0.1 LSB", with_noise(0.1, {.seed = 1}));
    double const half_lsb = line("  noise of 0.5 LSB", with_noise(0.5, {.seed = 1}));

    example::claim(y_shorter == y_lossless, "255 rows and 8 bits lose nothing, bit for bit");
    example::claim(rows_256 < operands, "one row more, and 8 bits lose a little");
    example::claim(bits_7 < operands - 12, "one bit less costs over 12 dB");
    example::claim(half_lsb < operands - 20, "half an LSB of noise costs over 20 dB");
    example::claim(with_noise(0.1, {.seed = 1}) == y_lossless, "a tenth of an LSB is rounded away");
    example::claim(with_noise(0.5, {.seed = 1}) == with_noise(0.5, {.seed = 1, .threads = 2}),
                   "the same seed gives the same numbers on any number of threads");
}
