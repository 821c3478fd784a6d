#pragma once

#include <xcim/concepts/noise_model.hpp>
#include <xcim/core/parameter.hpp>

#include <cmath>
#include <limits>
#include <string>

namespace xcim::inline XCIM_ABI::noise {

/// Currents of one-bit cells and the converter that reads their sum, in units of the mean current of an on cell.
///
///     on cell ~ N(1, on),   off cell ~ N(1 / ratio, off / ratio),   converter ~ N(0, converter)
///
/// Parameters: `on` >= 0, relative deviation of an on current, default 0; `ratio` > 1 of on to off current, default
/// infinite; `off` >= 0, relative deviation of an off current, default 0; `converter` >= 0, default 0.
/// Not modelled: currents that are not normal; wires.
/// Reference: FLARE (arXiv 2411.14733, 2024), section 4.1 and figure 9(b), which gives the criterion and the result
/// only. Tests: tests/unit/analysis/sense_margin.cpp.
struct cell_sense {
    double on = 0;
    double ratio = std::numeric_limits<double>::infinity();
    double off = 0;
    double converter = 0;

    /// Distance of two neighbouring sums: an on cell less an off cell.
    [[nodiscard]] double step() const { return 1 - 1 / ratio; }

    /// Variance of the sum of `limit` cells of which `ones` are on.
    [[nodiscard]] double variance(double ones, double limit) const {
        double const off_current = off / ratio;
        return ones * on * on + (limit - ones) * off_current * off_current + converter * converter;
    }

    /// What is wrong with the parameters of `name`, or nothing.
    [[nodiscard]] std::string wrong(std::string const& name) const {
        struct field {
            char const* name;
            double value;
        };
        for (auto const& [what, value] : {field{".on", on}, {".off", off}, {".converter", converter}}) {
            if (auto sentence = unless(value >= 0, name + what, value, "from 0 on"); !sentence.empty()) {
                return sentence;
            }
        }
        return ratio > 1 ? std::string{} : name + ".ratio is " + std::to_string(ratio) + "; a number above 1 is needed";
    }

    friend bool operator==(cell_sense const&, cell_sense const&) = default;
};

/// Variation of the cells and of the converter behind a column, which grows with the popcount. Models NoiseModel.
///
///     sum' = sum + sqrt(k on^2 + (S - k) (off / R)^2 + converter^2) / (1 - 1 / R) * z,     z ~ N(0, 1)
///
/// k = sum in fully driven rows of the S rows active at once (column_context::rows), R = ratio. The currents add up to
/// k + (S - k) / R; the converter's digital side takes S / R away and divides by the margin 1 - 1 / R, so the levels
/// stay k and the noise grows. That needs a fixed number of active word lines: dummy rows of off cells make it so.
/// Parameters: `cells`, see cell_sense; all zero is no noise. Sees/returns: column sums in cell-LSB; sums outside 0 to
/// the full scale have the variance of the nearest of them, negative ones that of their magnitude.
/// Not modelled: that the cells of one group of rows are the same in each of its conversions (a chip's own variation:
/// cell::current); cells of several bits. Reference: FLARE (arXiv 2411.14733, 2024), section 4.1. Tests:
/// tests/unit/noise/sense_variation.cpp, tests/statistical/sense_margin.cpp, tests/conformance/noise_model.cpp.
struct sense_variation {
    static constexpr bool is_identity = false;

    cell_sense cells{};

    struct kernel {
        static constexpr int draws = 1;
        float variance_of_none;  // cell-LSB^2, of a sum of 0
        float variance_slope;    // cell-LSB, what one more cell-LSB adds
        float full_scale;        // cell-LSB

        [[nodiscard]] bool is_off() const { return variance_of_none == 0.0F && variance_slope == 0.0F; }

        template <value V>
        V operator()(V sum, lane<V> const& l) const {
            V const k = min(abs(sum), V(full_scale));
            V const variance = max(fused_multiply_add(V(variance_slope), k, V(variance_of_none)), V(0.0F));
            return fused_multiply_add(square_root(variance), l.normal(), sum);
        }
    };

    [[nodiscard]] kernel prepare(column_context const& context) const {
        double const row = context.full_scale / context.rows;  // cell-LSB of a fully driven row
        double const unit = row / cells.step();
        double const none = cells.variance(0, context.rows) * unit * unit;
        double const all = cells.variance(context.rows, context.rows) * unit * unit;
        return {static_cast<float>(none), static_cast<float>((all - none) / context.full_scale),
                static_cast<float>(context.full_scale)};
    }

    [[nodiscard]] std::string wrong() const { return cells.wrong("noise::sense_variation.cells"); }

    friend std::string to_string(sense_variation const& n) {
        return "sense variation, on " + std::to_string(n.cells.on) + ", on/off " + std::to_string(n.cells.ratio) +
               ", off " + std::to_string(n.cells.off) + ", converter " + std::to_string(n.cells.converter);
    }
};

}  // namespace xcim::inline XCIM_ABI::noise
