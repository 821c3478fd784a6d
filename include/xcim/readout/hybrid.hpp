#pragma once

#include <xcim/core/parameter.hpp>
#include <xcim/readout/single.hpp>

#include <string>
#include <tuple>

namespace xcim::inline XCIM_ABI::readout {

/// How the top cycles of a hybrid readout are computed.
enum class top_cycles {
    digital,        ///< by logic: exact, no conversion
    without_noise,  ///< as ASiM reads "digital": the whole NoiseModel is left out, static parts too; the converter
                    ///< stays
};

/// The most significant cycles are computed digitally, the others through the converter. Models Readout.
///
///     cycle (slice i of S, phase j of P) is a top cycle where i + j > S + P - 2 - levels
///
/// which are levels (levels + 1) / 2 cycles for levels <= min(S, P): 6 of 64 for levels 3 of an 8b/8b product.
/// Parameters: `levels` 0 to 32, default 3; `top` how top cycles are computed, default digital; `rest` the readout of
/// all others, default single. Sees/returns: column sums in cell-LSB; codes, in a digital cycle the sum itself. Not
/// modelled: errors of the digital logic. Reference: section V-A of ASiM (arXiv 2411.11022, 2024) and its
/// `hybrid_levels` (Keio-CSG/ASiM). Tests: tests/unit/readout/hybrid.cpp, tests/conformance/readout.cpp,
/// tests/property/readout.cpp, tests/golden/asim.cpp.
template <Readout Rest = single>
struct hybrid {
    int levels = 3;
    top_cycles top = top_cycles::digital;
    [[no_unique_address]] Rest rest{};

    struct digital_kernel {
        static constexpr int draws = 0;
        static constexpr bool is_digital = true;
        double step = 1;

        template <value V>
        V operator()(V sum, lane<V> const& /*l*/) const {
            return sum;
        }
        [[nodiscard]] double highest_code(double /*top*/, double full_scale) const { return full_scale; }
    };

    template <class Noise, class Converter>
    struct converter_kernel {
        static constexpr int draws = adc_draws_of<Converter>;
        Converter adc;
        double step = adc.step;

        /// Without noise integer sums are read as themselves.
        [[nodiscard]] bool is_exact() const requires requires(Converter const& a) { a.is_exact(); }
        { return adc.is_exact(); }

        template <value V>
        V operator()(V sum, lane<V> const& l) const {
            return adc(sum, l.from_draw(0, column_draws_of<Noise>));
        }
    };

    template <class Noise, class Converter>
    [[nodiscard]] auto kernels(column_stages<Noise, Converter> const& stages) const {
        return std::tuple_cat(rest.kernels(stages), std::tuple{digital_kernel{}, converter_kernel<Noise, Converter>{
                                                                                     stages.adc_without_noise}});
    }

    [[nodiscard]] std::size_t way_of(cycle c) const {
        std::size_t const digital = std::tuple_size_v<decltype(rest.kernels(
            column_stages<xcim::detail::any_noise_kernel, xcim::detail::any_adc_kernel>{}))>;
        return !c.is_top(levels) ? rest.way_of(c) : top == top_cycles::digital ? digital : digital + 1;
    }

    [[nodiscard]] int conversions_of(cycle c) const {
        return !c.is_top(levels) ? rest.conversions_of(c) : top == top_cycles::digital ? 0 : 1;
    }

    [[nodiscard]] std::string wrong() const {
        if constexpr (requires { rest.wrong(); }) {
            if (auto const sentence = rest.wrong(); !sentence.empty()) {
                return sentence;
            }
        }
        return outside("readout::hybrid.levels", levels, 0, 32);
    }

    friend std::string to_string(hybrid const& r) {
        return "hybrid, " + std::to_string(r.levels) + " levels " +
               (r.top == top_cycles::digital ? "digital" : "without noise") + ", rest " + to_string(r.rest);
    }
};

hybrid(int)->hybrid<single>;

hybrid(int, top_cycles)->hybrid<single>;

template <class Rest>
hybrid(int, top_cycles, Rest) -> hybrid<Rest>;

}  // namespace xcim::inline XCIM_ABI::readout
