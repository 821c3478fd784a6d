#pragma once

/// \file
/// A kernel is written once for float and for batches: both must give the same bits, in every lane.

#include <xcim/core/normal.hpp>
#include <xcim/testing/report.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::testing {

/// A float with all its digits, for sentences.
[[nodiscard]] inline std::string digits_of(double v) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.9g", v);
    return text.data();
}

/// `call(V, index)` for every element, V = float and V = batch<float>, where index is that of the (first) element;
/// elements move through all lanes. Returns the scalar results.
template <class Call>
std::vector<float> check_batch_is_scalar(report& r, std::string const& what, std::span<float const> elements,
                                         Call const& call) {
    std::vector<float> scalar(elements.size());
    for (std::size_t i = 0; i < elements.size(); ++i) {
        scalar[i] = call(elements[i], i);
    }
    for (std::size_t i = 0; i + lanes <= elements.size(); ++i) {
        std::array<float, lanes> found{};
        store(found.data(), call(load<batch<float>>(elements.data() + i), i));
        for (std::size_t l = 0; l < lanes; ++l) {
            if (bits_of(found[l]) != bits_of(scalar[i + l])) {
                r.violate(what + ": batch gives " + digits_of(found[l]) + " in lane " + std::to_string(l) +
                          ", scalar gives " + digits_of(scalar[i + l]) + " for " + digits_of(elements[i + l]));
                return scalar;
            }
        }
    }
    return scalar;
}

/// `draws` rows of `count` standard normals, as the engine lays them out for a lane: row d at [d * count].
[[nodiscard]] inline std::vector<float> some_normals(std::size_t draws, std::size_t count, std::uint64_t seed) {
    std::vector<float> normals(draws * count);
    word_pair<> const key = derive({}, seed);
    for (std::size_t i = 0; i < normals.size(); i += 4) {
        auto const four = four_normals(key, {static_cast<std::uint32_t>(i), 0});
        std::copy_n(four.begin(), std::min<std::size_t>(4, normals.size() - i),
                    normals.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return normals;
}

}  // namespace xcim::inline XCIM_ABI::testing
