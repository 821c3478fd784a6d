#pragma once

/// \file
/// Many chips of one design: what mismatch, offsets and variation do to a figure of merit.

#include <xcim/core/threads.hpp>
#include <xcim/macro/cim_macro.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace xcim::inline XCIM_ABI::analysis {

/// Figures of merit of a number of chips, in the order of the chips.
struct chip_statistics {
    std::vector<double> values;

    [[nodiscard]] double mean() const {
        double sum = 0;
        for (double const v : values) {
            sum += v;
        }
        return sum / static_cast<double>(values.size());
    }

    /// Over chips, of a sample: divided by one less than their number; 0 for one chip.
    [[nodiscard]] double deviation() const {
        double const m = mean();
        double sum = 0;
        for (double const v : values) {
            sum += (v - m) * (v - m);
        }
        return values.size() < 2 ? 0 : std::sqrt(sum / static_cast<double>(values.size() - 1));
    }

    /// Smallest value that at least `fraction` of the chips do not exceed: 0.05 is the fifth percentile.
    [[nodiscard]] double quantile(double fraction) const {
        auto sorted = values;
        std::sort(sorted.begin(), sorted.end());
        auto const rank = std::ceil(fraction * static_cast<double>(sorted.size()));
        return sorted[static_cast<std::size_t>(std::clamp(rank - 1, 0.0, static_cast<double>(sorted.size() - 1)))];
    }

    /// Fraction of chips that reach at least `limit`: the yield.
    [[nodiscard]] double fraction_from(double limit) const {
        auto const good = std::count_if(values.begin(), values.end(), [&](double v) { return v >= limit; });
        return static_cast<double>(good) / static_cast<double>(values.size());
    }
};

struct monte_carlo_options {
    std::size_t chips = 100;
    std::uint64_t first_chip = 0;  ///< chips first_chip, first_chip + 1, ...
    int threads = 1;               ///< chips are shared out; the result does not depend on it
};

/// measure(chip) for every chip: for networks and whatever else programs its own arrays with {.chip = chip}.
/// Errors: xcim::error for no chips. Tests: tests/unit/analysis/monte_carlo.cpp.
template <std::invocable<std::uint64_t> Measure>
[[nodiscard]] chip_statistics monte_carlo(monte_carlo_options const& options, Measure const& measure) {
    if (options.chips == 0) {
        throw error(errc::range, "monte_carlo_options.chips is 0; at least 1 is needed");
    }
    chip_statistics found;
    found.values.resize(options.chips);
    for_each_task(options.chips, options.threads,
                  [&](std::size_t i) { found.values[i] = static_cast<double>(measure(options.first_chip + i)); });
    return found;
}

/// The same for one layer: measure(array) for the weights programmed into every chip.
template <class... Policies, dense_tensor Weights, class Measure>
[[nodiscard]] chip_statistics monte_carlo(CimMacro<Policies...> const& macro, Weights const& weights,
                                          monte_carlo_options const& options, Measure const& measure,
                                          program_options const& how = {}) {
    return monte_carlo(options, [&](std::uint64_t chip) {
        program_options own = how;
        own.chip = chip;
        return measure(macro.program(weights, own));
    });
}

}  // namespace xcim::inline XCIM_ABI::analysis
