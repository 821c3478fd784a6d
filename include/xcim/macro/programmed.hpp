#pragma once

/// \file
/// Weights stored in arrays: quantised, sliced and packed once, used by many calls.

#include <xcim/core/aligned.hpp>
#include <xcim/core/bit_planes.hpp>
#include <xcim/core/column_counts.hpp>
#include <xcim/core/geometry.hpp>
#include <xcim/core/integer_weights.hpp>
#include <xcim/macro/digit_plan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// Columns are processed in blocks of so many: four AVX-512 registers, one register of bytes.
inline constexpr std::size_t block_columns = 64;

/// Outputs of one panel at most: its weights of one 256-row tile stay in the first-level cache.
inline constexpr std::size_t panel_outputs = 64;

/// The columns of up to 64 outputs of one group. Physical column q * outputs + n holds slice q of output n; lanes are
/// columns, so nothing is ever summed across lanes. Columns are cut into blocks of 64, the last one padded with empty
/// cells; what belongs to one block of one tile lies together.
struct panel {
    std::size_t group = 0;
    std::size_t first_output = 0;  ///< counted over all groups
    std::size_t outputs = 0;
    std::size_t columns = 0;  ///< slices * outputs
    std::size_t blocks = 0;

    /// What is stored: (tiles, blocks, cell bits, tile words, 64): bit b of rows 32 k to 32 k + 31 of a column.
    aligned_vector<std::uint32_t> words;
    /// The same bits, four rows a byte: (tiles, blocks, cell bits, 8 tile words, 64), columns at nibble_position.
    aligned_vector<std::uint8_t> nibbles;
    /// Effective states, where cells or wires make them differ from the levels stored: (tiles, blocks, rows, 64).
    /// Behind switched wires those of the devices, and of the second devices of pairs.
    aligned_vector<float> states;
    aligned_vector<float> opposite;

    /// Terms of the variance of single reads, each like states; none where reads are free of noise.
    std::vector<aligned_vector<float>> read_terms;

    /// What columns carry per unit of time, driven or not: (tiles, columns); empty where that is nothing.
    aligned_vector<float> offsets;

    /// The same bits row by row, where a schedule picks rows: (tiles, blocks / 8, cell bits, rows of a tile and an
    /// empty one, 8), column c of a block at bit c of its word.
    aligned_vector<std::uint64_t> row_bits;

    /// Identity of each physical column for the random generator: 32 * output + slice.
    aligned_vector<std::uint32_t> column_ids;

    [[nodiscard]] std::size_t stride() const { return blocks * block_columns; }
    /// Groups of 512 columns that are counted together.
    [[nodiscard]] std::size_t column_groups() const { return (blocks + column_bits::words - 1) / column_bits::words; }
};

/// What a macro's program() returns: a value, independent of the macro's noise, converter and readout, and of its
/// encoder as long as that drives exactly its levels and, if it has a schedule, the one it was programmed with had one.
class programmed_array {
public:
    weight_shape shape;                   ///< of one group
    std::size_t groups = 1;               ///< independent blocks of channels and outputs
    std::vector<std::size_t> dimensions;  ///< of the weight tensor: (out, in) or (out, in / groups, kh, kw)
    geometry array;
    scale weight_scale;
    digit_plan slices;
    int cell_levels = 2;
    bool is_linear = true;        ///< column sums are sums of bits; otherwise of states
    bool is_switched = false;     ///< columns are solved for every input
    double conductance_step = 0;  ///< siemens of one cell-LSB, or 0
    double off_state = 0;         ///< what a reference column takes away per driven row, cell-LSB
    std::uint64_t chip = 0;       ///< which chip of all that could be made: seed of everything that stays with it
    std::uint32_t layer = 0;      ///< which of its layers
    std::vector<float> gains;     ///< (outputs) digital factors on the outputs, or none: see ops/drift_compensation.hpp
    std::size_t rows_per_tile = 0;
    std::vector<std::int64_t> code_sums;  ///< sum of the weight codes of every output
    std::vector<panel> panels;
    std::vector<integer_weights>
        integers;  ///< the codes themselves: (groups, bytes of a code), see macro/integer_codes.hpp

