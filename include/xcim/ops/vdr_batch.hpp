#pragma once

/// \file
/// Rows of VDR-Softmax with SIMD batches of 32-bit integers: the numbers of vdr_softmax.hpp, bit for bit.
///
/// Everything stays within 31 bits. Let n' be the clip below and c < 2^29. An entry's polynomial falls and stays above
/// 0, b >= 2 (l - 1) and (l - 1)(b - l + 1) <= c, therefore l < 2^15 and U = n' l < 2^20.
///
///     u = max x - x                     0 .. 2^16 - 1
///     u = min(u, ceil(U / 2^k)) << k    k >= 0: below U + 2^k <= 2^21, as k is taken no larger than the bits of U
///     u = (u + 2^-k - 1) >> -k          k < 0:  below 2^18, as -k is taken no larger than 17, where u is 0 or 1
///     u = min(u, U)
///     z = u m >> 26                     u m <= n' 2^26 + U < 2^31;  m = ceil(2^26 / l), exact: see vdr_table.hpp
///     r = u - z l                       0 .. l - 1
///     p = c - (b - r) r                 0 .. c;  (b - r) r <= (b - l + 1)(l - 1) <= c
///
/// Both directions end in one rounded shift: of p >> z by s (down), of p by z + s - n (up; where s < n, p is first
/// shifted left and then fits Q_O bits). Half a unit of a shift by 31 would be no positive integer, so shifts end at
/// 30: n' = min(n, 30 - max(0, s - n)) instead of n (up), min(n, 30) (down). Whatever is shifted by 30 places or more
/// is 0 under every rounding, since c + 2^29 < 2^30.

#include <xcim/core/simd.hpp>
#include <xcim/ops/vdr_table.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>

namespace xcim::inline XCIM_ABI::detail {

using int_batch = batch<std::int32_t>;

/// The same register with lanes of another type.
#if XSIMD_VERSION_MAJOR >= 9
template <class To, class From>
XCIM_INLINE batch<To> same_bits(batch<From> const& v) {
    return xsimd::bitwise_cast<To>(v);
}
#else
template <class To, class From>
XCIM_INLINE batch<To> same_bits(batch<From> const& v) {
    return xsimd::bitwise_cast<batch<To>>(v);
}
#endif

inline constexpr int longest_shift = 30;

/// Shifts that differ from lane to lane. xsimd 8.1 takes 512-bit registers apart for them.
XCIM_INLINE int_batch shift_right(int_batch const& v, int_batch const& by) {
#if defined(__AVX512F__)
    return int_batch(_mm512_srav_epi32(v.data, by.data));
#else
    return v >> by;
#endif
}
XCIM_INLINE int_batch shift_left(int_batch const& v, int_batch const& by) {
#if defined(__AVX512F__)
    return int_batch(_mm512_sllv_epi32(v.data, by.data));
#else
    return v << by;
#endif
}

/// v / 2^s for v >= 0 and lane by lane.
template <rounding How>
XCIM_INLINE int_batch rounded_shift(int_batch const& v, int_batch const& s) {
    if constexpr (How == rounding::floor || How == rounding::trunc) {
        return shift_right(v, s);
    } else {
        int_batch const half = shift_left(int_batch(1), s) >> 1;
        if constexpr (How == rounding::half_up) {
            return shift_right(v + half, s);
        } else {
            int_batch const odd = shift_right(v, s) & int_batch(1);
            return shift_right(v + xsimd::max(half + odd - int_batch(1), int_batch(0)), s);
        }
    }
}

/// The integers of a row, see above.
struct vdr_lanes {
    std::int32_t first_clip, last_clip;
    std::int32_t left, right;
    std::int32_t reciprocal, l, b, c;
    std::int32_t before, shift;  // up: p << before, then >> z + shift; down: >> z, then >> shift
    std::int32_t top;

