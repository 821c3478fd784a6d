#pragma once

#include <xcim/concepts/mapper.hpp>
#include <xcim/core/digits.hpp>
#include <xcim/core/parameter.hpp>

#include <algorithm>
#include <string>

namespace xcim::inline XCIM_ABI::mapping {

/// Weights in two's complement, `cell_bits` bits a cell, rows in contiguous blocks of array.rows. Models Mapper.
///
/// Tile t holds weight rows [t R, (t + 1) R), the last tile what is left; for convolution the rows are the im2col order
/// (channel, kernel row, kernel column), so that a block may cut through a kernel window.
/// Parameters: `array` rows x columns of one array, rows 1 to 65536, default 256 x 64; `cell_bits` 1 to 8, default 1:
/// groups from the LSB, remainder on top, the sign bit in a cell of its own.
/// Not modelled: spare rows or columns, replication.
/// Reference: specification of ASiM's linear mapping (Keio-CSG/ASiM; arXiv 2411.11022, 2024).
/// Tests: tests/unit/mapping/bit_slice.cpp, tests/conformance/mapper.cpp.
struct bit_slice {
    geometry array{};
    int cell_bits = 1;

    [[nodiscard]] grouped_digits digits(format f) const { return {f, cell_bits}; }

    [[nodiscard]] int tile_rows(weight_shape shape) const {
        return static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(array.rows), shape.rows()));
    }

    [[nodiscard]] std::string wrong() const { return outside("mapping::bit_slice.cell_bits", cell_bits, 1, 8); }

    friend std::string to_string(bit_slice const& m) {
        return "bit_slice " + std::to_string(m.array.rows) + "x" + std::to_string(m.array.columns) + ", " +
               std::to_string(m.cell_bits) + " bit/cell";
    }
};

}  // namespace xcim::inline XCIM_ABI::mapping
