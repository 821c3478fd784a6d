#pragma once

/// \file
/// The product of a composition that loses nothing: no column is ever summed, the codes are multiplied as integers.

#include <xcim/core/integer_gemm.hpp>
#include <xcim/core/threads.hpp>
#include <xcim/macro/product_plan.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace xcim::inline XCIM_ABI {

namespace detail {

/// Input words to bytes: the codes themselves, whose digits may have been packed in another order.
class code_bytes {
public:
    explicit code_bytes(digit_plan const& inputs) : is_signed_{inputs.code_format.is_signed} {
        int const bits = inputs.code_format.bits;
        auto const mask = static_cast<std::uint16_t>((1U << bits) - 1);
        sign_ = static_cast<std::uint16_t>(is_signed_ ? 1U << (bits - 1) : 0U);
        is_plain_ = inputs.planes == bits;
        for (std::int32_t code = inputs.code_format.lowest(); code <= inputs.code_format.highest(); ++code) {
            is_plain_ = is_plain_ && inputs.word(code) == (static_cast<std::uint16_t>(code) & mask);
        }
        if (!is_plain_) {
            table_.resize(std::size_t{1} << inputs.planes);
            for (std::int32_t code = inputs.code_format.lowest(); code <= inputs.code_format.highest(); ++code) {
                table_[inputs.word(code)] = static_cast<std::uint8_t>(code);
            }
        }
    }

    [[nodiscard]] bool is_signed() const { return is_signed_; }

    void operator()(std::uint16_t const* words, std::size_t count, std::uint8_t* to) const {
        if (is_plain_) {
            for (std::size_t k = 0; k < count; ++k) {  // the sign bit extended
                to[k] = static_cast<std::uint8_t>((words[k] ^ sign_) - sign_);
            }
        } else {
            for (std::size_t k = 0; k < count; ++k) {
                to[k] = table_[words[k]];
            }
        }
    }

    /// Sum of the codes of one row.
    [[nodiscard]] std::int64_t sum(std::uint8_t const* codes, std::size_t count) const {
        std::int64_t total = 0;
        for (std::size_t k = 0; k < count; ++k) {
            total += is_signed_ ? static_cast<std::int8_t>(codes[k]) : codes[k];
        }
        return total;
    }

private:
    bool is_signed_;
    std::uint16_t sign_ = 0;
    bool is_plain_ = true;
    std::vector<std::uint8_t> table_;
};

}  // namespace detail

/// Whether the codes fit the bytes of the integer product and the array holds them that way.
[[nodiscard]] inline bool has_integer_product(programmed_array const& array, digit_plan const& inputs) {
    return !array.integers.empty() && inputs.code_format.bits <= 8;
}

/// Multiplies `rows` input rows with the array's integer weights and writes them through `out`: what multiply() gives
/// where every integer sum is read as itself, bit for bit.
template <class CellKernel, class Kernels>
void multiply_integers(product_plan<CellKernel, Kernels> const& plan, std::size_t rows, row_source const& source,
                       output_layout const& out, run_options const& options) {
    constexpr std::size_t block_rows = 64;
    programmed_array const& array = *plan.array;
    detail::code_bytes const bytes{*plan.inputs};
    std::size_t const inputs = array.shape.rows();
    std::size_t const outputs = array.shape.outputs;
    std::size_t const blocks = (rows + block_rows - 1) / block_rows;
    std::size_t const output_parts =
        blocks >= static_cast<std::size_t>(std::max(options.threads, 1)) ? 1 : (outputs + 255) / 256;
    std::size_t const part_outputs = output_parts == 1 ? outputs : 256;
    std::int64_t const input_zero = plan.input_zero;
    std::int64_t const weight_zero = array.weight_scale.zero_point;
    for_each_task(blocks * output_parts, options.threads, [&](std::size_t task) {
        std::size_t const begin = task / output_parts * block_rows;
        std::size_t const count = std::min(block_rows, rows - begin);
        std::size_t const first = task % output_parts * part_outputs;
        std::size_t const last = std::min(outputs, first + part_outputs);
        std::size_t const stride = (inputs + 63) / 64 * 64;
        thread_local std::vector<std::uint16_t> words;
        thread_local aligned_vector<std::uint8_t> codes;
        thread_local aligned_vector<std::int32_t> sums;
        thread_local std::vector<std::int64_t> row_terms;
        thread_local std::vector<std::size_t> row_places;
        words.resize(count * (inputs + 32));
        codes.resize(count * stride);
        sums.resize(count * last);
        for (std::size_t g = 0; g < array.groups; ++g) {
            source(g, begin, begin + count, words.data(), inputs + 32);
            for (std::size_t m = 0; m < count; ++m) {
                bytes(words.data() + m * (inputs + 32), inputs, codes.data() + m * stride);
            }
            multiply_integers(array.integers[g], {codes.data(), stride, count, bytes.is_signed()}, first, last,
                              sums.data(), last);
            // sum (w - zw)(x - zx) = sum w x - zw sum x - zx sum w + K zw zx
            row_terms.assign(count, 0);
            row_places.clear();
            for (std::size_t m = 0; m < count; ++m) {
                row_places.push_back((begin + m) / out.inner * out.outer_stride + (begin + m) % out.inner);
                if (weight_zero != 0) {
                    row_terms[m] = weight_zero * (static_cast<std::int64_t>(inputs) * input_zero -
                                                  bytes.sum(codes.data() + m * stride, inputs));
                }
            }
            auto const value = [&](std::size_t m, std::size_t n) {
                if (input_zero == 0 && weight_zero == 0) {
                    return plan.output_scale.of_sum(static_cast<float>(sums[m * last + n]));
                }
                std::int64_t const column_term = input_zero * array.code_sums[g * outputs + n];
                return plan.output_scale(
                    static_cast<double>(std::int64_t{sums[m * last + n]} + row_terms[m] - column_term));
            };
            auto const write = [&](std::size_t m, std::size_t n) {
                std::size_t const output = g * outputs + n;
                float const without_bias = value(m, n);
                out.y[row_places[m] + output * out.output_stride] =
                    out.bias == nullptr ? without_bias : without_bias + out.bias[output];
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
