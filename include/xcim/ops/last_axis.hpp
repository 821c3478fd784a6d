#pragma once

/// \file
/// What the operations over the last axis of an array share.

#include <xcim/ops/tensor.hpp>

#include <cstddef>
#include <string>

namespace xcim::inline XCIM_ABI::detail {

/// An array as rows along its last axis.
struct last_axis {
    std::size_t rows;
    std::size_t extent;
};

/// Throws where there is no last axis, where it is empty, or where an element is not finite.
[[nodiscard]] inline last_axis require_last_axis(tensor_ref const& x) {
    if (x.shape.empty() || x.shape.back() == 0) {
        throw error(errc::shape,
                    "the input has shape " + to_string(x.shape) + "; a last axis with at least one element is needed");
    }
    static_cast<void>(range_of(x, "input"));
    return {x.size() / x.shape.back(), x.shape.back()};
}

}  // namespace xcim::inline XCIM_ABI::detail
