#pragma once

#include <xcim/cell/conductance.hpp>
#include <xcim/cell/durations.hpp>
#include <xcim/cell/elementary.hpp>
#include <xcim/cell/pcm_law.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace xcim::inline XCIM_ABI::cell {

/// A phase-change memory cell: programming noise, drift, 1/f read noise, noise of reads of nanoseconds. Models
/// CellType.
///
///     g_T = g_min + level * step,     step = (g_max - g_min) / (levels in use - 1)
///     g_P = max(0, g_T + s z1)                                 z1, z2 stay with the device, z3 with a reading
///     g   = max(0, g_P (T / t0)^-nu (1 + q L z3)),             nu = |mean + deviation z2|,     T = time + t0
///     state = g / step
///     one read of level d:  state * d + d (a g + b) / step z,     a, b of the pulse's duration d * pulse_unit
///
/// Laws of s, nu, q and L are in cell/pcm_law.hpp. The same chip at another `time` is the same devices, later; another
/// reading the same devices with another z3. Durations are those of each row's own pulse.
/// Parameters: `law` nandakumar_2019() (default), hermes_one_device(), hermes_two_devices() or the user's; `levels` 2
/// to 256, default 256; `g_max` S, default that of the law, and `g_min` S, default 0; `time` seconds >= 0 since
/// programming, default 0: programming noise only; `programming_noise`, `drift`, `flicker_noise` (1/f) switch effects
/// off; `pulse_unit` seconds of one drive level, default 0: no noise of single reads. Sees/returns: level 0 to levels -
/// 1; state in cell-LSB, level 0 is off_state; contribution in cell-LSB. What takes off_state away neither drifts nor
/// varies. Not modelled: drives that are voltages (encoding::analog_dac, encoding::bit_parallel): every level is a
/// pulse of level
/// * pulse_unit; temperature, polarity, nonlinear current; reads shorter than 1 ns or longer than 512 ns have the noise
/// of the nearest of the two; it does not change with g_max.
/// Reference: S. R. Nandakumar et al., ICECS 2019; IBM/aihwkit 1.1.0. Tests: tests/unit/cell/pcm.cpp,
/// tests/golden/pcm.cpp, tests/statistical/devices.cpp, tests/conformance/cell_type.cpp. Benchmark:
/// benchmarks/kernels/devices.cpp.
struct pcm {
    static constexpr bool is_linear = false;
    static constexpr int draws = 2;
    static constexpr int reading_draws = 1;
    static constexpr int read_terms = 3;

    using kernel = product_kernel;

    pcm_law law = nandakumar_2019();
    int levels = 256;
    double g_max = law.fitted_g_max;
    double g_min = 0;
    double time = 0;
    bool programming_noise = true;
    bool drift = true;
    bool flicker_noise = true;
    double pulse_unit = 0;

    [[nodiscard]] kernel prepare(cell_context /*context*/) const { return {}; }
    [[nodiscard]] double conductance_step(int in_use) const { return scale_of(in_use).step; }
    [[nodiscard]] double off_state(int in_use) const { return scale_of(in_use).off_state(); }

    void program(column_of_cells const& column) const {
        auto const scale = scale_of(column.cell_levels);
        std::vector<std::optional<statistics>> known(static_cast<std::size_t>(column.cell_levels));
        auto const of = [&](float stored) -> statistics const& {  // devices of a level have the same
            auto const level = static_cast<std::size_t>(stored);
            XCIM_ASSERT(level < known.size(), "cell::pcm: a level is outside those of the cell");
            if (!known[level]) {
                known[level] = statistics_of(scale.target(static_cast<double>(level)));
            }
            return *known[level];
        };
        double const per_siemens = 1 / scale.step;
        std::size_t const cells = column.states.size();
        if (time == 0) {
            for (std::size_t r = 0; r < cells; ++r) {
                column.states[r] = static_cast<float>(of(column.states[r]).programmed(column.normals[r]) * per_siemens);
            }
            return;
        }
        std::vector<double> programmed(cells);  // S
        std::vector<double> exponents(cells);   // of drift
        for (std::size_t r = 0; r < cells; ++r) {
            statistics const& device = of(column.states[r]);
            programmed[r] = device.programmed(column.normals[r]);
            exponents[r] = device.exponent(column.normals[column.rows + r]);
        }
        double const elapsed = drift ? law.drift_time(time) : 0.0;
        double const growth = flicker_noise ? law.read_growth(time) : 0.0;
        auto const age = [&](auto const& read_share) {
            double const* const g = programmed.data();
            double const* const nu = exponents.data();
            float const* const normals = column.reading_normals.data();
            float* const states = column.states.data();
            double const per_g_max = 1 / g_max;
            for (std::size_t r = 0; r < cells; ++r) {  // no branches, no calls
                double const noise = growth * read_share(g[r] * per_g_max) * static_cast<double>(normals[r]);
                double const kept = exponential(-nu[r] * elapsed) * std::max(0.0, 1 + noise);
                states[r] = static_cast<float>(g[r] * kept * per_siemens);
            }
        };
        std::visit([&](auto const law_of_share) { age(law_of_share); }, law.read_share);
    }

