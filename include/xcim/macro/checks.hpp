#pragma once

/// \file
/// What CimMacro asks of its policies and of the tensors it is given before it computes anything; every answer is an
/// error that names the argument, what was found and what is needed. And the loop that quantises a tensor.

#include <xcim/concepts/cell_type.hpp>
#include <xcim/concepts/mapper.hpp>
#include <xcim/concepts/quantizer.hpp>
#include <xcim/core/error.hpp>
#include <xcim/core/tensor_ref.hpp>
#include <xcim/macro/digit_plan.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::detail {

/// A policy may state what its parameters must fulfil: `std::string wrong() const`, empty if nothing is.
template <class Policy>
void require_own_rules(Policy const& policy) {
    if constexpr (requires { policy.wrong(); }) {
        if (std::string const sentence = policy.wrong(); !sentence.empty()) {
            throw error(errc::range, sentence);
        }
    }
}

template <Quantizer Q>
void require_bits(Q const& quantiser, char const* operand) {
    int fewest = 1;
    if constexpr (requires { Q::fewest_bits(); }) {
        fewest = Q::fewest_bits();
    }
    int const bits = quantiser.bits;
    if (bits < fewest || bits > max_bits) {
        throw error(errc::bits, std::string("the ") + operand + " quantiser has " + std::to_string(bits) + " bits; " +
                                    std::to_string(fewest) + " to " + std::to_string(max_bits) + " are possible");
    }
}

inline void require_array(geometry array) {
    if (array.rows < 1 || array.rows > 65536 || array.columns < 1) {
        throw error(errc::range, "the array has " + std::to_string(array.rows) + " rows and " +
                                     std::to_string(array.columns) +
                                     " columns; 1 to 65536 rows and at least 1 column are needed");
    }
}

/// A digit with a sign has levels on both sides of zero.
template <Digits D>
void require_levels_above_zero(D const& digits, char const* role) {
    for (int i = 0; i < digits.count(); ++i) {
        if (is_signed_digit(digits, i) && digits.levels(i) < 4) {
            throw error(errc::composition, std::string(role) + ": digit " + std::to_string(i) + " is signed and has " +
                                               std::to_string(digits.levels(i)) +
                                               " levels; four are needed, of which three are used: -1, 0 and 1");
        }
    }
}

/// The columns of an array have one kind of cell and converter. A pair of `devices` has the levels of both.
template <Digits Phases, Digits Slices>
void require_digits(Phases const& phases, Slices const& slices, int cell_levels, int devices) {
    require_levels_above_zero(phases, "Encoder");
    require_levels_above_zero(slices, "Mapper");
    for (int i = 0; i < slices.count(); ++i) {
        // One converter serves all columns, and a cell's top bit counts negatively in all of them or in none.
        if (is_signed_digit(slices, i) != is_signed_digit(slices, 0)) {
            throw error(errc::composition, "Mapper: digits 0 and " + std::to_string(i) +
                                               " differ in sign; the columns of an array have one kind of cell and "
                                               "converter");
        }
        int const held = is_signed_digit(slices, i) ? cell_levels : cell_levels / devices;
        if (slices.levels(i) > held) {
            throw error(errc::composition, "the Mapper stores " + std::to_string(slices.levels(i)) +
                                               " levels in a cell that has " + std::to_string(held) +
                                               "; fewer bits per cell or another cell is needed");
        }
    }
}

/// Devices conduct: only a pair has levels on both sides of zero.
template <Digits Slices, class Cell>
void require_pairs(Slices const& slices, Cell const& cell) {
    if (is_signed_digit(slices, 0) && devices_of<Cell> == 1 && conductance_step_of(cell, 2) > 0) {
        throw error(errc::composition, "the Mapper stores levels of both signs in single devices with a conductance; "
                                       "pairs of them are needed, cell::pair{...}, or another mapping");
    }
}

/// Switches are on for some units of time or off.
template <Digits Phases>
void require_unsigned(Phases const& phases) {
    for (int i = 0; i < phases.count(); ++i) {
        if (is_signed_digit(phases, i)) {
            throw error(errc::composition,
                        "Encoder: digit " + std::to_string(i) +
                            " is signed; wires that are solved for every input switch rows on and off: an encoder of "
                            "two's complement bits or unsigned inputs are needed");
        }
    }
}

/// A schedule picks rows with a one.
template <Digits Phases>
void require_schedule(Phases const& phases, int active_rows) {
    for (int i = 0; i < phases.count(); ++i) {
        if (is_signed_digit(phases, i)) {
            throw error(errc::composition,
                        "Encoder: digit " + std::to_string(i) +
                            " is signed; an encoder with a schedule drives ones, which have no sign");
        }
        if (phases.levels(i) != 2) {
            throw error(errc::composition, "Encoder: digit " + std::to_string(i) + " has " +
                                               std::to_string(phases.levels(i)) +
                                               " levels; an encoder with a schedule drives ones, so two are needed");
        }
    }
    if (active_rows < 1) {
        throw error(errc::composition, "Encoder: active_rows() is " + std::to_string(active_rows) +
                                           "; an encoder with a schedule drives at least one row at a time");
    }
}

