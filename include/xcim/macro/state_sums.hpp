#pragma once

/// \file
/// Column sums where they are more than counts of bits: of effective states by the cell's kernel, or by wires that are
/// solved for every input; with what columns carry without any drive and with the noise of single reads.

#include <xcim/macro/column_sums.hpp>
#include <xcim/macro/read_noise.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace xcim::inline XCIM_ABI::detail {

/// Column sums of one strip for one block of 64 columns and one input row after the other. One per thread.
template <class Plan>
class state_sums {
public:
    /// \param summer  prepares the drives and multiplies
    state_sums(Plan const& plan, column_sums& summer, run_options const& options)
        : plan_{plan}, array_{*plan.array}, summer_{summer}, key_{stage_key(options.seed, options.layer,
                                                                            stage::cell_read)} {}

    /// \param codes      (inputs, stride) packed words of the group
    /// \param first_row  number of the first input row in the whole run
    void take_rows(std::uint16_t const* codes, std::size_t stride, std::size_t inputs, std::uint64_t first_row) {
        rows_ = {codes, stride, inputs, 0};
        first_row_ = first_row;
    }

    void take_strip(panel const& columns, std::size_t tile, strip_range const& strip) {
        columns_ = &columns;
        tile_ = tile;
        strip_ = &strip;
        auto const& phases = plan_.classes[strip.phase_class];
        if (!columns.read_terms.empty()) {
            driven_rows of_tile = rows_;
            of_tile.codes += tile * array_.rows_per_tile;
            of_tile.rows = array_.rows_of(tile);
            noise_.take_strip(of_tile, {plan_.inputs->digits.data() + strip.first, strip.count}, phases.read_drives);
        }
    }

    /// \param number  of the block in its panel
    void take_block(tile_block const& block, std::size_t number) {
        number_ = number;
        used_ = block.columns;
        at_ = state_position(array_, *columns_, tile_, 0, number * block_columns);
        summer_.take_block(block, start());
        if (!columns_->read_terms.empty()) {
            noise_.take_block(*columns_, at_, used_);
        }
    }

    /// (phases, 64) of input row m, in ascending order of m.
    [[nodiscard]] float const* of(std::size_t m) {
        float const* const sums =
            array_.is_switched ? solved(m) : summer_.cells(plan_.classes[strip_->phase_class].cell, m);
        if (columns_->read_terms.empty()) {
            return sums;
        }
        return noise_.add(sums, m,
                          {derive(derive(key_, first_row_ + m), tile_), columns_->column_ids[number_ * block_columns],
                           strip_->first});
    }

private:
    /// What the columns of the block carry during a phase without any drive, or nothing.
    [[nodiscard]] float const* start() {
        if (columns_->offsets.empty()) {
            return nullptr;
        }
        float const* const offsets = columns_->offsets.data() + tile_ * columns_->stride() + number_ * block_columns;
        for (std::size_t c = 0; c < block_columns; ++c) {
            start_[c] = offsets[c] * plan_.classes[strip_->phase_class].duration;
        }
        return start_.data();
    }

    /// Less what the reference column takes away for every row that is driven.
    [[nodiscard]] float const* solved(std::size_t m) {
        std::size_t const rows = array_.rows_of(tile_);
        float const* const drives = summer_.drives(m);
        bool const has_pairs = !columns_->opposite.empty();
        plan_.solve({rows, used_, block_columns, array_.array, array_.conductance_step, columns_->states.data() + at_,
                     has_pairs ? columns_->opposite.data() + at_ : nullptr, drives, strip_->count, solved_.data()});
        auto const off = has_pairs ? 0.0F : static_cast<float>(array_.off_state);
        for (std::size_t p = 0; p < strip_->count && off != 0.0F; ++p) {
            float driven = 0;
            for (std::size_t r = 0; r < rows; ++r) {
                driven += drives[p * rows + r];
            }
            for (std::size_t c = 0; c < block_columns; ++c) {
                solved_[p * block_columns + c] -= unfused(off * driven);
            }
        }
        return solved_.data();
    }

    Plan const& plan_;
    programmed_array const& array_;
    column_sums& summer_;
    word_pair<> key_;
    driven_rows rows_;
    std::uint64_t first_row_ = 0;

    panel const* columns_ = nullptr;
    std::size_t tile_ = 0;
    strip_range const* strip_ = nullptr;
    std::size_t number_ = 0;
    std::size_t used_ = 0;
    std::size_t at_ = 0;  // of the block's states

    read_noise noise_;
    alignas(64) std::array<float, block_columns> start_{};
    alignas(64) std::array<float, strip_phases * block_columns> solved_{};
};

/// The same where sums of bits are all there is.
template <class Plan>
requires(Plan::sums_bits) class state_sums<Plan> {
public:
    state_sums(Plan const& /*plan*/, column_sums& summer, run_options const& /*options*/) : summer_{summer} {}

    void take_rows(std::uint16_t const* /*codes*/, std::size_t /*stride*/, std::size_t /*inputs*/,
                   std::uint64_t /*first_row*/) {}
    void take_strip(panel const& /*columns*/, std::size_t /*tile*/, strip_range const& /*strip*/) {}
    void take_block(tile_block const& block, std::size_t /*number*/) { summer_.take_block(block); }
    [[nodiscard]] float const* of(std::size_t /*m*/) const { return nullptr; }

private:
    column_sums& summer_;
};

}  // namespace xcim::inline XCIM_ABI::detail
