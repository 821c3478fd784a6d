#pragma once

#include <xcim/core/error.hpp>
#include <xcim/cost/counts.hpp>

#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace xcim::inline XCIM_ABI::cost {

/// Energy of one conversion, growing by a constant factor a bit.
///
///     E(bits) = reference * growth^(min(bits, known_to) - reference_bits) * growth_beyond^max(0, bits - known_to)
///
/// Parameters: `reference` >= 0, energy at `reference_bits`, default 1 at 8 bits: the unit of a relative table;
/// `growth` > 0 a bit up to `known_to` bits, default 1.3 up to 11: ASiM's authors state for their prototype that one
/// more bit costs less than 30 % up to 11 bits, so 1.3 is the bound, never below what their macro spends;
/// `growth_beyond` > 0 a bit above that, where they state nothing: default 4, the law of a converter limited by thermal
/// noise (half the noise voltage needs four times the capacitance). 2 is the law where the number of decisions or
/// comparators sets the energy.
/// A check: the authors report roughly 40 % less energy for ViT-B-32 on ImageNet with four input bits at once. If that
/// is with the three further bits of the converter they ask for there, 9-bit signed inputs need 3 cycles for 9 and a
/// growth of 1.22 fits; the bound of 1.3 saves 27 %.
/// Reference: section IV-B of ASiM (arXiv 2411.11022, 2024). Tests: tests/unit/cost/energy.cpp.
struct energy_per_bit {
    double reference = 1;
    int reference_bits = 8;
    double growth = 1.3;
    int known_to = 11;
    double growth_beyond = 4;

    [[nodiscard]] double operator()(int bits) const {
        int const known = bits < known_to ? bits : known_to;
        return reference * std::pow(growth, known - reference_bits) * std::pow(growth_beyond, bits - known);
    }
};

/// The technology table: what one operation costs. Energies share one unit of the user's choice.
///
/// The default is relative, in conversions of 8 bits: the relation that ASiM's authors state for their prototype macro
/// as a whole, all of it booked on the conversion, because they give no parts; nothing for array, rows and adders.
/// It ranks designs of one macro (bits of the converter, encoding, voting) and holds no joules: those need the numbers
/// of a technology, measured or simulated, in every field.
/// Parameters: energies >= 0 and finite in one unit, say joule; functions of bits may be any.
/// Not modelled: leakage, clock, data movement, programming of the weights.
struct technology {
    std::function<double(int adc_bits)> conversion = energy_per_bit{};
    std::function<double(int drive_bits)> row_drive = [](int) { return 0.0; };  ///< one row of one array: driver or DAC
    double cell_read = 0;                                                       ///< one cell summed on its column line
    double digital_add = 0;                                                     ///< one addition of the shift and add
    double cycle_time = 1;  ///< one activation of an array and the conversion of its columns, in the unit of a time
};

/// Energy by what spends it, in the unit of the table.
struct energy_parts {
    double adc = 0;
    double array = 0;  ///< cells and row drivers
    double digital = 0;

    [[nodiscard]] double total() const { return adc + array + digital; }
};

namespace detail {

inline double checked_entry(double each, std::string const& of) {
    if (!(std::isfinite(each) && each >= 0)) {
        throw error(errc::range, "the technology table has " + std::to_string(each) + " for " + of +
                                     "; a finite number from 0 on is needed");
    }
    return each;
}

}  // namespace detail

/// Energy of so many operations: of one inference, if they were counted for the rows of one.
///
/// Errors: xcim::error for an entry of the table that is negative or not finite, and for conversions of adc::ideal,
/// which has no bits. Tests: tests/unit/cost/energy.cpp.
[[nodiscard]] inline energy_parts energy(counts const& c, technology const& table = {}) {
    energy_parts e;
    for (auto const& [bits, number] : c.conversions) {
        if (bits < 1) {
            throw error(errc::composition, "a converter without bits (adc::ideal) was counted; energy needs an ADC of "
                                           "finite resolution");
        }
        e.adc += static_cast<double>(number) *
                 detail::checked_entry(table.conversion(bits), "a conversion of " + std::to_string(bits) + " bits");
    }
    for (auto const& [bits, number] : c.row_drives) {
        e.array += static_cast<double>(number) *
                   detail::checked_entry(table.row_drive(bits), "a row driven with " + std::to_string(bits) + " bits");
    }
    e.array += static_cast<double>(c.cell_reads) * detail::checked_entry(table.cell_read, "cell_read");
    e.digital = static_cast<double>(c.digital_adds) * detail::checked_entry(table.digital_add, "digital_add");
    return e;
}

/// Time from the first to the last activation, in the unit of cycle_time: with all arrays of a layer at work at once,
/// layer after layer; and with one array at a time.
struct latency_bounds {
    double arrays_at_once = 0;
    double one_array_at_a_time = 0;
};

[[nodiscard]] inline latency_bounds latency(counts const& c, technology const& table = {}) {
    double const each = detail::checked_entry(table.cycle_time, "cycle_time");
    return {static_cast<double>(c.steps) * each, static_cast<double>(c.activations) * each};
}

}  // namespace xcim::inline XCIM_ABI::cost
