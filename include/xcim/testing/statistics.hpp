#pragma once

/// \file
/// Moments and the Kolmogorov-Smirnov distance, for laws about random numbers.

#include <xcim/config.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace xcim::inline XCIM_ABI::testing {

/// Mean and standard deviation of a sample.
struct moments {
    double mean = 0;
    double deviation = 0;
};

template <class T>
[[nodiscard]] moments moments_of(std::span<T const> sample) {
    double sum = 0;
    for (auto const v : sample) {
        sum += static_cast<double>(v);
    }
    double const mean = sum / static_cast<double>(sample.size());
    double squares = 0;
    for (auto const v : sample) {
        squares += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean);
    }
    return {mean, std::sqrt(squares / static_cast<double>(sample.size() - 1))};
}

/// Phi, the distribution function of the standard normal.
[[nodiscard]] inline double normal_distribution(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

/// Largest distance between the empirical distribution function of a sample and `distribution`.
template <class Distribution>
[[nodiscard]] double kolmogorov_smirnov(std::vector<float> sample, Distribution const& distribution) {
    std::sort(sample.begin(), sample.end());
    auto const n = static_cast<double>(sample.size());
    double distance = 0;
    for (std::size_t i = 0; i < sample.size(); ++i) {
        double const p = distribution(static_cast<double>(sample[i]));
        distance = std::max({distance, p - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - p});
    }
    return distance;
}

}  // namespace xcim::inline XCIM_ABI::testing
