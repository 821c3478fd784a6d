#pragma once

#include <xcim/concepts/mapper.hpp>
#include <xcim/core/digits.hpp>
#include <xcim/core/parameter.hpp>

#include <algorithm>
#include <string>

namespace xcim::inline XCIM_ABI::mapping {

/// Weights in two's complement, whole input channels per tile: a kernel window is never cut. Models Mapper.
///
/// A tile holds floor(array.rows / kernel_area) channels of kernel_area rows each and the last tile what is left, so
/// that every channel is stored. A linear layer has kernel_area 1: blocks of array.rows inputs. A window larger than
/// the array cannot stay whole and is mapped as by bit_slice.
/// Parameters: `array` rows x columns of one array, rows 1 to 65536, default 256 x 64; `cell_bits` 1 to 8, default 1.
/// Not modelled: spare rows or columns, replication.
/// Reference: specification of ASiM's convolution mapping (Keio-CSG/ASiM; arXiv 2411.11022, 2024), without its loss of
/// trailing channels.
/// Tests: tests/unit/mapping/channel_block.cpp, tests/conformance/mapper.cpp.
struct channel_block {
    geometry array{};
    int cell_bits = 1;

    [[nodiscard]] grouped_digits digits(format f) const { return {f, cell_bits}; }

    [[nodiscard]] int tile_rows(weight_shape shape) const {
        auto const rows = static_cast<std::size_t>(array.rows);
        std::size_t const whole = rows / shape.kernel_area * shape.kernel_area;
        return static_cast<int>(std::min(whole > 0 ? whole : rows, shape.rows()));
    }

    [[nodiscard]] std::string wrong() const { return outside("mapping::channel_block.cell_bits", cell_bits, 1, 8); }

    friend std::string to_string(channel_block const& m) {
        return "channel_block " + std::to_string(m.array.rows) + "x" + std::to_string(m.array.columns) + ", " +
               std::to_string(m.cell_bits) + " bit/cell";
    }
};

}  // namespace xcim::inline XCIM_ABI::mapping
