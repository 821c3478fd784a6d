#pragma once

/// \file
/// Many devices of one target, drawn as a macro draws them; comparison of numbers far below 1.

#include <doctest/doctest.h>

#include <xcim/concepts/cell_type.hpp>
#include <xcim/core/aligned.hpp>
#include <xcim/core/normal.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

namespace xcim::test {

/// Equal within a share of the number, 1e-5 if nothing else is said: doctest's own tolerance is absolute for siemens.
inline doctest::Approx relative(double number) { return doctest::Approx(number).epsilon(1e-5).scale(0); }

/// Standard normals of `rows` cells: (draws, rows).
inline std::vector<float> normals_of(word_pair<> key, std::size_t draws, std::size_t rows) {
    std::size_t const stride = (rows + 4 * lanes - 1) / (4 * lanes) * (4 * lanes);
    aligned_vector<std::uint32_t> ids(stride);
    std::iota(ids.begin(), ids.end(), 0U);
    aligned_vector<float> drawn(4 * stride);
    std::vector<float> normals;
    for (std::size_t d = 0; d < draws; ++d) {
        if (d % 4 == 0) {
            fill_normals(key, ids.data(), static_cast<std::uint32_t>(d / 4), rows, drawn.data(), stride);
        }
        float const* const from = drawn.data() + d % 4 * stride;
        normals.insert(normals.end(), from, from + rows);
    }
    return normals;
}

/// Standard normals of devices of one chip and of one reading of it.
struct device_normals {
    std::size_t count;
    std::vector<float> own;      // (draws, count)
    std::vector<float> reading;  // (reading draws, count)

    device_normals(int draws, int reading_draws, std::size_t devices, std::uint64_t chip, std::uint64_t occasion = 0)
        : count{devices}, own{normals_of(stage_key(chip, 0, stage::cell), static_cast<std::size_t>(draws), devices)},
          reading{normals_of(derive(stage_key(chip, 0, stage::reading), occasion),
                             static_cast<std::size_t>(reading_draws), devices)} {}
};

/// Conductances, S, of devices that were to get the level `level` of `levels`.
template <VaryingCell Cell>
std::vector<double> conductances_of(Cell const& cell, int level, int levels, device_normals const& normals) {
    std::vector<float> states(normals.count, static_cast<float>(level));
    cell.program(column_of_cells{states, normals.own, normals.count, levels, {}, normals.reading});
    double const step = conductance_step_of(cell, levels);
    std::vector<double> conductances;
    for (float const state : states) {
        conductances.push_back(static_cast<double>(state) * step);
    }
    return conductances;
}

template <VaryingCell Cell>
std::vector<double> conductances_of(Cell const& cell, int level, int levels, std::size_t count, std::uint64_t chip = 0,
                                    std::uint64_t occasion = 0) {
    return conductances_of(cell, level, levels,
                           device_normals{Cell::draws, reading_draws_of<Cell>, count, chip, occasion});
}

}  // namespace xcim::test
