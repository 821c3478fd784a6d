#pragma once

/// \file
/// Pseudo-random tensors, the same on every machine, and comparison bit by bit.

#include <xcim/ops/xtensor.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace xcim::test {

using tensor = xt::xarray<float>;

/// Uniform numbers between `lowest` and `highest`; std::mt19937 is specified, the distributions of the library are not.
inline tensor random_tensor(std::vector<std::size_t> const& shape, std::uint32_t seed, float lowest = -1,
                            float highest = 1) {
    std::mt19937 random{seed};
    tensor t = tensor::from_shape(shape);
    for (auto& v : t) {
        v = lowest + (highest - lowest) * static_cast<float>(random() >> 8) * 0x1p-24F;
    }
    return t;
}

/// Number of elements that are not the same bits; all of them where the sizes differ.
template <class A, class B>
std::size_t different(A const& a, B const& b) {
    if (a.size() != b.size()) {
        return a.size() > b.size() ? a.size() : b.size();
    }
    std::size_t count = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        count += std::bit_cast<std::uint32_t>(a.data()[i]) != std::bit_cast<std::uint32_t>(b.data()[i]) ? 1U : 0U;
    }
    return count;
}

template <class T>
std::vector<std::size_t> shape_of(T const& t) {
    return {t.shape().begin(), t.shape().end()};
}

}  // namespace xcim::test
