#pragma once

/// \file
/// Column sums of a block of rows, strip by strip: which main loop runs, and what it needs prepared.

#include <xcim/macro/accumulate.hpp>
#include <xcim/macro/cell_sums.hpp>
#include <xcim/macro/matrix_sums.hpp>
#include <xcim/macro/product_plan.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace xcim::inline XCIM_ABI::detail {

/// Input rows that are worked on together, at most. Many where the matrix unit sums them at once and shares the
/// expansion of the cells among rows and phases, or where states are multiplied with drives; few where their packed
/// inputs and tables are to stay in the first-level cache.
inline constexpr std::size_t most_block_rows = 128;
inline constexpr std::size_t few_block_rows = 8;

/// Groups of input rows whose drives are made at once: they stay in the second-level cache.
inline constexpr std::size_t cell_row_groups = 2;
static_assert(cell_row_groups * cell_sums::inputs_at_once(1) <= most_block_rows);

/// From so many input rows on the matrix unit is worth expanding the cells for (3 to 5 measured, any drive width).
inline constexpr std::size_t few_matrix_rows = 5;

/// Makes the column sums of one strip for one block of 64 columns and one input row after the other. One per thread.
///
///     take_rows(codes, stride, rows)     a block of input rows of one group
///     take_strip(tile, strip, drives)    prepares what the main loop of the strip reads
///     take_block(block)                  the columns at hand
///     bits(m), cells(kernel, m)          sums (phases, 64) of input row m, in ascending order of m
class column_sums {
public:
    column_sums(programmed_array const& array, digit_plan const& inputs) : array_{array}, inputs_{inputs} {}

    /// Input rows that should come together.
    [[nodiscard]] static std::size_t block_rows(programmed_array const& array, digit_plan const& inputs) {
        bool const uses_matrix = std::any_of(inputs.digits.begin(), inputs.digits.end(), [&](digit const& d) {
            return matrix_sums::is_available(d.bits, array.cell_bits(), array.has_signed_cells());
        });
        if (!array.is_linear) {
            return cell_row_groups * cell_sums::inputs_at_once(std::min(inputs.digits.size(), strip_phases));
        }
        constexpr std::size_t enough_pairs = 256;  // of input rows and phases
        return uses_matrix ? std::clamp(enough_pairs / inputs.digits.size(), 4 * few_block_rows, most_block_rows)
                           : few_block_rows;
    }

    /// \param codes  (rows, stride) packed words
    void take_rows(std::uint16_t const* codes, std::size_t stride, std::size_t rows) {
        codes_ = codes;
        stride_ = stride;
        rows_ = rows;
        have_planes_ = false;
        have_moved_codes_ = false;
    }

    /// \param drives  what the rows of the tile are driven with, (rows, levels), or nothing; for cells only
    void take_strip(std::size_t tile, strip_range const& strip, float const* drives, std::size_t levels) {
        tile_ = tile;
        tile_rows_ = array_.rows_of(tile);
        phases_ = {inputs_.digits.data() + strip.first, strip.count};
        take_bit_phases(strip);
        uses_matrix_ = strip.reads_bits && rows_ >= few_matrix_rows && fits_matrix(bit_phases_[0]);
        table_size_ = strip.reads_bits && !uses_matrix_ ? look_up_table_bytes(bit_phases_, tile_rows_) : 0;
        if (strip.reads_bits && uses_matrix_) {
            fill_levels();
        } else if (strip.reads_bits && table_size_ > 0) {
            tables_.resize(rows_ * table_size_);
            for (std::size_t m = 0; m < rows_; ++m) {
                fill_look_up_tables(bit_codes_of(m), tile_rows_, bit_phases_, tables_.data() + m * table_size_);
            }
        } else if (strip.reads_bits) {
            fill_planes();
        }
        if (!array_.is_linear) {
            fill_drives(drives, levels);
        }
    }

