#pragma once

#include <xcim/config.hpp>
#include <xcim/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI::analysis {

/// One entry per cycle (input phase, weight slice), both counted from the least significant. Grows to what is asked
/// for.
///
/// Errors: reading a cycle that was never written throws xcim::error. Tests: tests/unit/analysis/cycle_table.cpp.
template <class T>
class cycle_table {
public:
    [[nodiscard]] std::size_t phases() const { return phases_; }
    [[nodiscard]] std::size_t slices() const { return slices_; }

    /// The entry of a cycle, made where there is none yet.
    [[nodiscard]] T& make(std::size_t phase, std::size_t slice) {
        if (phase >= phases_ || slice >= slices_) {
            grow(std::max(phases_, phase + 1), std::max(slices_, slice + 1));
        }
        return entries_[phase * slices_ + slice];
    }

    [[nodiscard]] T const& at(std::size_t phase, std::size_t slice) const {
        if (phase >= phases_ || slice >= slices_) {
            throw error(errc::range, "cycle (phase " + std::to_string(phase) + ", slice " + std::to_string(slice) +
                                         ") was asked for, of " + std::to_string(phases_) + " phases and " +
                                         std::to_string(slices_) + " slices seen");
        }
        return entries_[phase * slices_ + slice];
    }

    /// All entries, (phases, slices).
    [[nodiscard]] std::vector<T> const& entries() const { return entries_; }

private:
    void grow(std::size_t phases, std::size_t slices) {
        std::vector<T> grown(phases * slices);
        for (std::size_t p = 0; p < phases_; ++p) {
            for (std::size_t q = 0; q < slices_; ++q) {
                grown[p * slices + q] = std::move(entries_[p * slices_ + q]);
            }
        }
        entries_ = std::move(grown);
        phases_ = phases;
        slices_ = slices;
    }

    std::size_t phases_ = 0;
    std::size_t slices_ = 0;
    std::vector<T> entries_;  // (phases, slices)
};

}  // namespace xcim::inline XCIM_ABI::analysis
