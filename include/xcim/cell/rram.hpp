#pragma once

#include <xcim/cell/conductance.hpp>
#include <xcim/cell/spread.hpp>

#include <array>
#include <cmath>
#include <string>

namespace xcim::inline XCIM_ABI::cell {

/// exp(-(E / k) (1 / T - 1 / T0)): by how much conduction that has to be activated changes from T0 to T. `energy` eV,
/// temperatures K.
[[nodiscard]] inline double arrhenius(double energy, double temperature, double reference_temperature) {
    double const boltzmann = 8.617333262e-5;  // eV / K
    return std::exp(-energy / boltzmann * (1 / temperature - 1 / reference_temperature));
}

/// A resistive memory cell with equally spaced conductances, one or several bits a cell. Models CellType.
///
///     g_k = g_min + k (g_max - g_min) / (levels - 1),     g_max = 1 / on_resistance,     g_min = g_max / on_off_ratio
///     state = max(0, programmed(g_k, z)) * a(T) / step,     step = (g_max - g_min) / (levels in use - 1)
///     one read:  state * drive + |drive| sqrt((c g_max / step)^2 + (p state)^2) z'
///
/// programmed() is the spread of cell::spread, drawn once for a chip; a(T) = exp(-(E / k) (1 / T - 1 / T0)). Noise of a
/// read is drawn afresh for every conversion. Devices that differ from one another keep their difference at every
/// temperature.
/// Parameters: `levels` 2 (single-level cell) to 256, default 2; fewer may be used; `on_resistance` ohm > 0, default
/// 6e3, and `on_off_ratio` > 1, infinite for cells that switch off, default 150 (HyFlexPIM's cell);
/// `programming` default none; `read_noise` c, share of g_max, and `proportional_read_noise` p, share of the device's
/// conductance, >= 0, default 0; `activation_energy` E eV, default 0: no change with temperature; `temperature` K > 0
/// and `reference_temperature` T0 at which resistances hold, default 300.
/// Sees/returns: level 0 to levels - 1; state in cell-LSB, level 0 is off_state; contribution in cell-LSB. The
/// reference column that takes off_state away is as warm as the array.
/// Not modelled: unequal levels (cell::measured), drift, telegraph noise, nonlinear current (cell::rram_nonlinear),
/// endurance, stuck cells. Reference: HyFlexPIM (table 2 and eq. (5)); generic devices of CrossSim 3
/// (sandialabs/cross-sim); the temperature law is the textbook's, its energy the user's. Tests:
/// tests/unit/cell/rram.cpp, tests/statistical/devices.cpp, tests/conformance/cell_type.cpp. Benchmark:
/// benchmarks/kernels/devices.cpp.
struct rram {
    static constexpr bool is_linear = false;
    static constexpr int draws = 1;
    static constexpr int read_terms = 1;

    using kernel = product_kernel;

    int levels = 2;
    double on_resistance = 6e3;
    double on_off_ratio = 150;
    spread programming{};
    double read_noise = 0;
    double proportional_read_noise = 0;
    double activation_energy = 0;
    double temperature = 300;
    double reference_temperature = 300;

    [[nodiscard]] double g_max() const { return 1 / on_resistance; }
    [[nodiscard]] double g_min() const { return g_max() / on_off_ratio; }

    [[nodiscard]] kernel prepare(cell_context /*context*/) const { return {}; }
    [[nodiscard]] double conductance_step(int in_use) const { return scale(in_use).step; }
    [[nodiscard]] double off_state(int in_use) const { return scale(in_use).off_state() * warmth(); }

    void program(column_of_cells const& column) const {
        double const factor = warmth();
        program_devices(column, scale(column.cell_levels), [&](double target, std::size_t r) {
            return factor * programming.programmed(target, g_max(), static_cast<double>(column.normals[r]));
        });
    }

    [[nodiscard]] std::array<float, 1> read_terms_of(float state, int in_use) const {
        double const constant = read_noise * g_max() / conductance_step(in_use);
        double const proportional = proportional_read_noise * static_cast<double>(state);
        return {static_cast<float>(constant * constant + proportional * proportional)};
    }
    [[nodiscard]] std::array<float, 1> read_drives_of(int level) const {
        return {static_cast<float>(level) * static_cast<float>(level)};
    }

    [[nodiscard]] std::string wrong() const {
        if (!(on_off_ratio > 1)) {
            return "cell::rram.on_off_ratio is " + std::to_string(on_off_ratio) +
                   "; a number above 1, possibly infinite, is needed";
        }
        return first_sentence({outside("cell::rram.levels", levels, 2, 256),
                               unless(on_resistance > 0, "cell::rram.on_resistance", on_resistance, "of ohms above 0"),
                               programming.wrong("cell::rram.programming.size"),
                               unless(read_noise >= 0, "cell::rram.read_noise", read_noise, "from 0 on"),
                               unless(proportional_read_noise >= 0, "cell::rram.proportional_read_noise",
                                      proportional_read_noise, "from 0 on"),
                               unless(true, "cell::rram.activation_energy", activation_energy, "of electron volts"),
                               unless(temperature > 0, "cell::rram.temperature", temperature, "of kelvins above 0"),
                               unless(reference_temperature > 0, "cell::rram.reference_temperature",
                                      reference_temperature, "of kelvins above 0")});
    }

    friend std::string to_string(rram const& c) {
        return "RRAM cell, " + std::to_string(c.levels) + " levels, " + in_microsiemens(c.g_min()) + " to " +
               in_microsiemens(c.g_max()) + ", " + to_string(c.programming);
    }

private:
    [[nodiscard]] conductance_scale scale(int in_use) const {
        return conductance_scale::between(g_min(), g_max(), in_use);
    }
    [[nodiscard]] double warmth() const {
        return activation_energy == 0 ? 1.0 : arrhenius(activation_energy, temperature, reference_temperature);
    }
};

}  // namespace xcim::inline XCIM_ABI::cell
