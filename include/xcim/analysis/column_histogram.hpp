#pragma once

#include <xcim/analysis/cycle_table.hpp>
#include <xcim/analysis/moments.hpp>
#include <xcim/core/error.hpp>
#include <xcim/macro/probe.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::analysis {

/// How often numbers fell into bins of equal width, bin i centred on i * width. Holds the bins from the lowest to the
/// highest that was hit.
class histogram {
public:
    explicit histogram(double width = 1) : width_{width} {}

    [[nodiscard]] double width() const { return width_; }
    [[nodiscard]] std::int64_t first_bin() const { return first_; }
    /// Bins from first_bin() on.
    [[nodiscard]] std::vector<std::uint64_t> const& counts() const { return counts_; }

    /// How many fell into the bin around i * width.
    [[nodiscard]] std::uint64_t operator[](std::int64_t i) const {
        bool const held = i >= first_ && i < first_ + static_cast<std::int64_t>(counts_.size());
        return held ? counts_[static_cast<std::size_t>(i - first_)] : 0;
    }

    void add(double v) {
        double const bin = std::floor(v / width_ + 0.5);
        if (!(std::fabs(bin) <= 0x1p24)) {
            throw error(errc::value, "a histogram with bins of width " + std::to_string(width_) + " was given " +
                                         std::to_string(v) + "; at most 2^24 bins either side of 0 are held");
        }
        auto const i = static_cast<std::int64_t>(bin);
        if (i < first_ || i - first_ >= static_cast<std::int64_t>(counts_.size())) {
            grow_to(i);
        }
        ++counts_[static_cast<std::size_t>(i - first_)];
    }

private:
    void grow_to(std::int64_t i) {
        if (counts_.empty()) {
            first_ = i;
        }
        if (i < first_) {
            counts_.insert(counts_.begin(), static_cast<std::size_t>(first_ - i), 0);
            first_ = i;
        }
        counts_.resize(std::max(counts_.size(), static_cast<std::size_t>(i - first_) + 1));
    }

    double width_;
    std::int64_t first_ = 0;
    std::vector<std::uint64_t> counts_;
};

/// Column sums of one cycle and what was read of them, cell-LSB.
struct cycle_columns {
    histogram sums;
    histogram values;
    moments sum;
    double full_scale = 0;

    /// Signal range in use: (highest - lowest column sum) / full scale, 0 to 1.
    [[nodiscard]] double range_used() const {
        return sum.count > 0 && full_scale > 0 ? (sum.highest - sum.lowest) / full_scale : 0.0;
    }

    /// By how many dB a figure that assumes sums spread evenly over the range (variance full_scale^2 / 12) exceeds one
    /// with the variance there is. Infinite where all sums are equal.
    [[nodiscard]] double optimism_db() const { return 10 * std::log10(full_scale * full_scale / 12 / sum.variance()); }
};

/// Histograms of the column sums of every cycle (input phase, weight slice), and of the values read: a probe.
///
///     column_histogram columns;
///     auto y = xcim::linear(macro, x, w, {.probe = &columns});
///     columns.cycles().at(phase, slice).range_used();
///
/// Parameters: `bin_width` in cell-LSB, finite and above 0, default 1: one bin a count for one-bit drive and cells.
/// Sees: column sums without noise and values with it, cell-LSB, over all tiles, input rows and outputs of the runs it
/// was given to; sums gather over runs. Results do not depend on the number of threads but for the last bits of the
/// means. Errors: xcim::error for a bin width that is not a finite number above 0, and for values more than 2^24 bins
/// from 0.
/// Reference: Fig. 5 of ASiM (arXiv 2411.11022, 2024). Tests: tests/unit/analysis/column_histogram.cpp.
class column_histogram final : public column_probe {
public:
    explicit column_histogram(double bin_width = 1) : bin_width_{bin_width} {
        if (!(std::isfinite(bin_width) && bin_width > 0)) {
            throw error(errc::range, "column_histogram: bin_width is " + std::to_string(bin_width) +
                                         "; a finite number above 0 is needed");
        }
    }

    void observe(observed_strip const& strip) override {
        for (std::size_t p = 0; p < strip.phases; ++p) {
            for (std::size_t c = 0; c < strip.columns; ++c) {
                auto& cycle = cycle_of(strip, p, c);
                auto const sum = static_cast<double>(strip.sums[p * strip.stride + c]);
                cycle.sum.add(sum);
                cycle.sums.add(sum);
                cycle.values.add(static_cast<double>(strip.values[p * strip.stride + c]));
            }
        }
    }

    [[nodiscard]] cycle_table<cycle_columns> const& cycles() const { return cycles_; }

    /// The largest part of the converter's range any cycle used, 0 to 1.
    [[nodiscard]] double range_used() const {
        double most = 0;
        for (auto const& cycle : cycles_.entries()) {
            most = std::max(most, cycle.range_used());
        }
        return most;
    }

private:
    cycle_columns& cycle_of(observed_strip const& strip, std::size_t p, std::size_t c) {
        auto& cycle = cycles_.make(strip.first_phase + p, observed_strip::slice_of(strip.column_ids[c]));
        if (cycle.sum.count == 0) {
            cycle.sums = histogram{bin_width_};
            cycle.values = histogram{bin_width_};
            cycle.full_scale = strip.full_scale;
        }
        return cycle;
    }

    double bin_width_;
    cycle_table<cycle_columns> cycles_;
};

}  // namespace xcim::inline XCIM_ABI::analysis
