#pragma once

/// \file
/// Laws of DigitCode, hence of Mapper and Encoder: see <xcim/concepts/digit_code.hpp>.

#include <xcim/concepts/digit_code.hpp>
#include <xcim/testing/report.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

namespace xcim::inline XCIM_ABI::testing {

/// Every code of one format: the digits sum to the code, levels are inside their digit, level counts are powers of two
/// and all digits together fit a word of max_bits bits. Codes below `lowest()`, where there is one, are left out.
template <DigitCode D>
[[nodiscard]] report check_digit_code(D const& code, format f) {
    report r;
    auto const digits = code.digits(f);
    std::string const where = std::to_string(f.bits) + "-bit " + (f.is_signed ? "signed" : "unsigned") + " format: ";
    r.require(digits.count() >= 1, [&] { return where + "there is no digit"; });
    std::int64_t words = 1;
    for (int i = 0; i < digits.count(); ++i) {
        int const levels = digits.levels(i);
        r.require(levels >= 4 || !is_signed_digit(digits, i), [&] {
            return where + "digit " + std::to_string(i) + " is signed and has " + std::to_string(levels) +
                   " levels, of which none is above zero";
        });
        r.require(levels >= 2 && (levels & (levels - 1)) == 0, [&] {
            return where + "digit " + std::to_string(i) + " has " + std::to_string(levels) +
                   " levels, not a power of two from 2 on";
        });
        words = words > (std::int64_t{1} << max_bits) ? words : words * levels;
    }
    r.require(words <= (std::int64_t{1} << max_bits),
              [&] { return where + "the digits take more than " + std::to_string(max_bits) + " bits"; });
    std::int32_t const lowest = lowest_code_with_digits(digits, f);
    std::int32_t const latest = f.is_signed ? -f.highest() : 0;
    r.require(lowest >= f.lowest() && lowest <= latest, [&] {
        return where + "codes have digits from " + std::to_string(lowest) + " on; " + std::to_string(f.lowest()) +
               " to " + std::to_string(latest) + " are possible";
    });
    for (std::int32_t c = std::max(lowest, f.lowest()); c <= f.highest() && r.ok(); ++c) {
        std::int64_t sum = digits.bias();
        for (int i = 0; i < digits.count(); ++i) {
            int const level = digits.level(c, i);
            int const bottom = is_signed_digit(digits, i) ? -digits.levels(i) / 2 : 0;
            r.require(level >= bottom && level < bottom + digits.levels(i), [&] {
                return where + "digit " + std::to_string(i) + " of code " + std::to_string(c) + " is level " +
                       std::to_string(level) + " of " + std::to_string(digits.levels(i));
            });
            sum += std::int64_t{level} * digits.weight(i);
        }
        r.require(sum == c,
                  [&] { return where + "the digits of code " + std::to_string(c) + " sum to " + std::to_string(sum); });
    }
    return r;
}

/// The same for unsigned formats of 1 to `most_bits` bits and signed ones of 2 to `most_bits` bits.
template <DigitCode D>
[[nodiscard]] report check_digit_code(D const& code, int most_bits = 8) {
    report r;
    for (int bits = 1; bits <= most_bits; ++bits) {
        r.add(check_digit_code(code, format{bits, false}));
        if (bits > 1) {
            r.add(check_digit_code(code, format{bits, true}));
        }
    }
    return r;
}

}  // namespace xcim::inline XCIM_ABI::testing
