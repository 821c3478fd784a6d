#pragma once

/// \file
/// Laws of Mapper: see <xcim/concepts/mapper.hpp>.

#include <xcim/concepts/mapper.hpp>
#include <xcim/testing/digit_code.hpp>

#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::testing {

/// Layers whose rows are fewer, as many and more than those of one array, with and without kernel windows.
[[nodiscard]] inline std::vector<weight_shape> some_weight_shapes() {
    std::vector<weight_shape> shapes;
    for (std::size_t const kernel_area : {1U, 2U, 9U, 25U, 49U}) {
        for (std::size_t const channels : {1U, 2U, 3U, 7U, 8U, 28U, 29U, 64U, 255U, 256U, 257U, 1000U}) {
            shapes.push_back({5, channels, kernel_area});
        }
    }
    return shapes;
}

/// The digits sum to the code; 1 <= tile_rows <= rows of the array, and no more than the layer has.
template <Mapper M>
[[nodiscard]] report check_mapper(M const& mapper, std::vector<weight_shape> const& shapes = some_weight_shapes(),
                                  int most_bits = 8) {
    report r = check_digit_code(mapper, most_bits);
    geometry const array = mapper.array;
    for (auto const& shape : shapes) {
        int const rows = mapper.tile_rows(shape);
        r.require(rows >= 1 && rows <= array.rows && static_cast<std::size_t>(rows) <= shape.rows(), [&] {
            return "tile_rows is " + std::to_string(rows) + " for " + std::to_string(shape.channels) +
                   " channels with windows of " + std::to_string(shape.kernel_area) + " on arrays of " +
                   std::to_string(array.rows) + " rows";
        });
    }
    return r;
}

}  // namespace xcim::inline XCIM_ABI::testing
