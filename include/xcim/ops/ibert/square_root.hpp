#pragma once

#include <xcim/config.hpp>
#include <xcim/core/error.hpp>

#include <bit>
#include <concepts>
#include <cstdint>
#include <string>

namespace xcim::inline XCIM_ABI::ibert {

/// i-sqrt: floor(sqrt n), by Newton's iteration from above.
///
///     x0 = 2^ceil(bits / 2),   x' = floor((x + floor(n / x)) / 2) while it falls
///
/// Exact for every n of up to 64 bits; 0 for 0. Errors: xcim::error for n < 0.
/// Reference: I-BERT (Kim et al., ICML 2021), section 3.6, algorithm 4. Tests: tests/unit/ops/ibert.cpp,
/// tests/property/ibert.cpp, tests/golden/ibert.cpp.
template <std::integral N>
[[nodiscard]] constexpr N square_root(N n) {
    if (n < N{0}) {
        throw error(errc::value, "ibert::square_root: n is " + std::to_string(n) + "; 0 or more is needed");
    }
    auto const number = static_cast<std::uint64_t>(n);
    if (number == 0) {
        return N{0};
    }
    for (auto root = std::uint64_t{1} << ((std::bit_width(number) + 1) / 2);;) {
        auto const next = (root + number / root) / 2;
        if (next >= root) {
            return static_cast<N>(root);
        }
        root = next;
    }
}

}  // namespace xcim::inline XCIM_ABI::ibert
