#pragma once

/// \file
/// Products of integers of up to 16 bits from products of their bytes, with exact 64-bit sums:
///
///     x = 256 x_high + x_low,    w = 256 w_high + w_low + 128,    -128 <= w_high, w_low <= 127,    0 <= x_low <= 255
///     sum x w = 2^16 sum x_high w_high + 2^8 (sum x_high w_low + sum x_low w_high) + sum x_low w_low + 128 sum x
///
/// Operands that fit one byte have no high plane, and weights no offset. Tests: tests/unit/ops/plane_product.cpp.

#include <xcim/core/aligned.hpp>
#include <xcim/core/integer_gemm.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace xcim::inline XCIM_ABI {

namespace detail {

/// Part of a matrix of weights that is multiplied at a time: sums of a few rows stay in the first-level cache.
inline constexpr std::size_t plane_outputs = 256;
inline constexpr std::size_t plane_inputs = 1024;
inline constexpr std::size_t plane_rows = 16;

/// Whether v lies outside a byte of its kind of integer.
template <std::integral T>
[[nodiscard]] constexpr bool is_wide(T v) {
    return std::is_signed_v<T> ? v < -128 || v > 127 : v > 255;
}

/// Up to plane_rows rows of codes as planes of bytes; zeros behind the columns that take part.
class byte_planes {
public:
    explicit byte_planes(std::size_t inputs) : stride_{(inputs + 63) & ~std::size_t{63}}, low_(plane_rows * stride_) {}

    /// \param columns  of each row that take part; columns behind them are zero
    template <std::integral Code>
    void take(Code const* codes, std::size_t stride, std::size_t rows, std::size_t columns) {
        static_assert(sizeof(Code) == 2, "two planes of bytes hold the codes");
        rows_ = rows;
        is_signed_ = std::is_signed_v<Code>;
        unsigned bits = 0;  // that differ from the sign somewhere
        for (std::size_t r = 0; r < rows; ++r) {
            std::uint8_t* const to = low_.data() + r * stride_;
            sums_[r] = 0;
            for (std::size_t i = 0; i < columns; i += block) {
                std::size_t const size = std::min(block, columns - i);
                sums_[r] += take_block(codes + r * stride + i, size, to + i, bits);
            }
            std::fill(to + columns, to + stride_, std::uint8_t{0});
        }
        has_high_ = bits >> (is_signed_ ? 7 : 8) != 0;
        high_.resize(has_high_ ? low_.size() : 0);
        for (std::size_t r = 0; r < (has_high_ ? rows : 0); ++r) {
            std::uint8_t* const to = high_.data() + r * stride_;
            std::transform(codes + r * stride, codes + r * stride + columns, to,
                           [](Code v) { return static_cast<std::uint8_t>(v >> 8); });
            std::fill(to + columns, to + stride_, std::uint8_t{0});
        }
    }

    [[nodiscard]] bool has_high() const { return has_high_; }
    [[nodiscard]] std::size_t rows() const { return rows_; }
    /// Sum of the codes of a row.
    [[nodiscard]] std::int64_t sum(std::size_t row) const { return sums_[row]; }
    /// A plane from a column on.
    [[nodiscard]] integer_rows plane(bool is_high, std::size_t column) const {
        auto const& bytes = is_high ? high_ : low_;
        return {bytes.data() + column, stride_, rows_, is_signed_ && is_high == has_high_};
    }

private:
    /// Codes whose sum fits 32 bits.
    static constexpr std::size_t block = 1024;

    /// Low bytes of some codes; returns the sum of the codes.
    template <std::integral Code>
    static std::int32_t take_block(Code const* from, std::size_t size, std::uint8_t* to, unsigned& bits) {
        std::int32_t sum = 0;
        auto found = static_cast<Code>(0);
        for (std::size_t i = 0; i < size; ++i) {
            to[i] = static_cast<std::uint8_t>(from[i]);
            sum += from[i];
            found = static_cast<Code>(found | (from[i] < 0 ? ~from[i] : from[i]));
        }
        bits |= static_cast<unsigned>(found);
        return sum;
    }

    std::size_t stride_;
    aligned_vector<std::uint8_t> low_;   // (plane_rows, stride)
    aligned_vector<std::uint8_t> high_;  // the same, or none
    std::array<std::int64_t, plane_rows> sums_{};
    std::size_t rows_ = 0;
    bool has_high_ = false;
    bool is_signed_ = false;
};

}  // namespace detail

/// Weights of up to 16 bits, packed once for exact products with codes of up to 16 bits. A value; used by any number of
/// threads.
class plane_weights {
public:
    plane_weights() = default;

