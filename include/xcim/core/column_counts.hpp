#pragma once

/// \file
/// Counters of many columns at once, one bit of all of them in a register: adding a row of stored bits to 512 counters
/// costs a few logical operations, whatever the columns hold.
///
/// Plane j of a number holds bit j of the counts of all columns (bit-sliced, "vertical" counters).
/// Tests: tests/unit/core/column_counts.cpp. Benchmark: benchmarks/macro/bit_sift.cpp.

#include <xcim/core/aligned.hpp>
#include <xcim/core/simd.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace xcim::inline XCIM_ABI {

/// One bit of 512 columns: bit c % 64 of word c / 64 belongs to column c.
class column_bits {
public:
    static constexpr std::size_t words = 8;
    static constexpr std::size_t columns = 64 * words;

    column_bits() : column_bits{nullptr} {}

    /// From eight words on a cache line, or none set.
    XCIM_INLINE explicit column_bits(std::uint64_t const* from) {
        for (std::size_t r = 0; r < registers; ++r) {
            parts_[r] = (from == nullptr ? word(std::uint64_t{0}) : word::load_aligned(from + r * word::size)).data;
        }
    }

    XCIM_INLINE void store(std::uint64_t* to) const {
        for (std::size_t r = 0; r < registers; ++r) {
            word(parts_[r]).store_aligned(to + r * word::size);
        }
    }

    friend XCIM_INLINE column_bits operator&(column_bits const& a, column_bits const& b) {
        return combined(a, b, [](word const& x, word const& y) { return x & y; });
    }
    friend XCIM_INLINE column_bits operator|(column_bits const& a, column_bits const& b) {
        return combined(a, b, [](word const& x, word const& y) { return x | y; });
    }
    friend XCIM_INLINE column_bits operator^(column_bits const& a, column_bits const& b) {
        return combined(a, b, [](word const& x, word const& y) { return x ^ y; });
    }
    /// Those of a that are not in b.
    friend XCIM_INLINE column_bits without(column_bits const& a, column_bits const& b) {
        return combined(a, b, [](word const& x, word const& y) { return x & ~y; });
    }

    /// a + b + c of every column: returns the ones, `carry` gets the twos.
    friend XCIM_INLINE column_bits full_add(column_bits const& a, column_bits const& b, column_bits const& c,
                                            column_bits& carry) {
#if defined(__AVX512F__) && !defined(XCIM_NO_WIDE)
        column_bits ones;
        ones.parts_[0] = _mm512_ternarylogic_epi64(a.parts_[0], b.parts_[0], c.parts_[0], 0x96);   // odd number of ones
        carry.parts_[0] = _mm512_ternarylogic_epi64(a.parts_[0], b.parts_[0], c.parts_[0], 0xE8);  // two or three
        return ones;
#else
        column_bits const either = a ^ b;
        column_bits const twos = (a & b) | (either & c);
        column_bits const ones = either ^ c;
        carry = twos;
        return ones;
#endif
    }

private:
    using word = batch<std::uint64_t>;
    static constexpr std::size_t registers = words / word::size;

    template <class F>
    static XCIM_INLINE column_bits combined(column_bits const& a, column_bits const& b, F const& f) {
        column_bits result;
#pragma GCC unroll 8
        for (std::size_t r = 0; r < registers; ++r) {
            result.parts_[r] = word(f(word(a.parts_[r]), word(b.parts_[r]))).data;
        }
        return result;
    }

    word::register_type parts_[registers];  // plain registers: g++ keeps arrays of classes in memory
};

/// Ones in eight rows of bits: four planes.
XCIM_INLINE void ones_of_eight(column_bits const (&rows)[8], column_bits (&ones)[4]) {
    column_bits twos[4];
    column_bits fours;
    column_bits const a = full_add(rows[0], rows[1], rows[2], twos[0]);
    column_bits const b = full_add(rows[3], rows[4], rows[5], twos[1]);
    column_bits const c = full_add(a, b, rows[6], twos[2]);
    ones[0] = c ^ rows[7];
    twos[3] = c & rows[7];
    column_bits const d = full_add(twos[0], twos[1], twos[2], fours);
    ones[1] = d ^ twos[3];
    column_bits const more = d & twos[3];
    ones[2] = fours ^ more;
    ones[3] = fours & more;
}

