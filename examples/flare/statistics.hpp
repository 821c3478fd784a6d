#pragma once

/// \file
/// Means with intervals.

#include <cmath>
#include <cstddef>
#include <vector>

namespace flare {

struct estimate {
    double mean = 0, low = 0, high = 0;
};

/// Mean of independent samples with its normal 95 % interval.
inline estimate mean_of(std::vector<double> const& samples) {
    auto const n = static_cast<double>(samples.size());
    auto sum = 0.0, squares = 0.0;
    for (auto const sample : samples) {
        sum += sample;
    }
    auto const mean = sum / n;
    for (auto const sample : samples) {
        squares += (sample - mean) * (sample - mean);
    }
    auto const half = n > 1 ? 1.959964 * std::sqrt(squares / (n - 1) / n) : 0.0;
    return {mean, mean - half, mean + half};
}

/// Mean of a - b, sample by sample: what is known better than a and b because both saw the same samples.
inline estimate mean_difference(std::vector<double> a, std::vector<double> const& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
        a[i] -= b[i];
    }
    return mean_of(a);
}

}  // namespace flare
