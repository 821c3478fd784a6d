#pragma once

/// \file
/// eMSB-Q on integers: a group of wide integers (a token, a row of logits) becomes narrow codes by one right shift that
/// all of them share, just large enough for the largest. An OR finds it: no comparison, no division, no real number.
///
///     L   = bit_length(OR_i (v_i XOR sign of v_i))       significant bits of the group
///     m   = bits - 1 (signed) or bits (unsigned)         magnitude bits of a code
///     s   = max(0, L - m),    q_i = round(v_i / 2^s),    v_i ~ q_i * 2^s
///
/// Never a left shift: where L <= m the codes are the values. floor and trunc give codes of the format by themselves;
/// the half roundings may reach 2^m and are then held at 2^m - 1.
/// Numbers may be built-in integers of 8 to 64 bits or a class with + - * & | ^ ~ << >>, comparisons, construction from
/// int and std::int64_t and an explicit conversion to std::int64_t. 32-bit integers to 8 or 16 bits run in SIMD
/// registers; the results are those of the definition on every target.
/// Reference: FLARE (arXiv 2411.14733, 2024), section 4.2 (dynamic quantisation) and figure 10; rounding to nearest is
/// an option that the paper does not have. Tests: tests/unit/quant/emsb.cpp, tests/property/emsb.cpp,
/// tests/golden/flare_emsb.cpp. Benchmark: benchmarks/kernels/emsb.cpp.

#include <xcim/core/error.hpp>
#include <xcim/core/shift_narrow.hpp>
#include <xcim/core/shift_round.hpp>

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

namespace xcim::inline XCIM_ABI {

/// What the codes of a group look like.
struct emsb_format {
    int bits = 8;                        ///< of a code: 1 to 30, 2 to 30 where signed
    bool is_signed = true;               ///< two's complement codes, else codes of 0 and above
    rounding round = rounding::half_up;  ///< of what is shifted out; floor is the plain parsing of the paper

    /// m: bits that carry magnitude.
    [[nodiscard]] constexpr int magnitude_bits() const { return is_signed ? bits - 1 : bits; }
    [[nodiscard]] constexpr std::int32_t highest() const { return (std::int32_t{1} << magnitude_bits()) - 1; }
    [[nodiscard]] constexpr std::int32_t lowest() const { return is_signed ? -highest() - 1 : 0; }
};

namespace detail {

/// Integers of any two kinds, by way of 64 bits where they differ.
template <class To, class From>
[[nodiscard]] constexpr To integer_cast(From v) {
    if constexpr (std::is_same_v<To, From>) {
        return v;
    } else {
        return static_cast<To>(static_cast<std::int64_t>(v));
    }
}

template <class To>
[[nodiscard]] constexpr bool holds_codes(emsb_format f) {
    if constexpr (std::integral<To>) {
        return std::in_range<To>(f.lowest()) && std::in_range<To>(f.highest());
    } else {
        return true;
    }
}

[[noreturn]] inline void negative_in_unsigned() {
    throw error(errc::value, "a group of unsigned integers holds a negative one; 0 and above are needed");
}

/// The definition of emsb_codes, rounded in words of type W: int32_t takes s up to 30.
template <class W, class From, class To>
void shift_codes(std::span<From const> v, std::span<To> q, int s, emsb_format f) {
    auto const highest = integer_cast<W>(f.highest());
    auto const lowest = integer_cast<W>(std::unsigned_integral<W> ? 0 : f.lowest());
    with_rounding(f.round, s, [&]<rounding How>(std::integral_constant<rounding, How>) {
        for (std::size_t i = 0; i < v.size(); ++i) {
            W const rounded = end_rounding<How>(begin_rounding<How>(static_cast<W>(v[i]), s));
            q[i] = integer_cast<To>(rounded > highest ? highest : rounded < lowest ? lowest : rounded);
        }
    });
}

}  // namespace detail

/// L of a group: of the bits of its integers, how many are not copies of the sign.
///
/// \param v          the group; 0 for an empty one
/// \param is_signed  false: all of v is 0 or above, and the sign is not looked for
/// \return           0 (all are 0, or all are 0 and -1) to 63 (64 for std::uint64_t)
/// \throws error     errc::value where an unsigned group holds a negative integer
template <class N>
[[nodiscard]] int significant_bits(std::span<N const> v, bool is_signed) {
    N found = static_cast<N>(0);
#if defined(XCIM_HAS_WORD_REGISTER)
    if constexpr (detail::is_quick_word<N>) {
        found = v.empty() ? 0 : detail::or_of_row(v.data(), v.size(), is_signed);
    } else
#endif
    {
        for (N const& x : v) {
            found = static_cast<N>(found | (is_signed && x < static_cast<N>(0) ? static_cast<N>(~x) : x));
        }
    }
    if (found < static_cast<N>(0)) {
        detail::negative_in_unsigned();
    }
    return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(detail::integer_cast<std::int64_t>(found))));
}

/// s of a group with so many significant bits.
[[nodiscard]] constexpr int emsb_shift(int significant, emsb_format f) {
    return std::max(0, significant - f.magnitude_bits());
}

/// Codes at a given shift: round(v / 2^s), held between the lowest and the highest code of the format.
///
/// \param v  values
/// \param q  codes, as many; the same memory as v where the types are the same, else apart from it. To holds every code
/// \param s  0 to 62: of the group (emsb_shift), of a register (register_shift), or any other
/// \param f  format of the codes and rounding
template <class From, class To>
void emsb_codes(std::span<From const> v, std::span<To> q, int s, emsb_format f) {
    XCIM_ASSERT(q.size() == v.size(), "as many codes as values are needed");
    XCIM_ASSERT(detail::holds_codes<To>(f), "a type that holds every code is needed");
    if constexpr (std::is_same_v<From, std::int32_t>) {
        if (s <= detail::most_word_shift && !v.empty()) {
#if defined(XCIM_HAS_WORD_REGISTER)
            if constexpr (detail::is_quick_code<To>) {
                detail::narrow_row<To>(v.data(), v.size(), s, f.round, {f.lowest(), f.highest()}, q.data());
                return;
            }
#endif
            detail::shift_codes<std::int32_t>(v, q, s, f);
            return;
        }
    }
    detail::shift_codes<detail::wide_integer<From>>(v, q, s, f);
}

