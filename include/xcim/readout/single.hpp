#pragma once

#include <xcim/concepts/readout.hpp>

#include <optional>
#include <string>
#include <tuple>

namespace xcim::inline XCIM_ABI::readout {

/// Every column sum is converted once: noise, then converter. Models Readout.
///
/// Tests: tests/unit/readout/single.cpp, tests/conformance/readout.cpp.
struct single {
    template <class Noise, class Converter>
    struct kernel {
        static constexpr int draws = Noise::draws + adc_draws_of<Converter>;
        static constexpr int column_draws = column_draws_of<Noise> + adc_column_draws_of<Converter>;
        [[no_unique_address]] Noise noise;
        Converter adc;
        double step = adc.step;

        template <value V>
        V operator()(V sum, lane<V> const& l) const {
            return adc(noise(sum, l), l.from_draw(Noise::draws, column_draws_of<Noise>));
        }

        /// Without noise integer sums are read as themselves.
        [[nodiscard]] bool is_exact() const requires requires(Converter const& a) { a.is_exact(); }
        { return adc.is_exact(); }

        /// Gaussian noise in front of a converter that counts.
        [[nodiscard]] std::optional<counting_converter> counting() const requires
            requires(Noise const& n, Converter const& a) {
            n.additive_sigma(), a.counts(), a.highest;
        }
        {
            static_assert(adc_draws_of<Converter> == 0, "a converter that counts draws nothing");
            auto const rounded = adc.counts() ? rounded_normal::of(noise.additive_sigma()) : std::nullopt;
            return rounded ? std::optional<counting_converter>{{*rounded, adc.highest}} : std::nullopt;
        }
    };

    template <class Noise, class Converter>
    [[nodiscard]] auto kernels(column_stages<Noise, Converter> const& stages) const {
        return std::tuple{kernel<Noise, Converter>{stages.noise, stages.adc}};
    }

    [[nodiscard]] static constexpr std::size_t way_of(cycle /*c*/) { return 0; }
    [[nodiscard]] static constexpr int conversions_of(cycle /*c*/) { return 1; }

    friend std::string to_string(single const&) { return "single conversion"; }
};

}  // namespace xcim::inline XCIM_ABI::readout
