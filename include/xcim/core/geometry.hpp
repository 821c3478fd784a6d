#pragma once

/// \file
/// Sizes of one memory array and of the weights stored in it.

#include <xcim/config.hpp>

#include <cstddef>

namespace xcim::inline XCIM_ABI {

/// One memory array: `rows` cells are summed on one column line (the row parallelism), `columns` lines are read.
struct geometry {
    int rows = 256;
    int columns = 64;
    friend bool operator==(geometry const&, geometry const&) = default;
};

/// Weights as the array sees them: `outputs` columns of `channels * kernel_area` rows each, channel-major.
struct weight_shape {
    std::size_t outputs = 0;
    std::size_t channels = 0;
    std::size_t kernel_area = 1;

    [[nodiscard]] std::size_t rows() const { return channels * kernel_area; }
    friend bool operator==(weight_shape const&, weight_shape const&) = default;
};

}  // namespace xcim::inline XCIM_ABI
