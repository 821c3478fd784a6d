#pragma once

#include <xcim/cell/conductance.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI::cell {

/// What happens to all devices alike after programming: their conductances move by `shift` and spread by `deviation`.
struct relaxation {
    double shift = 0;      ///< S
    double deviation = 0;  ///< S
};

/// A device of which measurements are known. All conductances in siemens:
///   lowest(), highest()     the window that was measured
///   mean(g), deviation(g)   of programmed conductances that were to be g
///   to_string(device)       its name
/// and where it is known
///   relaxed()               a `relaxation`
///   reading_deviation(g)    of a reading of the chip, at the conductance g: noise that is slower than a product
///   read_deviation(g)       of a single read
template <class D>
concept MeasuredDevice = std::copyable<D> && requires(D const& d, double g) {
    { d.lowest() } -> std::convertible_to<double>;
    { d.highest() } -> std::convertible_to<double>;
    { d.mean(g) } -> std::convertible_to<double>;
    { d.deviation(g) } -> std::convertible_to<double>;
    { to_string(d) } -> std::convertible_to<std::string>;
};

/// The user's own measurements: a table, interpolated linearly.
///
/// Parameters: `targets` S, ascending, at least two; `means` and `deviations` S, of devices that were programmed to
/// them, >= 0; `read_deviations` S, of single reads of a device of that conductance, or none. A device outside the
/// table is read with the noise of its nearest end. Shapes: (entries) each. Tests: tests/unit/cell/measured.cpp.
struct device_table {
    std::vector<double> targets;
    std::vector<double> means;
    std::vector<double> deviations;
    std::vector<double> read_deviations{};

    [[nodiscard]] double lowest() const { return targets.empty() ? 0.0 : targets.front(); }
    [[nodiscard]] double highest() const { return targets.empty() ? 0.0 : targets.back(); }
    [[nodiscard]] double mean(double g) const { return at(means, g); }
    [[nodiscard]] double deviation(double g) const { return at(deviations, g); }
    [[nodiscard]] double read_deviation(double g) const {
        return read_deviations.empty() ? 0.0 : at(read_deviations, g);
    }

    [[nodiscard]] std::string wrong() const {
        if (targets.size() < 2) {
            return "cell::device_table.targets has " + std::to_string(targets.size()) +
                   " entries; at least 2 are needed";
        }
        struct named {
            char const* name;
            std::vector<double> const& column;
        };
        for (auto const& [name, column] :
             {named{"means", means}, named{"deviations", deviations}, named{"read_deviations", read_deviations}}) {
            bool const is_left_out = &column == &read_deviations && column.empty();
            if (!is_left_out && column.size() != targets.size()) {
                return "cell::device_table." + std::string(name) + " has " + std::to_string(column.size()) +
                       " entries; as many as targets, " + std::to_string(targets.size()) + ", are needed";
            }
        }
        for (auto const& [name, column] :
             {named{"targets", targets}, named{"means", means}, named{"deviations", deviations},
              named{"read_deviations", read_deviations}}) {
            for (std::size_t i = 0; i < column.size(); ++i) {
                if (!std::isfinite(column[i]) || column[i] < 0) {
                    return "cell::device_table." + std::string(name) + "[" + std::to_string(i) + "] is " +
                           in_microsiemens(column[i]) + "; a finite number of siemens from 0 on is needed";
                }
            }
        }
        for (std::size_t i = 1; i < targets.size(); ++i) {
            if (!(targets[i - 1] < targets[i])) {
                return "cell::device_table.targets[" + std::to_string(i) + "] is " + in_microsiemens(targets[i]) +
                       " behind " + in_microsiemens(targets[i - 1]) + "; ascending conductances are needed";
            }
        }
        return {};
    }

    friend std::string to_string(device_table const& t) {
        return "device table of " + std::to_string(t.targets.size()) + " entries";
    }

private:
    [[nodiscard]] double at(std::vector<double> const& column, double g) const {
        auto const above = std::upper_bound(targets.begin() + 1, targets.end() - 1, g);
        auto const i = static_cast<std::size_t>(above - targets.begin());
        double const share = std::clamp((g - targets[i - 1]) / (targets[i] - targets[i - 1]), 0.0, 1.0);
        return column[i - 1] + share * (column[i] - column[i - 1]);
    }
};

/// A sentence where levels of the cell `name` are too many or outside the window of its device, else nothing.
template <MeasuredDevice Device>
[[nodiscard]] std::string wrong_levels(std::string const& name, Device const& device, int levels, double g_min,
                                       double g_max) {
    if (auto const sentence = outside((name + ".levels").c_str(), levels, 2, 256); !sentence.empty()) {
        return sentence;
    }
    if (auto const sentence = wrong_conductances(name, g_min, g_max); !sentence.empty()) {
        return sentence;
    }
    double const rounding = 1e-9 * device.highest();
    for (auto const& [end, g] : {std::pair{".g_min", g_min}, std::pair{".g_max", g_max}}) {
        if (g < device.lowest() - rounding || g > device.highest() + rounding) {
            return name + end + " is " + in_microsiemens(g) + "; the device (" + to_string(device) +
                   ") was measured from " + in_microsiemens(device.lowest()) + " to " +
                   in_microsiemens(device.highest());
        }
    }
    return {};
}

