#pragma once

/// \file
/// The numbers that VDR-Softmax keeps in a table: integers of its polynomial for every power of two of the logits'
/// scale. They are made once, with double arithmetic and at compile time where the scale is known there; a row of
/// logits then needs integers only.

#include <xcim/core/error.hpp>
#include <xcim/core/parameter.hpp>
#include <xcim/core/shift_round.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <optional>
#include <string>

namespace xcim::inline XCIM_ABI {

/// Where the power of two of an exponential goes.
enum class vdr_direction {
    down,  ///< e = p >> z: fits 32 bits
    up,    ///< e = p << (n - z): keeps every bit of p, needs 64
};

/// exp(y) ~ a (y (y + b) + c) on (-ln 2, 0].
struct vdr_coefficients {
    double a = 0.3585;
    double b = 2 * 1.353;
    double c = 1.353 * 1.353 + 0.344 / 0.3585;
};

/// As printed in I-BERT (Kim et al., ICML 2021), 0.3585 (y + 1.353)^2 + 0.344: within 0.31 % of exp.
inline constexpr vdr_coefficients ibert_paper_coefficients{};

/// As in the sources published with it, 0.35815147 y^2 + 0.96963238 y + 1: exact at 0, within 0.33 %.
inline constexpr vdr_coefficients ibert_source_coefficients{0.35815147, 0.96963238 / 0.35815147, 1 / 0.35815147};

/// Formats and choices of VDR-Softmax.
struct vdr_options {
    int in_bits = 8;                       ///< Q_I of a logit, signed: 2 to 16
    int out_bits = 8;                      ///< Q_O of a code, unsigned: 2 to 16
    std::optional<int> fraction_bits = 8;  ///< F of the pre-shifted logits: 0 to 13; nullopt: no pre-shift
    vdr_direction direction = vdr_direction::down;
    bool rounds_constants = true;        ///< l, b, c to the nearest integer, else down
    rounding round = rounding::half_up;  ///< of the codes; the paper only parses bits: floor
    vdr_coefficients coefficients{};

    /// The largest power of two, n: smaller exponentials are 2^-n.
    [[nodiscard]] constexpr int clip() const { return 2 * in_bits; }
};

/// One line of the table: integers for logits of one scale S, for which S' = S 2^-k is the scale after the pre-shift.
struct vdr_entry {
    int k = 0;                    ///< pre-shift of the logits: left where positive
    int clip = 0;                 ///< n
    std::int64_t l = 0;           ///< ln 2 / S', at least 1
    std::int64_t b = 0;           ///< b / S'
    std::int64_t c = 0;           ///< c / S'^2, also the largest p
    std::int64_t reciprocal = 0;  ///< floor(u / l) = u * reciprocal >> reciprocal_shift for all u that occur
    int reciprocal_shift = 0;
    double scale_in = 0;   ///< S'
    double scale_exp = 0;  ///< a S'^2: real value of p = 1

