#pragma once

#include <xcim/concepts/readout.hpp>

#include <optional>
#include <string>

namespace xcim::inline XCIM_ABI::readout {

/// Every column sum is converted once: noise, then converter. Models Readout.
///
/// Tests: tests/unit/readout/single.cpp, tests/conformance/readout.cpp.
struct single {
    static constexpr int conversions = 1;

    template <class Noise, class Converter>
    struct kernel {
        static constexpr int draws = Noise::draws;
        [[no_unique_address]] Noise noise;
        Converter adc;

        template <value V>
        V operator()(V sum, lane<V> const& l) const {
            return adc(noise(sum, l), l);
        }

        /// Gaussian noise in front of a converter that counts.
        [[nodiscard]] std::optional<counting_converter> counting() const requires
            requires(Noise const& n, Converter const& a) {
            n.additive_sigma(), a.counts(), a.highest;
        }
        {
            auto const rounded = adc.counts() ? rounded_normal::of(noise.additive_sigma()) : std::nullopt;
            return rounded ? std::optional<counting_converter>{{*rounded, adc.highest}} : std::nullopt;
        }
    };

    template <noise_kernel Noise, adc_kernel Converter>
    [[nodiscard]] kernel<Noise, Converter> combine(Noise const& noise, Converter const& adc) const {
        return {noise, adc};
    }

    friend std::string to_string(single const&) { return "single conversion"; }
};

}  // namespace xcim::inline XCIM_ABI::readout
