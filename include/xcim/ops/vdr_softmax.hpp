#pragma once

#include <xcim/ops/row_reciprocal.hpp>
#include <xcim/ops/vdr_batch.hpp>
#include <xcim/ops/vdr_table.hpp>
#include <xcim/quant/emsb.hpp>

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <type_traits>

namespace xcim::inline XCIM_ABI {

namespace detail {

/// Built-in logits are computed in 64 bits, a user's own numbers in themselves.
template <class X>
using vdr_word = std::conditional_t<std::integral<X>, std::int64_t, X>;

template <class X>
[[nodiscard]] bool has_bits(std::span<X const> x, int bits) {
    using word = vdr_word<X>;
    word const end(std::int64_t{1} << (bits - 1));
    return std::all_of(x.begin(), x.end(), [&](X const& v) { return word(0) - end <= word(v) && word(v) < end; });
}

template <class X, class P>
void require_vdr_row(std::span<X const> x, std::span<P> p, vdr_entry const& entry, vdr_options const& options) {
    require_vdr_bits(options);
    if (x.empty() || x.size() != p.size()) {
        throw error(errc::shape, "the row of logits has " + std::to_string(x.size()) + " elements, that of results " +
                                     std::to_string(p.size()) + "; equal numbers of at least one are needed");
    }
    int const bits = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(entry.c))) +
                     (options.direction == vdr_direction::up ? entry.clip : 0);
    if (entry.clip != options.clip() || bits > 62) {
        throw error(errc::bits, "the entry of VDR-Softmax was made for other options than those of the row; "
                                "the same are needed");
    }
    XCIM_ASSERT(has_bits(x, options.in_bits), "a logit does not fit vdr_options::in_bits");
}

template <class P>
void require_code_type(vdr_options const& options) {
    if constexpr (std::integral<P>) {
        if (options.out_bits > std::numeric_limits<P>::digits) {
            throw error(errc::bits, "vdr_options: out_bits is " + std::to_string(options.out_bits) +
                                        " and the type of the codes holds " +
                                        std::to_string(std::numeric_limits<P>::digits) +
                                        " bits; a wider one is needed");
        }
    }
}

}  // namespace detail

/// The integer exponential of one logit.
///
///     t = (x - max x) 2^k, rounded down, at least -n l
///     z = floor(-t / l),  r = t + z l,  p = (r + b) r + c
///     e = p >> z  (down)    or    p << (n - z)  (up)
///
/// \param difference x - max x, from -(2^Q_I - 1) to 0
/// \return           e, in units of vdr_exponential_scale
template <class W>
[[nodiscard]] constexpr W vdr_exponential(W difference, vdr_entry const& entry, vdr_direction direction) {
    W const lowest(-entry.clip * entry.l);
    W const shifted = (difference << entry.left_shift()) >> entry.right_shift();
    W const t = shifted < lowest ? lowest : shifted;
    W const quotient = ((W(0) - t) * W(entry.reciprocal)) >> entry.reciprocal_shift;
    W const r = t + quotient * W(entry.l);
    W const p = (r + W(entry.b)) * r + W(entry.c);
    auto const z = static_cast<int>(static_cast<std::int64_t>(quotient));
    return direction == vdr_direction::down ? p >> z : p << (entry.clip - z);
}

/// Real value of an exponential e = 1.
[[nodiscard]] constexpr double vdr_exponential_scale(vdr_entry const& entry, vdr_direction direction) {
    return direction == vdr_direction::down ? entry.scale_exp : entry.scale_exp * detail::power_of_two(-entry.clip);
}

/// The shift from exponentials to codes. The maximum has e = c or c << n and no exponential is larger, so the shift
/// that eMSB-Q finds in a row follows from the entry alone.
[[nodiscard]] constexpr int vdr_row_shift(vdr_entry const& entry, vdr_options const& options) {
    int const length = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(entry.c)));
    bool const goes_up = options.direction == vdr_direction::up && length > 0;
    return emsb_shift(length + (goes_up ? entry.clip : 0), {options.out_bits, false, options.round});
}

/// Exponentials of a row before they are shortened to codes: what vdr_softmax_row shifts.
template <class X, class E>
void vdr_exponentials(std::span<X const> x, std::span<E> e, vdr_entry const& entry, vdr_options const& options) {
    using word = detail::vdr_word<X>;
    detail::require_vdr_row(x, e, entry, options);
    word const highest(*std::max_element(x.begin(), x.end()));
    for (std::size_t i = 0; i < x.size(); ++i) {
        e[i] = static_cast<E>(
            static_cast<std::int64_t>(vdr_exponential<word>(word(x[i]) - highest, entry, options.direction)));
    }
}

