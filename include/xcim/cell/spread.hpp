#pragma once

/// \file
/// Spreads of programmed conductances by formula.

#include <xcim/core/parameter.hpp>

#include <cmath>
#include <string>

namespace xcim::inline XCIM_ABI::cell {

/// The statistic of a log-normal conductance that is its nominal value.
enum class keeps {
    median,  ///< g exp(s z): the mean is larger by exp(s^2 / 2)
    mean,    ///< g exp(s z - s^2 / 2): the median is smaller by exp(-s^2 / 2)
};

/// mean / median of a log-normal variable whose logarithm has the deviation s.
[[nodiscard]] inline double lognormal_mean_over_median(double s) { return std::exp(s * s / 2); }

/// Standard deviation / mean of the same.
[[nodiscard]] inline double lognormal_deviation_over_mean(double s) { return std::sqrt(std::expm1(s * s)); }

/// How programmed conductances spread around their nominal values g. z ~ N(0, 1), u uniform in -1 .. 1:
///
///     none                    g
///     constant(a)             g + a g_max z                      uniform_constant(a)        g + a g_max u
///     proportional(a)         g (1 + a z)                        uniform_proportional(a)    g (1 + a u)
///     inverse(a)              g + a g_max^2 / g z, 0 for g = 0   uniform_inverse(a)         g + a g_max^2 / g u
///     lognormal(s, median)    g exp(s z)                         lognormal(s, mean)         g exp(s z - s^2 / 2)
///
/// The uniform number is that of the normal one: u = 2 Phi(z) - 1. `proportional` is the multiplicative noise of
/// HyFlexPIM (W (1 + eta) with eta normal, on every cell); `lognormal` that keeps the median the variation of
/// ColumnQuant (w exp(theta)). CrossSim gives uniform errors by their whole width, here a is half of it.
/// Parameters: `size` a or s >= 0, a share: of g_max, of g, or of g_max^2 / g. Not modelled: outliers, correlation
/// between devices, stuck devices.
/// Reference: the generic devices of CrossSim 3 (sandialabs/cross-sim); HyFlexPIM, eq. (5).
/// Tests: tests/unit/cell/spread.cpp, tests/statistical/devices.cpp.
struct spread {
    enum class law { none, constant, proportional, inverse, lognormal };

    law of = law::none;
    double size = 0;
    bool is_uniform = false;
    keeps kept = keeps::median;  ///< of a log-normal one

    [[nodiscard]] static constexpr spread none() { return {}; }
    [[nodiscard]] static constexpr spread constant(double of_g_max) { return {law::constant, of_g_max}; }
    [[nodiscard]] static constexpr spread proportional(double of_level) { return {law::proportional, of_level}; }
    [[nodiscard]] static constexpr spread inverse(double share) { return {law::inverse, share}; }
    [[nodiscard]] static constexpr spread uniform_constant(double of_g_max) { return {law::constant, of_g_max, true}; }
    [[nodiscard]] static constexpr spread uniform_proportional(double of_level) {
        return {law::proportional, of_level, true};
    }
    [[nodiscard]] static constexpr spread uniform_inverse(double share) { return {law::inverse, share, true}; }
    [[nodiscard]] static constexpr spread lognormal(double s, keeps kept) { return {law::lognormal, s, false, kept}; }

    /// Conductance of a device that was to get g, from its standard normal; may be below 0.
    [[nodiscard]] double programmed(double g, double g_max, double normal) const {
        switch (of) {
        case law::none:
            return g;
        case law::lognormal:
            return g * std::exp(size * normal - (kept == keeps::mean ? size * size / 2 : 0.0));
        default:
            return g + amplitude(g, g_max) * (is_uniform ? std::erf(normal / std::sqrt(2.0)) : normal);
        }
    }

    /// What multiplies z or u, S.
    [[nodiscard]] double amplitude(double g, double g_max) const {
        switch (of) {
        case law::constant:
            return size * g_max;
        case law::proportional:
            return size * g;
        case law::inverse:
            return g > 0 ? size * g_max * g_max / g : 0.0;
        default:
            return 0;
        }
    }

    /// A sentence where the size is not a finite number from 0 on, else nothing.
    [[nodiscard]] std::string wrong(std::string const& name) const {
        return unless(size >= 0, name, size, "from 0 on");
    }

    friend bool operator==(spread const&, spread const&) = default;

    friend std::string to_string(spread const& s) {
        std::string const percent = std::to_string(100 * s.size) + " %";
        std::string const shape = s.is_uniform ? "uniform, +-" : "normal, ";
        switch (s.of) {
        case law::constant:
            return shape + percent + " of the largest conductance";
        case law::proportional:
            return shape + percent + " of each level";
        case law::inverse:
            return shape + percent + " of the largest conductance, times it over the level";
        case law::lognormal:
            return "log-normal, " + std::to_string(s.size) + ", keeps the " +
                   (s.kept == keeps::mean ? "mean" : "median");
        default:
            return "no spread";
        }
    }
};

}  // namespace xcim::inline XCIM_ABI::cell
