#pragma once

#include <xcim/core/code_range.hpp>
#include <xcim/core/error.hpp>
#include <xcim/core/format.hpp>

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace xcim::inline XCIM_ABI::analysis {

/// The bits of an integer code.
enum class code_bits {
    binary,          ///< two's complement where the format is signed
    sign_magnitude,  ///< signed formats: the top bit is the sign, the others |code| mod 2^(bits - 1)
};

/// Shares of zeros, 0 to 1.
struct zero_shares {
    double bitwise = 0;
    double value_wise = 0;
    double run_value_wise = 0;
    double run_column_wise = 0;
};

/// How much of an activation matrix is zero, at the four grains at which hardware can skip it.
///
///     bitwise          zeros among all tokens * depth * bits bits
///     value_wise       codes that are 0
///     run_value_wise   runs of `run` consecutive codes that are all 0
///     run_column_wise  the same runs, bit plane by bit plane: all `run` bits are 0
///
/// Runs are aligned, along a token's elements; what is left at its end is dropped. Every zero run of values is a zero
/// run in all planes, and a zero run of bits is `run` zero bits, so for binary codes and a depth that is a multiple of
/// `run`: bitwise >= run_column_wise >= run_value_wise and bitwise >= value_wise >= run_value_wise.
/// Parameters: codes (tokens, depth) of any integer type, token after token; their format; `run` >= 1, the paper's N,
/// default 8; `bits`, default binary. Returns four shares.
/// Errors: xcim::error where the codes are none or no whole number of tokens, a token has no run, a code is outside the
/// format, the format outside 1 to 16 bits, or unsigned with sign_magnitude.
/// Not modelled: the sign-magnitude word of -2^(bits - 1), which has none, is that of "-0".
/// Reference: FLARE (arXiv 2411.14733, 2024), Fig. 7. Tests: tests/unit/analysis/activation_sparsity.cpp,
/// tests/property/bit_sift.cpp.
template <std::integral Code>
[[nodiscard]] zero_shares activation_sparsity(std::span<Code const> codes, std::size_t depth, format f,
                                              std::size_t run = 8, code_bits bits = code_bits::binary) {
    check_codes(codes, f, "activation_sparsity");
    bool const has_sign = bits == code_bits::sign_magnitude;
    if (has_sign && !f.is_signed) {
        throw error(errc::bits, "activation_sparsity: the format is unsigned; sign_magnitude needs a signed one");
    }
    if (run < 1 || depth < run || codes.empty() || codes.size() % depth != 0) {
        throw error(errc::shape, "activation_sparsity: " + std::to_string(codes.size()) + " codes in tokens of " +
                                     std::to_string(depth) + " and runs of " + std::to_string(run) +
                                     "; one or more whole tokens of at least one run are needed");
    }
    std::uint32_t const sign = std::uint32_t{1} << (f.bits - 1);
    std::uint32_t const mask = has_sign ? sign - 1 : 2 * sign - 1;
    auto const word_of = [&](Code code) {
        auto const v = static_cast<std::int32_t>(code);
        return has_sign && v < 0 ? (static_cast<std::uint32_t>(-v) & mask) | sign
                                 : static_cast<std::uint32_t>(v) & mask;
    };
    auto const ones_in = [](std::uint32_t word) { return static_cast<std::uint64_t>(std::popcount(word)); };

    std::uint64_t ones = 0;
    std::uint64_t values = 0;
    std::uint64_t value_runs = 0;
    std::uint64_t columns_with_ones = 0;
    for (std::size_t token = 0; token < codes.size(); token += depth) {
        for (std::size_t first = 0; first < depth; first += run) {
            std::uint32_t any = 0;
            for (Code const code : codes.subspan(token + first, std::min(run, depth - first))) {
                std::uint32_t const word = word_of(code);
                ones += ones_in(word);
                values += word != 0 ? 1U : 0U;
                any |= word;
            }
            if (first + run <= depth) {
                value_runs += any != 0 ? 1U : 0U;
                columns_with_ones += ones_in(any);
            }
        }
    }
    auto const zeros = [](std::uint64_t others, std::size_t all) {
        return static_cast<double>(all - others) / static_cast<double>(all);
    };
    std::size_t const planes = static_cast<std::size_t>(f.bits);
    std::size_t const runs = codes.size() / depth * (depth / run);
    return {zeros(ones, codes.size() * planes), zeros(values, codes.size()), zeros(value_runs, runs),
            zeros(columns_with_ones, runs * planes)};
}

}  // namespace xcim::inline XCIM_ABI::analysis
