#pragma once

/// \file
/// Noise of single reads of the cells: a column sum varies by what its driven cells vary by together.
///
///     sum' = sum + z sqrt(sum over rows and terms k of  term[k](state) * drive[k](level)),     z ~ N(0, 1)
///
/// The cells of a column vary independently of each other and from read to read, so one normal stands for all of them.
/// A cycle is one read: a readout that converts several times converts the same read. Tests:
/// tests/property/analog_tile.cpp.

#include <xcim/core/stream_normal.hpp>
#include <xcim/macro/cell_sums.hpp>
#include <xcim/macro/digit_plan.hpp>
#include <xcim/macro/strip.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace xcim::inline XCIM_ABI::detail {

/// Rows of one group that are driven together, as packed words.
struct driven_rows {
    std::uint16_t const* codes = nullptr;  ///< (inputs, stride), from the first row of the tile on
    std::size_t stride = 0;
    std::size_t inputs = 0;
    std::size_t rows = 0;  ///< of the tile
};

/// Adds the noise of single reads to the sums of one strip after the other. One per thread.
class read_noise {
public:
    /// \param drives  (terms, levels) what the terms of a cell are multiplied with at each drive level
    void take_strip(driven_rows const& rows, std::span<digit const> phases, std::span<float const> drives) {
        rows_ = rows;
        phases_ = phases;
        auto const levels = static_cast<std::size_t>(phases[0].levels());
        terms_.resize(drives.size() / levels);
        for (std::size_t k = 0; k < terms_.size(); ++k) {
            drive_levels const table{drives.data() + k * levels, 0};
            terms_[k].drives.resize(rows.inputs * phases.size() * rows.rows);
            float* to = terms_[k].drives.data();
            for (std::size_t m = 0; m < rows.inputs; ++m) {
                for (digit const& d : phases) {
                    table.fill(rows.codes + m * rows.stride, rows.rows, d, to);
                    to += rows.rows;
                }
            }
        }
    }

    /// \param at  where the states of the block begin in the planes of the panel
    void take_block(panel const& columns, std::size_t at, std::size_t used) {
        used_ = used;
        for (std::size_t k = 0; k < terms_.size(); ++k) {
            terms_[k].sums.take({columns.read_terms[k].data() + at, terms_[k].drives.data(), nullptr},
                                {rows_.rows, phases_.size(), rows_.inputs, used});
        }
    }

    /// The sums (phases, 64) of input row m with noise; valid until the next call.
    [[nodiscard]] float const* add(float const* sums, std::size_t m, strip_site const& site) {
        fill_normal_grid(site.key, site.counter(0), phases_.size(), used_, normals_.data(), block_columns);
        variance_.fill(0.0F);
        for (auto& term : terms_) {
            float const* const own = term.sums.of(multiply_cells{}, m);
            for (std::size_t i = 0; i < phases_.size() * block_columns; ++i) {
                variance_[i] += own[i];
            }
        }
        using V = batch<float>;
        for (std::size_t i = 0; i < phases_.size() * block_columns; i += lanes) {
            V const deviation = square_root(max(load<V>(variance_.data() + i), V(0.0F)));
            store(noisy_.data() + i, fused_multiply_add(deviation, load<V>(normals_.data() + i), load<V>(sums + i)));
        }
        return noisy_.data();
    }

private:
    struct noise_term {
        std::vector<float> drives;  // (inputs, phases, rows)
        cell_sums sums;
    };

    driven_rows rows_;
    std::span<digit const> phases_;
    std::size_t used_ = 0;
    std::vector<noise_term> terms_;
    alignas(64) std::array<float, strip_phases * block_columns> normals_{};
    alignas(64) std::array<float, strip_phases * block_columns> variance_{};
    alignas(64) std::array<float, strip_phases * block_columns> noisy_{};
};

}  // namespace xcim::inline XCIM_ABI::detail