/// A memory cell whose statistics were measured: a published fit (cell/device_fits.hpp) or the user's own table. Models
/// CellType.
///
///     g_T = g_min + level * step,     step = (g_max - g_min) / (levels in use - 1)
///     g_P = max(0, mean(g_T) + deviation(g_T) z1)
///     g_R = max(0, g_P + shift + relaxation deviation z2)           devices that relax
///     g   = max(0, g_R + reading deviation(g_R) z3)                 devices with slow read noise
///     state = g / step;     one read:  state * drive + |drive| read deviation(g) / step z
///
/// z1 and z2 stay with a device, z3 with a reading of the chip.
/// Parameters: `device` a MeasuredDevice, e.g. device_table, joshi_2020, wan_2022, cmo_hfox; `levels` 2 to 256, default
/// 16; `g_min` and `g_max` S, inside the window that was measured, default its ends.
///
///     cell::measured{cell::wan_2022{.time = cell::day}, 4}
///     cell::measured{cell::device_table{targets, means, deviations}, 8, 5e-6, 40e-6}
///
/// Sees/returns: level 0 to levels - 1; state in cell-LSB, contribution in cell-LSB. What takes off_state away is
/// the mean of devices at level 0, just programmed.
/// Not modelled: temperature, distributions that are not normal, nonlinear current (cell::rram_nonlinear).
/// Tests: tests/unit/cell/measured.cpp, tests/unit/cell/device_fits.cpp, tests/statistical/devices.cpp,
/// tests/conformance/cell_type.cpp. Benchmark: benchmarks/kernels/devices.cpp.
template <MeasuredDevice Device>
struct measured {
    static constexpr bool relaxes = requires(Device const& d) {
        { d.relaxed() } -> std::convertible_to<relaxation>;
    };
    static constexpr bool is_linear = false;
    static constexpr bool is_read_slowly = requires(Device const& d) { d.reading_deviation(1.0); };
    static constexpr bool is_read_noisily = requires(Device const& d) { d.read_deviation(1.0); };
    static constexpr int draws = relaxes ? 2 : 1;
    static constexpr int reading_draws = is_read_slowly ? 1 : 0;
    static constexpr int read_terms = is_read_noisily ? 1 : 0;

    using kernel = product_kernel;

    Device device;
    int levels = 16;
    double g_min = device.lowest();
    double g_max = device.highest();

    [[nodiscard]] kernel prepare(cell_context /*context*/) const { return {}; }
    [[nodiscard]] double conductance_step(int in_use) const { return scale(in_use).step; }
    [[nodiscard]] double off_state(int in_use) const { return std::max(0.0, device.mean(g_min)) / scale(in_use).step; }

    void program(column_of_cells const& column) const {
        program_devices(column, scale(column.cell_levels), [&](double target, std::size_t r) {
            double g = device.mean(target) + device.deviation(target) * static_cast<double>(column.normals[r]);
            if constexpr (relaxes) {
                relaxation const later = device.relaxed();
                g = std::max(0.0, g) + later.shift +
                    later.deviation * static_cast<double>(column.normals[column.rows + r]);
            }
            if constexpr (is_read_slowly) {
                g = std::max(0.0, g);
                g += device.reading_deviation(g) * static_cast<double>(column.reading_normals[r]);
            }
            return g;
        });
    }

    [[nodiscard]] std::array<float, 1> read_terms_of(float state, int in_use) const requires is_read_noisily {
        double const step = conductance_step(in_use);
        double const deviation = device.read_deviation(static_cast<double>(state) * step) / step;
        return {static_cast<float>(deviation * deviation)};
    }
    [[nodiscard]] std::array<float, 1> read_drives_of(int level) const requires is_read_noisily {
        return {static_cast<float>(level) * static_cast<float>(level)};
    }

    [[nodiscard]] std::string wrong() const {
        if constexpr (requires { device.wrong(); }) {
            if (auto const sentence = device.wrong(); !sentence.empty()) {
                return sentence;
            }
        }
        return wrong_levels("cell::measured", device, levels, g_min, g_max);
    }

    friend std::string to_string(measured const& c) {
        return to_string(c.device) + ", " + std::to_string(c.levels) + " levels, " + in_microsiemens(c.g_min) + " to " +
               in_microsiemens(c.g_max);
    }

private:
    [[nodiscard]] conductance_scale scale(int in_use) const { return conductance_scale::between(g_min, g_max, in_use); }
};

template <class Device, class... Numbers>
measured(Device, Numbers...) -> measured<Device>;

}  // namespace xcim::inline XCIM_ABI::cell
