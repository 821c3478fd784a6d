#pragma once

#include <xcim/ops/ibert/constants.hpp>
#include <xcim/ops/ibert/square_root.hpp>

#include <algorithm>
#include <bit>
#include <vector>

namespace xcim::inline XCIM_ABI::ibert {

/// What the normalisation of a row of n elements finds on its way.
struct row_spread {
    std::int64_t mean;       ///< rounded half to even, input LSB
    std::int64_t variance;   ///< sum of floor((x - mean) / 2^shift)^2: not divided by n
    std::int64_t deviation;  ///< floor(sqrt(variance)) 2^shift: sqrt(n) times the standard deviation, input LSB
};

namespace detail {

template <std::signed_integral X>
[[nodiscard]] std::int64_t rounded_mean(std::span<X const> x) {
    std::int64_t sum = 0;
    for (X const v : x) {
        sum += v;
    }
    auto const n = static_cast<std::int64_t>(x.size());
    std::int64_t const rest = ((sum % n) + n) % n;
    std::int64_t const below = (sum - rest) / n;
    bool const up = 2 * rest > n || (2 * rest == n && below % 2 != 0);
    return below + (up ? 1 : 0);
}

inline void require_layer_norm_shift(int shift) {
    if (shift < 0 || shift > 31) {
        throw error(errc::range, "ibert::layer_norm: shift is " + std::to_string(shift) + "; 0 to 31 are possible");
    }
}

/// Sum of floor((x - mean) / 2^shift)^2 of 32-bit numbers; below 2^62 or an error.
template <std::signed_integral X>
[[nodiscard]] std::int64_t sum_of_squares(std::span<X const> x, std::int64_t mean, int shift) {
    auto const [lowest, highest] = std::ranges::minmax(x);
    // Floored, a negative difference grows by less than 1.
    auto const largest =
        static_cast<std::uint64_t>(std::max(std::int64_t{highest} - mean, mean - std::int64_t{lowest}) >> shift) + 1;
    if (largest >= (std::uint64_t{1} << 31) || largest * largest > (std::uint64_t{1} << 62) / x.size()) {
        throw error(errc::range, "ibert::layer_norm: elements differ by up to " +
                                     std::to_string(std::int64_t{highest} - std::int64_t{lowest}) +
                                     ", their squares may not fit 62 bits; a shift above " + std::to_string(shift) +
                                     " is needed");
    }
    std::int64_t sum = 0;
    for (X const v : x) {
        std::int64_t const difference = (v - mean) >> shift;
        sum += difference * difference;
    }
    return sum;
}

}  // namespace detail

/// i-LayerNorm without gain and bias.
///
///     d = x - mean,   deviation = square_root(sum of floor(d / 2^shift)^2) 2^shift,
///     y = floor(d floor(2^31 / deviation) / 2)
///
/// Integers throughout. Parameters: `x`: (n), signed integers of 32 bits in any type; `y`: (n), may be x's memory;
/// `shift` 0 to 31, see layer_norm_shift. Returns y, scale sqrt(n) 2^-30 whatever the scale of x, and what it found.
/// The factor has 31 - log2(deviation) bits: inputs of 8 to 20 bits keep their digits, a deviation above 2^31 gives 0.
/// Where the deviation is 0 (all elements equal, a row of one, differences that the shift erases), y is 0; I-BERT
/// divides by zero there.
/// Errors: xcim::error for an empty row, other sizes, elements with more bits, and squares that do not fit 62 bits.
/// Not modelled: an epsilon beside the variance; inputs that are not quite integers, as the authors' modules have them
/// (they divide by the scale and do not round, so a floor may go one lower).
/// Reference: I-BERT (Kim et al., ICML 2021), section 3.6. Tests: tests/unit/ops/ibert.cpp, tests/golden/ibert.cpp.
template <std::signed_integral X>
row_spread normalise(std::span<X const> x, std::span<std::int64_t> y, int shift = 0) {
    detail::require_row(x.size(), y.size(), "normalise");
    detail::require_32_bits(x, "normalise");
    detail::require_layer_norm_shift(shift);
    std::int64_t const mean = detail::rounded_mean(x);
    std::int64_t const variance = detail::sum_of_squares(x, mean, shift);
    std::int64_t const deviation = square_root(variance) << shift;
    std::int64_t const factor = deviation == 0 ? 0 : (std::int64_t{1} << 31) / deviation;
    for (std::size_t i = 0; i < x.size(); ++i) {
        y[i] = ((x[i] - mean) * factor) >> 1;
    }
    return {mean, variance, deviation};
}

/// Smallest shift with which the variance of a row fits 32 bits: what I-BERT's modules learn in training, where they
/// keep the largest they have met.
///
/// 0 where the variance is below 2^32, else ceil(log2(variance / 2^32) / 2), and more where flooring needs it.
/// Parameters: as for normalise. Tests: tests/unit/ops/ibert.cpp.
template <std::signed_integral X>
[[nodiscard]] int layer_norm_shift(std::span<X const> x) {
    detail::require_row(x.size(), x.size(), "layer_norm_shift");
    detail::require_32_bits(x, "layer_norm_shift");
    std::int64_t const mean = detail::rounded_mean(x);
    std::uint64_t high = 0;  // variance = high 2^32 + low
    std::uint64_t low = 0;
    for (X const v : x) {
        auto const magnitude = static_cast<std::uint64_t>(v < mean ? mean - v : v - mean);  // below 2^32
        high += (magnitude * magnitude) >> 32;
        low += (magnitude * magnitude) & 0xFFFFFFFFU;
    }
    high += low >> 32;
    if (high == 0) {
        return 0;
    }
    // 2^(2 shift) >= variance / 2^32
    std::uint64_t const whole = high + ((low & 0xFFFFFFFFU) != 0 ? 1 : 0);
    auto shift = static_cast<int>((std::bit_width(whole - 1) + 1) / 2);
    while (detail::sum_of_squares(x, mean, shift) >= (std::int64_t{1} << 32)) {
        ++shift;
    }
    return shift;
}

/// Integers of `layer_norm`: gain and bias of the elements of a row.
///
///     bias = floor((b / w) / s),   scale = s w,   s = sqrt(n) 2^-30
///
/// with sqrt(n) in float32, as the authors' modules keep it.
/// Parameters: `weights`: (n), finite, not 0; `biases`: (n), finite; both real; `shift` 0 to 31.
/// Errors: xcim::error for other sizes and numbers.
struct layer_norm_constants {
    std::vector<std::int64_t> bias;  ///< (n), output LSB
    std::vector<double> scale;       ///< (n), real value of one output LSB
    int shift;

