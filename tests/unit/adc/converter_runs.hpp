#pragma once

/// \file
/// Runs of a converter's kernel over many sums, for tests: every element a converter of its own, or all the same one.

#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/concepts/adc.hpp>
#include <xcim/testing/batches.hpp>
#include <xcim/testing/column_contexts.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace converter_test {

using namespace xcim;

/// `count` sums from lowest to highest, evenly, then enough to fill a batch.
inline std::vector<float> ramp_of_sums(double lowest, double highest, std::size_t count) {
    std::vector<float> sums;
    for (std::size_t i = 0; i < count; ++i) {
        double const share = static_cast<double>(i) / static_cast<double>(count - 1);
        sums.push_back(static_cast<float>(lowest + share * (highest - lowest)));
    }
    sums.resize(count + lanes - 1, sums.back());
    return sums;
}

/// Normals of `count` converters, draw d of converter i at [d * count + i].
inline std::vector<float> converter_normals(std::size_t draws, std::size_t count, std::uint64_t seed) {
    return testing::some_normals(draws, count, seed);
}

/// The same converter `count` times.
inline std::vector<float> same_converter(std::vector<float> const& one, std::size_t count) {
    std::vector<float> all;
    for (float const z : one) {
        all.insert(all.end(), count, z);
    }
    return all;
}

/// Codes of sums[i] by converter i; batches must give the same.
template <class K>
std::vector<float> conversion_codes(K const& kernel, std::vector<float> const& sums,
                                    std::vector<float> const& fixed = {}, std::vector<float> const& normals = {}) {
    testing::report r;
    auto codes = testing::check_batch_is_scalar(r, "code", sums, [&]<class V>(V sum, std::size_t i) -> V {
        return kernel(sum, lane<V>{normals.data() + (normals.empty() ? 0 : i), sums.size(),
                                   fixed.data() + (fixed.empty() ? 0 : i), sums.size()});
    });
    CHECK_LAWS(r);
    return codes;
}

/// How many codes are not those of `reference(sum, i)`, a double one, at the sum or at one of some places up to
/// `distance` from it: thresholds may lie that far off, not further.
template <class Reference>
std::size_t wrong_conversions(std::vector<float> const& sums, std::vector<float> const& codes, double distance,
                              Reference const& reference) {
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < sums.size(); ++i) {
        bool is_right = false;
        for (double const share : {0.0, 1 / 64.0, 1 / 16.0, 1 / 4.0, 1.0}) {
            auto const x = static_cast<double>(sums[i]);
            auto const code = static_cast<double>(codes[i]);
            is_right =
                is_right || code == reference(x - share * distance, i) || code == reference(x + share * distance, i);
        }
        wrong += is_right ? 0U : 1U;
    }
    return wrong;
}

inline bool codes_ascend(std::vector<float> const& codes) {
    for (std::size_t i = 1; i < codes.size(); ++i) {
        if (codes[i] < codes[i - 1]) {
            return false;
        }
    }
    return true;
}

/// Real and integer sums of both kinds of columns.
inline std::vector<column_context> converter_contexts() {
    std::vector<column_context> contexts{testing::context_for(200, 1, 1, false), testing::context_for(33, 4, 1, false),
                                         testing::context_for(128, 1)};
    for (auto c : {testing::context_for(100, 2, 3, false), testing::context_for(64, 1, 7)}) {
        c.signed_sums = true;
        contexts.push_back(c);
    }
    return contexts;
}

/// A little more than the column can reach.
inline std::vector<float> sums_beyond(column_context const& c, std::size_t count) {
    return ramp_of_sums(c.signed_sums ? -1.1 * c.full_scale : -0.1 * c.full_scale, 1.1 * c.full_scale, count);
}

/// What a float makes of such sums.
inline double float_distance(column_context const& c) { return c.full_scale * 0x1p-20; }

/// Every integer sum.
inline std::vector<float> every_count(column_context const& c) {
    auto const highest = static_cast<std::size_t>(c.full_scale);
    double const lowest = c.signed_sums ? -c.full_scale : 0;
    return ramp_of_sums(lowest, c.full_scale, (c.signed_sums ? 2 * highest : highest) + 1);
}

}  // namespace converter_test
