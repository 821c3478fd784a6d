#pragma once

/// \file
/// Laws of an encoder that schedules word lines.

#include <xcim/concepts/encoder.hpp>
#include <xcim/testing/report.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::testing {

/// For planes of every density, with `rows` rows: every one is in exactly one cycle, no cycle drives more than
/// active_rows() rows, or one without a one.
template <ScheduledEncoder E>
[[nodiscard]] report check_schedule(E const& encoder, std::size_t rows) {
    report r;
    std::uint32_t state = 1;
    auto const random = [&] {
        state = state * 1664525U + 1013904223U;
        return state >> 24U;
    };
    word_line_schedule cycles;  // one for all planes: what it held before must not matter
    for (std::uint32_t density = 0; density <= 256; density += 16) {
        std::vector<std::uint32_t> plane(words_for(rows));
        std::vector<int> left(rows);
        for (std::size_t row = 0; row < rows; ++row) {
            left[row] = random() < density ? 1 : 0;
            plane[row / 32] |= static_cast<std::uint32_t>(left[row]) << (row % 32);
        }
        encoder.schedule(bit_plane_view{plane.data(), 1, rows}, cycles);
        auto const where =
            " of a plane of " + std::to_string(rows) + " rows, density " + std::to_string(density) + "/256";
        for (std::size_t i = 0; i < cycles.cycles(); ++i) {
            r.require(cycles[i].size() <= static_cast<std::size_t>(encoder.active_rows()), [&] {
                return "cycle " + std::to_string(i) + where + " drives " + std::to_string(cycles[i].size()) + " rows";
            });
            for (std::uint16_t const row : cycles[i]) {
                r.require(row < rows && left[row] == 1, [&] {
                    return "cycle " + std::to_string(i) + where + " drives row " + std::to_string(row) +
                           ", which has no one or was driven before";
                });
                if (row < rows) {
                    left[row] = 0;
                }
            }
        }
        r.require(std::all_of(left.begin(), left.end(), [](int one) { return one == 0; }),
                  [&] { return "a one" + where + " is in no cycle"; });
    }
    return r;
}

}  // namespace xcim::inline XCIM_ABI::testing
