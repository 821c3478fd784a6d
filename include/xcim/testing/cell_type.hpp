#pragma once

/// \file
/// Laws of CellType: see <xcim/concepts/cell_type.hpp>.

#include <xcim/concepts/cell_type.hpp>
#include <xcim/core/normal.hpp>
#include <xcim/testing/batches.hpp>

#include <cmath>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::testing {

/// Every state of the cell at every drive level: contributions are finite, batch and scalar agree, and is_linear and
/// is_product imply state * drive exactly.
template <CellType C>
[[nodiscard]] report check_cell_type(C const& cell, cell_context const& context) {
    report r;
    auto const kernel = cell.prepare(context);
    auto const levels = static_cast<int>(cell.levels);
    r.require(levels >= 2, [&] { return "the cell has " + std::to_string(levels) + " levels"; });
    std::vector<float> states;
    std::vector<float> drives;
    for (int state = 0; state < levels; ++state) {
        for (int drive = 0; drive < context.drive_levels; ++drive) {
            states.push_back(static_cast<float>(state));
            drives.push_back(static_cast<float>(drive));
        }
    }
    // A full batch even for one state and drive: the last pair again.
    states.resize(states.size() + lanes - 1, states.back());
    drives.resize(drives.size() + lanes - 1, drives.back());
    auto const contributions =
        check_batch_is_scalar(r, "contribution", states, [&]<class V>(V state, std::size_t i) -> V {
            return kernel(state, load<V>(drives.data() + i));
        });
    for (std::size_t i = 0; i < states.size(); ++i) {
        auto const where = [&] {
            return "state " + digits_of(states[i]) + " at drive " + digits_of(drives[i]) + " contributes " +
                   digits_of(contributions[i]);
        };
        r.require(std::isfinite(contributions[i]), where);
        r.require(!(C::is_linear || is_product<decltype(kernel)>) || contributions[i] == states[i] * drives[i],
                  [&] { return where() + ": is_linear or is_product promises the product"; });
    }
    return r;
}

/// The same for drives of 1 to `most_drive_bits` bits.
template <CellType C>
[[nodiscard]] report check_cell_type(C const& cell, int rows = 256, int most_drive_bits = 8) {
    report r;
    for (int bits = 1; bits <= most_drive_bits; ++bits) {
        r.add(check_cell_type(cell, cell_context{rows, 1 << bits}), std::to_string(1 << bits) + " drive levels: ");
    }
    return r;
}

/// A column of cells with every level, several of each, programmed with `in_use` levels: states are finite, functions
/// of the normals (twice the same), and, where cells conduct, no less than zero in siemens. `rows` of
/// the array.
template <VaryingCell C>
[[nodiscard]] report check_programming(C const& cell, int in_use, std::size_t rows = 300) {
    report r;
    bool const has_pairs = devices_of<C> == 2;
    auto const normals_of = [&](int draws, std::uint32_t stream) {
        std::vector<float> normals(static_cast<std::size_t>(draws) * rows);
        for (std::size_t i = 0; i < normals.size(); ++i) {
            normals[i] = four_normals({stream, 0}, {static_cast<std::uint32_t>(i), 0})[0];
        }
        return normals;
    };
    auto const normals = normals_of(C::draws, 1);
    auto const later = normals_of(reading_draws_of<C>, 2);
    std::size_t const used = rows - 3;
    int const lowest = has_pairs ? 1 - in_use : 0;
    std::vector<float> levels(used);
    for (std::size_t i = 0; i < used; ++i) {
        levels[i] = static_cast<float>(lowest + static_cast<int>(i) % (in_use - lowest));
    }
    struct programmed_column {
        std::vector<float> states;
        std::vector<float> opposite;
    };
    auto const program = [&] {
        programmed_column c{levels, std::vector<float>(has_pairs ? used : 0, -1.0F)};
        cell.program(column_of_cells{c.states, normals, rows, in_use, c.opposite, later});
        return c;
    };
    auto const once = program();
    auto const twice = program();
    double const step = conductance_step_of(cell, in_use);
    r.require(std::isfinite(step) && step >= 0, [&] { return "conductance_step is " + digits_of(step); });
    auto const check = [&](std::vector<float> const& states, std::vector<float> const& again, char const* which) {
        for (std::size_t i = 0; i < states.size() && r.ok(); ++i) {
            auto const where = [&] {
                return std::string(which) + " of level " + digits_of(levels[i]) + " has state " + digits_of(states[i]);
            };
            r.require(std::isfinite(states[i]) && (step == 0 || states[i] >= 0), where);
            r.require(bits_of(states[i]) == bits_of(again[i]),
                      [&] { return where() + " and, programmed again, " + digits_of(again[i]); });
        }
    };
    check(once.states, twice.states, "a device");
    check(once.opposite, twice.opposite, "a second device");
    return r;
}

}  // namespace xcim::inline XCIM_ABI::testing
