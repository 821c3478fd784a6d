#pragma once

#include <xcim/adc/calibrated.hpp>
#include <xcim/adc/normal_distribution.hpp>
#include <xcim/adc/sign_magnitude.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::adc {

/// A converter that rounds up or down by chance, so that its mean is the sum: between two levels the upper one comes
/// with the share of the way to it. Models Adc.
///
///     level = floor(z) + (u < z - floor(z)),     z: the sum on the levels of the inner converter, clipped
///     u = Phi(n),     n ~ N(0, 1) drawn for every conversion
///
/// Parameters: `inner` whose levels they are, adc::calibrated (default, 8 bits) or adc::sign_magnitude.
/// Sees/returns: as the inner converter. The mean of a conversion within the range is the sum, to 3e-5 of a step: the
/// normals have 16 bits (core/normal.hpp). Its variance is step^2 frac (1 - frac), three times that of rounding on
/// average. Not monotone from one conversion to the next; with the same draw it is.
/// Not modelled: where the random bits of a circuit come from. Reference: G. E. Forsythe, "Round-off errors in
/// numerical integration on automatic machinery", Bull. AMS 56, 1950; the option of aihwkit and CrossSim. Tests:
/// tests/unit/adc/stochastic.cpp, tests/statistical/converters.cpp. Benchmark: benchmarks/kernels/converters.cpp.
template <class Inner = calibrated<>>
struct stochastic {
    static constexpr bool is_integer = Inner::is_integer;

    [[no_unique_address]] Inner inner{};

    struct kernel {
        static constexpr int draws = 1;
        detail::level_kernel levels;
        double step = levels.step;

        [[nodiscard]] double lsb() const { return levels.lsb(); }

        template <value V>
        V operator()(V sum, lane<V> const& l) const {
            V const z = levels.position(sum);
            V const below = round_down(z);
            V const up = select(normal_distribution(l.normal()) < z - below, V(1.0F), V(0.0F));
            return levels.codes.of(V(below + up));
        }
    };

    [[nodiscard]] int resolution(column_context const& context) const { return inner.resolution(context); }

    [[nodiscard]] kernel prepare(column_context const& context) const { return {inner.prepare(context)}; }

    [[nodiscard]] std::string wrong() const { return inner.wrong(); }

    friend std::string to_string(stochastic const& a) { return "stochastic " + to_string(a.inner); }
};

template <class Inner>
stochastic(Inner) -> stochastic<Inner>;

}  // namespace xcim::inline XCIM_ABI::adc
