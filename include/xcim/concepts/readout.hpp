#pragma once

/// \file
/// Readout: how a column sum becomes a number, given the noise and the converter in front of it.
///
/// Semantics. `combine(noise, adc)` joins two prepared kernels into one converter kernel: a call (sum, lane) -> code
/// that may draw `draws` normals. `conversions` is the number of converter operations spent on one column sum.
/// A combined kernel may offer `counting()`, an optional counting_converter: the same conversion for column sums that
/// are exact integers (the same code too, but where the noise is within a float's rounding of one half). single does
/// where the noise says `additive_sigma()` (it adds sigma * normal(0) and nothing else) and the converter says
/// `counts()` (code = clamp(rne(sum), 0, highest)). Law (testing/readout.hpp): without noise a readout returns what its
/// converter returns. Models: readout::single.

#include <xcim/concepts/adc.hpp>
#include <xcim/concepts/noise_model.hpp>
#include <xcim/core/rounded_normal.hpp>

namespace xcim::inline XCIM_ABI {

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

}  // namespace detail

template <class R>
concept Readout = std::copyable<R> && requires(R const& r, detail::any_noise_kernel n, detail::any_adc_kernel a) {
    { r.combine(n, a) } -> noise_kernel;
    { R::conversions } -> std::convertible_to<int>;
};

}  // namespace xcim::inline XCIM_ABI
