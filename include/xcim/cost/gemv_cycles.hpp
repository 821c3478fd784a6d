#pragma once

#include <xcim/core/bit_planes.hpp>
#include <xcim/core/code_range.hpp>
#include <xcim/core/error.hpp>
#include <xcim/core/format.hpp>
#include <xcim/core/word_line_schedule.hpp>
#include <xcim/encoding/bit_sift.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::cost {

/// Array cycles of bit-serial products of tokens with a weight matrix: one cycle activates word lines of the array
/// once, whatever its number of columns. Layers add up.
struct sift_cycles {
    std::uint64_t fixed = 0;   ///< word lines in fixed groups: tokens * bits * ceil(depth / limit)
    std::uint64_t sifted = 0;  ///< by the schedule, which follows the data
    std::uint64_t ones = 0;    ///< word lines driven

    /// fixed / sifted; infinite where every code is 0, 1 where there is none.
    [[nodiscard]] double boost() const {
        if (sifted == 0) {
            return fixed == 0 ? 1 : std::numeric_limits<double>::infinity();
        }
        return static_cast<double>(fixed) / static_cast<double>(sifted);
    }

    sift_cycles& operator+=(sift_cycles const& other) {
        fixed += other.fixed;
        sifted += other.sifted;
        ones += other.ones;
        return *this;
    }
    friend sift_cycles operator+(sift_cycles a, sift_cycles const& b) { return a += b; }
    friend bool operator==(sift_cycles const&, sift_cycles const&) = default;
};

/// Cycles of `tokens` products of `depth` inputs of `bits` bits where `limit` word lines are active at a time, whatever
/// they carry:  tokens * bits * ceil(depth / limit). Reference: FLARE (arXiv 2411.14733, 2024), section 3.3: 512 tokens
/// of 1024 8-bit inputs take 524,288 cycles.
[[nodiscard]] constexpr std::uint64_t fixed_cycles(std::size_t tokens, std::size_t depth, int bits, int limit = 8) {
    if (bits < 1 || limit < 1) {
        throw error(errc::range, "fixed_cycles: " + std::to_string(bits) + " bits and a limit of " +
                                     std::to_string(limit) + "; one of each or more are needed");
    }
    auto const groups = (depth + static_cast<std::size_t>(limit) - 1) / static_cast<std::size_t>(limit);
    return std::uint64_t{tokens} * static_cast<std::uint64_t>(bits) * groups;
}

/// Cycles of one plane by the share of its zeros:  ceil(depth * (1 - bitwise sparsity) / limit).
///
/// A billionth of a cycle is forgiven, since a share is seldom an exact number. This is sift_rule::ideal, hence a lower
/// bound of what controllers reach, though the source prints it as the most. Reference: FLARE (arXiv 2411.14733, 2024),
/// section 4.4.
[[nodiscard]] inline double cycles_at_sparsity(std::size_t depth, double sparsity, int limit = 8) {
    if (!(sparsity >= 0 && sparsity <= 1) || limit < 1) {
        throw error(errc::range, "cycles_at_sparsity: the sparsity is " + std::to_string(sparsity) + " and the limit " +
                                     std::to_string(limit) +
                                     "; a share of zeros from 0 to 1 and a limit from 1 on are needed");
    }
    return std::max(std::ceil(static_cast<double>(depth) * (1 - sparsity) / limit - 1e-9), 0.0);
}

