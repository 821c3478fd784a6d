#pragma once

/// \file
/// Which column sums a converter covers, and how a range is found from sums that were observed.
///
///     full_range{}                     what the column can reach: 0 or -F to F, F the full scale
///     granular{n}                      a step is n currents of one cell, from 0, or both ways around it
///     range_in_cell_lsb(lo, hi)        two numbers, in cell-LSB
///     range_of_full_scale(lo, hi)      or as shares of F
///
/// Calibration: run once with adc::ideal and a probe, look at the sums, run with their range.
///
///     analysis::column_histogram columns;
///     gemm(macro.with(adc::ideal{}), x, array, {.probe = &columns});
///     auto const few = macro.with(adc::calibrated{6, adc::percentile_range(columns.cycles().entries(), 0.999)});
///
/// Not modelled: a range for each weight slice. One converter serves the columns of all slices and phases, so ranges
/// that differ by powers of two from slice to slice cannot be said.
/// Reference: T. P. Xiao et al., "On the accuracy of analog neural network inference accelerators", IEEE Circuits and
/// Systems Magazine 22(4), 2022 (ranges profiled, granular and full). Tests: tests/unit/adc/range.cpp.

#include <xcim/concepts/column.hpp>
#include <xcim/core/error.hpp>
#include <xcim/core/parameter.hpp>
#include <xcim/core/sigma.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::adc {

/// A conversion range in cell-LSB.
struct covered_sums {
    double lowest = 0;
    double highest = 1;
};

/// What the column can reach: all rows at the top level. Converters with 2^bits levels reach both ends.
struct full_range {
    static constexpr bool has_integer_codes = true;

    [[nodiscard]] static std::string wrong(char const* /*name*/) { return {}; }
    friend std::string to_string(full_range const&) { return "full range"; }
};

/// One level per current of a cell at its lowest level, or per `cells` of them, 1 to 2^20, default 1: what lies beyond
/// the last level is clipped.
struct granular {
    static constexpr bool has_integer_codes = true;

    int cells = 1;

    [[nodiscard]] std::string wrong(char const* name) const {
        return outside((std::string(name) + ".range.cells").c_str(), cells, 1, 1 << 20);
    }
    friend std::string to_string(granular const& r) { return "steps of " + std::to_string(r.cells) + " cell-LSB"; }
};

/// Two numbers with their unit; made by range_in_cell_lsb, range_of_full_scale or from observed sums. Zero need not be
/// a level, so that codes are no integers.
struct sum_range {
    static constexpr bool has_integer_codes = false;

    double lowest = 0;
    double highest = 1;
    sigma_unit unit = sigma_unit::full_scale;

    [[nodiscard]] covered_sums in_cell_lsb(column_context const& context) const {
        return {to_cell_lsb({lowest, unit}, context), to_cell_lsb({highest, unit}, context)};
    }

    [[nodiscard]] std::string wrong(char const* name) const {
        if (unit == sigma_unit::adc_lsb) {
            return std::string(name) + ".range is in steps of the converter, which follow from it; full scales or "
                                       "cell-LSB are needed";
        }
        return std::isfinite(lowest) && std::isfinite(highest) && lowest < highest
                   ? std::string{}
                   : std::string(name) + ".range goes from " + std::to_string(lowest) + " to " +
                         std::to_string(highest) + "; two finite numbers in ascending order are needed";
    }

    friend bool operator==(sum_range const&, sum_range const&) = default;
    friend std::string to_string(sum_range const& r) {
        return std::to_string(r.lowest) + " to " + std::to_string(r.highest) +
               (r.unit == sigma_unit::full_scale ? " of full scale" : " cell-LSB");
    }
};

[[nodiscard]] constexpr sum_range range_in_cell_lsb(double lowest, double highest) {
    return {lowest, highest, sigma_unit::cell_lsb};
}

[[nodiscard]] constexpr sum_range range_of_full_scale(double lowest, double highest) {
    return {lowest, highest, sigma_unit::full_scale};
}

