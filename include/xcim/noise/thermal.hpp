#pragma once

#include <xcim/noise/gaussian.hpp>

#include <cmath>
#include <string>

namespace xcim::inline XCIM_ABI::noise {

/// kT/C noise of a charge-domain column: what sampling on its total capacitance leaves. Models NoiseModel.
///
///     sigma_V = sqrt(k T / C_total),     C_total = rows * C_unit + C_parasitic
///     sigma = sigma_V / (V C_unit / C_total / (D - 1)) cell-LSB,     D drive levels
///
/// Parameters: `unit_capacitance` F > 0, default 1.2e-15; `parasitic_capacitance` F >= 0 of the column line, default 0;
/// `supply` V > 0, the swing of a fully driven cell, default 0.9; `temperature` K >= 0, default 300.
/// Sees/returns: column sums in cell-LSB.
/// Not modelled: noise of switches and amplifiers behind the column.
/// Reference: R. Sarpeshkar, T. Delbrueck and C. Mead, "White noise in MOS transistors and resistors", IEEE Circuits
/// and Devices Magazine 9(6), 1993; Boltzmann constant: SI 2019. Tests: tests/unit/noise/thermal.cpp,
/// tests/conformance/noise_model.cpp.
struct thermal {
    static constexpr bool is_identity = false;
    static constexpr double boltzmann = 1.380649e-23;  ///< J/K

    double unit_capacitance = 1.2e-15;
    double parasitic_capacitance = 0;
    double supply = 0.9;
    double temperature = 300;

    using kernel = gaussian::kernel;

    [[nodiscard]] kernel prepare(column_context const& context) const {
        double const total = context.rows * unit_capacitance + parasitic_capacitance;
        double const volts_per_lsb = supply * unit_capacitance / total / (context.drive_levels - 1);
        return {static_cast<float>(std::sqrt(boltzmann * temperature / total) / volts_per_lsb)};
    }

    [[nodiscard]] std::string wrong() const {
        auto const sentence = [](char const* name, double found, char const* need) {
            return std::string("noise::thermal.") + name + " is " + std::to_string(found) + "; a finite number " +
                   need + " is needed";
        };
        if (!std::isfinite(unit_capacitance) || unit_capacitance <= 0) {
            return sentence("unit_capacitance", unit_capacitance, "of farads above 0");
        }
        if (!std::isfinite(parasitic_capacitance) || parasitic_capacitance < 0) {
            return sentence("parasitic_capacitance", parasitic_capacitance, "of farads from 0 on");
        }
        if (!std::isfinite(supply) || supply <= 0) {
            return sentence("supply", supply, "of volts above 0");
        }
        if (!std::isfinite(temperature) || temperature < 0) {
            return sentence("temperature", temperature, "of kelvins from 0 on");
        }
        return {};
    }

    friend std::string to_string(thermal const& n) {
        return "kT/C noise, " + std::to_string(n.unit_capacitance * 1e15) + " fF a cell, " +
               std::to_string(n.temperature) + " K";
    }
};

}  // namespace xcim::inline XCIM_ABI::noise
