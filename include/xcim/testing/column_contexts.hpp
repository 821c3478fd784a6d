#pragma once

/// \file
/// Contexts to try the stages behind a column sum in.

#include <xcim/concepts/column.hpp>

#include <initializer_list>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::testing {

/// The context of arrays of `rows` rows driven with `drive_bits` bits, `cell_bits` bits a cell. Integer sums come from
/// linear cells without noise.
[[nodiscard]] inline column_context context_for(int rows, int drive_bits, int cell_bits = 1, bool integer_sums = true) {
    column_context context;
    context.rows = rows;
    context.drive_levels = 1 << drive_bits;
    context.cell_levels = 1 << cell_bits;
    context.full_scale = static_cast<double>(rows) * (context.drive_levels - 1) * (context.cell_levels - 1);
    context.integer_sums = integer_sums;
    return context;
}

/// Even, odd and power-of-two rows, one to eight drive bits, one and two bits a cell.
[[nodiscard]] inline std::vector<column_context> some_contexts() {
    std::vector<column_context> contexts;
    for (int const rows : {1, 32, 100, 255, 256}) {
        for (int const drive_bits : {1, 2, 4, 8}) {
            contexts.push_back(context_for(rows, drive_bits));
            contexts.push_back(context_for(rows, drive_bits, 1, false));
        }
        contexts.push_back(context_for(rows, 1, 2));
    }
    return contexts;
}

/// Columns that go both ways, cells of two to eight signed bits.
[[nodiscard]] inline std::vector<column_context> signed_contexts() {
    std::vector<column_context> contexts;
    for (int const cell_bits : {2, 4, 8}) {
        for (bool const integer_sums : {false, true}) {
            contexts.push_back(context_for(100, 2, cell_bits - 1, integer_sums));
            contexts.back().signed_sums = true;
        }
    }
    return contexts;
}

[[nodiscard]] inline std::string to_string(column_context const& c) {
    return std::to_string(c.rows) + " rows, " + std::to_string(c.drive_levels) + " drive levels, " +
           std::to_string(c.cell_levels) + " cell levels, " + (c.integer_sums ? "integer" : "real") +
           (c.signed_sums ? " signed" : "") + " sums";
}

}  // namespace xcim::inline XCIM_ABI::testing