    [[nodiscard]] std::size_t outputs() const { return shape.outputs * groups; }
    [[nodiscard]] std::size_t tiles() const { return (shape.rows() + rows_per_tile - 1) / rows_per_tile; }
    [[nodiscard]] std::size_t rows_of(std::size_t tile) const {
        std::size_t const first = tile * rows_per_tile;
        return shape.rows() - first < rows_per_tile ? shape.rows() - first : rows_per_tile;
    }
    /// Words per column of one tile.
    [[nodiscard]] std::size_t tile_words() const { return words_for(rows_per_tile); }
    /// Stored bits are kept row by row too, for encoders with a schedule.
    [[nodiscard]] bool has_rows() const { return !panels.empty() && !panels[0].row_bits.empty(); }
    /// Stored bits of one row of 512 columns of a tile, or of the empty row behind the last.
    [[nodiscard]] std::uint64_t const* row_bits(panel const& p, std::size_t tile, std::size_t column_group,
                                                int cell_bit, std::size_t row) const {
        std::size_t const plane = (tile * p.column_groups() + column_group) * static_cast<std::size_t>(cell_bits()) +
                                  static_cast<std::size_t>(cell_bit);
        return p.row_bits.data() + (plane * (rows_per_tile + 1) + row) * column_bits::words;
    }
    /// Bits of the widest slice.
    [[nodiscard]] int cell_bits() const {
        int most = 1;
        for (auto const& s : slices.digits) {
            most = s.bits > most ? s.bits : most;
        }
        return most;
    }
    /// Columns of a group that stand in one array: whole outputs as long as one fits.
    [[nodiscard]] std::size_t columns_per_array() const {
        auto const columns = static_cast<std::size_t>(array.columns);
        std::size_t const of_output = slices.digits.size();
        return of_output > columns ? columns : columns / of_output * of_output;
    }
    /// Where column `column` of a panel stands among the columns of its group, which fill one array after the other.
    [[nodiscard]] std::size_t place_of(panel const& p, std::size_t column) const {
        return (p.first_output - p.group * shape.outputs + column % p.outputs) * slices.digits.size() +
               column / p.outputs;
    }
    /// A cell's top bit counts negatively, in all slices or in none.
    [[nodiscard]] bool has_signed_cells() const { return slices.has_signed_digit(); }
    /// Column sums of one input row, one phase: outputs * tiles * slices.
    [[nodiscard]] std::size_t column_sums_per_phase() const { return outputs() * tiles() * slices.digits.size(); }
    /// Bytes held for the weights.
    [[nodiscard]] std::size_t bytes() const {
        std::size_t total = 0;
        for (auto const& p : panels) {
            std::size_t const floats =
                p.states.size() * (1 + p.read_terms.size()) + p.opposite.size() + p.offsets.size();
            total += p.words.size() * sizeof(std::uint32_t) + p.nibbles.size() + floats * sizeof(float) +
                     p.column_ids.size() * sizeof(std::uint32_t) + p.row_bits.size() * sizeof(std::uint64_t);
        }
        for (auto const& w : integers) {
            total += w.bytes();
        }
        return total;
    }
};

