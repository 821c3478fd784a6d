#pragma once

#include <xcim/ops/linear.hpp>

#include <vector>

namespace xcim::inline XCIM_ABI {

/// y = x W: a plain matrix product.
///
/// x: (M, K); weights: (K, N) float, the transpose of what linear and program take, or an array from
/// macro.program of shape (N, K). Returns (M, N).
/// Errors: as linear.
/// Tests: tests/unit/ops/gemm.cpp, tests/property/gemm.cpp.
template <class... Policies, tensor_like X, weights_like W>
[[nodiscard]] xt::xarray<float> gemm(CimMacro<Policies...> const& macro, X const& x, W const& weights,
                                     run_options options = {}) {
    auto const& input = evaluated(x);
    tensor_ref const in = ref(input, "input");
    if (in.shape.size() != 2) {
        throw error(errc::shape, "the input has shape " + to_string(in.shape) + "; (M, K) is needed");
    }
    if constexpr (std::same_as<W, programmed_array>) {
        return detail::linear(macro, in, weights, std::nullopt, options);
    } else {
        auto const& matrix = evaluated(weights);
        tensor_ref const w = ref(matrix, "weights");
        if (w.shape.size() != 2) {
            throw error(errc::shape, "the weights have shape " + to_string(w.shape) + "; (K, N) is needed");
        }
        std::vector<float> transposed(w.size());  // (N, K)
        for (std::size_t k = 0; k < w.shape[0]; ++k) {
            for (std::size_t n = 0; n < w.shape[1]; ++n) {
                transposed[n * w.shape[0] + k] = w.data[k * w.shape[1] + n];
            }
        }
        auto const array =
            macro.program(tensor_ref{transposed.data(), {w.shape[1], w.shape[0]}}, {.layer = options.layer});
        return detail::linear(macro, in, array, std::nullopt, options);
    }
}

}  // namespace xcim::inline XCIM_ABI
