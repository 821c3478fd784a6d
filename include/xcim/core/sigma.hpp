#pragma once

/// \file
/// Standard deviations that carry their unit.

#include <xcim/config.hpp>

#include <cmath>
#include <string>

namespace xcim::inline XCIM_ABI {

/// Unit of a noise amplitude.
enum class sigma_unit {
    full_scale,  ///< fraction of the largest possible column sum (0.001 = 0.1 %)
    adc_lsb,     ///< steps of the converter behind it
    cell_lsb,    ///< current or charge of one cell at its lowest level, driven by the lowest drive level
};

/// A standard deviation; made by of_full_scale, in_adc_lsb or in_cell_lsb.
struct sigma {
    double value = 0;
    sigma_unit unit = sigma_unit::full_scale;
    friend bool operator==(sigma const&, sigma const&) = default;
};

[[nodiscard]] constexpr sigma of_full_scale(double fraction) { return {fraction, sigma_unit::full_scale}; }
[[nodiscard]] constexpr sigma in_adc_lsb(double steps) { return {steps, sigma_unit::adc_lsb}; }
[[nodiscard]] constexpr sigma in_cell_lsb(double cells) { return {cells, sigma_unit::cell_lsb}; }

[[nodiscard]] inline std::string to_string(sigma const& s) {
    char const* const unit = s.unit == sigma_unit::full_scale ? " of full scale"
                             : s.unit == sigma_unit::adc_lsb  ? " ADC-LSB"
                                                              : " cell-LSB";
    return std::to_string(s.value) + unit;
}

/// A sentence where the amplitude of the policy `name` is not a finite number from 0 on, else nothing.
[[nodiscard]] inline std::string wrong_sigma(char const* name, sigma const& s) {
    bool const fits = std::isfinite(s.value) && s.value >= 0;
    return fits ? "" : std::string(name) + " has sigma " + to_string(s) + "; a finite number from 0 on is needed";
}

}  // namespace xcim::inline XCIM_ABI
