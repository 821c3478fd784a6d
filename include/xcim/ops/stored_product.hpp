#pragma once

/// \file
/// Products of two activations: one operand is written into arrays for the length of the call, the other is driven.

#include <xcim/core/threads.hpp>
#include <xcim/macro.hpp>
#include <xcim/ops/tensor.hpp>

#include <algorithm>

namespace xcim::inline XCIM_ABI {

/// Which operand's rows are the rows of a stored_product.
enum class rows_of { driven, stored };

namespace detail {

/// Number of matrices in a tensor of shape (..., rows, columns); throws where there are fewer than two extents.
inline std::size_t matrices_of(tensor_ref const& t, char const* name) {
    if (t.shape.size() < 2 || t.size() == 0) {
        throw error(errc::shape, std::string("the ") + name + " operand has shape " + to_string(t.shape) +
                                     "; (..., rows, columns) without empty extents is needed");
    }
    return t.size() / (t.shape[t.shape.size() - 2] * t.shape.back());
}

}  // namespace detail

/// Products of pairs of matrices through a macro: for each of the leading indices
///
///     y[m][s] = sum over k of driven[m][k] stored[s][k]     rows_of::driven, (..., M, S)
///     y[s][m] = the same                                    rows_of::stored, (..., S, M)
///
/// stored: (..., S, K), takes the weights' place: quantiser, slices, cells; driven: (..., M, K), takes the inputs'
/// place. Both have the same leading extents. Scales that are not fixed in the quantisers are taken from each operand
/// as a whole. Every pair of an item has arrays of its own on the chip `chip`, apart from those of calls
/// with another options.layer and from those of layers that are programmed once. Errors: xcim::error for
/// shapes that do not fit, elements that are not finite, a composition that cannot work. Tests:
/// tests/unit/ops/stored_product.cpp, tests/golden/asim_attention.cpp.
template <class... Policies, tensor_like S, tensor_like D>
[[nodiscard]] xt::xarray<float> stored_product(CimMacro<Policies...> const& macro, S const& stored, D const& driven,
                                               rows_of order = rows_of::driven, run_options options = {},
                                               std::uint64_t chip = 0) {
    auto const& stored_values = evaluated(stored);
    auto const& driven_values = evaluated(driven);
    tensor_ref const a = ref(stored_values, "stored operand");
    tensor_ref const b = ref(driven_values, "driven operand");
    std::size_t const pairs = detail::matrices_of(a, "stored");
    static_cast<void>(detail::matrices_of(b, "driven"));
    auto shape = b.shape;
    shape.back() = a.shape[a.shape.size() - 2];
    if (a.shape.back() != b.shape.back() || a.shape.size() != b.shape.size() ||
        !std::equal(a.shape.begin(), a.shape.end() - 2, b.shape.begin())) {
        throw error(errc::shape, "the stored operand has shape " + to_string(a.shape) + ", the driven one " +
                                     to_string(b.shape) + "; equal leading extents and columns are needed");
    }
    std::size_t const m = b.shape[b.shape.size() - 2];
    std::size_t const s = shape.back();
    std::size_t const k = a.shape.back();
    if (order == rows_of::stored) {
        std::swap(shape[shape.size() - 2], shape.back());
    }
    xt::xarray<float> y = xt::xarray<float>::from_shape(shape);
    range const stored_range = range_of(a, "stored operand");
    constexpr bool has_token_scales =
        xcim::has_token_scales<std::remove_cvref_t<decltype(macro.input_quantiser())>>;  // then pairs come one by one
    quantised_inputs const together = has_token_scales ? quantised_inputs{} : macro.quantise_inputs(b);
    std::size_t const pairs_per_item = pairs / (a.shape.size() > 2 ? a.shape[0] : 1);

    if (pairs_per_item >= 1U << 16U || options.layer + 1 >= 1U << 16U) {
        throw error(errc::range, "stored_product has " + std::to_string(pairs_per_item) + " pairs an item in layer " +
                                     std::to_string(options.layer) +
                                     "; fewer than 65536 pairs and a layer below 65535 "
                                     "are needed to tell their arrays apart");
    }
    // Pairs are shared out among the threads; a probe sees one conversion at a time, so it gets one thread.
    int const helpers = options.probe == nullptr && pairs > 1 ? options.threads : 1;
    for_each_task(pairs, helpers, [&](std::size_t pair) {
        auto const array =
            macro.program(tensor_ref{a.data + pair * s * k, {s, k}},
                          {.chip = chip,
                           .layer = (options.layer + 1) << 16U | static_cast<std::uint32_t>(pair % pairs_per_item),
                           .weight_range = stored_range});
        tensor_ref const rows{b.data + pair * m * k, {m, k}};
        quantised_inputs const alone = has_token_scales ? macro.quantise_inputs(rows, m) : quantised_inputs{};
        quantised_inputs const& inputs = has_token_scales ? alone : together;
        std::size_t const first_row = has_token_scales ? 0 : pair * m;
        auto const source = [&](std::size_t, std::size_t begin, std::size_t end, std::uint16_t* to,
                                std::size_t stride) {
            for (std::size_t row = begin; row < end; ++row) {
                std::copy_n(inputs.words.data() + (first_row + row) * k, k, to + (row - begin) * stride);
            }
        };
        output_layout out{y.data() + pair * m * s, 1, s, 1, nullptr};
        if (order == rows_of::stored) {
            out = {y.data() + pair * m * s, m, 0, m, nullptr};
        }
        run_options own = options;
        own.threads = helpers > 1 ? 1 : options.threads;
        own.first_item = (options.first_item * pairs_per_item + pair) * (order == rows_of::stored ? 1 : m);
        macro.run(array, inputs, m, source, out, own);
    });
    return y;
}

}  // namespace xcim::inline XCIM_ABI
