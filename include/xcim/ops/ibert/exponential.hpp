#pragma once

#include <xcim/ops/ibert/constants.hpp>

#include <algorithm>

namespace xcim::inline XCIM_ABI::ibert {

/// Integers of `exponential` at one scale.
///
/// exp(p) ~ a (p^2 + b p + c) for -ln 2 < p <= 0 with a = 0.35815147, a b = 0.96963238, a c = 1 becomes, for p = r S,
///
///     r (r + floor(b / S)) + floor(c / S^2),     scale a S^2
///
/// Parameters: `scale` S > 0, the real value of one input LSB, from 1.81e-5 (the largest exponential then fills 63
/// bits) to 1e6. From 0.694 on every step is a power of two, from 1.671 on floor(c / S^2) and all exponentials are 0.
struct exp_constants {
    static constexpr double a = 0.35815147;
    static constexpr double b = 0.96963238 / a;
    static constexpr double c = 1.0 / a;
    static constexpr double negative_ln2 = -0.6931;
    static constexpr int most_halvings = 30;  ///< smaller inputs than -30 ln 2 count as that

    std::int64_t linear;      ///< floor(b / S)
    std::int64_t constant;    ///< floor(c / S^2)
    std::int64_t ln2;         ///< -floor(-ln 2 / S)
    double polynomial_scale;  ///< of polynomial(): a S^2
    double scale;             ///< of exponential(): a S^2 2^-30

    explicit exp_constants(double input_scale) {
        detail::require_scale(input_scale, 1.81e-5, 1e6, "exp_constants");
        linear = detail::floored(b / input_scale);
        constant = detail::floored(c / (input_scale * input_scale));
        ln2 = -detail::floored(negative_ln2 / input_scale);
        polynomial_scale = a * (input_scale * input_scale);
        scale = polynomial_scale * 0x1p-30;
        reciprocal_ = (std::uint64_t{1} << reciprocal_bits) / static_cast<std::uint64_t>(ln2) + 1;
    }

    /// floor(distance / ln2) for distances up to 30 ln2, exactly: the reciprocal is too large by less than 2^-37 and
    /// 30 ln2^2 < 2^37.
    [[nodiscard]] std::uint64_t halvings(std::uint64_t distance) const {
        return (distance * reciprocal_) >> reciprocal_bits;
    }

private:
    static constexpr int reciprocal_bits = 37;
    std::uint64_t reciprocal_;
};

/// The second-order polynomial of exp_constants, -ln2 < r <= 0; scale constants.polynomial_scale.
[[nodiscard]] inline std::int64_t polynomial(std::int64_t r, exp_constants const& constants) {
    return r * (r + constants.linear) + constants.constant;
}

namespace detail {

/// An exponential before its shift: mantissa * 2^-halvings.
struct scaled_exponential {
    std::uint64_t mantissa;
    std::uint64_t halvings;  // 0 to 30
};

/// exp of -distance.
[[nodiscard]] inline scaled_exponential exponential_of(std::uint64_t distance, exp_constants const& k) {
    auto const ln2 = static_cast<std::uint64_t>(k.ln2);
    auto const clipped = std::min(distance, exp_constants::most_halvings * ln2);
    auto const z = k.halvings(clipped);
    auto const r = static_cast<std::int64_t>(z * ln2) - static_cast<std::int64_t>(clipped);
    return {static_cast<std::uint64_t>(polynomial(r, k)), z};
}

}  // namespace detail

/// i-exp: the exponential of one number, x <= 0.
///
///     z = floor(max(x, -30 ln2) / -ln2),   r = x + z ln2,   e = polynomial(r) 2^(30 - z)
///
/// Returns e, 0 to floor(c / S^2) 2^30, scale constants.scale. The division by ln2 is a multiplication with its
/// reciprocal and a shift, with the same quotient.
/// Precondition: x <= 0.
/// Not modelled: inputs that are not integers; the 24-bit mantissas of the authors' default float32 run.
/// Reference: I-BERT (Kim et al., ICML 2021), section 3.5, algorithm 3. Tests: tests/unit/ops/ibert.cpp,
/// tests/golden/ibert.cpp.
[[nodiscard]] inline std::int64_t exponential(std::int64_t x, exp_constants const& constants) {
    XCIM_ASSERT(x <= 0, "ibert::exponential: x is above 0");
    auto const e = detail::exponential_of(std::uint64_t{0} - static_cast<std::uint64_t>(x), constants);
    return static_cast<std::int64_t>(e.mantissa << (exp_constants::most_halvings - e.halvings));
}

/// The same for a row.
///
/// Parameters: `x`: (n), all <= 0; `e`: (n), may be x's memory. Errors: xcim::error for other sizes and for an element
/// above 0.
template <std::signed_integral X>
void exponential(std::span<X const> x, std::span<std::int64_t> e, exp_constants const& constants) {
    detail::require_row(x.size(), e.size(), "exponential");
    if (auto const above = std::ranges::find_if(x, [](X v) { return v > 0; }); above != x.end()) {
        throw error(errc::value, "ibert::exponential: x[" + std::to_string(above - x.begin()) + "] is " +
                                     std::to_string(*above) +
                                     "; numbers up to 0 are needed: subtract the largest of the row");
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
        e[i] = exponential(x[i], constants);
    }
}

}  // namespace xcim::inline XCIM_ABI::ibert
