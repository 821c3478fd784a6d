#pragma once

/// \file
/// Readout: how a column sum becomes a number, given the noise and the converter in front of it.
///
/// Semantics. The cycles of a product, its combinations of weight slice and input phase, may be read in different ways:
/// `kernels(stages)` returns a tuple with one conversion kernel for each way, `way_of(cycle)` the one that a cycle
/// takes, `conversions_of(cycle)` how often the converter works for it. A conversion kernel has a call (sum, lane) ->
/// code, `draws`, the normals it takes per column sum, and `step`, the cell-LSB of one code. Optional parts of a
/// kernel:
///   is_digital   the way has no converter: the engine hands it the exact sum of stored bits times driven bits,
///                whatever cells, wires and drivers do, and the code is that sum;
///   highest_code(top, full_scale)   the largest code, where `top` is that of the converter (default: top);
///   is_exact()   every integer sum is read as itself, if there is no noise;
///   counting()   an optional counting_converter: the same conversion for column sums that are exact integers (the same
///                code too, but where the noise is within a float's rounding of one half). single offers it where the
///                noise says `additive_sigma()` (it adds sigma * normal(0) and nothing else) and the converter says
///                `counts()` (code = clamp(rne(sum), 0, highest)).
/// Laws (testing/readout.hpp): without noise every way has the value of its converter or, if digital, of the sum; every
/// cycle has a way. Models: readout::single, readout::hybrid, readout::majority.

#include <xcim/concepts/adc.hpp>
#include <xcim/concepts/noise_model.hpp>
#include <xcim/core/rounded_normal.hpp>

#include <tuple>

namespace xcim::inline XCIM_ABI {

/// One combination of a weight slice and an input phase; both count from the least significant, sign digits last.
struct cycle {
    int slice = 0;
    int slices = 1;
    int phase = 0;
    int phases = 1;

    /// Whether it is one of the levels (levels + 1) / 2 most significant: slice + phase > slices + phases - 2 - levels.
    [[nodiscard]] constexpr bool is_top(int levels) const { return slice + phase > slices + phases - 2 - levels; }
};

/// What a readout is made of: prepared stages of one phase. A converter without noise in front of it may be a shorter
/// one, because sums that are integers need less care.
template <class Noise, class Converter>
struct column_stages {
    Noise noise;
    Converter adc;
    Converter adc_without_noise;
};

template <class Noise, class Converter>
column_stages(Noise, Converter, Converter) -> column_stages<Noise, Converter>;

/// Conversion of an integer column sum with noise that was rounded when it was drawn (in place of the normal).
struct counting_converter {
    static constexpr int draws = 1;
    rounded_normal noise;
    float highest;

    template <value V>
    V operator()(V sum, lane<V> const& l) const {
        return clamp(V(sum + l.normal()), V(0.0F), V(highest));
    }
};

template <class K>
concept conversion_kernel = column_kernel<K, float> && column_kernel<K, batch<float>> && requires(K const& k) {
    { k.draws } -> std::convertible_to<int>;
    { k.step } -> std::convertible_to<double>;
};

/// Whether a conversion kernel reads the stored bits themselves.
template <class K>
inline constexpr bool is_digital = false;

template <class K>
requires requires { K::is_digital; }
inline constexpr bool is_digital<K> = K::is_digital;

namespace detail {

/// Stand-ins that let the concept be stated without naming a model.
struct any_noise_kernel {
    static constexpr int draws = 0;
    template <value V>
    V operator()(V sum, lane<V> const& /*l*/) const {
        return sum;
    }
};

struct any_adc_kernel : any_noise_kernel {
    double step = 1;
};

template <class T>
inline constexpr bool are_conversion_kernels = false;

template <conversion_kernel... K>
inline constexpr bool are_conversion_kernels<std::tuple<K...>> = sizeof...(K) > 0;

}  // namespace detail

template <class R>
concept Readout = std::copyable<R> &&
    requires(R const& r, column_stages<detail::any_noise_kernel, detail::any_adc_kernel> stages, cycle c) {
    requires detail::are_conversion_kernels<decltype(r.kernels(stages))>;
    { r.way_of(c) } -> std::convertible_to<std::size_t>;
    { r.conversions_of(c) } -> std::convertible_to<int>;
};

}  // namespace xcim::inline XCIM_ABI
