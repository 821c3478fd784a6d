#pragma once

#include <xcim/cell/conductance.hpp>
#include <xcim/cell/device_fits.hpp>
#include <xcim/core/error.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>

namespace xcim::inline XCIM_ABI::cell {

/// Coefficients of a2 and a3 below, the constant first; amperes, volts.
inline constexpr std::array<std::array<double, 4>, 2> milo_2021_bend{
    {{0.007063, 0.005711, 0.001541, 0.0001388}, {1.2968e-3, 6.7919e-4, 8.8710e-5, 0}}};

/// Current of the RRAM of Milo 2021 at a conductance of 50 to 225 uS (S) under a voltage (V), in A:
///
///     I = G V + a2 V^2 + a3 V^3,     z = log10(G / S)
///     a2 = 0.0001388 z^3 + 0.001541 z^2 + 0.005711 z + 0.007063,     a3 = 8.8710e-5 z^2 + 6.7919e-4 z + 1.2968e-3
///
/// Conductances outside the window bend as much as its nearest end; negative voltages mirror positive ones.
[[nodiscard]] inline double milo_2021_current(double conductance, double voltage) {
    milo_2021 const device;
    double const z = std::log10(std::clamp(conductance, device.lowest(), device.highest()));
    double const a2 = polynomial(milo_2021_bend[0], z);
    double const a3 = polynomial(milo_2021_bend[1], z);
    return voltage * (conductance + a2 * std::abs(voltage) + a3 * voltage * voltage);
}

/// RRAM whose current is no product of conductance and voltage, with the programming noise of milo_2021. Models
/// CellType.
///
///     state = max(0, g_T + deviation(g_T) z) / step
///     g_T = g_min + level * step,     step = (g_max - g_min) / (levels - 1)
///     contribution = (I(state * step, V) - I(g_min, V)) / (step * V_1)
///     V = drive * V_1,     V_1 = read_voltage / top drive
///
/// I is milo_2021_current; a reference column of cells at g_min is subtracted. One level of an ideal cell at drive 1
/// contributes 1. Levels of an input are voltages, so a one-bit input always sees read_voltage.
/// Parameters: `levels` 2 to 256, default 16, all of which the mapper must use (the kernel has to know conductances);
/// `g_min`, `g_max` S inside 50 to 225 uS, the default; `read_voltage` V > 0 of the largest drive, default 0.2;
/// `programming_noise` default on.
/// Sees/returns: level 0 to levels - 1; state in cell-LSB; drive of either sign; contribution in cell-LSB.
/// Not modelled: wires (no conductance is told: currents under IR drop are not linear), pairs, read noise.
/// Reference: V. Milo et al., IRPS 2021; fit of sandialabs/cross-sim 3.2. Tests: tests/unit/cell/rram_nonlinear.cpp,
/// tests/conformance/cell_type.cpp.
struct rram_nonlinear {
    static constexpr bool is_linear = false;
    static constexpr int draws = 1;

    int levels = 16;
    double g_min = 50 * microsiemens;
    double g_max = 225 * microsiemens;
    double read_voltage = 0.2;
    bool programming_noise = true;

    /// In single precision: polynomials of u = z + 4, so that they lose no digits.
    class kernel {
    public:
        kernel(conductance_scale const& scale, double voltage_of_drive)
            : step_{static_cast<float>(scale.step / centre)}, voltage_{static_cast<float>(voltage_of_drive)},
              off_{static_cast<float>(scale.off_state())} {}

        template <value V>
        V operator()(V state, V drive) const {
            V const voltage = abs(drive) * V(voltage_);
            return drive * (bent(state, voltage) - bent(V(off_), voltage));
        }

    private:
        static constexpr double centre = 1e-4;  // S

        /// Coefficients of a2 and a3 as polynomials of u, in units of `centre`.
        static constexpr std::array<std::array<float, 4>, 2> centred = [] {
            std::array<std::array<float, 4>, 2> all{};
            for (std::size_t k = 0; k < 2; ++k) {
                auto c = milo_2021_bend[k];
                for (std::size_t from = 0; from < 3; ++from) {  // Horner's scheme again and again: c(u - 4)
                    for (std::size_t i = 3; i > from; --i) {
                        c[i - 1] -= 4 * c[i];
                    }
                }
                for (std::size_t i = 0; i < 4; ++i) {
                    all[k][i] = static_cast<float>(c[i] / centre);
                }
            }
            return all;
        }();

        /// I / (step V).
        template <value V>
        V bent(V state, V voltage) const {
            V const u = log10_near_1(clamp(V(state * V(step_)), V(0.5F), V(2.25F)));
            V const a2 = horner(u, centred[0]);
            V const a3 = horner(u, centred[1]);
            return state + fused_multiply_add(a3, voltage, a2) * voltage / V(step_);
        }

        template <value V>
        static V horner(V x, std::array<float, 4> const& c) {
            V sum(c[3]);
            for (std::size_t i = 3; i > 0; --i) {
                sum = fused_multiply_add(sum, x, V(c[i - 1]));
            }
            return sum;
        }

        /// log10 of 0.5 to 2.25 within 2e-7: 2 artanh((x - 1) / (x + 1)) / ln 10.
        template <value V>
        static V log10_near_1(V x) {
            V const s = (x - V(1.0F)) / (x + V(1.0F));
            V const t = s * s;
            V sum(1.0F / 13);
            for (float const c : {1.0F / 11, 1.0F / 9, 1.0F / 7, 1.0F / 5, 1.0F / 3, 1.0F}) {
                sum = fused_multiply_add(sum, t, V(c));
            }
            return V(0.868588964F) * s * sum;
        }

        float step_;  // 1e-4 S
        float voltage_;
        float off_;
    };

    [[nodiscard]] kernel prepare(cell_context context) const {
        return {scale(), read_voltage / (context.drive_levels - 1)};
    }

    void program(column_of_cells const& column) const {
        if (column.cell_levels != levels) {
            throw error(errc::composition, "cell::rram_nonlinear.levels is " + std::to_string(levels) +
                                               " and the mapper stores " + std::to_string(column.cell_levels) +
                                               " levels in a cell; the same number is needed, currents are not "
                                               "proportional to conductances");
        }
        for (float const level : column.states) {
            if (level < 0) {
                throw error(errc::composition, "cell::rram_nonlinear is to store a level below 0; a mapping without "
                                               "signed digits is needed");
            }
        }
        program_devices(column, scale(), [&](double target, std::size_t r) {
            return target +
                   (programming_noise ? milo_2021{}.deviation(target) : 0.0) * static_cast<double>(column.normals[r]);
        });
    }

    [[nodiscard]] std::string wrong() const {
        if (auto const sentence = wrong_levels("cell::rram_nonlinear", milo_2021{}, levels, g_min, g_max);
            !sentence.empty()) {
            return sentence;
        }
        return unless(read_voltage > 0, "cell::rram_nonlinear.read_voltage", read_voltage, "of volts above 0");
    }

    friend std::string to_string(rram_nonlinear const& c) {
        return "nonlinear RRAM (Milo 2021), " + std::to_string(c.levels) + " levels, " + in_microsiemens(c.g_min) +
               " to " + in_microsiemens(c.g_max) + ", " + std::to_string(c.read_voltage) + " V";
    }

private:
    [[nodiscard]] conductance_scale scale() const { return conductance_scale::between(g_min, g_max, levels); }
};

}  // namespace xcim::inline XCIM_ABI::cell
