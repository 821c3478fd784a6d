#pragma once

/// \file
/// How the operations take xtensor arguments: containers as they are, expressions evaluated once.

#include <xcim/core/tensor_ref.hpp>
#include <xcim/macro/cim_macro.hpp>
#include <xcim/ops/xtensor.hpp>

#include <optional>
#include <type_traits>

namespace xcim::inline XCIM_ABI {

/// An xtensor container or expression, or any other dense float tensor.
template <class T>
concept tensor_like = dense_tensor<T> || xt::is_xexpression<T>::value;

/// Weights of an operation: a float tensor, programmed on the fly, or an array programmed before.
template <class T>
concept weights_like = tensor_like<T> || std::same_as<T, programmed_array>;

/// Row-major floats: the argument itself where it is that already, else a copy.
template <tensor_like T>
[[nodiscard]] decltype(auto) evaluated(T const& t) {
    if constexpr (dense_tensor<T>) {
        return (t);
    } else {
        return xt::xarray<float>(t);
    }
}

/// The array itself, or the weights programmed with the macro.
template <class... Policies, weights_like W>
[[nodiscard]] decltype(auto) as_programmed(CimMacro<Policies...> const& macro, W const& weights,
                                           program_options options) {
    if constexpr (std::same_as<W, programmed_array>) {
        return (weights);
    } else {
        return macro.program(ref(evaluated(weights), "weights"), options);
    }
}

/// A bias must have one finite element per output.
inline void require_bias(std::optional<tensor_ref> const& bias, std::size_t outputs) {
    if (!bias) {
        return;
    }
    if (bias->shape != std::vector<std::size_t>{outputs}) {
        throw error(errc::shape, "the bias has shape " + to_string(bias->shape) + "; (" + std::to_string(outputs) +
                                     ") is needed, one element per output");
    }
    static_cast<void>(range_of(*bias, "bias"));
}

}  // namespace xcim::inline XCIM_ABI
