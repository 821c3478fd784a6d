#pragma once

/// \file
/// Weights stored in arrays: quantised, sliced and packed once, used by many calls.

#include <xcim/core/bit_planes.hpp>
#include <xcim/core/geometry.hpp>
#include <xcim/macro/digit_plan.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// Columns are processed in blocks of so many: four AVX-512 registers, one register of bytes.
inline constexpr std::size_t block_columns = 64;

/// Outputs of one panel at most: its weights of one 256-row tile stay in the first-level cache.
inline constexpr std::size_t panel_outputs = 64;

/// The columns of up to 64 outputs of one group. Physical column q * outputs + n holds slice q of output n; lanes are
/// columns, so nothing is ever summed across lanes. Columns are padded with empty cells to whole blocks.
struct panel {
    std::size_t group = 0;
    std::size_t first_output = 0;  ///< counted over all groups
    std::size_t outputs = 0;
    std::size_t columns = 0;  ///< slices * outputs
    std::size_t stride = 0;   ///< columns rounded up to whole blocks

    /// Linear cells. Bit b of the cells of tile t, rows 32 k to 32 k + 31: words[((t * bits + b) * K + k) * stride +
    /// c].
    std::vector<std::uint32_t> words;
    /// The same bits, four rows a byte: nibbles[((t * bits + b) * 8 K + g) * stride + c].
    std::vector<std::uint8_t> nibbles;
    /// Other cells. Effective state of row r of tile t: states[(t * rows + r) * stride + c].
    std::vector<float> states;

    /// Identity of each physical column for the random generator: 32 * output + slice.
    std::vector<std::uint32_t> column_ids;

    [[nodiscard]] std::size_t blocks() const { return stride / block_columns; }
};

/// What a macro's program() returns: a value, independent of the macro's encoder, noise, converter and readout.
class programmed_array {
public:
    weight_shape shape;                   ///< of one group
    std::size_t groups = 1;               ///< independent blocks of channels and outputs
    std::vector<std::size_t> dimensions;  ///< of the weight tensor: (out, in) or (out, in / groups, kh, kw)
    geometry array;
    scale weight_scale;
    digit_plan slices;
    int cell_levels = 2;
    bool is_linear = true;  ///< packed as bits; otherwise as states
    std::size_t rows_per_tile = 0;
    std::vector<std::int64_t> code_sums;  ///< sum of the weight codes of every output
    std::vector<panel> panels;

    [[nodiscard]] std::size_t outputs() const { return shape.outputs * groups; }
    [[nodiscard]] std::size_t tiles() const { return (shape.rows() + rows_per_tile - 1) / rows_per_tile; }
    [[nodiscard]] std::size_t rows_of(std::size_t tile) const {
        std::size_t const first = tile * rows_per_tile;
        return shape.rows() - first < rows_per_tile ? shape.rows() - first : rows_per_tile;
    }
    /// Words per column of one tile.
    [[nodiscard]] std::size_t tile_words() const { return words_for(rows_per_tile); }
    /// Bits of the widest slice.
    [[nodiscard]] int cell_bits() const {
        int most = 1;
        for (auto const& s : slices.digits) {
            most = s.bits > most ? s.bits : most;
        }
        return most;
    }
    /// Column sums of one input row, one phase: outputs * tiles * slices.
    [[nodiscard]] std::size_t column_sums_per_phase() const { return outputs() * tiles() * slices.digits.size(); }
    /// Bytes held for the weights.
    [[nodiscard]] std::size_t bytes() const {
        std::size_t total = 0;
        for (auto const& p : panels) {
            total += p.words.size() * sizeof(std::uint32_t) + p.nibbles.size() + p.states.size() * sizeof(float) +
                     p.column_ids.size() * sizeof(std::uint32_t);
        }
        return total;
    }
};

namespace detail {

/// Packs one panel from the weight words, row-major (output, row).
inline void pack_panel(programmed_array const& a, panel& p, std::uint16_t const* weight_words) {
    std::size_t const k_count = a.tile_words();
    auto const cell_bits = static_cast<std::size_t>(a.cell_bits());
    auto const planes = static_cast<std::size_t>(a.slices.planes);
    if (a.is_linear) {
        p.words.assign(a.tiles() * cell_bits * k_count * p.stride, 0);
    } else {
        p.states.assign(a.tiles() * a.rows_per_tile * p.stride, 0.0F);
    }
    std::vector<std::uint16_t> codes(32 * k_count);
    std::vector<std::uint32_t> packed(k_count * planes);
    for (std::size_t n = 0; n < p.outputs; ++n) {
        std::uint16_t const* const row = weight_words + n * a.shape.rows();
        for (std::size_t t = 0; t < a.tiles(); ++t) {
            std::size_t const rows = a.rows_of(t);
            std::copy_n(row + t * a.rows_per_tile, rows, codes.begin());
            if (a.is_linear) {
                pack_planes(codes.data(), rows, static_cast<int>(planes), packed.data());
            }
            for (std::size_t q = 0; q < a.slices.digits.size(); ++q) {
                digit const& d = a.slices.digits[q];
                std::size_t const c = q * p.outputs + n;
                if (!a.is_linear) {
                    for (std::size_t r = 0; r < rows; ++r) {
                        p.states[(t * a.rows_per_tile + r) * p.stride + c] =
                            static_cast<float>((codes[r] >> d.shift) & (d.levels() - 1));
                    }
                    continue;
                }
                for (std::size_t b = 0; b < static_cast<std::size_t>(d.bits); ++b) {
                    for (std::size_t k = 0; k < words_for(rows); ++k) {
                        p.words[((t * cell_bits + b) * k_count + k) * p.stride + c] =
                            packed[k * planes + static_cast<std::size_t>(d.shift) + b];
                    }
                }
            }
        }
    }
    if (a.is_linear) {
        p.nibbles.resize(p.words.size() * 8);
        for (std::size_t row = 0; row < p.words.size() / p.stride; ++row) {
            std::uint32_t const* const from = p.words.data() + row * p.stride;
            for (std::size_t g = 0; g < 8; ++g) {
                std::uint8_t* const to = p.nibbles.data() + (row * 8 + g) * p.stride;
                for (std::size_t c = 0; c < p.stride; ++c) {
                    to[c] = static_cast<std::uint8_t>((from[c] >> (4 * g)) & 15U);
                }
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
            p.stride = (p.columns + block_columns - 1) / block_columns * block_columns;
            for (std::size_t c = 0; c < p.stride; ++c) {
                p.column_ids.push_back(
                    static_cast<std::uint32_t>(32 * (p.first_output + c % p.outputs) + c / p.outputs));
            }
            detail::pack_panel(a, p, weight_words.data() + p.first_output * a.shape.rows());
            a.panels.push_back(std::move(p));
        }
    }
}

}  // namespace xcim::inline XCIM_ABI