/// VDR-Softmax of one row of integer logits: integers in and out, no division, no floating point.
///
///     p_i = min(2^Q_O - 1, round(e_i / 2^s)),   s = max(0, bits of max e - Q_O)
///
/// with the exponentials of vdr_exponential: eMSB-Q of their row. The codes are not divided by their sum: what that
/// leaves to do is in row_reciprocal.hpp. The maximum of the row always has the largest code, the leading Q_O bits of
/// c.
///
/// Parameters: `x` (n), n >= 1: signed logits of Q_I bits in units of the scale S that the entry was made for; `p` (n):
/// receives codes of Q_O bits in units of vdr_exponential_scale 2^s, may be the memory of x where the types agree.
/// Returns s. X, P: built-in integers, or a user's class with + - * & << >>, comparisons, construction from and
/// conversion to std::int64_t. Rows of built-in 8- to 32-bit logits and codes run in SIMD lanes where F <= 10, with the
/// same result.
///
/// Distance to the exact softmax of N = 197 logits from N(0, sigma) that were kept as 8-bit eMSB codes, codes divided
/// by their sum, 2000 rows with units S of all mantissas (total variation: half the L1 distance; Kullback-Leibler in
/// nats, zero codes as a quarter of a unit):
///
///     sigma                                              0.5      1       2       4       8
///     total variation, default options                   0.0033   0.0088  0.0291  0.0240  0.0162
///         codes rounded down                             0.0039   0.0140  0.0552  0.0362  0.0192
///         float softmax of the 8-bit logits              0.0021   0.0042  0.0078  0.0112  0.0130
///         I-BERT's integer softmax to 8 bits             0.2270   0.2284  0.1319  0.0471  0.0415
///     largest error of any element, default options      0.0004   0.0035  0.0575  0.0438  0.0685
///     Kullback-Leibler, default options                  0.0000   0.0005  0.0121  0.1003  0.1784
///     total variation, default, N = 64                   0.0028   0.0064  0.0166  0.0159  0.0119
///     total variation, default, N = 512                  0.0038   0.0112  0.0461  0.0334  0.0191
///
/// The exact maximum has the largest code in every row, and is the first element that has it in 97.7 %. Total variation
/// at sigma 2 over the bits of logits and codes:
///
///     Q_I \ Q_O     4        6        8        10       12       16
///     4            0.2648   0.1691   0.1620   0.1465   0.1465   0.1466
///     6            0.2262   0.0947   0.0480   0.0352   0.0327   0.0321
///     8            0.2232   0.0845   0.0291   0.0127   0.0088   0.0080
///     10           0.2228   0.0840   0.0265   0.0081   0.0034   0.0022
///     12           0.2229   0.0840   0.0263   0.0074   0.0025   0.0012
///     16           0.2230   0.0841   0.0263   0.0074   0.0025   0.0011
///
/// Errors: xcim::error for options outside their ranges or other than those of the entry, for empty rows, rows of
/// different lengths, and codes that do not fit P. Logits of more than Q_I bits are a precondition (XCIM_ASSERT).
/// Not modelled: masks; the running maximum of a streamed row.
/// Reference: FLARE (arXiv 2411.14733, 2024), algorithm 1, with its misprints resolved (the polynomial's scale is a
/// S^2, the remainder x + z ln 2, one scale holds for a row); pre-shift, rounded constants and rounded codes are
/// additions. Tests: tests/unit/ops/vdr_softmax.cpp, tests/property/vdr_softmax.cpp, tests/golden/flare_softmax.cpp.
/// Benchmark: benchmarks/kernels/vdr_softmax.cpp.
template <class X, class P>
int vdr_softmax_row(std::span<X const> x, std::span<P> p, vdr_entry const& entry, vdr_options const& options) {
    detail::require_vdr_row(x, p, entry, options);
    detail::require_code_type<P>(options);
    int const shift = vdr_row_shift(entry, options);
    if constexpr (detail::lane_logit<X> && detail::lane_code<P>) {
        if (detail::fits_lanes(entry)) {
            detail::vdr_lanes_row(x, p, entry, options, shift);
            return shift;
        }
    }
    using word = detail::vdr_word<X>;
    word const top((std::int64_t{1} << options.out_bits) - 1);
    word const highest(*std::max_element(x.begin(), x.end()));
    for (std::size_t i = 0; i < x.size(); ++i) {
        word const e = vdr_exponential<word>(word(x[i]) - highest, entry, options.direction);
        word const code = shift_round(e, shift, options.round);
        p[i] = static_cast<P>(static_cast<std::int64_t>(code > top ? top : code));
    }
    return shift;
}

}  // namespace xcim::inline XCIM_ABI
