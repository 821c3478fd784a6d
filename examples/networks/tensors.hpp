#pragma once

/// \file
/// The tensors of a network and small tools for them.

#include <xcim/ops/xtensor.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace networks {

using tensor = xt::xarray<float>;                  ///< every activation, weight and bias
using weight_map = std::map<std::string, tensor>;  ///< tensors by name, as a safetensors file holds them

/// Whether a bias is absent: no elements, or a tensor nobody has given a shape (which holds one).
inline bool is_none(tensor const& bias) { return bias.dimension() == 0 || bias.size() == 0; }

inline tensor make_tensor(std::vector<std::size_t> const& shape) { return tensor::from_shape(shape); }

/// The tensor of this name; says which one is missing.
inline tensor const& at(weight_map const& weights, std::string const& name) {
    auto const found = weights.find(name);
    if (found == weights.end()) {
        throw std::invalid_argument{"the weights hold no tensor '" + name + "'"};
    }
    return found->second;
}

/// The tensor of this name, or an empty one, which stands for no bias.
inline tensor at_or_none(weight_map const& weights, std::string const& name) {
    auto const found = weights.find(name);
    return found == weights.end() ? make_tensor({0}) : found->second;
}

/// Images first .. last - 1 of a batch.
inline tensor slice(tensor const& x, std::size_t first, std::size_t last) {
    auto shape = std::vector<std::size_t>(x.shape().begin(), x.shape().end());
    auto const item = x.size() / shape[0];
    shape[0] = last - first;
    auto result = make_tensor(shape);  // (last - first, ...)
    std::copy(x.data() + first * item, x.data() + last * item, result.data());
    return result;
}

/// Applies f to every element in place.
template <class F>
void each(tensor& x, F f) {
    std::transform(x.data(), x.data() + x.size(), x.data(), f);
}

}  // namespace networks