/// Codes of one group. An empty group has shift 0.
///
/// \param v       the group
/// \param q       its codes; see emsb_codes
/// \param f       format of the codes and rounding
/// \return        s: a value is about its code times 2^s
/// \throws error  as significant_bits; nothing has been written then
template <class From, class To>
int emsb_group(std::span<From const> v, std::span<To> q, emsb_format f) {
    int const s = emsb_shift(significant_bits(v, f.is_signed), f);
    emsb_codes(v, q, s, f);
    return s;
}

/// A matrix whose rows are groups.
template <class T>
struct strided_rows {
    T* data = nullptr;
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::size_t stride = 0;  ///< from one row to the next, in elements

    [[nodiscard]] std::span<T> operator[](std::size_t r) const { return {data + r * stride, columns}; }
};

#if defined(XCIM_HAS_WORD_REGISTER)
namespace detail {

/// emsb_rows of the rows that can be taken together; returns how many these are.
template <class To>
std::size_t emsb_rows_together(strided_rows<std::int32_t const> v, strided_rows<To> q, std::span<int> shifts,
                               emsb_format f) {
    if (v.columns == 0 || v.columns > most_columns_together) {
        return 0;
    }
#if defined(XCIM_HAS_SHIFT_PER_WORD)
    std::optional<shifts_of_words> run;
    bool const follow_one_another = v.stride == v.columns && q.stride == v.columns;
    if (follow_one_another && v.rows >= rows_together && v.columns <= shifts_of_words::most_columns &&
        v.columns % codes_in_register<To> != 0) {
        run.emplace(v.columns);
    }
#endif
    code_limits<To> const limits{f.lowest(), f.highest()};
    std::size_t r = 0;
    for (; r + rows_together <= v.rows; r += rows_together) {
        std::int32_t const* const from = v[r].data();
        word_register const found =
            f.is_signed ? ors_of_rows<true>(from, v.stride, v.columns) : ors_of_rows<false>(from, v.stride, v.columns);
        if (!f.is_signed && or_of_words(found) > 0x7FFFFFFFU) {
            negative_in_unsigned();
        }
        word_register const s = widths_above(found, f.magnitude_bits());
        store_bytes(shifts.data() + r, bytes_of(s));
        if (f.round != rounding::floor && has_zero_word(s)) {
            for (std::size_t i = r; i < r + rows_together; ++i) {
                emsb_codes(v[i], q[i], shifts[i], f);
            }
            continue;
        }
        with_rounding(f.round, 1, [&]<rounding How>(std::integral_constant<rounding, How>) {
#if defined(XCIM_HAS_SHIFT_PER_WORD)
            if (run) {
                narrow_words<How>(
                    from, run->size(), [&](std::size_t i) { return run->at(i, s); }, limits, q[r].data());
                return;
            }
#endif
            for (std::size_t i = r; i < r + rows_together; ++i) {
                shift_count const shift = same_shift(shifts[i]);
                narrow_words<How>(
                    v[i].data(), v.columns, [&](std::size_t) { return shift; }, limits, q[i].data());
            }
        });
    }
    return r;
}

}  // namespace detail
#endif

/// Codes of many groups, one a row. Short rows are taken together, so that they cost little more than long ones.
///
/// \param v       (rows, columns) values
/// \param q       (rows, columns) codes; see emsb_codes
/// \param shifts  one s for every row
/// \param f       format of the codes and rounding
/// \throws error  as significant_bits; rows before may have been written
template <class From, class To>
void emsb_rows(strided_rows<From const> v, strided_rows<To> q, std::span<int> shifts, emsb_format f) {
    XCIM_ASSERT(q.rows == v.rows && q.columns == v.columns, "as many codes as values are needed");
    XCIM_ASSERT(shifts.size() == v.rows, "one shift a row is needed");
    XCIM_ASSERT(detail::holds_codes<To>(f), "a type that holds every code is needed");
    std::size_t r = 0;
#if defined(XCIM_HAS_WORD_REGISTER)
    if constexpr (detail::is_quick_word<From> && detail::is_quick_code<To>) {
        r = detail::emsb_rows_together(v, q, shifts, f);
    }
#endif
    for (; r < v.rows; ++r) {
        shifts[r] = emsb_group(v[r], q[r], f);
    }
}

/// Two's complement width that holds every dot product of `depth` terms: a + w + ceil(log2 depth).
///
/// \param a_bits  of an activation, signed
/// \param w_bits  of a weight, signed
/// \param depth   terms; 0 counts as 1
/// Reference: FLARE (arXiv 2411.14733, 2024), section 3: 4 + 4 + 10 = 18 bits for 1024 terms.
[[nodiscard]] constexpr int accumulator_bits(int a_bits, int w_bits, std::size_t depth) {
    return a_bits + w_bits + (depth > 1 ? static_cast<int>(std::bit_width(depth - 1)) : 0);
}

/// The shift of a window of `bits` that begins at the sign of a register, the same for every group: what keys and
/// values of all tokens share.
[[nodiscard]] constexpr int register_shift(int accumulator_bits, int bits) {
    return std::max(0, accumulator_bits - bits);
}

}  // namespace xcim::inline XCIM_ABI
