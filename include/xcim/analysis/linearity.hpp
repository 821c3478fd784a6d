#pragma once

#include <xcim/concepts/adc.hpp>
#include <xcim/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::analysis {

/// The straight line that an INL is measured from.
enum class reference_line {
    end_points,  ///< through the first and the last threshold
    best_fit,    ///< least squares through all of them
};

/// A column sum at which the code of a converter changes: up to `sum` it is `from`, above it `to`.
struct transition {
    float sum = 0;  ///< cell-LSB
    float from = 0;
    float to = 0;
    friend bool operator==(transition const&, transition const&) = default;
};

/// What a converter reads over a range of column sums: a staircase.
struct transfer {
    float lowest = 0;                     ///< first sum that was tried, cell-LSB
    float highest = 0;                    ///< and last
    float first = 0;                      ///< code at the lowest sum
    double step = 1;                      ///< cell-LSB of one code
    std::vector<transition> transitions;  ///< ascending in sum

    [[nodiscard]] bool is_monotone() const {
        return std::all_of(transitions.begin(), transitions.end(), [](transition const& t) { return t.to > t.from; });
    }
};

namespace detail {

/// Transitions between a and b, whose codes are known.
template <class Code>
void find_transitions(Code const& code_of, float a, float code_a, float b, float code_b,
                      std::vector<transition>& found) {
    if (code_a == code_b) {
        return;
    }
    float const middle = a + (b - a) / 2;
    if (!(middle > a && middle < b)) {
        found.push_back({a, code_a, code_b});
        return;
    }
    float const code = code_of(middle);
    find_transitions(code_of, a, code_a, middle, code, found);
    find_transitions(code_of, middle, code, b, code_b, found);
}

}  // namespace detail

/// The staircase of one converter between two column sums.
///
/// Thresholds are exact, to neighbouring floats, where the converter is monotone; where it is not, codes that come and
/// go between two of the `points` that are tried first are missed. Parameters: `kernel` what prepare() of an Adc
/// returns; `lowest`, `highest` in cell-LSB; `converter` its normals, as many as the kernel's column_draws (all zero
/// where none are given: the nominal converter); `points` 2 to 2^24. Normals of single conversions are zero.
/// Errors: xcim::error where the range is empty or not finite, or normals are missing.
/// Tests: tests/unit/analysis/linearity.cpp.
template <adc_kernel K>
[[nodiscard]] transfer transfer_of(K const& kernel, double lowest, double highest,
                                   std::span<float const> converter = {}, std::size_t points = 4096) {
    if (!(std::isfinite(lowest) && std::isfinite(highest) && lowest < highest)) {
        throw error(errc::range, "transfer_of: sums from " + std::to_string(lowest) + " to " + std::to_string(highest) +
                                     "; two finite numbers in ascending order are needed");
    }
    if (points < 2 || points > (std::size_t{1} << 24)) {
        throw error(errc::range, "transfer_of: points is " + std::to_string(points) + "; 2 to 2^24 are possible");
    }
    auto const needed = static_cast<std::size_t>(adc_column_draws_of<K>);
    if (!converter.empty() && converter.size() < needed) {
        throw error(errc::shape, "transfer_of: " + std::to_string(converter.size()) +
                                     " normals of a converter; this one draws " + std::to_string(needed));
    }
    std::vector<float> const fixed =
        converter.empty() ? std::vector<float>(needed + 1) : std::vector<float>(converter.begin(), converter.end());
    std::vector<float> const normals(static_cast<std::size_t>(adc_draws_of<K>) + 1);
    lane<float> const l{normals.data(), 1, fixed.data(), 1};
    auto const code_of = [&](float sum) { return kernel(sum, l); };

    transfer t;
    t.lowest = static_cast<float>(lowest);
    t.highest = static_cast<float>(highest);
    t.step = static_cast<double>(kernel.step);
    t.first = code_of(t.lowest);
    float sum = t.lowest;
    float code = t.first;
    for (std::size_t i = 1; i < points; ++i) {
        double const share = static_cast<double>(i) / static_cast<double>(points - 1);
        auto const next = i + 1 == points ? t.highest : static_cast<float>(lowest + share * (highest - lowest));
        float const next_code = code_of(next);
        detail::find_transitions(code_of, sum, code, next, next_code, t.transitions);
        sum = next;
        code = next_code;
    }
    return t;
}

/// INL, DNL and what goes with them, of the levels between the lowest and the highest code that were seen. Vectors are
/// ready to be drawn: dnl over codes[1 ..], inl over thresholds.
struct linearity {
    std::vector<double> codes;       ///< (levels) of the levels in ascending order, missing ones included
    std::vector<double> thresholds;  ///< (levels - 1) cell-LSB: so much of the range reads less than the next code
    std::vector<double> dnl;         ///< (levels - 2) LSB, of the levels but the first and last; -1 of a missing one
    std::vector<double> inl;         ///< (levels - 1) LSB, of the thresholds, from the reference line
    std::vector<double> missing;     ///< codes that no sum has
    double lsb = 0;                  ///< of the reference line, cell-LSB
    double gain_error = 0;           ///< codes per sum against the nominal ones, minus 1
    double offset_error = 0;  ///< of the reference line's first threshold, nominal LSB; above 0: reads too little
    double enob = 0;          ///< bits of an ideal converter with the same error beside gain and offset
    bool is_monotone = true;

    [[nodiscard]] double worst_dnl() const { return worst(dnl); }
    [[nodiscard]] double worst_inl() const { return worst(inl); }

private:
    [[nodiscard]] static double worst(std::vector<double> const& v) {
        double most = 0;
        for (double const x : v) {
            most = std::max(most, std::fabs(x));
        }
        return most;
    }
};

