#pragma once

#include <xcim/concepts/encoder.hpp>
#include <xcim/core/format.hpp>
#include <xcim/core/parameter.hpp>
#include <xcim/core/signed_digits.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::encoding {

/// How many pulses send one input.
enum class passes {
    one_pass,  ///< one pulse as long as the magnitude
    split,     ///< two: the magnitude is k 2^m + l
    bit_wise,  ///< one of unit length for every magnitude bit
};

/// Rows conduct for as long as the input is large, and columns integrate the current; the sign of the input picks the
/// rail. Models Encoder.
///
///     one_pass   x = d                          durations up to 2^b - 1
///     split      x = 2^m d_1 + d_0              up to 2^m - 1 and 2^(b - m) - 1, converted one after the other
///     bit_wise   x = sum over i of 2^i d_i      -1, 0 or 1
///
/// d: duration of a pulse in units of time, its sign that of the input; it is the drive level of the phase. b:
/// magnitude bits, all bits of an unsigned format, all but one of a signed one. Where currents are linear in the
/// voltages the charge of a column is the sum over rows of current times duration, whatever the order in which rows
/// end, so that a pulse is a drive of that size. A converter that truncates does so once a phase: `split` and
/// `bit_wise` multiply what is lost in a phase by its weight. Parameters: `passes`, default one_pass; `low_bits` m of
/// split, 1 to 15, default 3; all bits where the magnitude has fewer. Time of an input: 2^b - 1 units; 2^m + 2^(b - m)
/// - 2; b. Limits: the digits of all phases take at most max_bits = 16 bits, b + 1 for every sign: signed formats of up
/// to 16 bits in one pass, 15 split, 9 bit by bit; CimMacro refuses others. -2^(bits - 1) would need a pulse that is
/// longer than the full scale; CimMacro refuses inputs with that code. Not modelled: rise and fall of pulses, jitter,
/// units of time of their own for the phases. Reference: the tile model of IBM's aihwkit (ONE_PASS, SPLIT_MODE with m =
/// 3, BIT_WISE); seed: arXiv 2506.00004, 2025. Tests: tests/unit/encoding/pulse_width.cpp,
/// tests/conformance/encoder.cpp, tests/property/signed_drive.cpp.
struct pulse_width {
    encoding::passes passes = encoding::passes::one_pass;
    int low_bits = 3;

    [[nodiscard]] sign_magnitude_digits digits(format f) const {
        switch (passes) {
        case encoding::passes::split:
            return {f, low_bits, max_bits};
        case encoding::passes::bit_wise:
            return {f, 1, 1};
        case encoding::passes::one_pass:
            break;
        }
        return {f, max_bits, max_bits};
    }

    [[nodiscard]] std::string wrong() const { return outside("encoding::pulse_width.low_bits", low_bits, 1, 15); }

    friend std::string to_string(pulse_width const& e) {
        switch (e.passes) {
        case encoding::passes::split:
            return "pulse_width split, " + std::to_string(e.low_bits) + " low bits";
        case encoding::passes::bit_wise:
            return "pulse_width bit_wise";
        case encoding::passes::one_pass:
            break;
        }
        return "pulse_width one_pass";
    }
};

}  // namespace xcim::inline XCIM_ABI::encoding
