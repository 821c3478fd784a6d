#pragma once

/// \file
/// How many word lines a converter can read at once: margins between popcount levels, and a Monte Carlo of them.

#include <xcim/core/error.hpp>
#include <xcim/core/normal.hpp>
#include <xcim/core/threads.hpp>
#include <xcim/noise/popcount_errors.hpp>
#include <xcim/noise/sense_variation.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::analysis {

namespace detail {

inline constexpr int most_word_lines = 4096;

inline void require_sense(noise::cell_sense const& cells, int limit) {
    if (auto const sentence = cells.wrong("cell_sense"); !sentence.empty()) {
        throw error(errc::range, sentence);
    }
    if (auto const sentence = outside("the number of active word lines", limit, 1, most_word_lines);
        !sentence.empty()) {
        throw error(errc::range, sentence);
    }
}

}  // namespace detail

/// Sense margin of `limit` word lines active at once, in standard deviations: of the level where it is smallest, from
/// its mean to the decision boundary midway to the next.
///
///     margin(k) = (1 - 1 / R) / 2 / sqrt(k on^2 + (S - k) (off / R)^2 + converter^2),     n = min over k of margin(k)
///
/// Parameters: `cells`, see noise::cell_sense; `limit` S from 1 to 4096. Returns sigmas, infinite without variation.
/// On cells alone at 6 sigma: on = 4.17 / 2.95 / 2.08 / 1.47 % allow S = 4 / 8 / 16 / 32.
/// Reference: the criterion of FLARE (arXiv 2411.14733, 2024), section 4.1 and figure 9(b); the model of the currents
/// is ours. Tests: tests/unit/analysis/sense_margin.cpp, tests/statistical/sense_margin.cpp.
[[nodiscard]] inline double sense_margin(noise::cell_sense const& cells, int limit) {
    detail::require_sense(cells, limit);
    // The variance is linear in k: one of the ends is the largest.
    double const variance = std::max(cells.variance(0, limit), cells.variance(limit, limit));
    return cells.step() / 2 / std::sqrt(variance);
}

/// Probability that a sum of `ones` on cells is read as another number.
[[nodiscard]] inline double misread_probability(noise::cell_sense const& cells, int limit, int ones) {
    detail::require_sense(cells, limit);
    if (auto const sentence = outside("misread_probability: ones", ones, 0, limit); !sentence.empty()) {
        throw error(errc::range, sentence);
    }
    int const boundaries = (ones > 0 ? 1 : 0) + (ones < limit ? 1 : 0);
    double const margin = cells.step() / 2 / std::sqrt(cells.variance(ones, limit));
    return boundaries * 0.5 * std::erfc(margin / std::sqrt(2.0));
}

/// The largest candidate with a margin of at least `sigmas`, or nothing. Default candidates: powers of two to 1024.
[[nodiscard]] inline std::optional<int> largest_limit(noise::cell_sense const& cells, double sigmas,
                                                      std::span<int const> candidates) {
    std::optional<int> best;
    for (int const limit : candidates) {
        if (limit > best.value_or(0) && sense_margin(cells, limit) >= sigmas) {
            best = limit;
        }
    }
    return best;
}

