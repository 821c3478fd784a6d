#pragma once

/// \file
/// The product of a composition that loses nothing: no column is ever summed, the codes are multiplied as integers.

#include <xcim/core/integer_gemm.hpp>
#include <xcim/core/threads.hpp>
#include <xcim/macro/integer_codes.hpp>
#include <xcim/macro/product_plan.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// Whether the array holds its codes as integers.
[[nodiscard]] inline bool has_integer_product(programmed_array const& array) { return !array.integers.empty(); }

/// Multiplies `rows` input rows with the array's integer weights and writes them through `out`: what multiply() gives
/// where every integer sum is read as itself, bit for bit. Codes of more than eight bits are multiplied byte by byte.
template <class CellKernel, class Kernels, bool IsScheduled>
void multiply_integers(product_plan<CellKernel, Kernels, IsScheduled> const& plan, std::size_t rows,
                       row_source const& source, output_layout const& out, run_options const& options) {
    constexpr std::size_t block_rows = 64;
    programmed_array const& array = *plan.array;
    detail::code_bytes const input_bytes{*plan.inputs};
    auto const weight_bytes = detail::weight_bytes(array.slices.code_format);
    bool const is_wide = input_bytes.count() * weight_bytes.size() > 1;
    std::size_t const inputs = array.shape.rows();
    std::size_t const outputs = array.shape.outputs;
    std::size_t const blocks = (rows + block_rows - 1) / block_rows;
    std::size_t const output_parts =
        blocks >= static_cast<std::size_t>(std::max(options.threads, 1)) ? 1 : (outputs + 255) / 256;
    std::size_t const part_outputs = output_parts == 1 ? outputs : 256;
    std::int64_t const input_zero = plan.input_zero;
    std::int64_t const weight_zero = array.weight_scale.zero_point;
    std::int64_t weight_offset = 0;
    for (auto const& byte : weight_bytes) {
        weight_offset += std::int64_t{byte.offset} << byte.shift;
    }
    for_each_task(blocks * output_parts, options.threads, [&](std::size_t task) {
        std::size_t const begin = task / output_parts * block_rows;
        std::size_t const count = std::min(block_rows, rows - begin);
        std::size_t const first = task % output_parts * part_outputs;
        std::size_t const last = std::min(outputs, first + part_outputs);
        std::size_t const stride = (inputs + 63) / 64 * 64;
        thread_local std::vector<std::uint16_t> words;
        thread_local aligned_vector<std::uint8_t> codes;
        thread_local aligned_vector<std::int32_t> sums;
        thread_local std::vector<std::int64_t> wide_sums;
        thread_local std::vector<std::int64_t> row_terms;
        thread_local std::vector<std::size_t> row_places;
        words.resize(count * (inputs + 32));
        codes.resize(count * stride);
        sums.resize(count * last);
        for (std::size_t g = 0; g < array.groups; ++g) {
            source(g, begin, begin + count, words.data(), inputs + 32);
            // sum (w - zw)(x - zx) = sum w x - zw sum x - zx sum w + K zw zx
            row_terms.assign(count, static_cast<std::int64_t>(inputs) * weight_zero * input_zero);
            wide_sums.assign(is_wide ? count * last : 0, 0);
            for (std::size_t j = 0; j < input_bytes.count(); ++j) {
                for (std::size_t m = 0; m < count; ++m) {
                    std::uint8_t* const row = codes.data() + m * stride;
                    input_bytes(words.data() + m * (inputs + 32), inputs, j, row);
                    if (weight_offset != weight_zero) {
                        row_terms[m] += (weight_offset - weight_zero) * (input_bytes.sum(row, inputs, j) << (8 * j));
                    }
                }
                for (std::size_t i = 0; i < weight_bytes.size(); ++i) {
                    multiply_integers(array.integers[g * weight_bytes.size() + i],
                                      {codes.data(), stride, count, input_bytes.is_signed(j)}, first, last, sums.data(),
                                      last);
                    for (std::size_t at = 0; at < wide_sums.size(); ++at) {
                        wide_sums[at] += std::int64_t{sums[at]} << (weight_bytes[i].shift + static_cast<int>(8 * j));
                    }
                }
            }
            row_places.clear();
            for (std::size_t m = 0; m < count; ++m) {
                row_places.push_back(out.place(begin + m));
            }
            bool const is_plain = input_zero == 0 && weight_zero == 0 && !is_wide;
            auto const sum = [&](std::size_t m, std::size_t n) {
                std::int64_t const column_term = input_zero * array.code_sums[g * outputs + n];
                return (is_wide ? wide_sums[m * last + n] : sums[m * last + n]) + row_terms[m] - column_term;
            };
            auto const write = [&](std::size_t m, std::size_t n) {
                std::size_t const output = g * outputs + n;
                std::size_t const at = row_places[m] + output * out.output_stride;
                if (out.sums != nullptr) {
                    out.sums[at] = sum(m, n);
                    return;
                }
                product_scale const& scale = plan.output_scales.of(begin + m);
                float const value = is_plain ? scale.of_sum(static_cast<float>(sums[m * last + n]))
                                             : scale(static_cast<double>(sum(m, n)));
                out.y[at] = out.bias == nullptr ? value : value + out.bias[output];
            };
            // Neighbours in memory one after the other: outputs of a row, or rows of an image.
            if (out.output_stride == 1) {
                for (std::size_t m = 0; m < count; ++m) {
                    for (std::size_t n = first; n < last; ++n) {
                        write(m, n);
                    }
                }
            } else {
                for (std::size_t n = first; n < last; ++n) {
                    for (std::size_t m = 0; m < count; ++m) {
                        write(m, n);
                    }
                }
            }
        }
    });
}

}  // namespace xcim::inline XCIM_ABI
