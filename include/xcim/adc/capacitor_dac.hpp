#pragma once

/// \file
/// The capacitive digital-to-analogue converter inside adc::sar and adc::ramp.
///
///     level of magnitude r:  V(r) = Vref sum_k bit_k(r) W_k / D / (1 + 1/(A beta)),     r = 0 .. 2^(bits-1)
///     plain:  W_k = C_k,     D = C_{N-1},     beta = C_N / (C_N + sum_k bit_k(r) C_k)
///             C_k = 2^k + s 2^(k/2) n_k  (k < N),     C_N = 2^(N-1) + s 2^((N-1)/2) n_N
///     split:  the low h = floor(N/2) bits on a sub-array of their own, joined by a bridge C_b, beta = 1:
///             W_k = C_k C_b  (k < h),     C_k (L + C_b)  (k >= h),     D = (L + C_b)(M + C_b) - C_b^2
///             C_k = 2^k + s 2^(k/2) n_k  (k < h),     2^(k-h) + s 2^((k-h)/2) n_k  (h <= k < N-1)
///             C_{N-1} = 1 + s n,     C_b = B + s sqrt(B) n_N,     B = 2^h / (2^h - 1)
///             L = C_{N-1} + sum of the low C_k,     M = sum of the high C_k
///
/// Capacitors in units; every n is a standard normal of one converter. Reference: M. Spear et al., "The impact of
/// analog-to-digital converter architecture and variability on analog neural network accuracy", IEEE JXCDC 9(2), 2023.

#include <xcim/adc/levels.hpp>
#include <xcim/core/parameter.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>

namespace xcim::inline XCIM_ABI::adc {

/// What is wrong with the circuits of adc::sar and adc::ramp.
struct capacitor_errors {
    double mismatch = 0;    ///< relative deviation of a unit capacitor, 0 to 0.2
    double comparator = 0;  ///< deviation of the comparator's offset, share of Vref, 0 to 1
    double gain_db = std::numeric_limits<double>::infinity();  ///< of the amplifier behind the capacitors, above 0
    bool is_split = false;  ///< capacitors in two halves joined by a bridge: fewer of them

    [[nodiscard]] std::string wrong(std::string const& name) const {
        return first_sentence(
            {unless(mismatch >= 0 && mismatch <= 0.2, name + ".errors.mismatch", mismatch, "from 0 to 0.2"),
             unless(comparator >= 0 && comparator <= 1, name + ".errors.comparator", comparator, "from 0 to 1"),
             detail::wrong_gain(name + ".errors.gain_db", gain_db)});
    }

    friend std::string to_string(capacitor_errors const& e) {
        return std::string(e.is_split ? "split, " : "") + "mismatch " + std::to_string(e.mismatch) + ", comparator " +
               std::to_string(e.comparator) + ", gain " + std::to_string(e.gain_db) + " dB";
    }
};

namespace detail {

/// Capacitors as drawn on the layout, in units, and their standard deviations: C_0 .. C_N, the bridge times 2^h - 1. T
/// float or double.
template <class T, class Bits>
struct capacitor_plan {
    [[no_unique_address]] Bits bits;
    bool is_split = false;
    std::array<T, std::size_t{most_bits<Bits>} + 1> units{};
    std::array<T, std::size_t{most_bits<Bits>} + 1> deviations{};

    capacitor_plan(Bits number, capacitor_errors const& errors) : bits{number}, is_split{errors.is_split} {
        int const n = bits;
        int const half = n / 2;
        for (int k = 0; k <= n; ++k) {
            int const power = k == n ? n - 1 : k;
            double size = std::exp2(power);
            double scale = 1;
            if (is_split) {
                scale = k == n ? std::exp2(half) - 1 : 1;
                size = k == n ? std::exp2(half) / scale : k == n - 1 ? 1 : std::exp2(k < half ? k : k - half);
            }
            units[static_cast<std::size_t>(k)] = static_cast<T>(size * scale);
            deviations[static_cast<std::size_t>(k)] = static_cast<T>(errors.mismatch * std::sqrt(size) * scale);
        }
    }
};

/// a b + c, of floats rounded once.
template <class V>
[[nodiscard]] XCIM_INLINE V plus_product(V a, V b, V c) {
    if constexpr (std::same_as<V, double>) {
        return a * b + c;
    } else {
        return fused_multiply_add(a, b, c);
    }
}

/// One converter's, or a batch of them: V(r) / Vref = T / divisor / (1 + (1 + T / reference) / A) with T = sum_k
/// bit_k(r) weights[k]; split, 1 + 1 / A is all that A does.
template <class V, class Bits>
struct capacitor_weights {
    std::array<V, std::size_t{most_bits<Bits>}> weights;  // of the bits below the top one
    V divisor;
    V reference;  // C_N

    /// `normal(i)`: the converter's standard normals 0 to bits.
    template <class T, class Normal>
    XCIM_INLINE capacitor_weights(capacitor_plan<T, Bits> const& plan, Normal const& normal) : reference(T(1)) {
        auto const n = static_cast<std::size_t>(int{plan.bits});
        auto const capacitor = [&](std::size_t k) {
            return plus_product(V(plan.deviations[k]), normal(static_cast<int>(k)), V(plan.units[k]));
        };
        for (std::size_t k = 0; k + 1 < n; ++k) {
            weights[k] = capacitor(k);
        }
        divisor = capacitor(n - 1);
        if (!plan.is_split) {
            reference = capacitor(n);
            return;
        }
        // Everything times (q = 2^h - 1)^2, so that these are whole numbers without mismatch.
        std::size_t const half = n / 2;
        V const q(static_cast<T>((std::size_t{1} << half) - 1));
        V const bridge = capacitor(n);
        V low = divisor;
        V high(T(0));
        for (std::size_t k = 0; k < half; ++k) {
            low = low + weights[k];
        }
        for (std::size_t k = half; k + 1 < n; ++k) {
            high = high + weights[k];
        }
        low = plus_product(low, q, bridge);
        high = plus_product(high, q, bridge);
        V const of_low = bridge * q;
        V const of_high = low * q;
        for (std::size_t k = 0; k + 1 < n; ++k) {
            weights[k] = weights[k] * (k < half ? of_low : of_high);
        }
        divisor = plus_product(low, high, V(V(T(0)) - V(bridge * bridge)));
    }
};

}  // namespace detail

}  // namespace xcim::inline XCIM_ABI::adc