    /// (a g + b)^2 d^2 is a sum of products of what the device knows and what the drive knows: g^2 and a^2 d^2, g and
    /// 2 a b d^2, 1 and b^2 d^2.
    [[nodiscard]] std::array<float, 3> read_terms_of(float state, int in_use) const {
        if (pulse_unit == 0) {
            return {};
        }
        auto const per_step = static_cast<float>(microsiemens / conductance_step(in_use));
        return {state * state, state * per_step, per_step * per_step};
    }
    [[nodiscard]] std::array<float, 3> read_drives_of(int level) const {
        if (pulse_unit == 0 || level == 0) {
            return {};
        }
        auto const noise = pcm_pulse_noise(std::abs(level) * pulse_unit);
        double const floor = noise.floor / microsiemens;
        double const squared = static_cast<double>(level) * level;
        return {static_cast<float>(squared * noise.share * noise.share),
                static_cast<float>(2 * squared * noise.share * floor), static_cast<float>(squared * floor * floor)};
    }

    [[nodiscard]] std::string wrong() const {
        if (g_max > law.highest_g_max * (1 + 1e-9)) {
            return "cell::pcm.g_max is " + in_microsiemens(g_max) + "; " + law.name + " was characterised up to " +
                   in_microsiemens(law.highest_g_max);
        }
        return first_sentence(
            {outside("cell::pcm.levels", levels, 2, 256), wrong_conductances("cell::pcm", g_min, g_max),
             unless(time >= 0, "cell::pcm.time", time, "of seconds from 0 on"),
             unless(pulse_unit >= 0, "cell::pcm.pulse_unit", pulse_unit, "of seconds from 0 on"),
             unless(law.fitted_g_max > 0, "cell::pcm.law.fitted_g_max", law.fitted_g_max, "of siemens above 0"),
             unless(law.first_read > 0, "cell::pcm.law.first_read", law.first_read, "of seconds above 0"),
             unless(law.read_bandwidth > 0 && law.read_bandwidth <= law.first_read, "cell::pcm.law.read_bandwidth",
                    law.read_bandwidth, "of seconds above 0, at most first_read,")});
    }

    friend std::string to_string(pcm const& c) {
        return c.law.name + ", " + std::to_string(c.levels) + " levels, " + in_microsiemens(c.g_min) + " to " +
               in_microsiemens(c.g_max) + ", " + std::to_string(c.time) + " s after programming";
    }

private:
    struct statistics {
        double target;
        double deviation;
        double drift_mean;
        double drift_deviation;

        [[nodiscard]] double programmed(float normal) const {
            return std::max(0.0, target + deviation * static_cast<double>(normal));
        }
        [[nodiscard]] double exponent(float normal) const {
            return std::abs(drift_mean + drift_deviation * static_cast<double>(normal));
        }
    };

    [[nodiscard]] conductance_scale scale_of(int in_use) const {
        return conductance_scale::between(g_min, g_max, in_use);
    }

    [[nodiscard]] statistics statistics_of(double target) const {
        statistics of{};
        of.target = target;
        of.deviation = programming_noise ? law.programming_deviation(target, g_max) : 0.0;
        if (time > 0) {
            of.drift_mean = law.drift_mean(target / g_max);
            of.drift_deviation = law.drift_deviation(target / g_max);
        }
        return of;
    }
};

}  // namespace xcim::inline XCIM_ABI::cell
