#pragma once

/// \file
/// Published measurements of devices as named presets for cell::measured; each says its source and its window. The
/// statistics are those of the fits, G in microsiemens inside the formulas. Tests: tests/unit/cell/device_fits.cpp.

#include <xcim/cell/conductance.hpp>
#include <xcim/cell/durations.hpp>
#include <xcim/cell/measured.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace xcim::inline XCIM_ABI::cell {

/// Phase-change memory, programming noise only: no drift is known to this fit.
///
///     deviation = max(0, -0.00178767 G^2 + 0.07585724 G + 0.28638599) uS,     0 to 25 uS
///
/// The first measurement was 27.36 s after programming. Reference: V. Joshi et al., "Accurate deep neural network
/// inference using computational phase-change memory", Nature Communications 11, 2473, 2020, fig. 3(b); the quadratic
/// fit is that of sandialabs/cross-sim.
struct joshi_2020 {
    [[nodiscard]] double lowest() const { return 0; }
    [[nodiscard]] double highest() const { return 25 * microsiemens; }
    [[nodiscard]] double mean(double g) const { return g; }
    [[nodiscard]] double deviation(double g) const {
        constexpr std::array<double, 3> fit{0.28638599, 0.07585724, -0.00178767};
        return microsiemens * std::max(0.0, polynomial(fit, g / microsiemens));
    }
    friend std::string to_string(joshi_2020 const&) { return "PCM (Joshi 2020)"; }
};

/// Multilevel RRAM that is programmed with verification, programming noise only.
///
///     deviation = max(0, 4.782321 - 0.009107 G) uS,     50 to 225 uS
///
/// Reference: V. Milo et al., "Optimized programming algorithms for multilevel RRAM in hardware neural networks", IRPS
/// 2021, fig. 4; the linear fit is that of sandialabs/cross-sim. Its nonlinear current: cell::rram_nonlinear.
struct milo_2021 {
    [[nodiscard]] double lowest() const { return 50 * microsiemens; }
    [[nodiscard]] double highest() const { return 225 * microsiemens; }
    [[nodiscard]] double mean(double g) const { return g; }
    [[nodiscard]] double deviation(double g) const {
        return microsiemens * std::max(0.0, 4.782321 - 0.009107 * g / microsiemens);
    }
    friend std::string to_string(milo_2021 const&) { return "RRAM (Milo 2021)"; }
};

/// RRAM of the NeuRRAM chip, 1 s, 1 day or 2 days after programming: a quartic in x = g / g_max for each.
///
///     deviation = g_max / 40 uS * (c0 + c1 x + c2 x^2 + c3 x^3 + c4 x^4)
///
/// One normal of a device serves all three times. Parameters: `time` one of cell::second, cell::day, 2 * cell::day,
/// default 1 s: no other time was measured; `g_max` S > 0, default 40e-6: deviations are scaled to another one.
/// Reference: W. Wan et al., "A compute-in-memory chip based on resistive random-access memory", Nature 608, 2022;
/// numbers of IBM/aihwkit, where the scale to another g_max is not applied.
struct wan_2022 {
    double time = second;
    double g_max = 40 * microsiemens;

    [[nodiscard]] double lowest() const { return 0; }
    [[nodiscard]] double highest() const { return g_max; }
    [[nodiscard]] double mean(double g) const { return g; }
    [[nodiscard]] double deviation(double g) const {
        constexpr std::array<double, 5> after_1_s{0.348, 16.030, -43.853, 45.393, -16.815};
        constexpr std::array<double, 5> after_1_day{0.701, 22.086, -50.773, 47.095, -16.458};
        constexpr std::array<double, 5> after_2_days{0.782, 20.274, -43.507, 37.062, -11.934};
        auto const& fit = time == second ? after_1_s : time == day ? after_1_day : after_2_days;
        return g_max / 40 * std::max(0.0, polynomial(fit, g / g_max));
    }
    [[nodiscard]] std::string wrong() const {
        if (time != second && time != day && time != 2 * day) {
            return "cell::wan_2022.time is " + std::to_string(time) +
                   " s; 1 s, 1 day (86400 s) and 2 days (172800 s) were measured";
        }
        return unless(g_max > 0, "cell::wan_2022.g_max", g_max, "of siemens above 0");
    }
    friend std::string to_string(wan_2022 const& d) {
        return "RRAM (Wan 2022), " + std::to_string(d.time) + " s after programming";
    }
};

