/// \file
/// A converter of your own: six bits over the lower part of the range. Columns rarely reach full scale, so a smaller
/// range buys finer steps, until it clips.

#include "example.hpp"

/// code = clamp(rne(sum / step), 0, 2^bits - 1), step = range * full scale / (2^bits - 1)
struct clipping_adc {
    static constexpr bool is_integer = true;  // codes are integers: they are added up exactly

    int bits = 6;
    double range = 1;  // of full scale

    struct kernel {
        float steps_per_sum;
        float highest;
        double step;  // cell-LSB

        template <xcim::value V>
        V operator()(V sum, xcim::lane<V> const& /*l*/) const {
            return xcim::clamp(V(xcim::round_half_even(V(sum * V(steps_per_sum)))), V(0.0F), V(highest));
        }
    };

    [[nodiscard]] int resolution(xcim::column_context const& /*context*/) const { return bits; }

    [[nodiscard]] kernel prepare(xcim::column_context const& context) const {
        double const highest = (1 << bits) - 1;
        double const step = range * context.full_scale / highest;
        return {static_cast<float>(1 / step), static_cast<float>(highest), step};
    }
};

static_assert(xcim::Adc<clipping_adc>);

int main() {
    auto const x = example::rectified({32, 256}, 1);  // (M, K)
    auto const w = example::normal({256, 24}, 2);     // (K, N)

    auto const macro = xcim::CimMacro{xcim::quant::symmetric{8},    xcim::mapping::bit_slice{.array = {256, 64}},
                                      xcim::encoding::bit_serial{}, xcim::cell::sram{},
                                      xcim::noise::none{},          xcim::adc::ideal{}};
    auto const exact = xcim::gemm(macro, x, w);  // (M, N)
    auto const quality = [&](auto adc) { return example::sqnr(exact, xcim::gemm(macro.with(adc), x, w)); };

    fmt::print("range of a 6-bit ADC, SQNR against lossless conversion\n");
    for (double const range : {1.0, 0.5, 0.375, 0.25, 0.1875, 0.125}) {
        fmt::print("  {:5.1f} % of full scale  {:5.1f} dB\n", 100 * range, quality(clipping_adc{6, range}));
    }
    double const quarter = quality(clipping_adc{6, 0.25});
    example::claim(std::abs(quality(clipping_adc{6, 1}) - quality(xcim::adc::uniform{6})) < 0.5,
                   "over the full range it is as good as adc::uniform");
    example::claim(quarter > quality(clipping_adc{7, 1}) + 10,
                   "6 bits over a quarter of the range beat 7 bits over all of it by over 10 dB");
    example::claim(quality(clipping_adc{6, 0.125}) < quarter, "over an eighth of the range they clip");
}
