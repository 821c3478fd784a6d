#pragma once

/// \file
/// What CimMacro asks of its policies and of the tensors it is given before it computes anything; every answer is an
/// error that names the argument, what was found and what is needed. And the loop that quantises a tensor.

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

/// Drive levels start at 0; the columns of an array have one kind of cell and converter.
template <Digits Phases, Digits Slices>
void require_digits(Phases const& phases, Slices const& slices, int cell_levels) {
    for (int i = 0; i < phases.count(); ++i) {
        if (is_signed_digit(phases, i)) {
            throw error(errc::composition,
                        "Encoder: digit " + std::to_string(i) + " is signed; rows are driven with levels from 0 on");
        }
    }
    for (int i = 0; i < slices.count(); ++i) {
        // One converter serves all columns, and a cell's top bit counts negatively in all of them or in none.
        if (is_signed_digit(slices, i) != is_signed_digit(slices, 0) ||
            (is_signed_digit(slices, 0) && slices.levels(i) != slices.levels(0))) {
            throw error(errc::composition, "Mapper: digits 0 and " + std::to_string(i) +
                                               " differ in sign or, signed, in levels; the columns of an array "
                                               "have one kind of cell and converter");
        }
        if (slices.levels(i) > cell_levels) {
            throw error(errc::composition, "the Mapper stores " + std::to_string(slices.levels(i)) +
                                               " levels in a cell that has " + std::to_string(cell_levels) +
                                               "; fewer bits per cell or another cell is needed");
        }
    }
}

/// A schedule picks rows with a one.
template <Digits Phases>
void require_schedule(Phases const& phases, int active_rows) {
    for (int i = 0; i < phases.count(); ++i) {
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

/// A signed cell has no level as far below zero as the full scale reaches above it and one more.
inline void require_symmetric(digit_plan const& slices, std::uint16_t word, std::int32_t code) {
    for (auto const& d : slices.digits) {
        if (d.level(word) < -d.top()) {
            throw error(errc::value, "weight code " + std::to_string(code) + " needs level " +
                                         std::to_string(d.level(word)) + " of a signed cell whose levels are " +
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

/// Calls take(i, code of values[i]) for every i below `count`.
template <class Kernel, class Take>
void quantise(Kernel const& kernel, float const* values, std::size_t count, Take const& take) {
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
        for (k = 0; k < block; ++k) {
            take(i + k, static_cast<std::int32_t>(codes[k]));
        }
    }
}

}  // namespace xcim::inline XCIM_ABI::detail