    /// Shifts that act as k does on differences of 16-bit logits: 24 places left drive every difference into the clip,
    /// 31 places right leave only its sign.
    [[nodiscard]] constexpr int left_shift() const { return std::clamp(k, 0, 24); }
    [[nodiscard]] constexpr int right_shift() const { return std::clamp(-k, 0, 31); }
};

namespace detail {

/// Products u * reciprocal of the 32-bit datapath stay below 30 * 2^26 + 2^20 < 2^31.
inline constexpr int narrow_reciprocal_shift = 26;

/// Products of the 64-bit datapath stay below 32 * 2^44 + 2^19.
inline constexpr int wide_reciprocal_shift = 44;

[[noreturn]] inline void refuse_vdr(errc code, std::string const& sentence) { throw error(code, sentence); }

constexpr void require_vdr_bits(vdr_options const& o) {
    if (o.in_bits < 2 || o.in_bits > 16) {
        refuse_vdr(errc::bits, outside("vdr_options: in_bits", o.in_bits, 2, 16));
    }
    if (o.out_bits < 2 || o.out_bits > 16) {
        refuse_vdr(errc::bits, outside("vdr_options: out_bits", o.out_bits, 2, 16));
    }
    if (o.fraction_bits && (*o.fraction_bits < 0 || *o.fraction_bits > 13)) {
        refuse_vdr(errc::bits, outside("vdr_options: fraction_bits", *o.fraction_bits, 0, 13));
    }
}

constexpr void require_vdr(vdr_options const& o) {
    require_vdr_bits(o);
    auto const [a, b, c] = o.coefficients;
    double const highest = 16;
    if (!(a > 0 && b > 0 && c > 0 && a < highest && b < highest && c < highest)) {
        refuse_vdr(errc::range, "vdr_options: coefficients are " + std::to_string(a) + ", " + std::to_string(b) + ", " +
                                    std::to_string(c) + "; numbers between 0 and 16 are needed");
    }
}

constexpr void require_logit_scale(double s) {
    if (!(s >= 1e-300 && s <= 1e300)) {
        refuse_vdr(errc::range,
                   "the scale of the logits is " + std::to_string(s) + "; a number from 1e-300 to 1e300 is needed");
    }
}

/// floor(log2 v) of a positive normal number.
[[nodiscard]] constexpr int exponent_of(double v) {
    return static_cast<int>(std::bit_cast<std::uint64_t>(v) >> 52U) - 1023;
}

/// 2^e as a double, e from -1022 to 1023.
[[nodiscard]] constexpr double power_of_two(int e) {
    return std::bit_cast<double>(static_cast<std::uint64_t>(e + 1023) << 52U);
}

/// ceil(log2 v), where a mantissa within 1e-12 octaves above a power of two counts as that power.
[[nodiscard]] constexpr int rounded_up_log2(double v) {
    int const e = exponent_of(v);
    double const one_and_a_bit = 1 + 1e-12 * std::numbers::ln2;
    return v * power_of_two(-e / 2) * power_of_two(-e + e / 2) > one_and_a_bit ? e + 1 : e;
}

/// The entry, or one with l = 0 where its exponentials do not fit 62 bits: without a pre-shift and for small scales.
[[nodiscard]] constexpr vdr_entry vdr_entry_or_nothing(double logit_scale, vdr_options const& o) {
    int const k = o.fraction_bits ? rounded_up_log2(logit_scale) + *o.fraction_bits : 0;
    double const s = logit_scale * power_of_two(-k);
    int const room = o.direction == vdr_direction::up ? 62 - o.clip() : 62;
    double const c = o.coefficients.c / (s * s);
    if (c + 1 >= power_of_two(room)) {
        return {};
    }
    auto const integer = [&](double v) { return static_cast<std::int64_t>(v + (o.rounds_constants ? 0.5 : 0.0)); };
    vdr_entry entry{.k = k,
                    .clip = o.clip(),
                    .l = std::max(std::int64_t{1}, integer(std::numbers::ln2 / s)),
                    .b = integer(o.coefficients.b / s),
                    .c = integer(c),
                    .scale_in = s,
                    .scale_exp = o.coefficients.a * (s * s)};
    // With m = ceil(2^s / l) and u = z l + r: u m / 2^s = u / l + u (m l - 2^s) / (l 2^s), and floor(u / l) stays as it
    // is while the second term is below 1 / l, that is u (m l - 2^s) < 2^s.
    auto const set_reciprocal = [&entry](int shift) {
        std::int64_t const one = std::int64_t{1} << shift;
        entry.reciprocal = (one + entry.l - 1) / entry.l;
        entry.reciprocal_shift = shift;
        return entry.clip * entry.l * (entry.reciprocal * entry.l - one) < one;
    };
    std::int64_t const above_every_difference = std::int64_t{1} << 17;  // of 16-bit logits
    if (entry.l >= above_every_difference) {
        entry.reciprocal_shift = wide_reciprocal_shift;  // u < l: z = 0
    } else if (!set_reciprocal(narrow_reciprocal_shift)) {
        set_reciprocal(wide_reciprocal_shift);  // 32 l^2 < 2^44 where pre-shifted, 2^17 l <= 2^34 where not
    }
    return entry;
}

/// The polynomial must fall from 0 to -(l - 1) and end above 0: then the maximum's exponential is the largest, and
/// none needs a clamp.
constexpr void require_falling_polynomial(vdr_entry const& e) {
    std::int64_t const last = e.l - 1;
    if (e.b < 2 * last || e.c < last * (e.b - last)) {
        refuse_vdr(errc::range, "vdr_options: the coefficients make integers l = " + std::to_string(e.l) +
                                    ", b = " + std::to_string(e.b) + ", c = " + std::to_string(e.c) +
                                    "; a polynomial that is positive and rises over (-ln 2, 0] is needed");
    }
}

}  // namespace detail

/// Integers of VDR-Softmax for logits of one scale.
///
///     k = ceil(log2 S + F),  S' = S 2^-k        2^-(F+1) < S' <= 2^-F; without pre-shift k = 0, S' = S
///     l = max(1, round(ln 2 / S')),  b = round(b_real / S'),  c = round(c_real / S'^2)
///
/// Usable in constant expressions.
/// Parameters: `logit_scale` S > 0, the real value of one unit of a logit. See vdr_options for the rest.
/// Errors: xcim::error for a scale that is not positive and finite, for options outside their ranges, and without
/// pre-shift for scales so small that exponentials need more than 62 bits (S below about 2^-30, "up" 2^(Q_I - 30)).
/// Without pre-shift and with S above ln 2 the entry is of little use: l is held at 1, and from S = 2.4 on c = 0, so
/// that all codes are 0.
/// Reference: FLARE (arXiv 2411.14733, 2024), algorithm 1, where the table is called VDR; polynomial: I-BERT (Kim et
/// al., ICML 2021). Tests: tests/unit/ops/vdr_softmax.cpp, tests/golden/flare_softmax.cpp.
[[nodiscard]] constexpr vdr_entry make_vdr_entry(double logit_scale, vdr_options const& options) {
    detail::require_vdr(options);
    detail::require_logit_scale(logit_scale);
    vdr_entry const entry = detail::vdr_entry_or_nothing(logit_scale, options);
    if (entry.l == 0) {
        detail::refuse_vdr(errc::range, "the scale of the logits is " + std::to_string(logit_scale) +
                                            " and there is no pre-shift: exponentials would need more than 62 bits; "
                                            "a larger scale or a number of fraction_bits is needed");
    }
    detail::require_falling_polynomial(entry);
    return entry;
}

/// Entries for all scales s0 2^exponent of the logits. FLARE counts exponents with the other sign: exponent = -n_e.
///
/// The entries reach from scales of 2^-47 to 2^17. With a pre-shift nothing is lost beyond: for larger scales every
/// difference of logits is in the clip (all weight on the maximum and its ties), for smaller ones every difference
/// is -1 after the pre-shift (a uniform row), in the last entries as beyond them. Without a pre-shift small scales
/// have no entry.
/// Parameters: `s0` > 0, real value of a logit's unit at exponent 0.
/// Errors: as make_vdr_entry; at() throws for an exponent without entry.
/// Tests: tests/unit/ops/vdr_softmax.cpp, tests/golden/flare_softmax.cpp.
class vdr_table {
public:
    constexpr vdr_table(double s0, vdr_options const& options) : s0_{s0}, options_{options} {
        detail::require_vdr(options);
        detail::require_logit_scale(s0);
        int const log2 = detail::exponent_of(s0);
        first_ = lowest_log2 - log2;
        double const mantissa = s0 * detail::power_of_two(-log2 / 2) * detail::power_of_two(-log2 + log2 / 2);
        for (int i = 0; i < size; ++i) {
            auto& entry = entries_[static_cast<std::size_t>(i)];
            entry = detail::vdr_entry_or_nothing(mantissa * detail::power_of_two(lowest_log2 + i), options);
            if (entry.l > 0) {
                detail::require_falling_polynomial(entry);
            }
        }
    }

    /// The entry for logits of scale s0 2^exponent.
    [[nodiscard]] constexpr vdr_entry const& at(int exponent) const {
        auto const& entry =
            entries_[static_cast<std::size_t>(std::clamp(exponent, first_, first_ + size - 1) - first_)];
        if (entry.l == 0) {
            detail::refuse_vdr(errc::range, "the logits have the exponent " + std::to_string(exponent) +
                                                " and there is no pre-shift: exponentials would need more than 62 "
                                                "bits; a larger scale or a number of fraction_bits is needed");
        }
        return entry;
    }

    [[nodiscard]] constexpr vdr_options const& options() const { return options_; }
    [[nodiscard]] constexpr double s0() const { return s0_; }

private:
    static constexpr int size = 64;
    static constexpr int lowest_log2 = -47;

    double s0_;
    vdr_options options_;
    int first_ = 0;  // exponent of the first entry
    std::array<vdr_entry, size> entries_{};
};

}  // namespace xcim::inline XCIM_ABI
