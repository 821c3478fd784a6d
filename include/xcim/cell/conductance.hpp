#pragma once

/// \file
/// What all cells with a conductance share: equally spaced nominal levels, the loop over a column, the product.
/// Conductances are computed in double; targets with fused multiply-add may differ in the last bit of a state.

#include <xcim/concepts/cell_type.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>

namespace xcim::inline XCIM_ABI::cell {

/// Siemens of a number of microsiemens, the unit of most published fits.
inline constexpr double microsiemens = 1e-6;

/// Contribution = state * drive.
struct product_kernel {
    static constexpr bool is_product = true;

    template <value V>
    V operator()(V state, V drive) const {
        return state * drive;
    }
};

/// Nominal conductances of equally spaced levels: level l has lowest + l * step.
struct conductance_scale {
    double lowest = 0;  ///< S, of level 0
    double step = 0;    ///< S, one cell-LSB

    [[nodiscard]] static conductance_scale between(double g_min, double g_max, int levels) {
        return {g_min, (g_max - g_min) / (levels - 1)};
    }
    [[nodiscard]] double target(double level) const { return lowest + level * step; }
    [[nodiscard]] double off_state() const { return lowest / step; }
};

/// Replaces the levels of a column by states: `device(target, row)` is the conductance of a device that was to get
/// `target`, S. Conductances below 0 become 0.
template <class Device>
void program_devices(column_of_cells const& column, conductance_scale const& scale, Device const& device) {
    for (std::size_t r = 0; r < column.states.size(); ++r) {
        double const conductance = device(scale.target(static_cast<double>(column.states[r])), r);
        column.states[r] = static_cast<float>(std::max(0.0, conductance) / scale.step);
    }
}

/// c0 + c1 x + c2 x^2 ...
template <std::size_t Terms>
[[nodiscard]] constexpr double polynomial(std::array<double, Terms> const& c, double x) {
    double sum = 0;
    for (std::size_t i = Terms; i > 0; --i) {
        sum = sum * x + c[i - 1];
    }
    return sum;
}

/// "25.000000 uS".
[[nodiscard]] inline std::string in_microsiemens(double conductance) {
    return std::to_string(conductance / microsiemens) + " uS";
}

/// A sentence where 0 <= g_min < g_max is not the case, else nothing.
[[nodiscard]] inline std::string wrong_conductances(std::string const& name, double g_min, double g_max) {
    bool const fits = std::isfinite(g_min) && std::isfinite(g_max) && 0 <= g_min && g_min < g_max;
    return fits ? std::string{}
                : name + ".g_min is " + in_microsiemens(g_min) + " and " + name + ".g_max " + in_microsiemens(g_max) +
                      "; finite conductances with 0 <= g_min < g_max are needed";
}

}  // namespace xcim::inline XCIM_ABI::cell