    /// \param start  (64): what the cells' sums begin with, or nothing
    void take_block(tile_block const& block, float const* start = nullptr) {
        block_ = block;
        cells_.take({block.states, drives_.data(), start}, {tile_rows_, phases_.size(), rows_, block.columns});
        if (uses_matrix_) {
            matrix_.take_cells(block, bit_phases_[0].top());
            summed_rows_ = 0;
        }
        if (moved_by_ > 0) {
            all_rows_.assign(words_for(tile_rows_), ~std::uint32_t{0});
            popcount_block(block, {all_rows_.data(), 1, nullptr, nullptr}, 0, 1, column_cells_.data());
        }
    }

    /// Sums of the stored bits of input row m, exact integers in cell-LSB.
    [[nodiscard]] float const* bits(std::size_t m) {
        if (uses_matrix_) {
            return matrix_bits(m);
        }
        std::size_t const plane_count = static_cast<std::size_t>(inputs_.planes);
        tile_input const input{planes_.data() + (m * array_.tiles() + tile_) * array_.tile_words() * plane_count,
                               plane_count, tables_.data() + m * table_size_, nullptr};
        accumulate_bits(block_, input, bit_phases_, bit_sums_.data());
        move_back(bit_sums_.data(), phases_.size());
        return bit_sums_.data();
    }

    /// What the rows are driven with for input row m: (phases, rows of the tile).
    [[nodiscard]] float const* drives(std::size_t m) const { return drives_.data() + m * phases_.size() * tile_rows_; }

    /// Sums of what the cell's kernel gives for effective states and drives.
    template <class Kernel>
    [[nodiscard]] float const* cells(Kernel const& kernel, std::size_t m) {
        return cells_.of(kernel, m);
    }

private:
    [[nodiscard]] bool fits_matrix(digit const& phase) const {
        return !phase.is_signed && matrix_sums::is_available(phase.bits, array_.cell_bits(), array_.has_signed_cells());
    }

    [[nodiscard]] std::uint16_t const* codes_of(std::size_t m, std::size_t tile) const {
        return codes_ + m * stride_ + tile * array_.rows_per_tile;
    }

    /// The same for the phases that are summed bit by bit.
    [[nodiscard]] std::uint16_t const* bit_codes_of(std::size_t m) const {
        return moved_by_ > 0 ? moved_codes_.data() + m * stride_ + tile_ * array_.rows_per_tile : codes_of(m, tile_);
    }

    /// Tables and the matrix unit know levels from 0 on: signed ones are moved up by half their number, which flips
    /// their top bit, and what that adds to a column is taken away from its sum:
    ///     sum over rows of level * cell = sum over rows of (level + half) * cell - half * sum over rows of cell
    void take_bit_phases(strip_range const& strip) {
        bit_phases_ = phases_;
        moved_by_ = 0;
        digit const& first = phases_[0];
        int const magnitude_bits = first.bits + array_.cell_bits() - (array_.has_signed_cells() ? 1 : 0);
        bool const fits = std::exp2(magnitude_bits) * static_cast<double>(tile_rows_) <= 0x1p24;
        if (!(strip.reads_bits && first.is_signed && has_byte_batch && fits)) {
            return;
        }
        moved_by_ = first.levels() / 2;
        std::copy(phases_.begin(), phases_.end(), moved_phases_.begin());
        for (digit& d : moved_phases_) {
            d.is_signed = false;
        }
        bit_phases_ = {moved_phases_.data(), phases_.size()};
        move_codes();
    }

    void move_codes() {
        if (have_moved_codes_) {
            return;
        }
        have_moved_codes_ = true;
        std::uint32_t signs = 0;
        for (digit const& d : inputs_.digits) {
            signs |= d.is_signed ? std::uint32_t{1} << (d.shift + d.bits - 1) : 0U;
        }
        moved_codes_.resize(rows_ * stride_);
        std::transform(codes_, codes_ + rows_ * stride_, moved_codes_.begin(),
                       [signs](std::uint16_t code) { return static_cast<std::uint16_t>(code ^ signs); });
    }

    /// Takes from the sums of `rows` (input row, phase) pairs what moving their levels has added.
    void move_back(float* sums, std::size_t rows) const {
        using V = batch<float>;
        for (std::size_t i = 0; i < rows && moved_by_ > 0; ++i) {
            for (std::size_t c = 0; c < block_columns; c += lanes) {
                float* const at = sums + i * block_columns + c;
                V const excess = load<V>(column_cells_.data() + c) * V(static_cast<float>(moved_by_));
                store(at, V(load<V>(at) - excess));
            }
        }
    }