template <Mapper M>
[[nodiscard]] std::size_t checked_tile_rows(M const& mapping, weight_shape shape) {
    int const rows = mapping.tile_rows(shape);
    if (rows < 1 || rows > geometry{mapping.array}.rows) {
        throw error(errc::composition, "Mapper: tile_rows is " + std::to_string(rows) + "; 1 to " +
                                           std::to_string(geometry{mapping.array}.rows) +
                                           " rows of the array are needed");
    }
    return static_cast<std::size_t>(rows);
}

inline std::size_t checked_groups(std::vector<std::size_t> const& shape, int wanted) {
    if (shape.size() != 2 && shape.size() != 4) {
        throw error(errc::shape, "weights have shape " + to_string(shape) +
                                     "; (out, in) or (out, in / groups, kernel rows, kernel columns) is needed");
    }
    if (std::find(shape.begin(), shape.end(), std::size_t{0}) != shape.end()) {
        throw error(errc::shape, "weights have shape " + to_string(shape) + "; no extent may be zero");
    }
    auto const groups = static_cast<std::size_t>(std::max(wanted, 0));
    if (groups < 1 || shape[0] % groups != 0) {
        throw error(errc::shape, "groups is " + std::to_string(wanted) + "; a divisor of the " +
                                     std::to_string(shape[0]) + " outputs of the weights is needed");
    }
    return groups;
}

/// A signed cell or driver has no level as far below zero as the full scale reaches above it and one more. Needed
/// where the plan does not take all codes. `what` is "weight" or "input", `site` "cell" or "row driver".
inline void require_taken(digit_plan const& plan, std::int32_t code, char const* what, char const* site) {
    if (code < plan.lowest_code) {
        throw error(errc::value, std::string(what) + " code " + std::to_string(code) + " has no digits; those of " +
                                     std::to_string(plan.lowest_code) + " to " +
                                     std::to_string(plan.code_format.highest()) + " have");
    }
    std::uint16_t const word = plan.word(code);
    for (auto const& d : plan.digits) {
        if (d.level(word) < -d.top()) {
            throw error(errc::value, std::string(what) + " code " + std::to_string(code) + " needs level " +
                                         std::to_string(d.level(word)) + " of a signed " + site + " whose levels are " +
                                         std::to_string(-d.top()) + " to " + std::to_string(d.top()));
        }
    }
}

/// The scale of a tensor that the quantiser accepts.
template <Quantizer Q>
[[nodiscard]] scale calibrated(Q const& quantiser, tensor_ref const& t, char const* name,
                               std::optional<range> const& whole) {
    range const found = range_of(t, name);
    if constexpr (requires { quantiser.wrong(found); }) {
        if (auto const sentence = quantiser.wrong(found); !sentence.empty()) {
            throw error(errc::value, std::string("the ") + name + " of shape " + to_string(t.shape) + " " + sentence);
        }
    }
    if (whole && !(std::isfinite(whole->lowest) && std::isfinite(whole->highest) && whole->lowest <= whole->highest)) {
        throw error(errc::range, "program_options.weight_range is " + std::to_string(whole->lowest) + " to " +
                                     std::to_string(whole->highest) + "; finite numbers in ascending order are needed");
    }
    return quantiser.calibrate(whole.value_or(found));
}

/// Sums of codes are integers where every conversion is one, in whole cell-LSB.
template <class Plan>
void require_integer_sums(Plan const& plan) {
    for (auto const& phases : plan.classes) {
        for (auto const& way : phases.ways) {
            if (!way.is_exact && !(way.is_integer && way.step == std::nearbyint(way.step))) {
                throw error(errc::composition,
                            "integer sums are asked of a converter whose code stands for " + std::to_string(way.step) +
                                " cell-LSB; one that counts is needed: adc::exact_count, or as many steps as the "
                                "largest column sum");
            }
        }
    }
}

/// Calls take(first, n, codes of n values from the first on) for blocks of `count` values.
template <class Kernel, class Take>
void quantise_blocks(Kernel const& kernel, float const* values, std::size_t count, Take const& take) {
    std::array<float, 64> codes{};
    for (std::size_t i = 0; i < count; i += codes.size()) {
        std::size_t const block = std::min(codes.size(), count - i);
        std::size_t k = 0;
        for (; k + lanes <= block; k += lanes) {
            store(codes.data() + k, kernel.code(load<batch<float>>(values + i + k)));
        }
        for (; k < block; ++k) {
            codes[k] = kernel.code(values[i + k]);
        }
        take(i, block, codes.data());
    }
}

/// Calls take(i, code of values[i]) for every i below `count`.
template <class Kernel, class Take>
void quantise(Kernel const& kernel, float const* values, std::size_t count, Take const& take) {
    quantise_blocks(kernel, values, count, [&](std::size_t first, std::size_t n, float const* codes) {
        for (std::size_t k = 0; k < n; ++k) {
            take(first + k, static_cast<std::int32_t>(codes[k]));
        }
    });
}

}  // namespace xcim::inline XCIM_ABI::detail
