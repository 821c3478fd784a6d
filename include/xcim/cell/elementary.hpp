#pragma once

/// \file
/// Exponential and logarithm for many devices: without branches or calls, so that loops over them can be vectorised.
/// Relative error below 1e-12. Tests: tests/unit/cell/elementary.cpp. Benchmark: benchmarks/kernels/devices.cpp.

#include <xcim/config.hpp>

#include <cstdint>

namespace xcim::inline XCIM_ABI::cell {

/// exp(x) for |x| <= 700.
[[nodiscard]] XCIM_INLINE double exponential(double x) {
    constexpr double round_to_integer = 0x1.8p52;  // added, it leaves the nearest integer in the last bits
    double const shifted = x * 0x1.71547652b82fep+0 + round_to_integer;
    double const n = shifted - round_to_integer;
    double const r = (x - n * 0x1.62e42fefa0000p-1) - n * 0x1.cf79abc9e3b39p-40;  // x - n ln 2, |r| < 0.35
    // Taylor's series, in groups that do not wait for each other.
    double const r2 = r * r;
    double const r4 = r2 * r2;
    double const low = (1 + r) + r2 * (1.0 / 2 + r * (1.0 / 6));
    double const middle = (1.0 / 24 + r * (1.0 / 120)) + r2 * (1.0 / 720 + r * (1.0 / 5040));
    double const high = (1.0 / 40320 + r * (1.0 / 362880)) + r2 * (1.0 / 3628800 + r * (1.0 / 39916800));
    double const sum = low + r4 * (middle + r4 * high);
    auto const bits = __builtin_bit_cast(std::uint64_t, sum) + (__builtin_bit_cast(std::uint64_t, shifted) << 52U);
    return __builtin_bit_cast(double, bits);
}

/// ln(x) for normal x > 0.
[[nodiscard]] XCIM_INLINE double logarithm(double x) {
    constexpr std::uint64_t root_of_half = 0x3FE6A09E00000000;
    constexpr std::uint64_t one = 0x3FF0000000000000;
    constexpr std::uint64_t two_to_52 = 0x4330000000000000;
    // x = m 2^n, sqrt(1/2) <= m < sqrt(2)
    auto const bits = __builtin_bit_cast(std::uint64_t, x) + (one - root_of_half);
    double const n = __builtin_bit_cast(double, (bits >> 52U) | two_to_52) - (0x1p52 + 1023);
    double const m = __builtin_bit_cast(double, (bits & 0xFFFFFFFFFFFFFU) + root_of_half);
    double const s = (m - 1) / (m + 1);  // ln m = 2 artanh s, |s| < 0.172
    double const t = s * s;
    double const t2 = t * t;
    double const t4 = t2 * t2;
    double const low = (1 + t * (1.0 / 3)) + t2 * (1.0 / 5 + t * (1.0 / 7));
    double const high = (1.0 / 9 + t * (1.0 / 11)) + t2 * (1.0 / 13 + t * (1.0 / 15));
    double const sum = low + t4 * high;
    return n * 0x1.62e42fefa39efp-1 + 2 * s * sum;
}

}  // namespace xcim::inline XCIM_ABI::cell
