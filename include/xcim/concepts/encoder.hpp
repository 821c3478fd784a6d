#pragma once

/// \file
/// Encoder: how an input code is driven onto the rows, one digit (phase) after the other.
///
/// Semantics. Digit i of a code is the drive level of phase i; phases are converted separately and added digitally.
/// Law (testing/digit_code.hpp): the digits sum to the code.
/// Models: encoding::bit_serial, encoding::bit_parallel.

#include <xcim/concepts/digit_code.hpp>

namespace xcim::inline XCIM_ABI {

/// A digit code that is not a Mapper: it has no array.
template <class E>
concept Encoder = DigitCode<E> && !requires(E const& e) {
    e.array;
};

}  // namespace xcim::inline XCIM_ABI
