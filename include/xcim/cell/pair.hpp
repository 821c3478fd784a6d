#pragma once

#include <xcim/concepts/cell_type.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

namespace xcim::inline XCIM_ABI::cell {

/// Two devices of one kind that share a weight: the current of the second is subtracted. Models CellType.
///
///     level l:     first device stores max(l, 0), second device max(-l, 0);     contribution = (plus - minus) * drive
///
/// Devices differ independently of each other. Level 0 is two devices at their lowest conductance, which cancel on the
/// average but load the wires and vary: no cell without devices. Several pairs of different significance are slices of
/// a Mapper whose digits are signed, mapping::differential.
/// Parameters: the device, any cell whose kernel is a product; `levels` twice those of the device, of which
/// -(device levels - 1) to device levels - 1 are used. Numbers of levels that are handed to program(),
/// conductance_step() and read_terms_of() are those of one device.
/// Sees/returns: signed levels; states of both devices in cell-LSB; variances of single reads of one device, to be
/// added.
/// Not modelled: common mode of the two currents, a subtraction that is not exact.
/// Reference: pairs of differential conductances as in IBM/aihwkit and in balanced cores of CrossSim. Tests:
/// tests/unit/cell/pair.cpp, tests/conformance/cell_type.cpp. Benchmark: benchmarks/kernels/devices.cpp.
template <CellType Device>
struct pair {
    static constexpr bool is_linear = false;
    static constexpr int devices = 2;
    static constexpr int draws = [] {
        if constexpr (VaryingCell<Device>) {
            return 2 * Device::draws;
        } else {
            return 0;
        }
    }();
    static constexpr int reading_draws = 2 * reading_draws_of<Device>;
    static constexpr int read_terms = [] {
        if constexpr (ReadNoisyCell<Device>) {
            return Device::read_terms;
        } else {
            return 0;
        }
    }();

    static_assert(devices_of<Device> == 1, "xcim: cell::pair takes one device, not a pair of them");
    static_assert(is_product<decltype(std::declval<Device const&>().prepare(cell_context{}))>,
                  "xcim: cell::pair subtracts states, so the device's kernel must be a product (is_product), see "
                  "xcim/concepts/cell_type.hpp");

    Device device;
    int levels;

    constexpr explicit pair(Device of) : device{std::move(of)}, levels{2 * int{device.levels}} {}

    [[nodiscard]] auto prepare(cell_context const& context) const { return device.prepare(context); }

    [[nodiscard]] double conductance_step(int in_use) const requires requires(Device const& d) {
        d.conductance_step(2);
    }
    { return device.conductance_step(in_use); }

    void program(column_of_cells const& column) const {
        XCIM_ASSERT(column.opposite.size() == column.states.size(), "cell::pair: no room for the second devices");
        for (std::size_t r = 0; r < column.states.size(); ++r) {
            column.opposite[r] = std::max(0.0F, -column.states[r]);
            column.states[r] = std::max(0.0F, column.states[r]);
        }
        if constexpr (VaryingCell<Device>) {
            auto const program_one = [&](std::span<float> states, std::size_t which) {
                constexpr auto own = static_cast<std::size_t>(Device::draws);
                constexpr auto of_reading = static_cast<std::size_t>(reading_draws_of<Device>);
                device.program(
                    column_of_cells{.states = states,
                                    .normals = column.normals.subspan(which * own * column.rows, own * column.rows),
                                    .rows = column.rows,
                                    .cell_levels = column.cell_levels,
                                    .reading_normals = column.reading_normals.subspan(which * of_reading * column.rows,
                                                                                      of_reading * column.rows)});
            };
            program_one(column.states, 0);
            program_one(column.opposite, 1);
        }
    }

    [[nodiscard]] auto read_terms_of(float state, int in_use) const requires ReadNoisyCell<Device> {
        return device.read_terms_of(state, in_use);
    }

    [[nodiscard]] auto read_drives_of(int level) const requires ReadNoisyCell<Device> {
        return device.read_drives_of(level);
    }

    [[nodiscard]] std::string wrong() const {
        if (levels != 2 * int{device.levels}) {
            return "cell::pair.levels is " + std::to_string(levels) + "; twice those of its device, " +
                   std::to_string(2 * int{device.levels}) + ", are needed";
        }
        if constexpr (requires { device.wrong(); }) {
            return device.wrong();
        } else {
            return {};
        }
    }

    friend std::string to_string(pair const& c) {
        if constexpr (requires { to_string(c.device); }) {
            return "pair of " + to_string(c.device);
        } else {
            return "pair of cells";
        }
    }
};

}  // namespace xcim::inline XCIM_ABI::cell
