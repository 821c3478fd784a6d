#pragma once

/// \file
/// What is known of phase-change devices: laws of programming, drift and read noise, fitted by their authors.
///
/// All laws are functions of x = g / g_max. z1, z2, z3 ~ N(0, 1), t seconds since programming, T = t + t0:
///
///     programming     g_P = max(0, g_T + s(x_T) z1)                 s in S, grows with g_max
///     drift           g_D = g_P (T / t0)^-nu,                       nu = |mean(x_T) + deviation(x_T) z2|
///     read noise      g = max(0, g_D (1 + q(x_P) L(t) z3)),         L = sqrt(ln((T + t_read) / (2 t_read)))
///
/// Read noise has a spectral density g^2 q / f and is integrated from the bandwidth of a read up to the time since
/// programming. Just programmed (t = 0) a device shows programming noise only.
/// Tests: tests/unit/cell/pcm.cpp, tests/golden/pcm.cpp.

#include <xcim/cell/conductance.hpp>
#include <xcim/cell/elementary.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <variant>

namespace xcim::inline XCIM_ABI::cell {

/// clamp(slope ln x + offset, lowest, highest) below `boundary`, a polynomial of x from there on. x >= 1e-7.
struct two_branches {
    double slope = 0;
    double offset = 0;
    double lowest = 0;
    double highest = 0;
    double boundary = std::numeric_limits<double>::infinity();
    std::array<double, 4> above{};

    [[nodiscard]] double operator()(double x) const {
        return x >= boundary ? polynomial(above, x)
                             : std::clamp(slope * logarithm(std::max(x, 1e-7)) + offset, lowest, highest);
    }
};

/// min(highest, scale / max(x^exponent, 1e-3)). x >= 1e-7.
struct falling_power {
    double scale = 0;
    double exponent = 0;
    double highest = 0;

    [[nodiscard]] double operator()(double x) const {
        double const inverse = exponential(-exponent * logarithm(std::max(x, 1e-7)));
        return std::min(highest, scale * std::min(inverse, 1e3));
    }
};

/// One fit. Conductances in siemens, times in seconds.
struct pcm_law {
    std::string name;
    double fitted_g_max = 0;                                               ///< at which programming was measured
    double highest_g_max = std::numeric_limits<double>::infinity();        ///< up to which the fit may be scaled
    std::array<double, 4> programming{};                                   ///< s at fitted_g_max: polynomial of x
    two_branches drift_mean{};                                             ///< of the exponent
    two_branches drift_deviation{};                                        ///< of the exponent
    std::variant<falling_power, two_branches> read_share{two_branches{}};  ///< q
    double first_read = 1;                                                 ///< t0
    double read_bandwidth = 1;                                             ///< t_read

