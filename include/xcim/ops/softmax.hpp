#pragma once

#include <xcim/ops/last_axis.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// Softmax over the last axis, computed digitally beside the macros.
///
///     y[i] = exp(x[i] - max x) / sum over j of exp(x[j] - max x)
///
/// Differences, exponentials, their sum (in the order of the elements) and the quotient are double, the result is
/// rounded to float: the bits do not depend on the SIMD width. The exponential is that of the C library, so libraries
/// that round it differently may give another last bit, about once in 10^8 elements.
/// Parameters: x: (..., n), any unit, any leading extents. Returns the shape of x; every row is non-negative and adds
/// up to 1 within float rounding.
/// Errors: xcim::error for an empty last axis and for elements that are not finite.
/// Not modelled: masks; low-precision exponentials of accelerators.
/// Reference: J. S. Bridle, "Probabilistic interpretation of feedforward classification network outputs", in
/// Neurocomputing, Springer, 1990. Tests: tests/unit/ops/softmax.cpp.
template <tensor_like X>
[[nodiscard]] xt::xarray<float> softmax(X const& x) {
    auto const& input = evaluated(x);
    tensor_ref const in = ref(input, "input");
    auto const [rows, extent] = detail::require_last_axis(in);
    xt::xarray<float> y = xt::xarray<float>::from_shape(in.shape);
    std::vector<double> exponentials(extent);  // of one row
    for (std::size_t row = 0; row < rows; ++row) {
        float const* const from = in.data + row * extent;
        double const highest = *std::max_element(from, from + extent);
        double sum = 0;
        for (std::size_t i = 0; i < extent; ++i) {
            exponentials[i] = std::exp(from[i] - highest);
            sum += exponentials[i];
        }
        std::transform(exponentials.begin(), exponentials.end(), y.data() + row * extent,
                       [sum](double e) { return static_cast<float>(e / sum); });
    }
    return y;
}

}  // namespace xcim::inline XCIM_ABI
