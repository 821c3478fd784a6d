#pragma once

#include <xcim/cell/conductance.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::cell {

/// Share of the supply that each cell of a charge-sharing column contributes when it is fully driven:
///
///     share(r) = C_r / (sum of C + C_parasitic)
///
/// The column's voltage is the supply times the sum of the shares of its driven cells. All cells load the line, driven
/// or not. `capacitances`: F, (cells), none negative and not all 0; returns (cells).
template <class Capacitances>
[[nodiscard]] std::vector<double> charge_shares(Capacitances const& capacitances, double parasitic) {
    double total = parasitic;
    for (auto const c : capacitances) {
        total += c;
    }
    std::vector<double> shares;
    for (auto const c : capacitances) {
        shares.push_back(c / total);
    }
    return shares;
}

/// What the converter's full scale refers to.
enum class reference {
    supply,      ///< the supply: parasitic capacitance is lost range
    attenuated,  ///< what all nominal cells of the column together reach with the parasitic capacitance
};

/// An SRAM bit cell whose compute capacitor differs from its neighbours', fixed for the chip. Models CellType.
///
///     state = level * rows * share(r) [ / nominal attenuation ],     C_r = C_unit (1 + sigma z_r),     z ~ N(0, 1)
///     sigma = matching / sqrt(C_unit / 1 fF),     nominal attenuation = rows C_unit / (rows C_unit + C_parasitic)
///
/// Charge sharing weights every cell with its capacitance over that of the whole column. The contribution is linear in
/// the drive. A capacitance is never below a tenth of the nominal one.
/// Parameters: `unit_capacitance` F > 0, default 1.2e-15; `matching` relative deviation of a 1 fF capacitor >= 0,
/// default 0.01 (Pelgrom: the deviation falls with the square root of the area, hence of the capacitance);
/// `parasitic_capacitance` F >= 0 of the column line, default 0; `full_scale` what the converter refers to, default the
/// supply. The chip is program_options.chip.
/// Sees/returns: state in cell-LSB; drive 0 to drive levels - 1; contribution in cell-LSB.
/// Not modelled: charge injection, leakage, voltage dependence, gradients over the array.
/// Reference: M. Pelgrom, A. Duinmaijer and A. Welbers, "Matching properties of MOS transistors", IEEE JSSC 24(5),
/// 1989; V. Tripathi and B. Murmann, "Mismatch characterization of small metal fringe capacitors", IEEE TCAS-I 61(8),
/// 2014 (the order of magnitude of `matching`). Tests: tests/unit/cell/capacitor.cpp, tests/conformance/cell_type.cpp,
/// tests/golden/spice.cpp (charge sharing against a circuit simulator).
struct capacitor {
    static constexpr bool is_linear = false;
    static constexpr int draws = 1;
    static constexpr constant<2> levels{};

    double unit_capacitance = 1.2e-15;
    double matching = 0.01;
    double parasitic_capacitance = 0;
    reference full_scale = reference::supply;

    using kernel = product_kernel;

    [[nodiscard]] kernel prepare(cell_context /*context*/) const { return {}; }

    /// Relative deviation of one cell's capacitance.
    [[nodiscard]] double deviation() const { return matching / std::sqrt(unit_capacitance / 1e-15); }

    void program(column_of_cells const& column) const {
        std::vector<double> capacitances;
        for (std::size_t r = 0; r < column.rows; ++r) {
            double const relative = 1 + deviation() * static_cast<double>(column.normals[r]);
            capacitances.push_back(unit_capacitance * std::max(relative, 0.1));
        }
        auto const shares = charge_shares(capacitances, parasitic_capacitance);
        double const nominal = static_cast<double>(column.rows) * unit_capacitance;
        double const gain = static_cast<double>(column.rows) *
                            (full_scale == reference::attenuated ? (nominal + parasitic_capacitance) / nominal : 1.0);
        for (std::size_t r = 0; r < column.states.size(); ++r) {
            column.states[r] = static_cast<float>(static_cast<double>(column.states[r]) * shares[r] * gain);
        }
    }

    [[nodiscard]] std::string wrong() const {
        return first_sentence(
            {unless(unit_capacitance > 0, "cell::capacitor.unit_capacitance", unit_capacitance, "of farads above 0"),
             unless(matching >= 0, "cell::capacitor.matching", matching, "from 0 on"),
             unless(parasitic_capacitance >= 0, "cell::capacitor.parasitic_capacitance", parasitic_capacitance,
                    "of farads from 0 on")});
    }

    friend std::string to_string(capacitor const& c) {
        return "SRAM cell with capacitor, " + std::to_string(c.unit_capacitance * 1e15) + " fF, mismatch " +
               std::to_string(100 * c.deviation()) + " %";
    }
};

}  // namespace xcim::inline XCIM_ABI::cell