    /// Bit planes of all tiles; strips share them.
    void fill_planes() {
        if (have_planes_) {
            return;
        }
        have_planes_ = true;
        std::size_t const tile_size = array_.tile_words() * static_cast<std::size_t>(inputs_.planes);
        planes_.resize(rows_ * array_.tiles() * tile_size);
        for (std::size_t m = 0; m < rows_; ++m) {
            for (std::size_t t = 0; t < array_.tiles(); ++t) {
                pack_planes(codes_of(m, t), array_.rows_of(t), inputs_.planes,
                            planes_.data() + (m * array_.tiles() + t) * tile_size);
            }
        }
    }

    void fill_levels() {
        std::size_t const row_bytes = matrix_sums::row_bytes(tile_rows_);
        levels_.resize(matrix_sums::level_bytes(rows_ * phases_.size(), tile_rows_) +
                       matrix_sums::rows_at_once * row_bytes);
        for (std::size_t m = 0; m < rows_; ++m) {
            matrix_sums::fill_levels(bit_codes_of(m), tile_rows_, bit_phases_,
                                     levels_.data() + m * phases_.size() * row_bytes);
        }
    }

    /// (rows, phases, rows of the tile)
    void fill_drives(float const* table, std::size_t levels) {
        drives_.resize(rows_ * phases_.size() * tile_rows_);
        drive_levels const drive{table, levels};
        float* to = drives_.data();
        for (std::size_t m = 0; m < rows_; ++m) {
            for (digit const& d : phases_) {
                drive.fill(codes_of(m, tile_), tile_rows_, d, to);
                to += tile_rows_;
            }
        }
    }

    /// The matrix unit sums as many input rows at once as it can hold.
    [[nodiscard]] float const* matrix_bits(std::size_t m) {
        std::size_t const at_once = matrix_sums::rows_at_once / phases_.size();
        if (m >= summed_rows_) {
            std::size_t const count = std::min(at_once, rows_ - m);
            matrix_.sum(levels_.data() + m * phases_.size() * matrix_sums::row_bytes(tile_rows_),
                        count * phases_.size(), matrix_bits_.data());
            move_back(matrix_bits_.data(), count * phases_.size());
            first_summed_ = m;
            summed_rows_ = m + count;
        }
        return matrix_bits_.data() + (m - first_summed_) * phases_.size() * block_columns;
    }

    programmed_array const& array_;
    digit_plan const& inputs_;

    std::uint16_t const* codes_ = nullptr;
    std::size_t stride_ = 0;
    std::size_t rows_ = 0;
    bool have_planes_ = false;
    bool have_moved_codes_ = false;

    std::size_t tile_ = 0;
    std::size_t tile_rows_ = 0;
    std::span<digit const> phases_;
    std::span<digit const> bit_phases_;  // the same, or with unsigned levels
    std::array<digit, strip_phases> moved_phases_{};
    int moved_by_ = 0;  // what their levels are higher, or 0
    bool uses_matrix_ = false;
    std::size_t table_size_ = 0;
    tile_block block_;
    std::size_t first_summed_ = 0;
    std::size_t summed_rows_ = 0;

    aligned_vector<std::uint32_t> planes_;    // (rows, tiles, words, planes)
    aligned_vector<std::uint8_t> tables_;     // (rows, phases, passes, groups, 16)
    aligned_vector<std::uint8_t> levels_;     // (rows, phases, bytes of a row)
    std::vector<std::uint16_t> moved_codes_;  // (rows, stride)
    std::vector<std::uint32_t> all_rows_;     // (words) a plane of ones
    std::vector<float> drives_;               // (rows, phases, rows of the tile)
    cell_sums cells_;
    matrix_sums matrix_;
    alignas(64) std::array<float, matrix_sums::rows_at_once * block_columns> matrix_bits_{};
    alignas(64) std::array<float, strip_phases * block_columns> bit_sums_{};
    alignas(64) std::array<float, block_columns> column_cells_{};  // sums of the cells of a column
};

}  // namespace xcim::inline XCIM_ABI::detail
