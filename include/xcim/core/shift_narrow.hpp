#pragma once

/// \file
/// Rows of 32-bit integers to rows of 8- or 16-bit codes by a shift for every row, at the speed of the second-level
/// cache: the OR of a row's sign-folded words, and shift, round, saturate, narrow. The numbers are those of
/// shift_round. Tests: tests/property/emsb.cpp. Benchmark: benchmarks/kernels/emsb.cpp.

#include <xcim/core/shift_round.hpp>
#include <xcim/core/word_register.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace xcim::inline XCIM_ABI::detail {

/// Largest shift of a 32-bit word that the sums of rounding fit.
inline constexpr int most_word_shift = 30;

#if defined(XCIM_HAS_WORD_REGISTER)

/// Integers and codes that registers are used for.
template <class N>
inline constexpr bool is_quick_word = std::is_same_v<N, std::int32_t>;
template <class To>
inline constexpr bool is_quick_code =
    std::is_same_v<To, std::int8_t> || std::is_same_v<To, std::uint8_t> || std::is_same_v<To, std::int16_t>;

/// The lowest and the highest code, each all over a register.
template <class To>
class code_limits {
public:
    code_limits(std::int32_t lowest, std::int32_t highest) : lowest_{all_over(lowest)}, highest_{all_over(highest)} {}

    [[nodiscard]] XCIM_INLINE byte_register clamp(byte_register v) const {
        if constexpr (std::is_unsigned_v<To>) {
            return min_unsigned_8(v, highest_);
        } else if constexpr (sizeof(To) == 1) {
            return clamp_8(v, lowest_, highest_);
        } else {
            return clamp_16(v, lowest_, highest_);
        }
    }

private:
    static byte_register all_over(std::int32_t code) {
        auto const u = static_cast<std::uint32_t>(code);
        std::uint32_t const word = sizeof(To) == 1 ? (u & 0xFFU) * 0x01010101U : (u & 0xFFFFU) * 0x00010001U;
        return bytes_of(all_lanes<word_register>(static_cast<std::int32_t>(word)));
    }

    byte_register lowest_;
    byte_register highest_;
};

template <class To>
inline constexpr std::size_t codes_in_register = register_bytes / sizeof(To);

/// A word whose top bit stands one above the highest bit of v that differs from the sign (unsigned: v itself).
template <bool IsSigned>
XCIM_INLINE unsigned_word_register unlike_sign(word_register v) {
    auto const u = __builtin_bit_cast(unsigned_word_register, v);
    return IsSigned ? u ^ (u + u) : u;
}

/// The OR over a row, lane by lane. The last words of a long row are taken with some of those before: twice is once.
template <bool IsSigned>
XCIM_INLINE word_register or_of_row(std::int32_t const* v, std::size_t count) {
    if (count < register_words) {
        return __builtin_bit_cast(word_register, unlike_sign<IsSigned>(load_words(v, count)));
    }
    unsigned_word_register found{};
    std::size_t i = 0;
    for (; i + register_words <= count; i += register_words) {
        found |= unlike_sign<IsSigned>(load_words(v + i));
    }
    if (i < count) {
        found |= unlike_sign<IsSigned>(load_words(v + count - register_words));
    }
    return __builtin_bit_cast(word_register, found);
}

inline std::int32_t or_of_row(std::int32_t const* v, std::size_t count, bool is_signed) {
    return static_cast<std::int32_t>(is_signed ? or_of_words(or_of_row<true>(v, count)) >> 1
                                               : or_of_words(or_of_row<false>(v, count)));
}

/// One register of codes; word(k) gives the register of words from the k-th on and shift(k) their shifts.
template <rounding How, class To, class Word, class Shift>
XCIM_INLINE byte_register narrow(Word const& word, Shift const& shift, code_limits<To> const& limits) {
    auto const begun = [&](std::size_t k) {
        return begin_rounding<How>(word(k * register_words), shift(k * register_words));
    };
    if constexpr (sizeof(To) == 1) {
        // A code has 8 bits, so that 16 hold what is left to round.
        half_register const a = end_rounding<How>(saturated_halves(begun(0), begun(1)));
        half_register const b = end_rounding<How>(saturated_halves(begun(2), begun(3)));
        return in_order_8(limits.clamp(std::is_signed_v<To> ? saturated_bytes(a, b) : saturated_unsigned_bytes(a, b)));
    } else {
        half_register const a = saturated_halves(end_rounding<How>(begun(0)), end_rounding<How>(begun(1)));
        return in_order_16(limits.clamp(bytes_of(a)));
    }
}

