#pragma once

#include <xcim/analysis/error_powers.hpp>
#include <xcim/analysis/float_product.hpp>
#include <xcim/cell/ideal.hpp>
#include <xcim/concepts/encoder.hpp>
#include <xcim/core/error.hpp>
#include <xcim/noise/none.hpp>
#include <xcim/ops/conv2d.hpp>
#include <xcim/ops/linear.hpp>
#include <xcim/wire/ideal.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

namespace xcim::inline XCIM_ABI::analysis {

/// Signal-to-noise ratio of a result in dB, Eq. 4 of ASiM (arXiv 2411.11022, 2024):
///
///     10 log10( sum y^2 / sum (y - y')^2 ),     y ideal, y' found
///
/// Sees any two containers with data() and size() in the same order; infinite where they are equal, not a number where
/// both sums are 0. Errors: xcim::error for different sizes. Tests: tests/unit/analysis/snr.cpp.
template <class Ideal, class Found>
[[nodiscard]] double snr_db(Ideal const& ideal, Found const& found) {
    return decibel(detail::power(ideal) / detail::error_power(ideal, found));
}

namespace detail {

/// The digits of an encoder, from drivers that drive what they should.
template <Encoder E>
struct nominal_drivers {
    E of;
    [[nodiscard]] auto digits(format f) const { return of.digits(f); }
};

}  // namespace detail

/// The macro without noise and with ideal cells, wires and drivers: quantisers, converter and readout are what is left.
/// It programs arrays of its own.
template <class... Policies>
[[nodiscard]] auto quantisation_only(CimMacro<Policies...> const& macro) {
    using encoder = std::remove_cvref_t<decltype(macro.encoding())>;
    return macro.with(noise::none{})
        .with(cell::ideal{})
        .with(wire::ideal{})
        .with(detail::nominal_drivers<encoder>{macro.encoding()});
}

/// How snr_of runs a layer.
struct snr_options {
    conv_options conv{};     ///< of weights (out, in / groups, kernel rows, kernel columns)
    std::uint64_t chip = 0;  ///< the array is programmed into
    std::uint64_t seed = 0;  ///< of the first of the noisy runs; the others take the seeds that follow
    int seeds = 1;           ///< noisy runs whose error power is averaged, from 1 on
    int threads = 1;
};

/// Signal-to-noise ratios of one layer, in dB over its outputs, and the powers they come from.
struct snr_report {
    double input_sqnr_db = 0;  ///< of quantised operands multiplied exactly: what no macro can do better
    double sqnr_db = 0;        ///< of the macro without analog errors
    double csnr_db = 0;        ///< of the macro as it is
    error_powers powers;       ///< mean squares of the differences between these results, one after the other
};

/// SQNR and CSNR of a layer with the tensors at hand: a real layer's, or operands drawn by `sample`.
///
/// The ideal output is the product of the float tensors in double precision. Four results are compared: that one, the
/// product of the quantised operands, the macro with quantisation only (`quantisation_only`), and the macro as it is
/// for every seed (error powers are averaged, not dB). The reported ratios are Eq. 4 of ASiM on these results;
/// `sqnr(powers)` and `csnr(powers)` are what they would be if the errors were independent.
/// Parameters: x (..., in) with w (out, in), or x (images, in, rows, columns) with w (out, in / groups, kernel rows,
/// kernel columns); `options`. Powers in the unit of y, squared.
/// Not modelled: bias (it adds signal that costs no macro anything).
/// Errors: those of linear and conv2d; `seeds` below 1. Reference: section II-C of ASiM (arXiv 2411.11022, 2024).
/// Tests: tests/unit/analysis/snr.cpp.
template <class... Policies, tensor_like X, tensor_like W>
[[nodiscard]] snr_report snr_of(CimMacro<Policies...> const& macro, X const& x, W const& w, snr_options options = {}) {
    if (options.seeds < 1) {
        throw error(errc::range, "snr_options.seeds is " + std::to_string(options.seeds) + "; at least 1 is needed");
    }
    auto const& input = evaluated(x);
    auto const& weights = evaluated(w);
    tensor_ref const in = ref(input, "input");
    tensor_ref const stored = ref(weights, "weights");
    program_options const chip{.groups = options.conv.groups, .chip = options.chip};
    auto const run = [&](auto const& design, programmed_array const& array, std::uint64_t seed) {
        run_options const how{.seed = seed, .threads = options.threads};
        return stored.shape.size() == 2 ? xcim::detail::linear(design, in, array, std::nullopt, how)
                                        : xcim::detail::conv2d(design, in, array, std::nullopt, options.conv, how);
    };

    auto const converters = quantisation_only(macro);
    auto const converted = run(converters, converters.program(stored, chip), 0);
    auto const ideal = detail::float_product(in, stored, options.conv);
    auto const coded_input = detail::fake_quantised(macro.input_quantiser(), in);
    auto const coded_weights = detail::fake_quantised(macro.weight_quantiser(), stored);
    auto const quantised =
        detail::float_product({coded_input.data(), in.shape}, {coded_weights.data(), stored.shape}, options.conv);
    auto const array = macro.program(stored, chip);
    double analog = 0;
    double all = 0;
    for (int i = 0; i < options.seeds; ++i) {
        auto const found = run(macro, array, options.seed + static_cast<std::uint64_t>(i));
        analog += detail::error_power(converted, found) / options.seeds;
        all += detail::error_power(ideal, found) / options.seeds;
    }
    error_powers const powers{detail::power(ideal), detail::error_power(ideal, quantised),
                              detail::error_power(quantised, converted), analog};
    return {decibel(powers.signal / powers.input_quantisation),
            decibel(powers.signal / detail::error_power(ideal, converted)), decibel(powers.signal / all), powers};
}

}  // namespace xcim::inline XCIM_ABI::analysis
