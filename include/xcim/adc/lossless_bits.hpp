#pragma once

#include <xcim/core/error.hpp>

#include <bit>
#include <cstdint>
#include <string>

namespace xcim::inline XCIM_ABI::adc {

/// Bits of a converter that tells all sums of a column apart: one level for every count.
///
///     ceil(log2(rows (2^drive_bits - 1)(2^cell_bits - 1) + 1))
///
/// Parameters: `rows` driven at once, 1 to 65536; `drive_bits` of a phase and `cell_bits` of a cell, 1 to 16,
/// default 1. Returns: bits for columns of one sign; columns of both need one more. Errors: xcim::error where a
/// parameter is outside its range. Reference: A. Shafiee et al., "ISAAC: a convolutional neural network accelerator
/// with in-situ analog arithmetic in crossbars", ISCA 2016, section on precision. Tests: tests/unit/adc/calibrated.cpp.
[[nodiscard]] inline int lossless_bits(int rows, int drive_bits = 1, int cell_bits = 1) {
    if (rows < 1 || rows > 65536) {
        throw error(errc::range, "lossless_bits: rows is " + std::to_string(rows) + "; 1 to 65536 are possible");
    }
    for (int const bits : {drive_bits, cell_bits}) {
        if (bits < 1 || bits > 16) {
            throw error(errc::bits,
                        "lossless_bits: a drive or cell of " + std::to_string(bits) + " bits; 1 to 16 are possible");
        }
    }
    auto const highest = [](int bits) { return (std::uint64_t{1} << bits) - 1; };
    return static_cast<int>(
        std::bit_width(static_cast<std::uint64_t>(rows) * highest(drive_bits) * highest(cell_bits)));
}

}  // namespace xcim::inline XCIM_ABI::adc