/// Codes of `count` words; shift(i) for the register of words that begins at i. Codes and words are apart in memory.
template <rounding How, class To, class Shift>
XCIM_INLINE void narrow_words(std::int32_t const* v, std::size_t count, Shift const& shift,
                              code_limits<To> const& limits, To* q) {
    constexpr std::size_t codes = codes_in_register<To>;
    auto const codes_at = [&](std::size_t i) __attribute__((always_inline)) {
        return narrow<How, To>(
            [&](std::size_t k) __attribute__((always_inline)) { return load_words(v + i + k); },
            [&](std::size_t k) __attribute__((always_inline)) { return shift(i + k); }, limits);
    };
    if (count < codes) {
        auto const word = [&](std::size_t k) { return load_words(v + std::min(k, count), count - std::min(k, count)); };
        store_bytes(q, narrow<How, To>(word, shift, limits), count * sizeof(To));
        return;
    }
    std::size_t i = 0;
    for (; i + codes <= count; i += codes) {
        store_bytes(q + i, codes_at(i));
    }
    if (i < count) {
        store_bytes(q + count - codes, codes_at(count - codes));
    }
}

/// Codes of a row.
template <class To>
void narrow_row(std::int32_t const* v, std::size_t count, int s, rounding how, code_limits<To> const& limits, To* q) {
    with_rounding(how, s, [&]<rounding How>(std::integral_constant<rounding, How>) {
        shift_count const shift = same_shift(s);
        narrow_words<How>(
            v, count, [&](std::size_t) { return shift; }, limits, q);
    });
}

/// Rows taken together, so that short ones share what a row costs: one for each word of a register.
inline constexpr std::size_t rows_together = register_words;
inline constexpr std::size_t most_columns_together = 256;

/// or_of_row of as many rows.
template <bool IsSigned>
word_register ors_of_rows(std::int32_t const* v, std::size_t stride, std::size_t columns) {
    unsigned_word_register found[rows_together]{};
    auto const add_column = [&](auto const& load) __attribute__((always_inline)) {
#pragma GCC unroll 16
        for (std::size_t r = 0; r < rows_together; ++r) {
            found[r] |= unlike_sign<IsSigned>(load(v + r * stride));
        }
    };
    std::size_t i = 0;
    for (; i + register_words <= columns; i += register_words) {
        add_column([&](std::int32_t const* row) { return load_words(row + i); });
    }
    if (columns < register_words) {
        add_column([&](std::int32_t const* row) { return load_words(row, columns); });
    } else if (i < columns) {
        add_column([&](std::int32_t const* row) { return load_words(row + columns - register_words); });
    }
    byte_register rows[rows_together];
#pragma GCC unroll 16
    for (std::size_t r = 0; r < rows_together; ++r) {
        rows[r] = __builtin_bit_cast(byte_register, found[r]);
    }
    word_register const ors = ors_of_words(rows);
    return IsSigned ? (ors >> 1) & 0x7FFFFFFF : ors;
}

/// max(0, bit_width(v) - bits) for v >= 0. The exponent of a float is one less than the width; with the bit below the
/// highest cleared, rounding to 24 bits carries nothing into it.
XCIM_INLINE word_register widths_above(word_register v, int bits) {
    auto const rounded = __builtin_convertvector(v & ~(v >> 1), float_register);
    word_register const above = (__builtin_bit_cast(word_register, rounded) >> 23) - (126 + bits);
    return above & ~(above >> 31);
}

#if defined(XCIM_HAS_SHIFT_PER_WORD)
/// Rows that end within registers and follow one another: the shifts of their words.
class shifts_of_words {
public:
    static constexpr std::size_t most_columns = 128;

    explicit shifts_of_words(std::size_t columns) : size_{rows_together * columns} {
        for (std::size_t r = 0; r < rows_together; ++r) {
            std::fill_n(rows_.data() + r * columns, columns, static_cast<std::int32_t>(r));
        }
        std::fill_n(rows_.data() + size_, register_bytes, 0);
    }

    [[nodiscard]] std::size_t size() const { return size_; }
    /// For the words from i on, of the shifts of the rows.
    [[nodiscard]] XCIM_INLINE word_register at(std::size_t i, word_register shifts) const {
        return words_at(shifts, load_words(rows_.data() + i));
    }

private:
    std::size_t size_;
    alignas(64) std::array<std::int32_t, rows_together * most_columns + register_bytes> rows_;  // last: beyond the run
};
#endif

#endif

}  // namespace xcim::inline XCIM_ABI::detail
