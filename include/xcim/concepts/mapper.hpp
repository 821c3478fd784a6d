#pragma once

/// \file
/// Mapper: how weights are cut into arrays (rows of a tile) and into cells (digits of a code).
///
/// Semantics. `tile_rows(shape)` is the number of weight rows one tile takes; consecutive blocks of so many rows become
/// tiles, the last one shorter. The full scale of a column is that of `array.rows` rows however many are used.
/// Laws (testing/digit_code.hpp, testing/mapper.hpp): the digits sum to the code; 1 <= tile_rows <= array.rows, so
/// every row is in exactly one tile. Models: mapping::bit_slice, mapping::channel_block, mapping::weight_parallel,
/// mapping::differential, mapping::offset.

#include <xcim/concepts/digit_code.hpp>
#include <xcim/core/geometry.hpp>

namespace xcim::inline XCIM_ABI {

template <class M>
concept Mapper = DigitCode<M> && requires(M const& m, weight_shape shape) {
    { m.array } -> std::convertible_to<geometry>;
    { m.tile_rows(shape) } -> std::convertible_to<int>;
};

}  // namespace xcim::inline XCIM_ABI