    /// s, S.
    [[nodiscard]] double programming_deviation(double target, double g_max) const {
        return polynomial(programming, target / g_max) * g_max / fitted_g_max;
    }
    /// q of a programmed conductance.
    [[nodiscard]] double read_share_of(double programmed, double g_max) const {
        return std::visit([x = programmed / g_max](auto const& law) { return law(x); }, read_share);
    }
    /// L.
    [[nodiscard]] double read_growth(double time) const {
        return std::sqrt(std::log((time + first_read + read_bandwidth) / (2 * read_bandwidth)));
    }
    /// ln(T / t0).
    [[nodiscard]] double drift_time(double time) const { return std::log((time + first_read) / first_read); }
};

/// Mushroom cells of a 90 nm process, as aihwkit's default PCM model has them; scaled to any g_max.
/// Reference: S. R. Nandakumar et al., "Phase-change memory models for deep learning training and inference", ICECS
/// 2019; numbers as in IBM/aihwkit 1.1.0, whose documentation gives q as a function of the target: here, as in its
/// code, it is one of the programmed conductance.
[[nodiscard]] inline pcm_law nandakumar_2019() {
    pcm_law law;
    law.name = "PCM (Nandakumar 2019)";
    law.fitted_g_max = 25 * microsiemens;
    law.programming = {0.26348 * microsiemens, 1.9650 * microsiemens, -1.1731 * microsiemens, 0};
    law.drift_mean = {-0.0155, 0.0244, 0.049, 0.1};
    law.drift_deviation = {-0.0125, -0.0059, 0.008, 0.045};
    law.read_share = falling_power{0.0088, 0.65, 0.2};
    law.first_read = 20;
    law.read_bandwidth = 250e-9;
    return law;
}

/// The IBM HERMES project chip, one device a cell: g_max up to 10.35 uS. The same law of drift means as with two.
/// Reference: M. Le Gallo et al., "A 64-core mixed-signal in-memory compute chip based on phase-change memory for deep
/// neural network inference", Nature Electronics 6, 2023; numbers of IBM/aihwkit.
[[nodiscard]] inline pcm_law hermes_one_device() {
    pcm_law law;
    law.name = "PCM (HERMES, one device)";
    law.fitted_g_max = law.highest_g_max = 10.35 * microsiemens;
    law.programming = {0.15781817 * microsiemens, 2.32443916 * microsiemens, -2.16310839 * microsiemens,
                       0.68841818 * microsiemens};
    law.drift_mean = {-0.0387, -0.0182, 0.0720, 0.13, 0.0945, {0.0736, -0.0126, -0.0436, 0}};
    law.drift_deviation = {-0.0120, -0.0023, 0.0124, 0.04, 0.3039, {0.0104, 0.0116, -0.0165, 0}};
    law.read_share = two_branches{-0.0078, 0.0038, 0.0179, 0.04, 0.1591, {0.0088, 0.0768, -0.1352, 0.0664}};
    law.first_read = 200;
    law.read_bandwidth = 512e-9;
    return law;
}

/// The same chip, a cell of two devices in parallel that are programmed one after the other: g_max up to 20.7 uS, more
/// accurate, fewer differences in drift. Both devices count as one that is read as a whole.
/// Reference: as above; A. Vasilopoulos et al., "Exploiting the state dependency of conductance variations in
/// memristive devices for accurate in-memory computing", IEEE TED 70(12), 2023.
[[nodiscard]] inline pcm_law hermes_two_devices() {
    pcm_law law;
    law.name = "PCM (HERMES, two devices)";
    law.fitted_g_max = law.highest_g_max = 20.7 * microsiemens;
    law.programming = {0.16603222 * microsiemens, 4.71806468 * microsiemens, -8.48101252 * microsiemens,
                       4.68961419 * microsiemens};
    law.drift_mean = {-0.0387, -0.0182, 0.0720, 0.13, 0.0945, {0.0736, -0.0126, -0.0436, 0}};
    law.drift_deviation = {-0.0117, -0.0057, 0.0091, 0.04, 0.3055, {0.0073, 0.0093, -0.0118, 0}};
    law.read_share = two_branches{-0.0117, -0.0069, 0.015, 0.04, 0.16, {0.0123, 0.0211, -0.0280, 0.0069}};
    law.first_read = 300;
    law.read_bandwidth = 512e-9;
    return law;
}

/// Deviation of a conductance g that is read for nanoseconds: share * g + floor.
struct pulse_noise {
    double share = 0;
    double floor = 0;  ///< S

    [[nodiscard]] double deviation(double conductance) const { return share * conductance + floor; }
};

/// Read noise of a PCM device under a pulse of `duration` seconds: quartics in log10(duration / 1 ns), fitted from
/// 1 ns to about 500 ns. Shorter and longer pulses have the noise of 1 ns and of 512 ns: not extrapolated.
/// Reference: the tile model of IBM/aihwkit 1.1.0, taken for that of J. Luquin et al., "Rapid yet accurate Tile-circuit
/// and device modeling for Analog In-Memory Computing", arXiv 2506.00004, 2025. Test: tests/golden/pcm.cpp.
[[nodiscard]] inline pulse_noise pcm_pulse_noise(double duration) {
    constexpr std::array<double, 5> share{0.02578764, -0.0146159, 0.00655714, -0.00187352, 0.00021926};
    constexpr std::array<double, 5> floor{0.117763144, -0.0677079241, 0.0307015063, -0.00908576764, 0.00111906167};
    double const decades = std::log10(std::clamp(duration / 1e-9, 1.0, 512.0));
    return {polynomial(share, decades), polynomial(floor, decades) * microsiemens};
}

}  // namespace xcim::inline XCIM_ABI::cell
