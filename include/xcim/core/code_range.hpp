#pragma once

/// \file
/// Integer codes that come from outside, against their format.

#include <xcim/core/error.hpp>
#include <xcim/core/format.hpp>

#include <algorithm>
#include <concepts>
#include <span>
#include <string>
#include <utility>

namespace xcim::inline XCIM_ABI {

/// Throws xcim::error, which begins with `name`, where the format has not 1 to 16 bits or a code is outside it.
/// Tests: tests/unit/core/code_range.cpp.
template <std::integral Code>
void check_codes(std::span<Code const> codes, format f, std::string const& name) {
    if (f.bits < 1 || f.bits > max_bits) {
        throw error(errc::bits, name + ": the format has " + std::to_string(f.bits) + " bits; 1 to " +
                                    std::to_string(max_bits) + " are possible");
    }
    Code lowest = 0;
    Code highest = 0;
    for (Code const code : codes) {
        lowest = std::min(lowest, code);
        highest = std::max(highest, code);
    }
    auto const is_outside = [&](Code code) {
        return std::cmp_less(code, f.lowest()) || std::cmp_greater(code, f.highest());
    };
    if (is_outside(lowest) || is_outside(highest)) {
        auto const found = std::ranges::find_if(codes, is_outside);
        throw error(errc::value, name + ": code " + std::to_string(*found) + " at flat index " +
                                     std::to_string(found - codes.begin()) + " is outside the " +
                                     std::to_string(f.bits) + "-bit " + (f.is_signed ? "signed" : "unsigned") +
                                     " format, " + std::to_string(f.lowest()) + " to " + std::to_string(f.highest()));
    }
}

}  // namespace xcim::inline XCIM_ABI