/// sum = a + b, numbers of `Planes` and Planes + 1 bits.
template <std::size_t Planes>
XCIM_INLINE void add_numbers(column_bits const (&a)[Planes], column_bits const (&b)[Planes],
                             column_bits (&sum)[Planes + 1]) {
    column_bits carry;
    sum[0] = a[0] ^ b[0];
    carry = a[0] & b[0];
#pragma GCC unroll 8
    for (std::size_t j = 1; j < Planes; ++j) {
        sum[j] = full_add(a[j], b[j], carry, carry);
    }
    sum[Planes] = carry;
}

/// A number for each of 512 columns: plane j at planes[8 * j]. In memory, as there are more planes than registers.
class column_numbers {
public:
    column_numbers() = default;
    explicit column_numbers(std::size_t planes) { assign_zero(planes); }

    [[nodiscard]] std::size_t planes() const { return planes_.size() / column_bits::words; }
    [[nodiscard]] column_bits plane(std::size_t j) const {
        return column_bits{planes_.data() + j * column_bits::words};
    }
    void assign_zero(std::size_t planes) { planes_.assign(planes * column_bits::words, 0); }

    /// Adds the number whose `count` planes are number(0) and so on, bit 0 to plane `first`. The caller knows that the
    /// sum is below 2^end.
    template <class Number>
    XCIM_INLINE void add(Number const& number, std::size_t count, std::size_t first, std::size_t end) {
        XCIM_ASSERT(first + count <= planes() && end <= planes(), "a column counter has room for the sum");
        column_bits carry;
        std::uint64_t* plane = planes_.data() + first * column_bits::words;
        for (std::size_t i = 0; i < count; ++i, plane += column_bits::words) {
            full_add(column_bits{plane}, number(i), carry, carry).store(plane);
        }
        for (std::size_t j = first + count; j < end; ++j, plane += column_bits::words) {
            column_bits const own{plane};
            (own ^ carry).store(plane);
            carry = own & carry;
        }
    }

    /// to[c] += weight * number of column first + c for 64 columns, `first` a multiple of 64. Exact while the sum is
    /// below 2^24.
    void add_to(std::size_t first, float weight, float* to) const {
        add_columns(planes_.data(), planes(), first, weight, to);
    }

    /// The same for a number in `count` planes of eight words each.
    static void add_columns(std::uint64_t const* planes, std::size_t count, std::size_t first, float weight,
                            float* to) {
        constexpr std::size_t at_once = 4;  // counts up to eight take as many
        float scale = weight;
        for (; count >= at_once; count -= at_once, planes += at_once * column_bits::words, scale *= 1 << at_once) {
            add_planes<at_once>(planes, first, scale, to);
        }
        for (; count > 0; --count, planes += column_bits::words, scale *= 2) {
            add_planes<1>(planes, first, scale, to);
        }
    }

private:
    template <std::size_t Count>
    static XCIM_INLINE void add_planes(std::uint64_t const* planes, std::size_t first, float weight, float* to) {
        using word = batch<std::uint32_t>;
        std::uint64_t bits[Count];
#pragma GCC unroll 4
        for (std::size_t j = 0; j < Count; ++j) {
            bits[j] = planes[j * column_bits::words + first / 64];
        }
#pragma GCC unroll 4
        for (std::size_t c = 0; c < 64; c += word::size) {
            word number(0U);
#pragma GCC unroll 4
            for (std::size_t j = 0; j < Count; ++j) {
                number = plus_where(number, static_cast<std::uint32_t>(bits[j] >> c), std::uint32_t{1} << j);
            }
            store(to + c, load<batch<float>>(to + c) + to_float(number) * batch<float>(weight));
        }
    }

    /// number + value in the lanes whose bit is set.
    static XCIM_INLINE batch<std::uint32_t> plus_where(batch<std::uint32_t> const& number, std::uint32_t bits,
                                                       std::uint32_t value) {
        using word = batch<std::uint32_t>;
#if defined(__AVX512F__) && !defined(XCIM_NO_WIDE)
        return word(_mm512_mask_add_epi32(number.data, static_cast<__mmask16>(bits), number.data, word(value).data));
#else
        static constexpr auto own_bits = [] {
            std::array<std::uint32_t, word::size> own{};
            for (std::size_t i = 0; i < word::size; ++i) {
                own[i] = std::uint32_t{1} << i;
            }
            return own;
        }();
        word const is_set = word(bits) & word::load_unaligned(own_bits.data());
        return number + xsimd::select(is_set != word(0U), word(value), word(0U));
#endif
    }

    aligned_vector<std::uint64_t> planes_;
};

}  // namespace xcim::inline XCIM_ABI
