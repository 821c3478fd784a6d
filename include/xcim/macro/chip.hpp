#pragma once

/// \file
/// What stays with a chip besides its cells: offsets at the column ends, drivers at the row ends. Numbers are functions
/// of (chip, layer, site), so that they need not be stored with the array.

#include <xcim/concepts/encoder.hpp>
#include <xcim/macro/programmed.hpp>

#include <cstdint>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// Standard normals of the columns of every panel: (tiles, draws, columns).
[[nodiscard]] inline std::vector<aligned_vector<float>> column_normals_of(programmed_array const& a,
                                                                          std::size_t draws) {
    std::vector<aligned_vector<float>> all;
    word_pair<> const key = stage_key(a.chip, a.layer, stage::fixed_column);
    for (auto const& p : a.panels) {
        std::size_t const quads = (draws + 3) / 4;
        aligned_vector<float> drawn(4 * quads * p.stride());
        aligned_vector<float> own;
        for (std::size_t t = 0; t < a.tiles(); ++t) {
            for (std::size_t quad = 0; quad < quads; ++quad) {
                fill_normals(derive(key, t), p.column_ids.data(), static_cast<std::uint32_t>(quad), p.stride(),
                             drawn.data() + 4 * quad * p.stride(), p.stride());
            }
            own.insert(own.end(), drawn.begin(), drawn.begin() + static_cast<std::ptrdiff_t>(draws * p.stride()));
        }
        all.push_back(std::move(own));
    }
    return all;
}

/// What each level of a phase drives in every row of every tile and group: (groups, tiles, rows of a tile, levels).
template <VaryingDriver Encoding>
[[nodiscard]] std::vector<float> drives_of(programmed_array const& a, Encoding const& encoding, std::size_t levels) {
    std::vector<float> drives(a.groups * a.tiles() * a.rows_per_tile * levels);
    std::vector<float> normals;
    word_pair<> const key = stage_key(a.chip, a.layer, stage::row_driver);
    float* to = drives.data();
    for (std::size_t g = 0; g < a.groups; ++g) {
        for (std::size_t t = 0; t < a.tiles(); ++t) {
            word_pair<> const own = derive(derive(key, g), t);
            for (std::size_t r = 0; r < a.rows_per_tile; ++r, to += levels) {
                normals.clear();
                for (std::uint32_t quad = 0; normals.size() < static_cast<std::size_t>(Encoding::draws); ++quad) {
                    auto const four = four_normals(own, {static_cast<std::uint32_t>(r), quad});
                    normals.insert(normals.end(), four.begin(), four.end());
                }
                encoding.drive(row_driver{{to, levels}, normals});
            }
        }
    }
    return drives;
}

}  // namespace xcim::inline XCIM_ABI