/// Linearity of a staircase whose codes are evenly spaced.
///
///     T_k = lowest + length of all sums whose code is below c_k      (k = 1 .. levels - 1; the histogram test)
///     DNL_k = (T_{k+1} - T_k) / LSB - 1,     INL_k = (T_k - line(k)) / LSB
///     ENOB = log2(levels) - log2(e sqrt(12)),     e: root mean square of code - line over T_1 .. T_{levels-1}, LSB
///
/// The sums must reach beyond the first and last threshold. Nominal thresholds lie half-way between the values of two
/// neighbouring codes. Where codes are not monotone T_k is what a histogram of codes would say.
/// Errors: xcim::error where fewer than three levels were seen or their codes are not evenly spaced (adc::tabulated).
/// Reference: IEEE Std 1241-2010, sections 3 and 4. Tests: tests/unit/analysis/linearity.cpp.
[[nodiscard]] inline linearity linearity_of(transfer const& t, reference_line line = reference_line::end_points) {
    struct stretch {
        double length;
        double code;
    };
    std::vector<stretch> stretches;
    double from = static_cast<double>(t.lowest);
    float code = t.first;
    for (auto const& step : t.transitions) {
        stretches.push_back({static_cast<double>(step.sum) - from, static_cast<double>(code)});
        from = static_cast<double>(step.sum);
        code = step.to;
    }
    stretches.push_back({static_cast<double>(t.highest) - from, static_cast<double>(code)});

    std::vector<double> seen;
    for (auto const& s : stretches) {
        seen.push_back(s.code);
    }
    std::sort(seen.begin(), seen.end());
    seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
    if (seen.size() < 3) {
        throw error(errc::value, "linearity_of: " + std::to_string(seen.size()) +
                                     " different codes were seen; at least three are needed");
    }
    double spacing = std::numeric_limits<double>::infinity();
    for (std::size_t i = 1; i < seen.size(); ++i) {
        spacing = std::min(spacing, seen[i] - seen[i - 1]);
    }
    auto const level_of = [&](double c) { return (c - seen.front()) / spacing; };
    for (double const c : seen) {
        if (std::fabs(level_of(c) - std::nearbyint(level_of(c))) > 1e-3) {
            throw error(errc::composition, "linearity_of: code " + std::to_string(c) +
                                               " does not lie on the even grid of the others; INL and DNL are those of "
                                               "evenly spaced codes");
        }
    }
    auto const levels = static_cast<std::size_t>(std::nearbyint(level_of(seen.back()))) + 1;
    if (levels > (std::size_t{1} << 24)) {
        throw error(errc::composition, "linearity_of: codes are no grid of at most 2^24 levels");
    }

    linearity r;
    r.is_monotone = t.is_monotone();
    std::vector<double> lengths(levels);
    for (auto const& s : stretches) {
        lengths[static_cast<std::size_t>(std::nearbyint(level_of(s.code)))] += s.length;
    }
    double sum = static_cast<double>(t.lowest);
    for (std::size_t k = 0; k < levels; ++k) {
        r.codes.push_back(seen.front() + spacing * static_cast<double>(k));
        if (!(lengths[k] > 0)) {
            r.missing.push_back(r.codes.back());
        }
        sum += lengths[k];
        if (k + 1 < levels) {
            r.thresholds.push_back(sum);
        }
    }

    // line(k) = origin + k lsb, thresholds counted from 0 here
    auto const count = static_cast<double>(r.thresholds.size());
    double origin = r.thresholds.front();
    r.lsb = (r.thresholds.back() - r.thresholds.front()) / (count - 1);
    if (line == reference_line::best_fit) {
        double const middle = (count - 1) / 2;
        double mean = 0;
        double covariance = 0;
        double variance = 0;
        for (std::size_t k = 0; k < r.thresholds.size(); ++k) {
            double const x = static_cast<double>(k) - middle;
            mean += r.thresholds[k] / count;
            covariance += x * r.thresholds[k];
            variance += x * x;
        }
        r.lsb = covariance / variance;
        origin = mean - middle * r.lsb;
    }
    double squares = 0;
    double whole = 0;
    for (std::size_t k = 0; k < r.thresholds.size(); ++k) {
        r.inl.push_back((r.thresholds[k] - origin) / r.lsb - static_cast<double>(k));
        if (k > 0) {
            r.dnl.push_back((r.thresholds[k] - r.thresholds[k - 1]) / r.lsb - 1);
        }
    }
    // Between thresholds of level k the line is at k + 1/2 in the middle: the error runs evenly from a to b.
    double at = static_cast<double>(t.lowest);
    for (auto const& s : stretches) {
        double const begin = std::max(at, r.thresholds.front());
        double const end = std::min(at + s.length, r.thresholds.back());
        at += s.length;
        if (end > begin) {
            double const level = level_of(s.code) - 0.5;
            double const a = (begin - origin) / r.lsb - level;
            double const b = (end - origin) / r.lsb - level;
            squares += (a * a + a * b + b * b) / 3 * (end - begin);
            whole += end - begin;
        }
    }
    r.enob = std::log2(static_cast<double>(levels)) - std::log2(std::sqrt(12 * squares / whole));
    double const nominal = spacing * t.step;
    r.gain_error = nominal / r.lsb - 1;
    r.offset_error = (origin - (r.codes.front() + spacing / 2) * t.step) / nominal;
    return r;
}

}  // namespace xcim::inline XCIM_ABI::analysis
