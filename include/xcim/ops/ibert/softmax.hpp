#pragma once

#include <xcim/ops/ibert/exponential.hpp>

#include <optional>

namespace xcim::inline XCIM_ABI::ibert {

/// Integers of `softmax_row` at one scale.
///
/// Exponentials e are requantised to 16 bits, round(e m / 2^s) with a mantissa m of 31 bits. Their range is that of
/// I-BERT's activation module: in training it follows the exponentials it sees; of a fresh module it is the largest one
/// of the tensor, which is always that of the row's maximum, floor(c / S^2) 2^30, so that it is known from S alone.
///
/// Parameters: `input_scale` S from 3.61e-5 to 1.67, real value of one input LSB; `out_bits` 1 to 30, default 8;
/// `act_scale` > 0: real value of one LSB of the 16-bit exponentials, kept in float32, of a trained module; none: a
/// fresh one.
/// Errors: xcim::error for a number out of range, and for an act_scale so large that the exponential of the maximum is
/// 0 in 16 bits: nothing would be left to divide by.
struct softmax_constants {
    static constexpr std::uint64_t largest_exponential = 32767;

    exp_constants exponentials;
    int out_bits;

    explicit softmax_constants(double input_scale, int bits = 8, std::optional<double> act_scale = {})
        : exponentials{input_scale}, out_bits{bits} {
        // Mantissas below 2^31 keep the products of the requantisation below 2^62, mantissas above 0 the sum.
        detail::require_scale(input_scale, 3.61e-5, 1.67, "softmax_constants");
        if (bits < 1 || bits > 30) {
            throw error(errc::bits,
                        "ibert::softmax_constants: out_bits is " + std::to_string(bits) + "; 1 to 30 are possible");
        }
        set_requantisation(act_scale.value_or(fresh_act_scale()));
    }

    /// Real value of one output LSB: 2^-out_bits.
    [[nodiscard]] double scale() const { return std::ldexp(1.0, -out_bits); }

    /// Real value of one LSB of the 16-bit exponentials where no range has been learnt.
    [[nodiscard]] double fresh_act_scale() const {
        double const largest = std::ldexp(static_cast<double>(exponentials.constant), exp_constants::most_halvings);
        return std::max(largest * exponentials.scale, 1e-8) / static_cast<double>(largest_exponential);
    }

    /// The 16-bit exponential: e m / 2^s, rounded half to even, exactly.
    ///
    /// e = p 2^(30 - z), so e m / 2^s = p m / 2^(s - 30 + z): the product has 62 bits at most. (The authors multiply
    /// e m in double, which could differ where 83 bits do not fit 53: once in 2^37 numbers.) Shifts are kept to 1..63:
    /// p m >= 2^30 saturates at shifts below 1, p m < 2^62 is 0 at shifts above 62.
    [[nodiscard]] std::uint64_t requantised(detail::scaled_exponential const& e) const {
        auto const product = e.mantissa * multiplier_;  // above 0
        auto const wanted = static_cast<std::int64_t>(e.halvings) + shift_;
        auto const shift = static_cast<std::uint64_t>(std::min(std::max(wanted, std::int64_t{1}), std::int64_t{63}));
        auto const odd = (product >> shift) & 1U;
        auto const rounded = (((product - 1 + odd) >> (shift - 1)) + 1) >> 1;
        return std::min(rounded, largest_exponential);
    }

private:
    void set_requantisation(double act_scale) {
        double const kept = static_cast<float>(act_scale);
        double const ratio = exponentials.scale / kept;
        if (!(kept > 0 && std::isnormal(ratio))) {
            throw error(errc::range, "ibert::softmax_constants: act_scale is " + std::to_string(act_scale) +
                                         "; a finite number above 0 is needed");
        }
        int exponent = 0;
        multiplier_ = static_cast<std::uint64_t>(detail::floored(std::ldexp(std::frexp(ratio, &exponent), 31) + 0.5));
        shift_ = 31 - exponent - exp_constants::most_halvings;
        if (requantised({static_cast<std::uint64_t>(exponentials.constant), 0}) == 0) {
            throw error(errc::range, "ibert::softmax_constants: act_scale is " + std::to_string(act_scale) +
                                         "; the exponential of the maximum, 1, rounds to 0: below 2 is needed");
        }
    }

    std::uint64_t multiplier_ = 0;  // 2^30 to 2^31
    std::int64_t shift_ = 0;        // of a mantissa without halvings
};

/// i-softmax of one row of logits.
///
///     e = exponential(x - max x) in 16 bits,   f = floor(2^32 / sum of e),   q = floor(e f / 2^(32 - out_bits))
///
/// Integers throughout. Parameters: `x`: (n), any integers, scale S of the constants; `q`: (n), may be x's memory.
/// Returns q in 0 ... 2^out_bits (reached where a trained range leaves one exponential alone), scale
/// constants.scale().
/// Errors: xcim::error for an empty row and other sizes.
/// Not modelled: masks; the running range itself (see softmax_constants).
/// Reference: I-BERT (Kim et al., ICML 2021), section 3.5, algorithm 3. Tests: tests/unit/ops/ibert.cpp,
/// tests/property/ibert.cpp, tests/golden/ibert.cpp.
template <std::integral X, std::integral Q>
requires(sizeof(Q) >= 4) void softmax_row(std::span<X const> x, std::span<Q> q, softmax_constants const& constants) {
    detail::require_row(x.size(), q.size(), "softmax_row");
    X largest = x[0];
    for (X const v : x) {
        largest = std::max(largest, v);
    }
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        auto const distance = static_cast<std::uint64_t>(largest) - static_cast<std::uint64_t>(x[i]);
        auto const e = constants.requantised(detail::exponential_of(distance, constants.exponentials));
        q[i] = static_cast<Q>(e);
        sum += e;
    }
    std::uint64_t const factor = (std::uint64_t{1} << 32) / sum;
    int const shift = 32 - constants.out_bits;
    for (auto& e : q) {
        e = static_cast<Q>((static_cast<std::uint64_t>(e) * factor) >> shift);
    }
}

/// The same for rows of `extent` elements, one after the other.
template <std::integral X, std::integral Q>
void softmax_rows(std::span<X const> x, std::size_t extent, std::span<Q> q, softmax_constants const& constants) {
    if (extent == 0 || x.size() % extent != 0 || x.size() != q.size()) {
        throw error(errc::shape, "ibert::softmax_rows: input and result have " + std::to_string(x.size()) + " and " +
                                     std::to_string(q.size()) + " elements; the same multiple of the extent, " +
                                     std::to_string(extent) + ", is needed");
    }
    for (std::size_t at = 0; at < x.size(); at += extent) {
        softmax_row(x.subspan(at, extent), q.subspan(at, extent), constants);
    }
}

}  // namespace xcim::inline XCIM_ABI::ibert