namespace detail {

/// Where the nibble of column c of a block stands: byte s of the 32-bit lanes of a register holds `lanes` neighbouring
/// columns, so that sums come out of it in order by masking and shifting.
constexpr std::size_t nibble_position(std::size_t c) {
    std::size_t const in_register = c % (4 * lanes);
    return c - in_register + 4 * (in_register % lanes) + in_register / lanes;
}

/// Bits of the cells of one column of one tile, from its packed planes (words, planes).
inline void store_bits(programmed_array const& a, panel& p, std::size_t tile, std::size_t column, digit const& slice,
                       std::uint32_t const* planes) {
    std::size_t const k_count = a.tile_words();
    auto const cell_bits = static_cast<std::size_t>(a.cell_bits());
    std::size_t const block = column / block_columns;
    std::size_t const c = column % block_columns;
    // A signed slice that is narrower than the widest one repeats its sign bit: all cells are equally wide.
    std::size_t const stored = slice.is_signed ? cell_bits : static_cast<std::size_t>(slice.bits);
    for (std::size_t b = 0; b < stored; ++b) {
        std::size_t const plane =
            static_cast<std::size_t>(slice.shift) + std::min(b, static_cast<std::size_t>(slice.bits) - 1);
        std::size_t const first = ((tile * p.blocks + block) * cell_bits + b) * k_count;
        for (std::size_t k = 0; k < words_for(a.rows_of(tile)); ++k) {
            p.words[(first + k) * block_columns + c] = planes[k * static_cast<std::size_t>(a.slices.planes) + plane];
        }
    }
}

/// Where the state of one cell stands.
inline std::size_t state_position(programmed_array const& a, panel const& p, std::size_t tile, std::size_t row,
                                  std::size_t column) {
    std::size_t const block = tile * p.blocks + column / block_columns;
    return (block * a.rows_per_tile + row) * block_columns + column % block_columns;
}

inline void store_states(programmed_array const& a, panel& p, std::size_t tile, std::size_t column, digit const& slice,
                         std::uint16_t const* codes) {
    for (std::size_t r = 0; r < a.rows_of(tile); ++r) {
        p.states[state_position(a, p, tile, r, column)] = static_cast<float>(slice.level(codes[r]));
    }
}

/// Packs one panel from the weight words, row-major (output, row).
inline void pack_panel(programmed_array const& a, panel& p, std::uint16_t const* weight_words) {
    auto const cell_bits = static_cast<std::size_t>(a.cell_bits());
    p.words.assign(a.tiles() * p.blocks * cell_bits * a.tile_words() * block_columns, 0);
    if (!a.is_linear) {
        p.states.assign(a.tiles() * p.blocks * a.rows_per_tile * block_columns, 0.0F);
    }
    std::vector<std::uint16_t> codes(32 * a.tile_words());
    std::vector<std::uint32_t> planes(a.tile_words() * static_cast<std::size_t>(a.slices.planes));
    for (std::size_t n = 0; n < p.outputs; ++n) {
        for (std::size_t t = 0; t < a.tiles(); ++t) {
            std::copy_n(weight_words + n * a.shape.rows() + t * a.rows_per_tile, a.rows_of(t), codes.begin());
            pack_planes(codes.data(), a.rows_of(t), a.slices.planes, planes.data());
            for (std::size_t q = 0; q < a.slices.digits.size(); ++q) {
                std::size_t const column = q * p.outputs + n;
                store_bits(a, p, t, column, a.slices.digits[q], planes.data());
                if (!a.is_linear) {
                    store_states(a, p, t, column, a.slices.digits[q], codes.data());
                }
            }
        }
    }
    p.nibbles.resize(p.words.size() * 8);
    for (std::size_t row = 0; row < p.words.size() / block_columns; ++row) {
        std::uint32_t const* const from = p.words.data() + row * block_columns;
        for (std::size_t g = 0; g < 8; ++g) {
            std::uint8_t* const to = p.nibbles.data() + (row * 8 + g) * block_columns;
            for (std::size_t c = 0; c < block_columns; ++c) {
                to[nibble_position(c)] = static_cast<std::uint8_t>((from[c] >> (4 * g)) & 15U);
            }
        }
    }
}

}  // namespace detail

/// Cuts the weight words, row-major (output, row) over all groups, into packed panels.
inline void pack_panels(programmed_array& a, std::vector<std::uint16_t> const& weight_words) {
    for (std::size_t group = 0; group < a.groups; ++group) {
        for (std::size_t n = 0; n < a.shape.outputs; n += panel_outputs) {
            panel p;
            p.group = group;
            p.first_output = group * a.shape.outputs + n;
            p.outputs = std::min(panel_outputs, a.shape.outputs - n);
            p.columns = a.slices.digits.size() * p.outputs;
            p.blocks = (p.columns + block_columns - 1) / block_columns;
            for (std::size_t c = 0; c < p.stride(); ++c) {
                p.column_ids.push_back(
                    static_cast<std::uint32_t>(32 * (p.first_output + c % p.outputs) + c / p.outputs));
            }
            detail::pack_panel(a, p, weight_words.data() + p.first_output * a.shape.rows());
            a.panels.push_back(std::move(p));
        }
    }
}

/// Keeps the stored bits row by row too.
inline void pack_rows(programmed_array& a) {
    std::size_t const cell_bits = static_cast<std::size_t>(a.cell_bits());
    for (auto& p : a.panels) {
        p.row_bits.assign(a.tiles() * p.column_groups() * cell_bits * (a.rows_per_tile + 1) * column_bits::words, 0);
        for (std::size_t t = 0; t < a.tiles(); ++t) {
            for (std::size_t block = 0; block < p.blocks; ++block) {
                for (std::size_t b = 0; b < cell_bits; ++b) {
                    std::uint32_t const* const words =
                        p.words.data() + ((t * p.blocks + block) * cell_bits + b) * a.tile_words() * block_columns;
                    std::uint64_t* const rows = p.row_bits.data() +
                                                ((t * p.column_groups() + block / column_bits::words) * cell_bits + b) *
                                                    (a.rows_per_tile + 1) * column_bits::words +
                                                block % column_bits::words;
                    for (std::size_t r = 0; r < a.rows_of(t); ++r) {
                        std::uint32_t const* const of_row = words + r / 32 * block_columns;
                        for (std::size_t c = 0; c < block_columns; ++c) {
                            rows[r * column_bits::words] |= std::uint64_t{(of_row[c] >> (r % 32)) & 1U} << c;
                        }
                    }
                }
            }
        }
    }
}

}  // namespace xcim::inline XCIM_ABI