template <class R>
concept conversion_range = std::same_as<R, full_range> || std::same_as<R, granular> || std::same_as<R, sum_range>;

/// The smallest range around zero that holds another.
[[nodiscard]] inline sum_range symmetric(sum_range const& r) {
    double const highest = std::max(std::fabs(r.lowest), std::fabs(r.highest));
    return {-highest, highest, r.unit};
}

/// Counts in bins of equal width, bin i around i * width: analysis::histogram.
template <class H>
concept binned_sums = requires(H const& h) {
    { h.width() } -> std::convertible_to<double>;
    { h.first_bin() } -> std::convertible_to<std::int64_t>;
    h.counts()[0];
};

namespace detail {

/// Sums and how often each was seen, ascending.
using weighted_sums = std::map<double, std::uint64_t>;

template <binned_sums H>
void gather(weighted_sums& all, H const& h) {
    for (std::size_t i = 0; i < h.counts().size(); ++i) {
        if (h.counts()[i] > 0) {
            all[static_cast<double>(h.first_bin() + static_cast<std::int64_t>(i)) * h.width()] += h.counts()[i];
        }
    }
}

/// Entries of a table of cycles: analysis::column_histogram.
template <class Cycles>
requires requires(Cycles const& cycles) { cycles.begin()->sums; }
void gather(weighted_sums& all, Cycles const& cycles) {
    for (auto const& cycle : cycles) {
        gather(all, cycle.sums);
    }
}

inline void gather(weighted_sums& all, std::span<float const> sums) {
    for (float const sum : sums) {
        if (!std::isfinite(sum)) {
            throw error(errc::value, "a range is asked for from sums of which one is not finite");
        }
        ++all[static_cast<double>(sum)];
    }
}

/// Leaves out at each end what (1 - share) / 2 of the sums make.
[[nodiscard]] inline sum_range holding(weighted_sums const& all, double share) {
    std::uint64_t count = 0;
    for (auto const& [sum, times] : all) {
        count += times;
    }
    if (count == 0) {
        throw error(errc::value, "a range is asked for from no sums; at least two different ones are needed");
    }
    auto const left_out = static_cast<std::uint64_t>(std::floor((1 - share) / 2 * static_cast<double>(count) + 1e-9));
    auto const first_beyond = [&](auto begin, auto end) {
        std::uint64_t passed = 0;
        for (; begin != end; ++begin) {
            passed += begin->second;
            if (passed > left_out) {
                break;
            }
        }
        return begin->first;
    };
    double const lowest = first_beyond(all.begin(), all.end());
    double const highest = first_beyond(all.rbegin(), all.rend());
    if (!(lowest < highest)) {
        throw error(errc::value, "a range is asked for from sums that are all " + std::to_string(lowest) +
                                     "; at least two different ones are needed");
    }
    return range_in_cell_lsb(lowest, highest);
}

}  // namespace detail

/// From the lowest to the highest of all sums seen, cell-LSB. `sums`: column sums, an analysis::histogram, or the
/// entries of an analysis::column_histogram. Of bins the centres count.
/// Errors: xcim::error where there are no two different sums.
template <class Sums>
[[nodiscard]] sum_range range_of_sums(Sums const& sums) {
    detail::weighted_sums all;
    detail::gather(all, sums);
    return detail::holding(all, 1);
}

/// The range that holds `share` of the sums, above 0 to 1: floor((1 - share) / 2 n) of n are left out at each end.
template <class Sums>
[[nodiscard]] sum_range percentile_range(Sums const& sums, double share) {
    if (!(share > 0 && share <= 1)) {
        throw error(errc::range,
                    "percentile_range: share is " + std::to_string(share) + "; a number above 0, up to 1 is needed");
    }
    detail::weighted_sums all;
    detail::gather(all, sums);
    return detail::holding(all, share);
}

}  // namespace xcim::inline XCIM_ABI::adc