    /// \param w            weight of output n and input k at w[n * output_step + k * input_step], within 16 bits
    template <std::integral W>
    plane_weights(W const* w, std::size_t outputs, std::size_t inputs, std::size_t output_step, std::size_t input_step)
        : outputs_{outputs}, inputs_{inputs} {
        // Neighbours in memory come one after the other.
        auto const for_each = [&](std::size_t rows, std::size_t columns, auto const& use) {
            for (std::size_t i = 0; i < (input_step == 1 ? rows : columns); ++i) {
                for (std::size_t j = 0; j < (input_step == 1 ? columns : rows); ++j) {
                    input_step == 1 ? use(i, j) : use(j, i);
                }
            }
        };
        unsigned wide = 0;
        for_each(outputs, inputs, [&](std::size_t n, std::size_t k) {
            wide |= static_cast<unsigned>(detail::is_wide(w[n * output_step + k * input_step]));
        });
        is_wide_ = wide != 0;
        std::vector<std::int8_t> bytes(std::min(outputs, detail::plane_outputs) *
                                       std::min(inputs, detail::plane_inputs));
        auto const pack = [&](std::size_t first_n, std::size_t first_k, auto const& byte_of) {
            std::size_t const rows = std::min(outputs - first_n, detail::plane_outputs);
            std::size_t const columns = std::min(inputs - first_k, detail::plane_inputs);
            W const* const from = w + first_n * output_step + first_k * input_step;
            for_each(rows, columns, [&](std::size_t n, std::size_t k) {
                bytes[n * columns + k] =
                    static_cast<std::int8_t>(byte_of(static_cast<int>(from[n * output_step + k * input_step])));
            });
            return integer_weights{bytes.data(), rows, columns};
        };
        for (std::size_t n = 0; n < outputs; n += detail::plane_outputs) {
            for (std::size_t k = 0; k < inputs; k += detail::plane_inputs) {
                low_.push_back(is_wide_ ? pack(n, k, [](int v) { return (v & 255) - 128; })
                                        : pack(n, k, [](int v) { return v; }));
                if (is_wide_) {
                    high_.push_back(pack(n, k, [](int v) { return v >> 8; }));
                }
            }
        }
    }

    /// y[r][n] = sum over k < inputs of x[r][k] * w[n][k] for n < outputs.
    ///
    /// \param x        row r at x + r * x_stride
    /// \param outputs  the first so many, at most those that are stored
    /// \param inputs   the first so many, at least 1 and at most those that are stored
    /// \param y        row r at y + r * y_stride; 32-bit words must hold every sum
    template <std::integral Code, std::signed_integral Sum>
    void multiply(Code const* x, std::size_t x_stride, std::size_t rows, std::size_t outputs, std::size_t inputs,
                  Sum* y, std::size_t y_stride) const {
        XCIM_ASSERT(outputs <= outputs_ && inputs >= 1 && inputs <= inputs_,
                    "a product takes no more weights than are stored");
        detail::byte_planes planes{inputs_};
        for (std::size_t r = 0; r < rows; r += detail::plane_rows) {
            planes.take(x + r * x_stride, x_stride, std::min(detail::plane_rows, rows - r), inputs);
            for (std::size_t n = 0; n < outputs; n += detail::plane_outputs) {
                multiply_strip(planes, n, std::min(outputs - n, detail::plane_outputs), inputs, y + r * y_stride + n,
                               y_stride);
            }
        }
    }

    [[nodiscard]] std::size_t outputs() const { return outputs_; }
    [[nodiscard]] std::size_t inputs() const { return inputs_; }
    /// Bytes held.
    [[nodiscard]] std::size_t bytes() const {
        std::size_t sum = 0;
        for (auto const* planes : {&low_, &high_}) {
            for (auto const& w : *planes) {
                sum += w.bytes();
            }
        }
        return sum;
    }

private:
    using parts = std::array<std::int32_t, detail::plane_rows * detail::plane_outputs>;

    /// Outputs [first, first + outputs), a range within one block of outputs.
    template <class Sum>
    void multiply_strip(detail::byte_planes const& x, std::size_t first, std::size_t outputs, std::size_t inputs,
                        Sum* y, std::size_t y_stride) const {
        alignas(64) parts low;
        alignas(64) parts high;
        std::size_t const chunks = (inputs_ + detail::plane_inputs - 1) / detail::plane_inputs;
        for (std::size_t k = 0; k < inputs; k += detail::plane_inputs) {
            std::size_t const block = first / detail::plane_outputs * chunks + k / detail::plane_inputs;
            for (int plane = 0; plane <= (x.has_high() ? 1 : 0); ++plane) {
                auto const rows = x.plane(plane == 1, k);
                multiply_integers(low_[block], rows, 0, outputs, low.data(), detail::plane_outputs);
                if (is_wide_) {
                    multiply_integers(high_[block], rows, 0, outputs, high.data(), detail::plane_outputs);
                }
                bool const is_first = k == 0 && plane == 0;
                for (std::size_t r = 0; r < x.rows(); ++r) {
                    std::int32_t const* const l = low.data() + r * detail::plane_outputs;
                    std::int32_t const* const h = high.data() + r * detail::plane_outputs;
                    Sum* const to = y + r * y_stride;
                    auto const offset = static_cast<Sum>(is_wide_ ? 128 * x.sum(r) : 0);
                    for (std::size_t i = 0; i < outputs; ++i) {
                        Sum const part = is_wide_ ? Sum{l[i]} + (Sum{h[i]} << 8) : Sum{l[i]};
                        to[i] = is_first ? offset + part : to[i] + (part << (8 * plane));
                    }
                }
            }
        }
    }

    std::size_t outputs_ = 0;
    std::size_t inputs_ = 0;
    bool is_wide_ = false;
    std::vector<integer_weights> low_;   // (blocks of outputs, blocks of inputs)
    std::vector<integer_weights> high_;  // the same, or none
};

}  // namespace xcim::inline XCIM_ABI
