#pragma once

#include <xcim/concepts/encoder.hpp>
#include <xcim/core/digits.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::encoding {

/// One input bit a phase, LSB first; the sign bit of a signed input weighs -2^(bits-1). Models Encoder.
///
/// Reference: specification of ASiM's bit-serial mode (Keio-CSG/ASiM; arXiv 2411.11022, 2024).
/// Tests: tests/unit/encoding/bit_serial.cpp, tests/conformance/encoder.cpp.
struct bit_serial {
    [[nodiscard]] grouped_digits digits(format f) const { return {f, 1}; }

    friend std::string to_string(bit_serial const&) { return "bit_serial"; }
};

}  // namespace xcim::inline XCIM_ABI::encoding
