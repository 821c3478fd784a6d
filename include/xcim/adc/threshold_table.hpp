#pragma once

/// \file
/// Look-up among ascending thresholds, for floats and batches. Internals of converters without an even grid.

#include <xcim/core/error.hpp>
#include <xcim/core/normal.hpp>
#include <xcim/core/simd.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace xcim::inline XCIM_ABI::adc::detail {

/// The largest float not above v: a float is above it exactly where it is above v.
[[nodiscard]] inline float float_not_above(double v) {
    auto const near = static_cast<float>(v);
    return static_cast<double>(near) > v ? std::nextafter(near, -std::numeric_limits<float>::infinity()) : near;
}

/// Up to Most values, Most a power of two from 32 on: values[i] where i thresholds lie below the sum.
///
/// The first five steps of the search look among 31 thresholds in registers, the others in memory. Where thresholds lie
/// near a straight line, the search begins where it says and goes as far as any of them lies from it.
template <std::size_t Most>
class threshold_table {
public:
    /// `values` are one more than `thresholds`, which ascend.
    threshold_table(std::span<double const> thresholds, std::span<double const> values)
        : steps_{static_cast<int>(std::bit_width(thresholds.size()))} {
        XCIM_ASSERT(values.size() <= Most && thresholds.size() + 1 == values.size(), "thresholds lie between values");
        thresholds_.fill(std::numeric_limits<float>::infinity());
        std::transform(thresholds.begin(), thresholds.end(), thresholds_.begin(), float_not_above);
        std::transform(values.begin(), values.end(), values_.begin(), [](double v) { return static_cast<float>(v); });
        coarse_steps_ = std::min(steps_, 5);
        std::size_t const stride = std::size_t{1} << (steps_ - coarse_steps_);
        coarse_.fill(std::numeric_limits<float>::infinity());
        for (std::size_t i = 0; i + 1 < coarse_.size() && (i + 1) * stride <= Most; ++i) {
            coarse_[i] = thresholds_[(i + 1) * stride - 1];
        }
        std::copy_n(values_.begin(), first_values_.size(), first_values_.begin());
        find_line(thresholds.size());
        per_index_ = values.size() > 1 ? values_[1] - values_[0] : 0;
        is_even_ = true;
        for (std::size_t i = 0; i < values.size(); ++i) {
            is_even_ = is_even_ && value_on_line(static_cast<float>(i)) == values_[i];
        }
    }

    template <value V>
    [[nodiscard]] XCIM_INLINE V operator()(V sum) const {
        V below(0.0F);
        int steps = steps_;
        if (is_near_line_) {
            below = clamp(V(round_down(V(fused_multiply_add(sum, V(slope_), V(origin_))))), V(0.0F), V(last_));
        } else {
            steps = steps_ - coarse_steps_;
            for (int s = coarse_steps_ - 1; s >= 0; --s) {
                V const next = below + V(static_cast<float>(1 << s));
                V const threshold = ::xcim::detail::look_up<V>(coarse_, to_word(V(next - V(1.0F))));
                below = select(sum > threshold, next, below);
            }
            if (steps == 0) {
                return ::xcim::detail::look_up<V>(first_values_, to_word(below));
            }
            below = below * V(static_cast<float>(1 << steps));
        }
        for (int s = steps - 1; s >= 0; --s) {
            V const next = below + V(static_cast<float>(1 << s));
            V const threshold = table_entry(thresholds_.data(), V(min(V(next - V(1.0F)), V(beyond))));
            below = select(sum > threshold, next, below);
        }
        return is_even_ ? value_on_line(below) : table_entry(values_.data(), below);
    }

private:
    static constexpr float beyond = static_cast<float>(Most - 1);  // no threshold there

    template <value V>
    [[nodiscard]] XCIM_INLINE V value_on_line(V index) const {
        return fused_multiply_add(index, V(per_index_), V(values_[0]));
    }

    /// slope * sum + origin, rounded down, is at most the number of thresholds below the sum, and at most 2^steps - 1
    /// less.
    void find_line(std::size_t count) {
        if (steps_ == coarse_steps_) {
            return;
        }
        auto const at = [&](std::size_t i) { return static_cast<double>(thresholds_[i]); };
        if (!(at(count - 1) > at(0))) {
            return;  // one float for all
        }
        double const slope = static_cast<double>(count - 1) / (at(count - 1) - at(0));
        double lowest = 0;
        double highest = 1;
        for (std::size_t i = 0; i < count; ++i) {
            double const distance = static_cast<double>(i) - slope * (at(i) - at(0));
            lowest = std::min(lowest, distance);
            highest = std::max(highest, distance + 1);
        }
        // Floats on the line are right to a few of their digits.
        double const rounding =
            4 * 0x1p-23 * (static_cast<double>(count) + std::fabs(slope * at(0)) + std::fabs(slope * at(count - 1)));
        if (!(rounding < 0.25)) {
            return;
        }
        auto const steps =
            static_cast<int>(std::bit_width(static_cast<std::size_t>(highest - lowest + 1 + 2 * rounding)));
        if (steps < steps_ - coarse_steps_ + 2) {
            is_near_line_ = true;
            steps_ = steps;
            slope_ = static_cast<float>(slope);
            origin_ = static_cast<float>(lowest - rounding - slope * at(0));
            last_ = static_cast<float>(count);
        }
    }

    int steps_;
    int coarse_steps_;
    bool is_near_line_ = false;
    bool is_even_ = false;
    float slope_ = 0;
    float origin_ = 0;
    float last_ = 0;
    float per_index_ = 0;
    alignas(64) std::array<float, 32> coarse_;
    alignas(64) std::array<float, 32> first_values_;
    std::array<float, Most> thresholds_;
    std::array<float, Most> values_{};
};

}  // namespace xcim::inline XCIM_ABI::adc::detail
