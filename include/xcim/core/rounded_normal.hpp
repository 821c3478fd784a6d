#pragma once

/// \file
/// Normals rounded to integers, drawn without making the normal first: what Gaussian noise does to a converter that
/// counts. The normal is a decreasing function of the random number f, so each integer is a comparison with f:
///
///     n = rne(sigma |z|) = sum over j = 1, 2, ... of [f < t_j],     t_j: the f where sigma |z| = j - 1/2
///
/// Same random bits, same value as rounding the normals of core/stream_normal.hpp.
/// Tests: tests/unit/core/rounded_normal.cpp (every f against rounding). Benchmark: benchmarks/kernels/normal.cpp.

#include <xcim/core/stream_normal.hpp>

#include <array>
#include <cmath>
#include <optional>

namespace xcim::inline XCIM_ABI {

/// rne(sigma z), z ~ N(0, 1), for sigma where at most three integers are common: below 0.9.
class rounded_normal {
public:
    /// Nothing where sigma is too large for three comparisons.
    [[nodiscard]] static std::optional<rounded_normal> of(float sigma) {
        rounded_normal r{sigma};
        for (int j = 1; j <= static_cast<int>(r.below_.size()) + 1; ++j) {
            float const below = r.threshold(static_cast<float>(j) - 0.5F);
            if (below < detail::refined_below + 2.0F) {  // only refined draws are left
                r.find_unsure();
                return r;
            }
            if (j <= static_cast<int>(r.below_.size())) {
                r.below_[static_cast<std::size_t>(r.count_++)] = below;
            }
        }
        return std::nullopt;
    }

    /// Calls f.operator()<Count>() with the number of comparisons.
    template <class F>
    decltype(auto) with_count(F&& f) const {
        switch (count_) {
        case 0:
            return f.template operator()<0>();
        case 1:
            return f.template operator()<1>();
        case 2:
            return f.template operator()<2>();
        default:
            return f.template operator()<3>();
        }
    }

    /// As fill_normal_grid, rounded.
    void fill(word_pair<> key, word_pair<> counter, std::size_t rows, std::size_t columns, float* out,
              std::size_t stride) const {
        with_count([&]<int Count>() {
            detail::fill_grid(draw<Count>{*this, unsure_below_}, key, counter, rows, columns, out, stride);
        });
    }

    /// t_j, an odd number: |n| >= j where f < t_j; j from 1 on.
    [[nodiscard]] float below(std::size_t j) const { return below_[j - 1]; }

    /// Draws with f below this are refined before they are rounded: comparisons may be wrong.
    [[nodiscard]] float unsure_below() const { return unsure_below_; }

    /// Rounded |z|: the definition.
    [[nodiscard]] float of_normal(float z) const { return round_half_even(sigma_ * z); }

private:
    explicit rounded_normal(float sigma) : sigma_{sigma} {}

    template <int Count>
    struct draw {
        rounded_normal const& self;
        float unsure_below;

        XCIM_INLINE batch<float> magnitude(batch<float> const& f) const {
            using V = batch<float>;
            V n(0.0F);
            for (std::size_t j = 0; j < Count; ++j) {
                n = n + select(f < V(self.below_[j]), V(1.0F), V(0.0F));
            }
            return n;
        }
        [[nodiscard]] float of_normal(float z) const { return self.of_normal(z); }
    };

    /// Smallest odd f from which on sigma |z(f)| no longer exceeds `level`.
    [[nodiscard]] float threshold(float level) const {
        int low = 0;
        int high = 32768;
        while (low < high) {
            int const k = (low + high) / 2;
            if (of_normal(detail::normal_magnitude(static_cast<float>(2 * k + 1))) > level) {
                low = k + 1;
            } else {
                high = k;
            }
        }
        return static_cast<float>(2 * low + 1);
    }

    /// An outermost draw is sure where rounding gives the same at both ends of what it may be refined to.
    void find_unsure() {
        auto const is_sure = [&](float f) {
            return of_normal(detail::refined_normal(f, 0)) == static_cast<float>(count_) &&
                   of_normal(detail::refined_normal(f, ~std::uint32_t{0})) == static_cast<float>(count_);
        };
        while (unsure_below_ > 0 && is_sure(unsure_below_ - 1.0F)) {
            unsure_below_ -= 2.0F;
        }
    }

    float sigma_;
    int count_ = 0;
    float unsure_below_ = detail::refined_below;
    std::array<float, 3> below_{};
};

}  // namespace xcim::inline XCIM_ABI
