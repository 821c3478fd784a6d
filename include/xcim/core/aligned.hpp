#pragma once

/// \file
/// Vectors that begin on a cache line: a wide load that crosses one costs two.

#include <xcim/core/simd.hpp>

#include <vector>

namespace xcim::inline XCIM_ABI {

template <class T>
using aligned_vector = std::vector<T, xsimd::aligned_allocator<T, 64>>;

}  // namespace xcim::inline XCIM_ABI
