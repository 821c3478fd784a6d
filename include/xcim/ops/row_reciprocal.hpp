#pragma once

#include <xcim/core/error.hpp>
#include <xcim/core/parameter.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>

namespace xcim::inline XCIM_ABI {

/// What divides a row of softmax codes by its sum.
enum class row_norm {
    reciprocal,    ///< a factor from a table and a shift: within 0.4 % (8 bits)
    power_of_two,  ///< a shift: weights add up to 1/2 .. 1
    none,          ///< nothing, as printed in FLARE: every row keeps its own factor
};

/// weight = p * factor / 2^shift.
struct row_reciprocal {
    std::int32_t factor = 1;
    int shift = 0;

    friend constexpr bool operator==(row_reciprocal const&, row_reciprocal const&) = default;
};

namespace detail {

/// Bits of the sum of a row. Throws where it is not positive.
template <class N>
[[nodiscard]] constexpr int length_of_row_sum(N row_sum) {
    auto const sum = static_cast<std::int64_t>(row_sum);
    if (sum <= 0) {
        throw error(errc::value, "the sum of a softmax row is " + std::to_string(sum) + "; a positive one is needed");
    }
    return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(sum)));
}

}  // namespace detail

/// 1 / 2^L with L the bits of the sum.
template <class N>
[[nodiscard]] constexpr row_reciprocal power_of_two_reciprocal(N row_sum) {
    return {1, detail::length_of_row_sum(row_sum)};
}

/// Reciprocals of row sums without a division: a table over the sum's leading bits.
///
///     L = bit length of the sum,  i = its top `bits` bits without the leading one
///     1 / sum ~ R[i] / 2^(L + bits),     R[i] = round(2^bits / m_i),  m_i = (2^(bits-1) + i + 1/2) / 2^bits
///
/// m_i is the middle of the cell of [1/2, 1) that sum / 2^L falls into, so the error is at most 2^-bits and has no
/// mean. Usable in constant expressions. Parameters: `bits` 1 to 12, default 8: 128 entries. of(sum) takes any
/// integer-like sum and throws xcim::error where it is not positive. Reference: stands in for the division that FLARE
/// (arXiv 2024) leaves out of algorithm 1. Tests: tests/unit/ops/vdr_softmax.cpp, tests/golden/flare_softmax.cpp.
class reciprocal_table {
public:
    constexpr explicit reciprocal_table(int bits = 8) : bits_{bits} {
        if (bits < 1 || bits > max_bits) {
            throw error(errc::bits, outside("reciprocal_table: bits", bits, 1, max_bits));
        }
        // R[i] = round(2^(2 bits + 1) / d) with the odd number d = 2^bits + 2 i + 1.
        std::int64_t const doubled = std::int64_t{1} << (2 * bits + 2);
        for (std::int64_t i = 0; i < std::int64_t{1} << (bits - 1); ++i) {
            std::int64_t const d = (std::int64_t{1} << bits) + 2 * i + 1;
            factors_[static_cast<std::size_t>(i)] = static_cast<std::int32_t>((doubled + d) / (2 * d));
        }
    }

    template <class N>
    [[nodiscard]] constexpr row_reciprocal of(N row_sum) const {
        int const length = detail::length_of_row_sum(row_sum);
        auto const sum = static_cast<std::int64_t>(row_sum);
        std::int64_t const top = length >= bits_ ? sum >> (length - bits_) : sum << (bits_ - length);
        auto const index = static_cast<std::size_t>(top - (std::int64_t{1} << (bits_ - 1)));
        return {factors_[index], length + bits_};
    }

    [[nodiscard]] constexpr int bits() const { return bits_; }

private:
    static constexpr int max_bits = 12;

    int bits_;
    std::array<std::int32_t, std::size_t{1} << (max_bits - 1)> factors_{};
};

}  // namespace xcim::inline XCIM_ABI
