#pragma once

/// \file
/// Readout: how a column sum becomes a number, given the noise and the converter in front of it.
///
/// Semantics. `combine(noise, adc)` joins two prepared kernels into one converter kernel: a call (sum, lane) -> code
/// that may draw `draws` normals. `conversions` is the number of converter operations spent on one column sum.
/// Law (testing/readout.hpp): without noise a readout returns what its converter returns.
/// Models: readout::single.

#include <xcim/concepts/adc.hpp>
#include <xcim/concepts/noise_model.hpp>

namespace xcim::inline XCIM_ABI {

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
