#pragma once

#include <xcim/concepts/noise_model.hpp>
#include <xcim/core/parameter.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::noise {

/// Error of one popcount level, in levels: what a column reads on average less what it should, and the deviation.
struct level_error {
    double shift = 0;
    double sigma = 0;
    friend bool operator==(level_error const&, level_error const&) = default;
};

/// Errors by popcount level, from a measurement of silicon or a Monte Carlo (analysis::sense_levels). Models
/// NoiseModel.
///
///     sum' = sum + shift[k] + sigma[k] * z,     k = nearest level of sum,     z ~ N(0, 1)
///
/// Parameters: `levels`: error of level 0, 1, ... up to 64; empty is no noise. Sums beyond the last level have its
/// error, negative ones that of level 0. Sees/returns: column sums in cell-LSB; one level is a fully driven row.
/// Not modelled: distributions other than the normal one; dependence of neighbouring conversions; which cells are on.
/// Reference: FLARE (arXiv 2411.14733, 2024), section 4.1, figure 9(b): reading errors by popcount. Tests:
/// tests/unit/noise/popcount_errors.cpp, tests/conformance/noise_model.cpp.
struct popcount_errors {
    static constexpr bool is_identity = false;
    static constexpr std::size_t most_levels = 65;

    std::vector<level_error> levels;

    struct kernel {
        static constexpr int draws = 1;
        std::array<float, most_levels> shift;  // cell-LSB
        std::array<float, most_levels> sigma;  // cell-LSB
        float levels_per_sum;
        float last;

        [[nodiscard]] bool is_off() const {
            auto const is_zero = [](float v) { return v == 0.0F; };
            return std::ranges::all_of(shift, is_zero) && std::ranges::all_of(sigma, is_zero);
        }

        template <value V>
        V operator()(V sum, lane<V> const& l) const {
            V const level = clamp(round_half_even(V(sum * V(levels_per_sum))), V(0.0F), V(last));
            return fused_multiply_add(at(sigma, level), l.normal(), V(sum + at(shift, level)));
        }

    private:
        static float at(std::array<float, most_levels> const& table, float level) {
            return table[static_cast<std::size_t>(level)];
        }
        static batch<float> at(std::array<float, most_levels> const& table, batch<float> const& level) {
            std::array<float, lanes> found;
            store(found.data(), level);
            for (float& v : found) {
                v = table[static_cast<std::size_t>(v)];
            }
            return load<batch<float>>(found.data());
        }
    };

    [[nodiscard]] kernel prepare(column_context const& context) const {
        double const row = context.full_scale / context.rows;  // cell-LSB of a level
        kernel k{};
        k.levels_per_sum = static_cast<float>(1 / row);
        for (std::size_t i = 0; i < std::min(levels.size(), most_levels); ++i) {
            k.shift[i] = static_cast<float>(levels[i].shift * row);
            k.sigma[i] = static_cast<float>(levels[i].sigma * row);
            k.last = static_cast<float>(i);
        }
        return k;
    }

    [[nodiscard]] std::string wrong() const {
        if (levels.size() > most_levels) {
            return "noise::popcount_errors has " + std::to_string(levels.size()) +
                   " levels; 65 are possible, 0 to 64 ones";
        }
        for (std::size_t i = 0; i < levels.size(); ++i) {
            std::string const name = "noise::popcount_errors.levels[" + std::to_string(i) + "]";
            if (auto sentence = unless(true, name + ".shift", levels[i].shift, "of levels"); !sentence.empty()) {
                return sentence;
            }
            if (auto sentence = unless(levels[i].sigma >= 0, name + ".sigma", levels[i].sigma, "from 0 on");
                !sentence.empty()) {
                return sentence;
            }
        }
        return {};
    }

    friend std::string to_string(popcount_errors const& n) {
        return "popcount errors of " + std::to_string(n.levels.size()) + " levels";
    }
};

}  // namespace xcim::inline XCIM_ABI::noise
