#pragma once

#include <xcim/ops/last_axis.hpp>

#include <cmath>

namespace xcim::inline XCIM_ABI {

namespace detail {

/// Mean and 1 / sqrt(variance + epsilon) of one row.
struct row_statistics {
    double mean;
    double inverse_deviation;
};

/// Two passes in the order of the elements; the variance divides by the number of elements.
[[nodiscard]] inline row_statistics statistics_of(float const* row, std::size_t extent, double epsilon) {
    double sum = 0;
    for (std::size_t i = 0; i < extent; ++i) {
        sum += row[i];
    }
    double const mean = sum / static_cast<double>(extent);
    double squares = 0;
    for (std::size_t i = 0; i < extent; ++i) {
        double const difference = row[i] - mean;
        squares = std::fma(difference, difference, squares);
    }
    return {mean, 1 / std::sqrt(squares / static_cast<double>(extent) + epsilon)};
}

inline void require_per_element(tensor_ref const& t, std::size_t extent, char const* name) {
    if (t.shape != std::vector<std::size_t>{extent}) {
        throw error(errc::shape, std::string(name) + " has shape " + to_string(t.shape) + "; (" +
                                     std::to_string(extent) + ") is needed, one element per element of a row");
    }
    static_cast<void>(range_of(t, name));
}

}  // namespace detail

/// Layer normalisation over the last axis, computed digitally beside the macros.
///
///     y[i] = (x[i] - mean) / sqrt(variance + epsilon) * gain[i] + shift[i]
///
/// with mean and variance (divided by n) of the row. Everything is double, sums are in the order of the elements, the
/// last product and sum is one fused multiply-add, the result is rounded to float: same bits on every target.
/// Parameters: x: (..., n), any unit, any leading extents; gain, shift: (n); epsilon > 0, square of x's unit, default
/// 1e-5. Returns the shape of x.
/// Errors: xcim::error for an empty last axis, for gain or shift of another shape, for elements that are not finite,
/// for an epsilon that is not a finite number above 0.
/// Not modelled: normalisation over several axes; running statistics.
/// Reference: J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer Normalization", arXiv 1607.06450, 2016, equation 3.
/// Tests: tests/unit/ops/layer_norm.cpp.
template <tensor_like X, tensor_like G, tensor_like S>
[[nodiscard]] xt::xarray<float> layer_norm(X const& x, G const& gain, S const& shift, double epsilon = 1e-5) {
    auto const& input = evaluated(x);
    auto const& gains = evaluated(gain);
    auto const& shifts = evaluated(shift);
    tensor_ref const in = ref(input, "input");
    tensor_ref const g = ref(gains, "gain");
    tensor_ref const s = ref(shifts, "shift");
    auto const [rows, extent] = detail::require_last_axis(in);
    detail::require_per_element(g, extent, "gain");
    detail::require_per_element(s, extent, "shift");
    if (!(std::isfinite(epsilon) && epsilon > 0)) {
        throw error(errc::range,
                    "layer_norm: epsilon is " + std::to_string(epsilon) + "; a finite number above 0 is needed");
    }
    xt::xarray<float> y = xt::xarray<float>::from_shape(in.shape);
    for (std::size_t row = 0; row < rows; ++row) {
        float const* const from = in.data + row * extent;
        float* const to = y.data() + row * extent;
        auto const statistics = detail::statistics_of(from, extent, epsilon);
        for (std::size_t i = 0; i < extent; ++i) {
            double const normal = (from[i] - statistics.mean) * statistics.inverse_deviation;
            to[i] =
                static_cast<float>(std::fma(normal, static_cast<double>(g.data[i]), static_cast<double>(s.data[i])));
        }
    }
    return y;
}

}  // namespace xcim::inline XCIM_ABI
