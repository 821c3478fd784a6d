/// \file
/// A noise model of your own, twice: as a struct that models NoiseModel and as a one-line formula. Shot noise grows
/// with the square root of the column current; is it as bad as Gaussian noise of the same sigma at full scale?

#include "example.hpp"

/// sum' = sum + sigma * sqrt(sum * full scale) * z: relative deviation sigma at full scale, nothing on an idle column.
struct shot_noise {
    static constexpr bool is_identity = false;

    double sigma = 0.01;

    struct kernel {
        static constexpr int draws = 1;  // standard normals per conversion
        float factor;                    // sqrt(cell-LSB)

        template <xcim::value V>  // float, or a batch of as many columns as the processor has lanes
        V operator()(V sum, xcim::lane<V> const& l) const {
            using std::sqrt;
            return sum + xcim::unfused(V(V(factor) * sqrt(sum) * l.normal()));
        }
    };

    [[nodiscard]] kernel prepare(xcim::column_context const& context) const {
        return {static_cast<float>(sigma * std::sqrt(context.full_scale))};
    }
};

static_assert(xcim::NoiseModel<shot_noise>);

int main() {
    auto const x = example::rectified({32, 255}, 1);  // (M, K)
    auto const w = example::normal({255, 24}, 2);     // (K, N)

    auto const quiet = xcim::CimMacro{xcim::quant::symmetric{8},    xcim::mapping::bit_slice{.array = {255, 64}},
                                      xcim::encoding::bit_serial{}, xcim::cell::sram{},
                                      xcim::noise::none{},          xcim::adc::uniform{8}};
    auto const formula = xcim::noise::elementwise{[](auto sum, auto z, xcim::column_context const& context) {
        using std::sqrt;
        decltype(sum) const factor(static_cast<float>(0.01 * std::sqrt(context.full_scale)));
        return sum + xcim::unfused(factor * sqrt(sum) * z);
    }};

    auto const exact = xcim::gemm(quiet, x, w);  // (M, N)
    auto const shot = xcim::gemm(quiet.with(shot_noise{0.01}), x, w, {.seed = 1});
    auto const again = xcim::gemm(quiet.with(formula), x, w, {.seed = 1});
    auto const gaussian = xcim::gemm(quiet.with(xcim::noise::gaussian{xcim::of_full_scale(0.01)}), x, w, {.seed = 1});

    fmt::print("noise of 1 % at full scale  shot {:.1f} dB, Gaussian {:.1f} dB\n", example::sqnr(exact, shot),
               example::sqnr(exact, gaussian));
    example::claim(shot == again, "struct and formula draw the same noise and give the same numbers");
    example::claim(example::sqnr(exact, shot) > example::sqnr(exact, gaussian) + 3,
                   "shot noise is over 3 dB milder: few columns come near full scale");
}
