#pragma once

#include <xcim/config.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace xcim::inline XCIM_ABI::analysis {

/// Count, extremes, mean and mean square of numbers that come one at a time, in any unit.
///
/// Sums are of double precision: their last bits depend on the order in which the numbers come. Of no numbers the means
/// are 0 and the extremes infinite. Tests: tests/unit/analysis/moments.cpp.
struct moments {
    std::uint64_t count = 0;
    double sum = 0;
    double squares = 0;
    double lowest = std::numeric_limits<double>::infinity();
    double highest = -std::numeric_limits<double>::infinity();

    void add(double v) {
        ++count;
        sum += v;
        squares += v * v;
        lowest = std::min(lowest, v);
        highest = std::max(highest, v);
    }

    [[nodiscard]] double mean() const { return count > 0 ? sum / static_cast<double>(count) : 0.0; }
    [[nodiscard]] double mean_square() const { return count > 0 ? squares / static_cast<double>(count) : 0.0; }
    [[nodiscard]] double rms() const { return std::sqrt(mean_square()); }
    [[nodiscard]] double variance() const { return std::max(0.0, mean_square() - mean() * mean()); }
    [[nodiscard]] double deviation() const { return std::sqrt(variance()); }
};

}  // namespace xcim::inline XCIM_ABI::analysis