    layer_norm_constants(std::span<double const> weights, std::span<double const> biases, int right_shift = 0)
        : shift{right_shift} {
        detail::require_row(weights.size(), biases.size(), "layer_norm_constants");
        detail::require_layer_norm_shift(shift);
        double const root = std::sqrt(static_cast<float>(weights.size()));
        for (std::size_t i = 0; i < weights.size(); ++i) {
            double const offset = biases[i] / weights[i] / (root * 0x1p-30);
            if (!(std::abs(offset) < 0x1p62 && std::isnormal(weights[i]))) {
                throw error(errc::value, "ibert::layer_norm_constants: element " + std::to_string(i) + " has weight " +
                                             std::to_string(weights[i]) + " and bias " + std::to_string(biases[i]) +
                                             "; finite numbers and a weight that is not 0 are needed");
            }
            bias.push_back(detail::floored(offset));
            scale.push_back(root * 0x1p-30 * weights[i]);
        }
    }
};

/// i-LayerNorm of one row: normalise, then y[i] += bias[i].
///
/// Parameters: `x`: (n), signed integers of 32 bits in any type; `y`: (n), may be x's memory. Returns y, scale
/// constants.scale[i], and what it found. Errors: as normalise, and another n than the constants'.
/// Reference and tests: as normalise.
template <std::signed_integral X>
row_spread layer_norm(std::span<X const> x, std::span<std::int64_t> y, layer_norm_constants const& constants) {
    detail::require_row(x.size(), constants.bias.size(), "layer_norm");
    auto const spread = normalise(x, y, constants.shift);
    for (std::size_t i = 0; i < y.size(); ++i) {
        y[i] += constants.bias[i];
    }
    return spread;
}

}  // namespace xcim::inline XCIM_ABI::ibert