    vdr_lanes(vdr_entry const& entry, vdr_options const& options, int row_shift) {
        bool const goes_up = options.direction == vdr_direction::up;
        before = goes_up ? std::max(0, entry.clip - row_shift) : 0;
        shift = goes_up ? std::max(0, row_shift - entry.clip) : row_shift;
        l = static_cast<std::int32_t>(entry.l);
        b = static_cast<std::int32_t>(entry.b);
        c = static_cast<std::int32_t>(entry.c);
        reciprocal = static_cast<std::int32_t>(entry.reciprocal);
        last_clip = std::min(entry.clip, goes_up ? longest_shift - shift : longest_shift) * l;
        left = std::clamp(entry.k, 0, static_cast<int>(std::bit_width(static_cast<std::uint32_t>(last_clip))));
        right = std::clamp(-entry.k, 0, 17);
        first_clip = (last_clip + (std::int32_t{1} << left) - 1) >> left;
        top = (std::int32_t{1} << options.out_bits) - 1;
    }

    /// Codes of differences u, of which coarse ones are clipped already.
    template <bool IsCoarse, vdr_direction Direction, rounding How>
    [[nodiscard]] XCIM_INLINE int_batch code(int_batch u) const {
        if constexpr (IsCoarse) {
            u = u << left;
        } else {
            u = (u + int_batch((std::int32_t{1} << right) - 1)) >> right;
        }
        u = xsimd::min(u, int_batch(last_clip));
        int_batch const z = (u * int_batch(reciprocal)) >> narrow_reciprocal_shift;
        int_batch const r = u - z * int_batch(l);
        int_batch const p = int_batch(c) - (int_batch(b) - r) * r;
        int_batch const code = Direction == vdr_direction::down
                                   ? rounded_shift<How>(shift_right(p, z), int_batch(shift))
                                   : rounded_shift<How>(p << before, z + int_batch(shift));
        return xsimd::min(code, int_batch(top));
    }
};

/// Whether a row of this entry fits the lanes.
[[nodiscard]] constexpr bool fits_lanes(vdr_entry const& entry) {
    return entry.reciprocal_shift == narrow_reciprocal_shift && entry.c < std::int64_t{1} << (longest_shift - 1);
}

template <class X>
concept lane_logit = std::same_as<X, std::int8_t> || std::same_as<X, std::int16_t> || std::same_as<X, std::int32_t>;

template <class P>
concept lane_code =
    lane_logit<P> || std::same_as<P, std::uint8_t> || std::same_as<P, std::uint16_t> || std::same_as<P, std::uint32_t>;

template <class X>
[[nodiscard]] X highest_of(std::span<X const> x) {
    using x_batch = batch<X>;
    constexpr std::size_t width = x_batch::size;
    if (x.size() < width) {
        return *std::max_element(x.begin(), x.end());
    }
    auto highest = x_batch::load_unaligned(x.data() + x.size() - width);
    for (std::size_t i = 0; i + width < x.size(); i += width) {
        highest = xsimd::max(highest, x_batch::load_unaligned(x.data() + i));
    }
    // Sixteen 32-bit lanes are taken apart sooner than 64 bytes.
    constexpr int bits = 8 * static_cast<int>(sizeof(X));
    auto const words = same_bits<std::int32_t>(highest);
    int_batch of_words = words >> (32 - bits);
    for (int at = bits; at < 32; at += bits) {
        of_words = xsimd::max(of_words, (words << at) >> (32 - bits));
    }
    std::array<std::int32_t, int_batch::size> of_lanes;
    of_words.store_unaligned(of_lanes.data());
    return static_cast<X>(*std::max_element(of_lanes.begin(), of_lanes.end()));
}

/// Differences of a batch of 8-, 16- or 32-bit words to their codes. A 32-bit lane holds several differences, which are
/// taken out by shifts and whose codes go back to the same place: no register is ever widened or narrowed.
template <bool IsCoarse, vdr_direction Direction, rounding How, class U>
XCIM_INLINE batch<U> codes_of(batch<U> const& differences, vdr_lanes const& row) {
    constexpr int bits = 8 * static_cast<int>(sizeof(U));
    auto const first_clip = static_cast<U>(std::min<std::int64_t>(row.first_clip, std::numeric_limits<U>::max()));
    auto const words = same_bits<std::int32_t>(IsCoarse ? xsimd::min(differences, batch<U>(first_clip)) : differences);
    if constexpr (bits == 32) {
        return same_bits<U>(row.template code<IsCoarse, Direction, How>(words));
    } else {
        int_batch const low_bits((std::int32_t{1} << bits) - 1);
        int_batch codes = row.template code<IsCoarse, Direction, How>(words & low_bits);
        for (int at = bits; at < 32; at += bits) {
            codes = codes | row.template code<IsCoarse, Direction, How>((words >> at) & low_bits) << at;
        }
        return same_bits<U>(codes);
    }
}

/// Codes of a row whose logits and codes are words of the same width; x and p may be the same memory.
template <bool IsCoarse, vdr_direction Direction, rounding How, class U>
void vdr_lanes_row(std::make_signed_t<U> const* x, U* p, std::size_t size, std::make_signed_t<U> highest,
                   vdr_lanes const& row) {
    using u_batch = batch<U>;
    constexpr std::size_t width = u_batch::size;
    auto const codes_at = [&](std::make_signed_t<U> const* from) {
        auto const logits = same_bits<U>(batch<std::make_signed_t<U>>::load_unaligned(from));
        return codes_of<IsCoarse, Direction, How>(u_batch(static_cast<U>(highest)) - logits, row);
    };
    if (size < width) {
        std::array<std::make_signed_t<U>, width> from;
        std::array<U, width> to;
        from.fill(highest);
        std::copy_n(x, size, from.begin());
        codes_at(from.data()).store_unaligned(to.data());
        std::copy_n(to.begin(), size, p);
        return;
    }
    auto const last = codes_at(x + size - width);  // overlaps its neighbour; before x is overwritten
    for (std::size_t i = 0; i + width < size; i += width) {
        codes_at(x + i).store_unaligned(p + i);
    }
    last.store_unaligned(p + size - width);
}

/// The loop for the options of a row.
template <class U>
void vdr_lanes_row(std::make_signed_t<U> const* x, U* p, std::size_t size, std::make_signed_t<U> highest,
                   vdr_entry const& entry, vdr_options const& options, vdr_lanes const& row) {
    auto const rounded = [&]<bool IsCoarse, vdr_direction Direction>() {
        switch (options.round) {
        case rounding::floor:
        case rounding::trunc:
            return vdr_lanes_row<IsCoarse, Direction, rounding::floor>(x, p, size, highest, row);
        case rounding::half_up:
            return vdr_lanes_row<IsCoarse, Direction, rounding::half_up>(x, p, size, highest, row);
        case rounding::half_even:
            return vdr_lanes_row<IsCoarse, Direction, rounding::half_even>(x, p, size, highest, row);
        }
    };
    auto const directed = [&]<bool IsCoarse>() {
        options.direction == vdr_direction::down ? rounded.template operator()<IsCoarse, vdr_direction::down>()
                                                 : rounded.template operator()<IsCoarse, vdr_direction::up>();
    };
    entry.k >= 0 ? directed.template operator()<true>() : directed.template operator()<false>();
}

/// Codes of a row; where logits and codes differ in width, those that are narrower pass through a buffer.
template <lane_logit X, lane_code P>
void vdr_lanes_row(std::span<X const> x, std::span<P> p, vdr_entry const& entry, vdr_options const& options,
                   int row_shift) {
    vdr_lanes const row{entry, options, row_shift};
    X const highest = highest_of(x);
    if constexpr (sizeof(X) == sizeof(P)) {
        using word = std::make_unsigned_t<X>;
        vdr_lanes_row<word>(x.data(), reinterpret_cast<word*>(p.data()), x.size(), highest, entry, options, row);
    } else {
        using logit = std::conditional_t<(sizeof(X) > sizeof(P)), X, std::make_signed_t<P>>;
        using code = std::make_unsigned_t<logit>;
        constexpr std::size_t block = 256;
        alignas(64) std::array<logit, block> logits;
        alignas(64) std::array<code, block> codes;
        for (std::size_t i = 0; i < x.size(); i += block) {
            std::size_t const size = std::min(block, x.size() - i);
            std::copy_n(x.data() + i, size, logits.begin());
            vdr_lanes_row<code>(logits.data(), codes.data(), size, logit{highest}, entry, options, row);
            for (std::size_t j = 0; j < size; ++j) {
                p[i + j] = static_cast<P>(codes[j]);
            }
        }
    }
}

}  // namespace xcim::inline XCIM_ABI::detail
