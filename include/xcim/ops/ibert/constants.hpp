#pragma once

/// \file
/// What the integer functions of I-BERT share: from scales to integers, and checks of rows.

#include <xcim/config.hpp>
#include <xcim/core/error.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>

namespace xcim::inline XCIM_ABI::ibert::detail {

/// A scale's square and inverse must be ordinary numbers, and the integers they give must fit.
inline void require_scale(double scale, double lowest, double highest, char const* function) {
    if (!(scale >= lowest && scale <= highest)) {
        char sentence[160];
        std::snprintf(sentence, sizeof sentence, "ibert::%s: the input's scale is %g; a number from %g to %g is needed",
                      function, scale, lowest, highest);
        throw error(errc::range, sentence);
    }
}

[[nodiscard]] inline std::int64_t floored(double v) { return static_cast<std::int64_t>(std::floor(v)); }

inline void require_row(std::size_t in, std::size_t out, char const* function) {
    if (in == 0 || in != out) {
        throw error(errc::shape, "ibert::" + std::string(function) + ": the row has " + std::to_string(in) +
                                     " elements and the result " + std::to_string(out) +
                                     "; the same number, at least 1, is needed");
    }
}

/// Products of such elements and constants fit 64 bits.
template <std::integral X>
void require_32_bits(std::span<X const> row, char const* function) {
    if constexpr (sizeof(X) > 4) {
        bool outside = false;
        for (X const x : row) {
            outside |= x != static_cast<X>(static_cast<std::int32_t>(x));
        }
        if (outside) {
            throw error(errc::value, "ibert::" + std::string(function) +
                                         ": an element has more than 32 bits; signed 32-bit numbers are needed");
        }
    }
}

}  // namespace xcim::inline XCIM_ABI::ibert::detail
