#pragma once

#include <xcim/ops/tensor.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace xcim::inline XCIM_ABI {

/// Gaussian error linear unit, element by element, computed digitally beside the macros.
///
///     y = x Phi(x) = x / 2 * (1 + erf(x / sqrt 2))
///
/// in double, as x / 2 * erfc(-x / sqrt 2), which keeps its digits where erf is near -1; the result is rounded to
/// float. erfc is that of the C library, see softmax.
/// Parameters: x: any shape, unit of standard deviations. Returns the shape of x.
/// Errors: xcim::error for elements that are not finite.
/// Not modelled: the approximations by tanh and by a sigmoid.
/// Reference: D. Hendrycks, K. Gimpel, "Gaussian Error Linear Units (GELUs)", arXiv 1606.08415, 2016, section 2.
/// Tests: tests/unit/ops/gelu.cpp.
template <tensor_like X>
[[nodiscard]] xt::xarray<float> gelu(X const& x) {
    auto const& input = evaluated(x);
    tensor_ref const in = ref(input, "input");
    static_cast<void>(range_of(in, "input"));
    xt::xarray<float> y = xt::xarray<float>::from_shape(in.shape);
    std::transform(in.data, in.data + in.size(), y.data(),
                   [](double v) { return static_cast<float>(0.5 * v * std::erfc(-v * (1 / std::numbers::sqrt2))); });
    return y;
}

}  // namespace xcim::inline XCIM_ABI
