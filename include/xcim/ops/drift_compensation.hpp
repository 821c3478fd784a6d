#pragma once

/// \file
/// Drift compensation: outputs of a chip whose conductances have changed since it was programmed, brought back by one
/// digital factor, or one an output.
///
///     gain = response(then) / response(now),     response of output n = mean over rows k of |y_n(row k alone, driven
///     fully)|
///
/// The chip measures its own response, with its own converter and noise, once after programming and again whenever the
/// gain is to be renewed; a response of ideal cells serves as well as that of the first day. Shapes: responses
/// (outputs). Reference: V. Joshi et al., "Accurate deep neural network inference using computational phase-change
/// memory", Nature Communications 11, 2020 (one factor for all); aihwkit's GlobalDriftCompensation (identity inputs).
/// Not modelled: rows measured several at a time, what measuring costs.
/// Tests: tests/unit/ops/drift_compensation.cpp.

#include <xcim/macro/cim_macro.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// What shares a factor.
enum class compensated {
    all,  ///< all outputs of the layer
    each_output
};

/// Mean magnitude of every output over inputs that drive one row fully, what columns give alone: without gains and
/// without what is added digitally, which does not drift. (outputs), real weights times steps of the input codes.
template <class... Policies>
[[nodiscard]] std::vector<double> drift_response(CimMacro<Policies...> const& macro, programmed_array const& array,
                                                 run_options const& options = {}) {
    programmed_array plain = array;
    plain.gains.clear();
    plain.slices.bias = 0;
    plain.weight_scale.zero_point = 0;
    run_options measured = options;
    measured.every_cycle = true;
    std::vector<std::int32_t> const codes{0, format_of(macro.input_quantiser()).highest()};
    quantised_inputs const inputs = macro.take_codes(code_ref{codes.data(), {codes.size()}});
    std::size_t const rows = array.shape.rows();
    std::vector<float> y(rows * array.outputs());  // (rows, outputs)
    auto const identity = [&](std::size_t /*group*/, std::size_t begin, std::size_t end, std::uint16_t* to,
                              std::size_t stride) {
        for (std::size_t m = begin; m < end; ++m, to += stride) {
            std::fill_n(to, rows, inputs.words[0]);
            to[m] = inputs.words[1];
        }
    };
    output_layout out;
    out.y = y.data();
    out.outer_stride = array.outputs();
    macro.run(plain, inputs, rows, identity, out, measured);
    std::vector<double> response(array.outputs());
    for (std::size_t i = 0; i < y.size(); ++i) {
        response[i % response.size()] += std::abs(static_cast<double>(y[i])) / static_cast<double>(rows);
    }
    return response;
}

/// Sets the gains of `now` so that its response is `reference` again. Errors: responses of another number of outputs;
/// an output (all of them together, where they share the gain) that responds to nothing although the reference does.
template <class... Policies>
void compensate_drift(CimMacro<Policies...> const& macro, programmed_array& now, std::vector<double> const& reference,
                      compensated what = compensated::all, run_options const& options = {}) {
    auto const response = drift_response(macro, now, options);
    if (reference.size() != response.size()) {
        throw error(errc::shape, "the reference has " + std::to_string(reference.size()) +
                                     " responses; one for each of " + std::to_string(response.size()) +
                                     " outputs is needed");
    }
    auto const gain = [](double then, double today, std::string const& whose) {
        if (then == 0) {
            return 1.0F;
        }
        if (!(today > 0)) {
            throw error(errc::value, whose + " no longer respond: the reference is " + std::to_string(then) +
                                         " and nothing is left to amplify");
        }
        return static_cast<float>(then / today);
    };
    now.gains.assign(response.size(), 1.0F);
    if (what == compensated::all) {
        double then = 0;
        double today = 0;
        for (std::size_t n = 0; n < response.size(); ++n) {
            then += reference[n];
            today += response[n];
        }
        std::fill(now.gains.begin(), now.gains.end(), gain(then, today, "all outputs"));
        return;
    }
    for (std::size_t n = 0; n < response.size(); ++n) {
        now.gains[n] = gain(reference[n], response[n], "the rows of output " + std::to_string(n));
    }
}

}  // namespace xcim::inline XCIM_ABI