/// Cycles of real activations: every plane of every token by the encoder's schedule, beside fixed groups.
///
///     sifted = sum over tokens, tiles and planes of cycles(plane)
///     fixed  = tokens * bits * sum over tiles of ceil(rows / limit)
///
/// The baseline drives two's complement (or binary) whatever the encoder's code for negatives.
/// Parameters: codes (tokens, depth) of any integer type, token after token; their format, 1 to 16 bits (8 where
/// negative codes are apart); the encoder; `tile_rows` >= 1, rows of one array where the matrix is cut, each tile with
/// controllers of its own, default: not cut. One GEMV is one token. Returns plain numbers.
/// Errors: xcim::error where the encoder is wrong(), the codes are no whole number of tokens, tiles have no rows, or a
/// code is outside the format.
/// Not modelled: transfers; tiles that work at the same time, whose cycles are added up.
/// Reference: FLARE (arXiv 2411.14733, 2024), sections 3.3 and 4.4.
/// Tests: tests/unit/cost/gemv_cycles.cpp, tests/property/bit_sift.cpp.
template <std::integral Code>
[[nodiscard]] sift_cycles gemv_cycles(std::span<Code const> codes, std::size_t depth, format f,
                                      encoding::bit_sift const& encoder = {},
                                      std::size_t tile_rows = std::numeric_limits<std::size_t>::max()) {
    if (auto const sentence = encoder.wrong(); !sentence.empty()) {
        throw error(errc::range, sentence);
    }
    if (depth == 0 || tile_rows == 0 || codes.size() % depth != 0) {
        throw error(errc::shape, "gemv_cycles: " + std::to_string(codes.size()) + " codes in tokens of " +
                                     std::to_string(depth) + " and tiles of " + std::to_string(tile_rows) +
                                     " rows; whole tokens and tiles of one row or more are needed");
    }
    check_codes(codes, f, "gemv_cycles");
    auto const digits = encoder.digits(f);
    auto const planes = static_cast<std::size_t>(digits.count());
    std::size_t const most_rows = std::min(tile_rows, depth);
    std::vector<std::uint16_t> words(words_for(most_rows) * 32);
    std::vector<std::uint32_t> packed(words_for(most_rows) * planes + lanes);
    sift_cycles total;
    for (std::size_t first = 0; first < codes.size();) {
        std::size_t const rows = std::min(most_rows, depth - first % depth);
        std::ranges::transform(codes.subspan(first, rows), words.begin(), [&](Code code) {
            return static_cast<std::uint16_t>(digits.word(static_cast<std::int32_t>(code)));
        });
        pack_planes(words.data(), rows, digits.count(), packed.data());
        total.fixed += fixed_cycles(1, rows, f.bits, encoder.active_rows());
        total.sifted += count_cycles({packed.data(), planes, rows}, planes, encoder.controllers);
        for (std::size_t r = 0; r < rows; ++r) {
            total.ones += static_cast<std::uint64_t>(std::popcount(words[r]));
        }
        first += rows;
    }
    return total;
}

/// Conversions: one a cycle and column line, `outputs` columns of `weight_slices` lines each.
[[nodiscard]] constexpr std::uint64_t conversions_of(std::uint64_t cycles, std::size_t outputs, int weight_slices) {
    return cycles * outputs * static_cast<std::uint64_t>(weight_slices);
}

/// Time of so many cycles in ns:  cycles * ns_per_cycle / parallel_arrays.
///
/// Parameters: `ns_per_cycle` > 0, default 10 (the paper's); `parallel_arrays` >= 1 that hold the same weights and
/// share the cycles, default 1; the paper's design point has 8. 524,288 cycles take 5.24 ms, where the paper prints
/// 0.5. Reference: FLARE (arXiv 2411.14733, 2024), sections 3.3 and 5.
[[nodiscard]] inline double latency_ns(std::uint64_t cycles, double ns_per_cycle = 10, int parallel_arrays = 1) {
    if (!(std::isfinite(ns_per_cycle) && ns_per_cycle > 0) || parallel_arrays < 1) {
        throw error(errc::range, "latency_ns: " + std::to_string(ns_per_cycle) + " ns a cycle and " +
                                     std::to_string(parallel_arrays) +
                                     " parallel arrays; a finite time above 0 and one array or more are needed");
    }
    return static_cast<double>(cycles) * ns_per_cycle / parallel_arrays;
}

}  // namespace xcim::inline XCIM_ABI::cost
