#pragma once

/// \file
/// Column sums of a block of rows, strip by strip: which main loop runs, and what it needs prepared.

#include <xcim/macro/accumulate.hpp>
#include <xcim/macro/matrix_sums.hpp>
#include <xcim/macro/product_plan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace xcim::inline XCIM_ABI::detail {

/// Input rows that are worked on together, at most. Many where the matrix unit sums them at once and shares the
/// expansion of the cells among rows and phases; few where their packed inputs and tables are to stay in the
/// first-level cache.
inline constexpr std::size_t most_block_rows = 128;
inline constexpr std::size_t few_block_rows = 8;

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
        constexpr std::size_t enough_pairs = 256;  // of input rows and phases
        return uses_matrix && array.is_linear
                   ? std::clamp(enough_pairs / inputs.digits.size(), 4 * few_block_rows, most_block_rows)
                   : few_block_rows;
    }

    /// \param codes  (rows, stride) packed words
    void take_rows(std::uint16_t const* codes, std::size_t stride, std::size_t rows) {
        codes_ = codes;
        stride_ = stride;
        rows_ = rows;
        have_planes_ = false;
    }

    /// \param drives  what the rows of the tile are driven with, (rows, levels), or nothing; for cells only
    void take_strip(std::size_t tile, strip_range const& strip, float const* drives, std::size_t levels) {
        tile_ = tile;
        tile_rows_ = array_.rows_of(tile);
        phases_ = {inputs_.digits.data() + strip.first, strip.count};
        uses_matrix_ = strip.reads_bits && rows_ >= few_matrix_rows && fits_matrix(phases_[0].bits);
        table_size_ = strip.reads_bits && !uses_matrix_ ? look_up_table_bytes(phases_, tile_rows_) : 0;
        if (strip.reads_bits && uses_matrix_) {
            fill_levels();
        } else if (strip.reads_bits && table_size_ > 0) {
            tables_.resize(rows_ * table_size_);
            for (std::size_t m = 0; m < rows_; ++m) {
                fill_look_up_tables(codes_of(m, tile), tile_rows_, phases_, tables_.data() + m * table_size_);
            }
        } else if (strip.reads_bits) {
            fill_planes();
        }
        if (!array_.is_linear) {
            fill_drives(drives, levels);
        }
    }

    void take_block(tile_block const& block) {
        block_ = block;
        if (uses_matrix_) {
            matrix_.take_cells(block, phases_[0].top());
            summed_rows_ = 0;
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
        accumulate_bits(block_, input, phases_, bit_sums_.data());
        return bit_sums_.data();
    }

    /// Sums of what the cell's kernel gives for effective states and drives.
    template <class Kernel>
    [[nodiscard]] float const* cells(Kernel const& kernel, std::size_t m) {
        tile_input input;
        input.drives = drives_.data() + m * phases_.size() * tile_rows_;
        accumulate_cells(kernel, block_, input, phases_.size(), cell_sums_.data());
        return cell_sums_.data();
    }

private:
    [[nodiscard]] bool fits_matrix(int drive_bits) const {
        return matrix_sums::is_available(drive_bits, array_.cell_bits(), array_.has_signed_cells());
    }

    [[nodiscard]] std::uint16_t const* codes_of(std::size_t m, std::size_t tile) const {
        return codes_ + m * stride_ + tile * array_.rows_per_tile;
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
            matrix_sums::fill_levels(codes_of(m, tile_), tile_rows_, phases_,
                                     levels_.data() + m * phases_.size() * row_bytes);
        }
    }

    /// (rows, phases, rows of the tile)
    void fill_drives(float const* table, std::size_t levels) {
        drives_.resize(rows_ * phases_.size() * tile_rows_);
        float* to = drives_.data();
        for (std::size_t m = 0; m < rows_; ++m) {
            std::uint16_t const* const codes = codes_of(m, tile_);
            for (digit const& d : phases_) {
                for (std::size_t r = 0; r < tile_rows_; ++r) {
                    auto const level = static_cast<std::size_t>(d.level(codes[r]));
                    *to++ = table == nullptr ? static_cast<float>(level) : table[r * levels + level];
                }
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

    std::size_t tile_ = 0;
    std::size_t tile_rows_ = 0;
    std::span<digit const> phases_;
    bool uses_matrix_ = false;
    std::size_t table_size_ = 0;
    tile_block block_;
    std::size_t first_summed_ = 0;
    std::size_t summed_rows_ = 0;

    aligned_vector<std::uint32_t> planes_;  // (rows, tiles, words, planes)
    aligned_vector<std::uint8_t> tables_;   // (rows, phases, passes, groups, 16)
    aligned_vector<std::uint8_t> levels_;   // (rows, phases, bytes of a row)
    std::vector<float> drives_;             // (rows, phases, rows of the tile)
    matrix_sums matrix_;
    alignas(64) std::array<float, matrix_sums::rows_at_once * block_columns> matrix_bits_{};
    alignas(64) std::array<float, strip_phases * block_columns> bit_sums_{};
    alignas(64) std::array<float, strip_phases * block_columns> cell_sums_{};
};

}  // namespace xcim::inline XCIM_ABI::detail
