#pragma once

/// \file
/// Products of integer codes through a macro: integers in, the integer sums of the macro out.

#include <xcim/macro.hpp>
#include <xcim/ops/xtensor.hpp>

#include <algorithm>
#include <cstdint>

namespace xcim::inline XCIM_ABI {

/// Sums of products of codes of `rows` input rows with programmed weights, row-major (rows, outputs):
///
///     sums[m][n] = sum over k of x[m][k] w[n][k],     as the macro reads it
///
/// What is read of each conversion is an integer number of cell-LSB, so that nothing is rounded behind it. Without
/// noise and with a converter that reads every count this is the integer product. x: (rows, K), codes of the format of
/// the macro's input quantiser; array: from macro.program_codes (or program) of shape (N, K). Errors: xcim::error for
/// codes outside the format, shapes that do not fit, a converter whose codes are no whole numbers of counts.
/// Tests: tests/unit/ops/code_product.cpp, tests/golden/flare_attention.cpp.
template <class... Policies>
void code_product(CimMacro<Policies...> const& macro, code_ref const& x, programmed_array const& array,
                  std::int64_t* sums, run_options const& options = {}) {
    std::size_t const inputs = array.shape.rows();
    if (x.shape.size() != 2 || x.shape[1] != inputs || array.groups != 1) {
        throw error(errc::shape, "the input codes have shape " + to_string(x.shape) + "; (rows, " +
                                     std::to_string(inputs) + ") is needed for weights of shape " +
                                     to_string(array.dimensions) + " in one group");
    }
    quantised_inputs const q = macro.take_codes(x);
    auto const source = [&](std::size_t, std::size_t begin, std::size_t end, std::uint16_t* to, std::size_t stride) {
        for (std::size_t m = begin; m < end; ++m) {
            std::copy_n(q.words.data() + m * inputs, inputs, to + (m - begin) * stride);
        }
    };
    output_layout out;
    out.outer_stride = array.outputs();
    out.sums = sums;
    macro.run(array, q, x.shape[0], source, out, options);
}

/// The same on xtensor arrays: x (rows, K), weights (N, K), programmed on the fly. Returns (rows, N).
template <class... Policies>
[[nodiscard]] xt::xarray<std::int64_t>
code_product(CimMacro<Policies...> const& macro, xt::xarray<std::int32_t> const& x,
             xt::xarray<std::int32_t> const& weights, run_options const& options = {}) {
    auto const codes_of = [](xt::xarray<std::int32_t> const& a) {
        return code_ref{a.data(), {a.shape().begin(), a.shape().end()}};
    };
    auto const array = macro.program_codes(codes_of(weights), {.layer = options.layer});
    xt::xarray<std::int64_t> sums =
        xt::xarray<std::int64_t>::from_shape({x.dimension() > 0 ? x.shape(0) : 0, array.outputs()});
    code_product(macro, codes_of(x), array, sums.data(), options);
    return sums;
}

}  // namespace xcim::inline XCIM_ABI
