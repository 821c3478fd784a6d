#pragma once

/// \file
/// Laws of CellType: see <xcim/concepts/cell_type.hpp>.

#include <xcim/concepts/cell_type.hpp>
#include <xcim/testing/batches.hpp>

#include <cmath>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::testing {

/// Every state of the cell at every drive level: contributions are finite, batch and scalar agree, and is_linear
/// implies state * drive exactly.
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
        r.require(!C::is_linear || contributions[i] == states[i] * drives[i],
                  [&] { return where() + ": is_linear promises the product"; });
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

}  // namespace xcim::inline XCIM_ABI::testing
