#pragma once

/// \file
/// Encoder: how an input code is driven onto the rows, one digit (phase) after the other.
///
/// Semantics. Digit i of a code is the drive level of phase i; phases are converted separately and added digitally.
/// A digit may be signed: the sign of a level picks the rail that drives its row (not together with a schedule).
/// Drivers that do not drive exactly their level say `draws`, the standard normals that belong to the driver of one row
/// of a chip, and `drive(driver)`, which fills in what each level really drives. An encoder may pick, from the ones of
/// an input, the rows that are driven at once: `active_rows()`, how many at most, and `schedule(plane, cycles)`, which
/// cuts a phase of one bit into cycles, each with a conversion of its own; every one is in exactly one cycle. Law
/// (testing/digit_code.hpp): the digits sum to the code. Models: encoding::bit_serial, encoding::bit_parallel,
/// encoding::pulse_width, encoding::analog_dac, encoding::mismatched_dac, encoding::bit_sift.

#include <xcim/concepts/digit_code.hpp>
#include <xcim/core/word_line_schedule.hpp>

#include <span>

namespace xcim::inline XCIM_ABI {

/// A digit code that is not a Mapper: it has no array.
template <class E>
concept Encoder = DigitCode<E> && !requires(E const& e) {
    e.array;
};

/// The driver of one row of one array.
struct row_driver {
    std::span<float> drives;         ///< (levels of the phase): what each level drives, in steps; to be filled in
    std::span<float const> normals;  ///< (draws): of this driver
    int lowest = 0;                  ///< level of drives[0]: -levels / 2 of a signed digit
};

/// An encoder whose drivers depend on the chip.
template <class E>
concept VaryingDriver = Encoder<E> && requires(E const& e, row_driver const& driver) {
    { E::draws } -> std::convertible_to<int>;
    e.drive(driver);
};

/// An encoder whose cycles depend on the data.
template <class E>
concept ScheduledEncoder = Encoder<E> && requires(E const& e, bit_plane_view const& plane, word_line_schedule& cycles) {
    { e.active_rows() } -> std::convertible_to<int>;
    e.schedule(plane, cycles);
};

}  // namespace xcim::inline XCIM_ABI
