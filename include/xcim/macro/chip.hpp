#pragma once

/// \file
/// What stays with a chip besides its cells: offsets at the column ends, drivers at the row ends. Numbers are functions
/// of (chip, layer, site), so that they need not be stored with the array.

#include <xcim/concepts/encoder.hpp>
#include <xcim/core/normal.hpp>
#include <xcim/macro/programmed.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace xcim::inline XCIM_ABI {

namespace detail {

/// Appends `draws` normals of every id: (draws, ids).
inline void append_normals(word_pair<> key, aligned_vector<std::uint32_t> const& ids, std::size_t draws,
                           aligned_vector<float>& to) {
    aligned_vector<float> four(4 * ids.size());
    for (std::size_t d = 0; d < draws; d += 4) {
        fill_normals(key, ids.data(), static_cast<std::uint32_t>(d / 4), ids.size(), four.data(), ids.size());
        to.insert(to.end(), four.begin(),
                  four.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(4, draws - d) * ids.size()));
    }
}

/// Which converter of its group reads a column: `shared` neighbouring columns of an array have one.
inline aligned_vector<std::uint32_t> converters_of(programmed_array const& a, panel const& p, std::size_t shared) {
    std::size_t const width = a.columns_per_array();
    std::size_t const per_array = (width + shared - 1) / shared;
    aligned_vector<std::uint32_t> ids(p.stride());
    for (std::size_t c = 0; c < p.columns; ++c) {
        std::size_t const place = a.place_of(p, c);
        ids[c] = static_cast<std::uint32_t>(place / width * per_array + place % width / shared);
    }
    return ids;
}

}  // namespace detail

/// Standard normals of the columns of every panel, of the columns themselves and then of their converters, one of which
/// serves `shared` neighbours: (tiles, column_draws + converter_draws, columns).
[[nodiscard]] inline std::vector<aligned_vector<float>> column_normals_of(programmed_array const& a,
                                                                          std::size_t column_draws,
                                                                          std::size_t converter_draws,
                                                                          std::size_t shared) {
    std::vector<aligned_vector<float>> all;
    word_pair<> const column_key = stage_key(a.chip, a.layer, stage::fixed_column);
    word_pair<> const converter_key = stage_key(a.chip, a.layer, stage::converter);
    for (auto const& p : a.panels) {
        auto const converters = detail::converters_of(a, p, shared);
        aligned_vector<float> own;
        for (std::size_t t = 0; t < a.tiles(); ++t) {
            detail::append_normals(derive(column_key, t), p.column_ids, column_draws, own);
            detail::append_normals(derive(derive(converter_key, p.group), t), converters, converter_draws, own);
        }
        all.push_back(std::move(own));
    }
    return all;
}

/// What each level of a phase drives in every row of every tile and group: (groups, tiles, rows of a tile, levels), the
/// level `lowest` first.
template <VaryingDriver Encoding>
[[nodiscard]] std::vector<float> drives_of(programmed_array const& a, Encoding const& encoding, std::size_t levels,
                                           int lowest = 0) {
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
                encoding.drive(row_driver{{to, levels}, normals, lowest});
            }
        }
    }
    return drives;
}

}  // namespace xcim::inline XCIM_ABI
