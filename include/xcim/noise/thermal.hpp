#pragma once

#include <xcim/core/parameter.hpp>
#include <xcim/noise/gaussian.hpp>

#include <cmath>
#include <string>

namespace xcim::inline XCIM_ABI::noise {

/// kT/C noise of a charge-domain column: what sampling on its total capacitance leaves. Models NoiseModel.
///
///     sigma_V = sqrt(k T / C_total),     C_total = rows * C_unit + C_parasitic
///     sigma = sigma_V * F / V cell-LSB,     F: full scale in cell-LSB,     V: its voltage
///
/// Parameters: `unit_capacitance` F > 0, default 1.2e-15; `parasitic_capacitance` F >= 0 of the column line, default 0;
/// `supply` V > 0, default 0.9; `attenuated_reference` whether the full scale is what all cells reach beside the
/// parasitic capacitance (cell::reference::attenuated) or the supply itself, default no; `temperature` K >= 0, default
/// 300. Sees/returns: column sums in cell-LSB. Not modelled: noise of switches and amplifiers behind the column.
/// Reference: R. Sarpeshkar, T. Delbrueck and C. Mead, "White noise in MOS transistors and resistors", IEEE Circuits
/// and Devices Magazine 9(6), 1993; Boltzmann constant: SI 2019. Tests: tests/unit/noise/thermal.cpp,
/// tests/conformance/noise_model.cpp.
struct thermal {
    static constexpr bool is_identity = false;
    static constexpr double boltzmann = 1.380649e-23;  ///< J/K

    double unit_capacitance = 1.2e-15;
    double parasitic_capacitance = 0;
    double supply = 0.9;
    bool attenuated_reference = false;
    double temperature = 300;

    using kernel = gaussian::kernel;

    [[nodiscard]] kernel prepare(column_context const& context) const {
        double const cells = context.rows * unit_capacitance;
        double const total = cells + parasitic_capacitance;
        double const volts = attenuated_reference ? supply * cells / total : supply;
        return {static_cast<float>(std::sqrt(boltzmann * temperature / total) * context.full_scale / volts)};
    }

    [[nodiscard]] std::string wrong() const {
        return first_sentence(
            {unless(unit_capacitance > 0, "noise::thermal.unit_capacitance", unit_capacitance, "of farads above 0"),
             unless(supply > 0, "noise::thermal.supply", supply, "of volts above 0"),
             unless(temperature >= 0, "noise::thermal.temperature", temperature, "of kelvins from 0 on"),
             unless(parasitic_capacitance >= 0, "noise::thermal.parasitic_capacitance", parasitic_capacitance,
                    "of farads from 0 on")});
    }

    friend std::string to_string(thermal const& n) {
        return "kT/C noise, " + std::to_string(n.unit_capacitance * 1e15) + " fF a cell, " +
               std::to_string(n.temperature) + " K";
    }
};

}  // namespace xcim::inline XCIM_ABI::noise
