#pragma once

#include <xcim/concepts/encoder.hpp>
#include <xcim/core/digits.hpp>
#include <xcim/core/parameter.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::encoding {

/// `bits` input bits a phase through a row DAC of 2^bits levels. Models Encoder.
///
/// Groups are counted from the LSB; the bits that remain form a smaller group on top with its own full scale; the sign
/// bit of a signed input is driven alone, last. Phases: ceil(B / bits) unsigned, ceil((B - 1) / bits) + 1 signed.
/// Parameters: `bits` 1 to 16, default 4.
/// Not modelled: DAC mismatch and non-linearity.
/// Reference: specification of ASiM's act_enc (Keio-CSG/ASiM; arXiv 2411.11022, 2024).
/// Tests: tests/unit/encoding/bit_parallel.cpp, tests/conformance/encoder.cpp.
template <param<int> Bits = int>
struct bit_parallel {
    [[no_unique_address]] Bits bits{4};

    [[nodiscard]] grouped_digits digits(format f) const { return {f, bits}; }

    [[nodiscard]] std::string wrong() const { return outside("encoding::bit_parallel.bits", bits, 1, 16); }

    friend std::string to_string(bit_parallel const& e) {
        return "bit_parallel " + std::to_string(int{e.bits}) + " bit";
    }
};

template <class Bits>
bit_parallel(Bits) -> bit_parallel<Bits>;

}  // namespace xcim::inline XCIM_ABI::encoding
