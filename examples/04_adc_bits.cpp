/// \file
/// How many bits should the converter have? A sweep over ADC precision at several noise levels. Numbers of a policy are
/// run-time values: the whole sweep is one instantiation of the macro.

#include "example.hpp"

int main() {
    auto const x = example::normal({32, 256}, 1);  // (M, K)
    auto const w = example::normal({256, 24}, 2);  // (K, N)
    auto const exact = example::product(x, w);     // (M, N)

    auto const macro = xcim::CimMacro{xcim::quant::symmetric{8},    xcim::mapping::bit_slice{.array = {256, 64}},
                                      xcim::encoding::bit_serial{}, xcim::cell::sram{},
                                      xcim::noise::gaussian{},      xcim::adc::uniform{8}};
    auto const quality = [&](int bits, double sigma) {
        auto const point = macro.with(xcim::adc::uniform{bits}).with(xcim::noise::gaussian{xcim::of_full_scale(sigma)});
        return example::sqnr(exact, xcim::gemm(point, x, w, {.seed = 1}));
    };

    fmt::print("SQNR in dB against float, 256 rows, 8-bit operands\n"
               "noise, % of full scale     0    0.1    0.5      1\n");
    for (int bits = 4; bits <= 10; ++bits) {
        fmt::print("  ADC {:2} bit          ", bits);
        for (double const sigma : {0.0, 0.001, 0.005, 0.01}) {
            fmt::print("{:7.1f}", quality(bits, sigma));
        }
        fmt::print("\n");
    }

    double const per_bit = (quality(7, 0) - quality(4, 0)) / 3;
    fmt::print("\nwithout noise a bit is worth {:.1f} dB up to 7 bits\n", per_bit);
    example::claim(per_bit > 5 && per_bit < 7, "a bit buys about 6 dB while the converter is the bottleneck");
    example::claim(quality(10, 0) - quality(9, 0) < 1, "at 9 bits 256 rows are counted exactly: more bits buy nothing");
    example::claim(quality(10, 0.01) - quality(6, 0.01) < 2, "behind 1 % of noise four bits more than 6 are wasted");
}
