#pragma once

/// \file
/// A digit code for one format, ready to run: which bits of which word are driven or stored, and what they weigh.

#include <xcim/concepts/digit_code.hpp>
#include <xcim/core/error.hpp>
#include <xcim/core/format.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// One digit: `bits` bits of the packed word from `shift` on, in two's complement where it is signed.
struct digit {
    int shift = 0;
    int bits = 1;
    int weight = 1;
    bool is_signed = false;

    [[nodiscard]] int levels() const { return 1 << bits; }
    [[nodiscard]] int lowest() const { return is_signed ? -levels() / 2 : 0; }
    /// Largest level; a signed digit keeps to the range that is symmetric about zero when full scales are counted.
    [[nodiscard]] int top() const { return is_signed ? levels() / 2 - 1 : levels() - 1; }
    [[nodiscard]] int level(std::uint16_t word) const {
        int const bits_of_level = (word >> shift) & (levels() - 1);
        return bits_of_level > top() ? bits_of_level - levels() : bits_of_level;
    }
    friend bool operator==(digit const&, digit const&) = default;
};

/// All digits of a format. A code is packed as the concatenation of its levels, digit 0 lowest; for two's complement
/// that is the code itself.
struct digit_plan {
    format code_format;
    std::vector<digit> digits;
    int bias = 0;
    int planes = 0;                     ///< bits of a packed word, at most max_bits
    std::vector<std::uint16_t> packed;  ///< word of code lowest() + i
    std::int32_t lowest_code = 0;       ///< codes below have no digits
    bool is_plain = true;               ///< the word of a code is the code itself, in two's complement
    std::int32_t taken_from = 0;        ///< from this code on none is without digits or takes a level beyond the
                                        ///< symmetric range

    [[nodiscard]] bool takes_all_codes() const { return taken_from <= code_format.lowest(); }

    [[nodiscard]] std::uint16_t word(std::int32_t code) const {
        XCIM_ASSERT(code >= code_format.lowest() && code <= code_format.highest(), "a quantiser keeps to its format");
        return packed[static_cast<std::size_t>(code - code_format.lowest())];
    }

    [[nodiscard]] int top_level() const {
        int most = 1;
        for (auto const& d : digits) {
            most = d.top() > most ? d.top() : most;
        }
        return most;
    }

    [[nodiscard]] bool has_signed_digit() const {
        bool found = false;
        for (auto const& d : digits) {
            found = found || d.is_signed;
        }
        return found;
    }
};

/// Words mean the same in both.
[[nodiscard]] inline bool same_digits(digit_plan const& a, digit_plan const& b) {
    return a.code_format == b.code_format && a.digits == b.digits && a.bias == b.bias;
}

/// `role` names the policy in errors.
template <Digits D>
[[nodiscard]] digit_plan plan_digits(D const& d, format f, char const* role) {
    digit_plan plan{f, {}, d.bias(), 0, {}, lowest_code_with_digits(d, f), true, f.lowest()};
    for (int i = 0; i < d.count(); ++i) {
        int const levels = d.levels(i);
        if (levels < 2 || !std::has_single_bit(static_cast<unsigned>(levels))) {
            throw error(errc::composition, std::string(role) + ": digit " + std::to_string(i) + " has " +
                                               std::to_string(levels) + " levels; a power of two from 2 on is needed");
        }
        int const bits = std::countr_zero(static_cast<unsigned>(levels));
        plan.digits.push_back({plan.planes, bits, d.weight(i), is_signed_digit(d, i)});
        plan.planes += bits;
    }
    if (plan.planes < 1 || plan.planes > max_bits) {
        throw error(errc::bits, std::string(role) + ": the digits of a " + std::to_string(f.bits) + "-bit code take " +
                                    std::to_string(plan.planes) + " bits; 1 to " + std::to_string(max_bits) +
                                    " are possible");
    }
    std::uint32_t const mask = (std::uint32_t{1} << f.bits) - 1;
    plan.packed.reserve(static_cast<std::size_t>(f.highest() - f.lowest()) + 1);
    for (std::int32_t code = f.lowest(); code <= f.highest(); ++code) {
        if (code < plan.lowest_code) {
            plan.packed.push_back(0);
            plan.taken_from = code + 1;
            continue;
        }
        std::uint32_t word = 0;
        std::int64_t sum = plan.bias;
        for (int i = 0; i < d.count(); ++i) {
            auto const& g = plan.digits[static_cast<std::size_t>(i)];
            int const level = d.level(code, i);
            if (level < g.lowest() || level >= g.lowest() + g.levels()) {
                throw error(errc::composition, std::string(role) + ": digit " + std::to_string(i) + " of code " +
                                                   std::to_string(code) + " is level " + std::to_string(level) +
                                                   ", outside its " + std::to_string(g.levels()) + " levels");
            }
            plan.taken_from = level < -g.top() ? code + 1 : plan.taken_from;
            word |= static_cast<std::uint32_t>(level & (g.levels() - 1)) << g.shift;
            sum += std::int64_t{level} * g.weight;
        }
        if (sum != code) {
            throw error(errc::composition, std::string(role) + ": the digits of code " + std::to_string(code) +
                                               " sum to " + std::to_string(sum) + "; see concepts/digit_code.hpp");
        }
        plan.is_plain = plan.is_plain && plan.planes == f.bits && word == (static_cast<std::uint32_t>(code) & mask);
        plan.packed.push_back(static_cast<std::uint16_t>(word));
    }
    return plan;
}

}  // namespace xcim::inline XCIM_ABI