[[nodiscard]] inline std::optional<int> largest_limit(noise::cell_sense const& cells, double sigmas = 6) {
    constexpr std::array candidates{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
    return largest_limit(cells, sigmas, candidates);
}

/// The largest relative deviation of on currents that leaves `limit` word lines a margin of `sigmas`, with `rest` for
/// all else (its `on` is not used); nothing where that alone leaves less.
[[nodiscard]] inline std::optional<double> largest_on_deviation(int limit, noise::cell_sense rest = {},
                                                                double sigmas = 6) {
    rest.on = 0;
    if (!(sigmas > 0 && sense_margin(rest, limit) >= sigmas)) {
        return std::nullopt;
    }
    double const allowed = rest.step() / 2 / sigmas;
    return std::sqrt((allowed * allowed - rest.converter * rest.converter) / limit);
}

/// What a Monte Carlo finds: a normal distribution fitted to every popcount level, and how often each code is read.
struct sense_levels {
    int limit = 0;
    std::vector<noise::level_error> errors;  ///< of 0 ... limit ones, in levels: for noise::popcount_errors
    std::vector<double> confusion;           ///< (limit + 1, limit + 1): P(code | ones), rows are ones

    [[nodiscard]] double probability(int ones, int code) const {
        if (ones < 0 || ones > limit || code < 0 || code > limit) {
            throw error(errc::range, "sense_levels::probability: " + std::to_string(ones) + " ones read as " +
                                         std::to_string(code) + "; 0 to " + std::to_string(limit) + " are levels");
        }
        auto const levels = static_cast<std::size_t>(limit) + 1;
        return confusion.at(static_cast<std::size_t>(ones) * levels + static_cast<std::size_t>(code));
    }

    /// Smallest distance of a fitted mean from a boundary it may be read across, in fitted deviations.
    [[nodiscard]] double margin() const {
        double smallest = std::numeric_limits<double>::infinity();
        for (std::size_t k = 0; k < errors.size(); ++k) {
            auto const [shift, sigma] = errors[k];
            double const above = k + 1 < errors.size() ? 0.5 - shift : std::numeric_limits<double>::infinity();
            double const below = k > 0 ? 0.5 + shift : std::numeric_limits<double>::infinity();
            smallest = std::min(smallest, std::min(above, below) / sigma);
        }
        return smallest;
    }
};

struct sense_options {
    std::size_t samples = 100000;  ///< of every level, 2 to 2^32
    std::uint64_t seed = 1;
    int threads = 1;  ///< levels are shared out; the result does not depend on it
};

namespace detail {

/// Currents of `block` samples of one level, in units of an on current.
class sense_block {
public:
    static constexpr std::size_t block = 256;

    sense_block(noise::cell_sense const& cells, int limit, int ones, word_pair<> key)
        : cells_{cells}, limit_{limit}, ones_{ones}, key_{key} {}

    /// Of samples first, first + 1, ...: on cells, off cells, then the converter, each with a draw of its own.
    [[nodiscard]] std::array<float, block> const& currents(std::size_t first) {
        std::array<std::uint32_t, block> ids;
        std::iota(ids.begin(), ids.end(), static_cast<std::uint32_t>(first));
        currents_.fill(0.0F);
        for (int source = 0; source <= limit_; ++source) {
            if (source % 4 == 0) {
                fill_normals(key_, ids.data(), static_cast<std::uint32_t>(source / 4), block, normals_.data(), block);
            }
            float const* const z = normals_.data() + static_cast<std::size_t>(source % 4) * block;
            if (source < ones_) {
                add(1.0, cells_.on, z);
            } else if (source < limit_) {
                add(1 / cells_.ratio, cells_.off / cells_.ratio, z);
            } else {
                add(0.0, cells_.converter, z);
            }
        }
        return currents_;
    }

private:
    void add(double mean, double deviation, float const* z) {
        using V = batch<float>;
        for (std::size_t i = 0; i < block; i += lanes) {
            V const current =
                V(static_cast<float>(mean)) + unfused(V(V(static_cast<float>(deviation)) * load<V>(z + i)));
            store(currents_.data() + i, V(load<V>(currents_.data() + i) + current));
        }
    }

    noise::cell_sense cells_;
    int limit_;
    int ones_;
    word_pair<> key_;
    alignas(64) std::array<float, 4 * block> normals_;
    alignas(64) std::array<float, block> currents_;
};

}  // namespace detail

/// Monte Carlo of the reading of every popcount level: `limit` cells, each with a current of its own, and a converter
/// with boundaries midway between the mean levels, which clips to 0 ... limit.
///
/// A tail of 6 sigma is 1e-9 and out of reach, so margins come from the fitted distributions (0.2 % of sigma at 1e5
/// samples); `confusion` is what was counted.
/// Parameters: `cells`, see noise::cell_sense; `limit` 1 to 4096. The same options give the same numbers on every
/// machine. Errors: xcim::error for a parameter out of range.
/// Not modelled: as noise::cell_sense; conversions by anything but a flash of fixed boundaries.
/// Reference: FLARE (arXiv 2411.14733, 2024), section 4.1, figure 9(b). Tests: tests/unit/analysis/sense_margin.cpp,
/// tests/statistical/sense_margin.cpp.
[[nodiscard]] inline sense_levels simulate_sense(noise::cell_sense const& cells, int limit,
                                                 sense_options const& options = {}) {
    detail::require_sense(cells, limit);
    if (options.samples < 2 || options.samples > (std::uint64_t{1} << 32)) {
        throw error(errc::range,
                    "sense_options.samples is " + std::to_string(options.samples) + "; 2 to 2^32 are possible");
    }
    if (options.threads < 1) {
        throw error(errc::range,
                    "sense_options.threads is " + std::to_string(options.threads) + "; at least 1 is needed");
    }
    auto const levels = static_cast<std::size_t>(limit) + 1;
    auto const samples = static_cast<double>(options.samples);
    word_pair<> const seed{static_cast<std::uint32_t>(options.seed), static_cast<std::uint32_t>(options.seed >> 32)};
    word_pair<> const root = derive(seed, ~std::uint64_t{1});  // a stream of its own, see core/random.hpp
    sense_levels found{limit, std::vector<noise::level_error>(levels), std::vector<double>(levels * levels)};
    for_each_task(levels, options.threads, [&](std::size_t ones) {
        detail::sense_block cell_currents{cells, limit, static_cast<int>(ones), derive(root, ones)};
        double sum = 0;
        double squares = 0;
        for (std::size_t first = 0; first < options.samples; first += detail::sense_block::block) {
            auto const& currents = cell_currents.currents(first);
            for (std::size_t i = 0; i < std::min(currents.size(), options.samples - first); ++i) {
                double const level = (static_cast<double>(currents[i]) - limit / cells.ratio) / cells.step();
                double const difference = level - static_cast<double>(ones);
                sum += difference;
                squares = std::fma(difference, difference, squares);
                auto const code = std::clamp(std::floor(level + 0.5), 0.0, static_cast<double>(limit));
                found.confusion[ones * levels + static_cast<std::size_t>(code)] += 1;
            }
        }
        double const mean = sum / samples;
        double const variance = std::max(0.0, std::fma(-mean, sum, squares) / (samples - 1));
        found.errors[ones] = {mean, std::sqrt(variance)};
        for (std::size_t code = 0; code < levels; ++code) {
            found.confusion[ones * levels + code] /= samples;
        }
    });
    return found;
}

}  // namespace xcim::inline XCIM_ABI::analysis
