#pragma once

#include <xcim/ops/ibert/constants.hpp>

#include <algorithm>

namespace xcim::inline XCIM_ABI::ibert {

/// Integers of `erf` at one scale.
///
/// erf(v) ~ sign(v) a ((min(|v|, -b) + b)^2 + c) with a = -0.2888, b = -1.769, c = 1 / a.
///
/// Parameters: `input_scale` S, real value of one input LSB, 1e-9 to 1e6.
struct erf_constants {
    static constexpr double a = -0.2888;
    static constexpr double b = -1.769;
    static constexpr double c = 1.0 / a;
    static constexpr int dropped_bits = 14;

    std::int64_t limit;     ///< -floor(b / S): |x| from here on is the limit
    std::int64_t constant;  ///< floor(c / S^2), negative
    double scale;           ///< of erf(): a S^2 2^14, negative

    explicit erf_constants(double input_scale) {
        detail::require_scale(input_scale, 1e-9, 1e6, "erf_constants");
        limit = -detail::floored(b / input_scale);
        constant = detail::floored(c / (input_scale * input_scale));
        scale = input_scale * input_scale * a * 0x1p14;
    }
};

/// i-erf: the error function.
///
///     y = floor(sign(x) ((min(|x|, limit) - limit)^2 + constant) / 2^14)
///
/// Returns y, scale constants.scale < 0: y is negative where erf is positive, and 0 only for x = 0 or coarse scales.
/// Reference: I-BERT (Kim et al., ICML 2021), section 3.4, equation 8 and algorithm 2. Tests: tests/unit/ops/ibert.cpp,
/// tests/golden/ibert.cpp.
[[nodiscard]] inline std::int64_t erf(std::int64_t x, erf_constants const& constants) {
    std::int64_t const clipped = std::clamp(x, -constants.limit, constants.limit);
    std::int64_t const rest = (clipped < 0 ? -clipped : clipped) - constants.limit;
    std::int64_t const sign = (x > 0) - (x < 0);
    return (sign * (rest * rest + constants.constant)) >> erf_constants::dropped_bits;
}

/// Integers of `gelu` at one scale.
///
/// Parameters: `input_scale` S, real value of one input LSB, 1e-6 to 1e6. Above some 0.02 little is left of the
/// function: `one` is then -2 or -1.
struct gelu_constants {
    static constexpr double root_of_two = 1.4142;

    erf_constants error_function;  ///< of x / 1.4142
    std::int64_t one;              ///< floor(1 / scale of erf), negative: rounded away from zero
    double scale;                  ///< of gelu(): S times that of erf, halved; negative

    explicit gelu_constants(double input_scale) : error_function{checked(input_scale) / root_of_two} {
        one = detail::floored(1.0 / error_function.scale);
        scale = input_scale * error_function.scale / 2;
    }

private:
    static double checked(double input_scale) {
        detail::require_scale(input_scale, 1e-6, 1e6, "gelu_constants");
        return input_scale;
    }
};

/// i-GELU: x / 2 (1 + erf(x / sqrt 2)) of one number of 32 bits, y = x (erf(x) + one).
///
/// Returns y, scale constants.scale < 0.
/// Reference: I-BERT (Kim et al., ICML 2021), section 3.4, equation 9 and algorithm 2. Tests: tests/unit/ops/ibert.cpp,
/// tests/golden/ibert.cpp.
[[nodiscard]] inline std::int64_t gelu(std::int32_t x, gelu_constants const& constants) {
    return x * (erf(x, constants.error_function) + constants.one);
}

/// The same for a row. Parameters: `x`: (n), signed integers of 32 bits in any type; `y`: (n), may be x's memory.
/// Errors: xcim::error for other sizes and for an element with more bits.
template <std::signed_integral X>
void gelu(std::span<X const> x, std::span<std::int64_t> y, gelu_constants const& constants) {
    detail::require_row(x.size(), y.size(), "gelu");
    detail::require_32_bits(x, "gelu");
    for (std::size_t i = 0; i < x.size(); ++i) {
        y[i] = gelu(static_cast<std::int32_t>(x[i]), constants);
    }
}

}  // namespace xcim::inline XCIM_ABI::ibert
