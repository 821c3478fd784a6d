#pragma once

#include <xcim/core/parameter.hpp>
#include <xcim/readout/single.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <tuple>

namespace xcim::inline XCIM_ABI::readout {

/// What is made of several codes of one column sum.
enum class vote {
    mode,    ///< the commonest code, the smallest of several
    median,  ///< the middle code, the lower of two
    mean,    ///< the average, not rounded
};

/// The most significant cycles are converted several times, each time with noise of its own, and the codes are put to
/// the vote; the others are converted once. Models Readout.
///
///     top cycles as in readout::hybrid: i + j > S + P - 2 - levels
///
/// Parameters: `levels` 0 to 32, default 3; `samples` conversions of a top cycle, 1 to 15, default 5; `by` mode
/// (ASiM's, default), median or mean. The standard deviation of the mean falls as 1 / sqrt(samples); that of the mode
/// does not, and the mode is biased towards small codes where codes tie. Sees/returns: column sums in cell-LSB; codes,
/// for the mean the sum of the codes with a step that much smaller. Reference: section V-B of ASiM (arXiv 2411.11022,
/// 2024) and its majority voting extension (Keio-CSG/ASiM), which has the mode only. Tests:
/// tests/unit/readout/majority.cpp, tests/conformance/readout.cpp, tests/property/readout.cpp, tests/golden/asim.cpp.
struct majority {
    static constexpr int most_samples = 15;

    int levels = 3;
    int samples = 5;
    vote by = vote::mode;

    template <class Noise, class Converter>
    struct voting_kernel {
        static constexpr int column_draws = column_draws_of<Noise> + adc_column_draws_of<Converter>;
        static constexpr int draws_of_sample = Noise::draws + adc_draws_of<Converter>;
        [[no_unique_address]] Noise noise;
        Converter adc;
        int samples;
        vote by;
        int draws = samples * draws_of_sample;
        double step = by == vote::mean ? adc.step / samples : adc.step;

        template <value V>
        V operator()(V sum, lane<V> const& l) const {
            std::array<V, most_samples> codes;
            for (int s = 0; s < samples; ++s) {
                auto const own = l.from_draw(s * draws_of_sample);
                codes[static_cast<std::size_t>(s)] =
                    adc(noise(sum, own), own.from_draw(Noise::draws, column_draws_of<Noise>));
            }
            return by == vote::mean ? total(codes) : by == vote::median ? median(codes) : mode(codes);
        }

        /// Without noise integer sums are read as themselves.
        [[nodiscard]] bool is_exact() const requires requires(Converter const& a) { a.is_exact(); }
        { return adc.is_exact(); }

        [[nodiscard]] double highest_code(double top, double /*full_scale*/) const {
            return by == vote::mean ? samples * top : top;
        }

    private:
        [[nodiscard]] std::size_t count() const { return static_cast<std::size_t>(samples); }

        template <class V>
        [[nodiscard]] V total(std::array<V, most_samples> const& codes) const {
            V sum = codes[0];
            for (std::size_t i = 1; i < count(); ++i) {
                sum = sum + codes[i];
            }
            return sum;
        }

        /// The code with as many smaller ones (of equal codes the earlier counts as smaller) as the middle has.
        template <class V>
        [[nodiscard]] V median(std::array<V, most_samples> const& codes) const {
            V const middle(static_cast<float>((samples - 1) / 2));
            V found = codes[0];
            for (std::size_t i = 0; i < count(); ++i) {
                V smaller(0.0F);
                for (std::size_t k = 0; k < count(); ++k) {
                    auto const is_smaller = k < i ? codes[k] <= codes[i] : codes[k] < codes[i];
                    smaller = smaller + select(is_smaller, V(1.0F), V(0.0F));
                }
                found = select(smaller == middle, codes[i], found);
            }
            return found;
        }

        template <class V>
        [[nodiscard]] V mode(std::array<V, most_samples> const& codes) const {
            V best(0.0F);
            V found = codes[0];
            for (std::size_t i = 0; i < count(); ++i) {
                V votes(0.0F);
                for (std::size_t k = 0; k < count(); ++k) {
                    votes = votes + select(codes[k] == codes[i], V(1.0F), V(0.0F));
                }
                found = select(votes > best, codes[i], select(votes == best, min(found, codes[i]), found));
                best = max(best, votes);
            }
            return found;
        }
    };

    template <class Noise, class Converter>
    [[nodiscard]] auto kernels(column_stages<Noise, Converter> const& stages) const {
        return std::tuple_cat(single{}.kernels(stages),
                              std::tuple{voting_kernel<Noise, Converter>{stages.noise, stages.adc, samples, by}});
    }

    [[nodiscard]] std::size_t way_of(cycle c) const { return c.is_top(levels) ? 1 : 0; }
    [[nodiscard]] int conversions_of(cycle c) const { return c.is_top(levels) ? samples : 1; }

    [[nodiscard]] std::string wrong() const {
        auto const sentence = outside("readout::majority.levels", levels, 0, 32);
        return sentence.empty() ? outside("readout::majority.samples", samples, 1, most_samples) : sentence;
    }

    friend std::string to_string(majority const& r) {
        char const* const name = r.by == vote::mode ? "mode" : r.by == vote::median ? "median" : "mean";
        return "majority, " + std::to_string(r.levels) + " levels, " + name + " of " + std::to_string(r.samples);
    }
};

}  // namespace xcim::inline XCIM_ABI::readout
