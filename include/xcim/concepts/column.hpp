#pragma once

/// \file
/// What the stages behind a column sum have in common: the context they are prepared with and the kernel they become.

#include <xcim/core/error.hpp>
#include <xcim/core/sigma.hpp>
#include <xcim/core/simd.hpp>

#include <type_traits>

namespace xcim::inline XCIM_ABI {

/// Numbers fixed for one phase of one layer.
struct column_context {
    double full_scale = 1;      ///< largest possible column sum, cell-LSB: rows * top drive level * top cell level
    double adc_step = 0;        ///< cell-LSB per converter step; 0 where the converter has none (adc::ideal)
    int rows = 1;               ///< rows of the array that may be driven at once
    int drive_levels = 2;       ///< levels of the phase
    int cell_levels = 2;        ///< levels of one cell, counted from zero: its top level is one less
    bool signed_sums = false;   ///< column sums go from -full_scale to full_scale
    bool integer_sums = false;  ///< column sums arrive as exact integers: linear cells, no noise
};

/// A standard deviation in cell-LSB.
[[nodiscard]] inline double to_cell_lsb(sigma const& s, column_context const& context) {
    switch (s.unit) {
    case sigma_unit::full_scale:
        return s.value * context.full_scale;
    case sigma_unit::adc_lsb:
        if (!(context.adc_step > 0)) {
            throw error(errc::composition, "a sigma in_adc_lsb needs a converter with a finite step; the macro's ADC "
                                           "has none: use of_full_scale or in_cell_lsb");
        }
        return s.value * context.adc_step;
    case sigma_unit::cell_lsb:
        return s.value;
    }
    throw error(errc::range, "unknown sigma_unit " + std::to_string(static_cast<int>(s.unit)));
}

/// A stage after prepare(): column sums in, column sums (noise, unit cell-LSB) or codes (ADC) out, lane by lane.
template <class K, class V = float>
concept column_kernel = std::is_trivially_copyable_v<K> && requires(K const& k, V sum, lane<V> const& l) {
    { k(sum, l) } -> std::same_as<V>;
};

}  // namespace xcim::inline XCIM_ABI