/// The same chip 1 s after programming, another reading of its figure.
///
///     deviation = max(0, 1.536e-4 G^3 - 1.167e-2 G^2 + 0.2374 G + 1.053) uS,     0 to 39.26 uS
///
/// Reference: W. Wan et al., Nature 608, 2022, extended data fig. 3; the cubic fit is that of sandialabs/cross-sim.
struct wan_2022_cubic {
    [[nodiscard]] double lowest() const { return 0; }
    [[nodiscard]] double highest() const { return 39.26 * microsiemens; }
    [[nodiscard]] double mean(double g) const { return g; }
    [[nodiscard]] double deviation(double g) const {
        constexpr std::array<double, 4> fit{1.053, 0.2374, -1.167e-2, 1.536e-4};
        return microsiemens * std::max(0.0, polynomial(fit, g / microsiemens));
    }
    friend std::string to_string(wan_2022_cubic const&) { return "RRAM (Wan 2022, cubic fit)"; }
};

/// When a device of CMO/HfOx counts as programmed: inside 0.2 % or 2 % of its target.
enum class acceptance { percent_0_2, percent_2 };

/// RRAM of conductive metal oxide on HfOx: programming, relaxation, slow read noise.
///
///     deviation = 0.00081107 + 0.00106879 G uS   (0.2 %)     0.0112185 + 0.0112903 G uS   (2 %)
///     relaxation:  shift -0.08900206 ln t uS,     deviation 0.04201137 ln t + 0.41183342 uS
///     a reading:   deviation 0.0277316483 log10(G) sqrt(ln((t + 1 us) / 2 us)) uS,     9 to 88.2 uS
///
/// Parameters: `accepted` default percent_2 (aihwkit's default is meant to be 2 % but is no key of its table, so 0.2 %
/// is what runs there); `time` t seconds since programming, 0 (default: programming noise only) or from 1 s on: before
/// that the logarithm would turn the sign of the shift. Conductances are cut at 0 only.
/// Reference: D. F. Falcone et al. and D. G. Lombardo et al. on CMO/HfOx ReRAM, numbers of IBM/aihwkit 1.1.0.
struct cmo_hfox {
    acceptance accepted = acceptance::percent_2;
    double time = 0;

    [[nodiscard]] double lowest() const { return 9 * microsiemens; }
    [[nodiscard]] double highest() const { return 88.2 * microsiemens; }
    [[nodiscard]] double mean(double g) const { return g; }
    [[nodiscard]] double deviation(double g) const {
        return accepted == acceptance::percent_2 ? 0.0112185391 * microsiemens + 0.01129027418 * g
                                                 : 0.00081107 * microsiemens + 0.00106879 * g;
    }
    [[nodiscard]] relaxation relaxed() const {
        if (time == 0) {
            return {};
        }
        double const logarithm = std::log(time);
        return {-0.08900206 * logarithm * microsiemens, (0.04201137 * logarithm + 0.41183342) * microsiemens};
    }
    [[nodiscard]] double reading_deviation(double g) const {
        return time == 0 || g <= microsiemens ? 0.0
                                              : 0.0277316483 * microsiemens * std::log10(g / microsiemens) *
                                                    std::sqrt(std::log((time + 1e-6) / 2e-6));
    }
    [[nodiscard]] std::string wrong() const {
        return unless(time == 0 || time >= 1, "cell::cmo_hfox.time", time, "of seconds, 0 or from 1 on,");
    }
    friend std::string to_string(cmo_hfox const& d) {
        return std::string("RRAM (CMO/HfOx), accepted inside ") +
               (d.accepted == acceptance::percent_2 ? "2 %" : "0.2 %") + ", " + std::to_string(d.time) +
               " s after programming";
    }
};

/// Charge-trapping memory (SONOS, 40 nm) below threshold, just programmed: programming and noise of single reads.
///
///     programming:  deviation 19.887 (1 - exp(-I / 176.31)) nA,     a read:  12.580 (1 - exp(-I / 215.37)) nA
///
/// I is the current at its one read voltage, 0 to 1600 nA; as a conductance I / 0.1 V, 0 to 16 uS. Its drift over days
/// is left out.
/// Reference: V. Agrawal et al., "Subthreshold operation of SONOS analog memory to enable accurate low-power neural
/// network inference", IEDM 2022, figs. 10 and 11; fits of sandialabs/cross-sim.
struct sonos_2022 {
    [[nodiscard]] double lowest() const { return 0; }
    [[nodiscard]] double highest() const { return 16 * microsiemens; }
    [[nodiscard]] double mean(double g) const { return g; }
    [[nodiscard]] double deviation(double g) const { return saturating(19.887e-9, 176.31e-9, g); }
    [[nodiscard]] double read_deviation(double g) const { return saturating(12.580e-9, 215.37e-9, g); }
    friend std::string to_string(sonos_2022 const&) { return "SONOS (Agrawal 2022)"; }

private:
    /// Amperes in, siemens out.
    [[nodiscard]] static double saturating(double highest, double scale, double g) {
        constexpr double volts = 0.1;
        return -highest * std::expm1(-g * volts / scale) / volts;
    }
};

}  // namespace xcim::inline XCIM_ABI::cell
