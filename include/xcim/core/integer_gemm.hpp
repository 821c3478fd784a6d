#pragma once

/// \file
/// Product of 8-bit integer matrices with exact 32-bit sums, at the speed of the machine's dot-product instructions:
///
///     y[m][n] = sum over k of x[m][k] * w[n][k]
///
/// What a composition computes that loses nothing between input and output. The target decides how: the matrix unit
/// (AMX), dot products of four bytes (VNNI) or of two 16-bit words (PMADDWD), or plain SIMD; the numbers are the same.
/// Benchmark: benchmarks/kernels/integer_gemm.cpp. Tests: tests/unit/core/integer_gemm.cpp.

#include <xcim/core/amx.hpp>
#include <xcim/core/integer_weights.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace xcim::inline XCIM_ABI {

namespace detail {

/// The part of the result one call computes: outputs [first, last), element (m, n) at y[m * stride + n].
struct integer_outputs {
    std::size_t first = 0;
    std::size_t last = 0;
    std::int32_t* y = nullptr;
    std::size_t stride = 0;
};

/// Rows and blocks of 16 outputs whose sums live in registers.
inline constexpr std::size_t dot_rows = dot_registers == 4 ? 2 : 6;
inline constexpr std::size_t dot_blocks = dot_registers == 1 ? 4 : 1;

/// Rows and lanes of inputs that are widened at a time and stay in the first-level cache.
inline constexpr std::size_t dot_chunk_rows = 24;
inline constexpr std::size_t dot_chunk_words = 128;
using dot_chunk = std::array<std::array<dot_input, dot_chunk_words * dot_items>, dot_chunk_rows>;

/// Widens `count` bytes, or makes them unsigned where lanes hold bytes; zeros behind them. Loops of constant length, so
/// that compilers use vectors at -O2 too.
inline void take_inputs(std::uint8_t const* from, std::size_t count, bool is_signed, dot_chunk::value_type& to) {
    std::array<std::uint8_t, std::tuple_size_v<dot_chunk::value_type>> bytes{};
    std::memcpy(bytes.data(), from, count);
    if constexpr (dots_bytes) {
        auto const flip = static_cast<std::uint8_t>(is_signed ? 0x80 : 0);
        std::transform(bytes.begin(), bytes.end(), to.begin(),
                       [&](std::uint8_t v) { return static_cast<dot_input>(v ^ flip); });
    } else if (is_signed) {
        std::transform(bytes.begin(), bytes.end(), to.begin(),
                       [](std::uint8_t v) { return static_cast<std::int8_t>(v); });
    } else {
        std::copy(bytes.begin(), bytes.end(), to.begin());
    }
}

/// sums[i][n] += products of `Rows` rows with `Blocks` blocks of weights over `words` lanes. A function of its own, so
/// that the main loop has all registers.
template <std::size_t Rows, std::size_t Blocks>
[[gnu::noinline]] void dot_rows_and_blocks(dot_chunk const& inputs, std::size_t first_row, dot_weight const* weights,
                                           std::size_t block_items, std::size_t words, std::int32_t* sums) {
    using word = batch<std::int32_t>;
    constexpr std::size_t registers = Blocks * dot_registers;
    auto const load_lanes = [](dot_weight const* from) {
        return word::load_aligned(reinterpret_cast<std::int32_t const*>(from)).data;
    };
    sum_register acc[Rows][registers];
    // g++ keeps sums in registers only if these loops are unrolled early.
#pragma GCC unroll 24
    for (std::size_t i = 0; i < Rows; ++i) {
#pragma GCC unroll 24
        for (std::size_t r = 0; r < registers; ++r) {
            acc[i][r] = word::load_aligned(sums + (i * registers + r) * word::size).data;
        }
    }
    for (std::size_t k = 0; k < words; ++k) {
        sum_register w[registers];
#pragma GCC unroll 24
        for (std::size_t r = 0; r < registers; ++r) {
            w[r] = load_lanes(weights + r / dot_registers * block_items +
                              (k * dot_outputs + r % dot_registers * word::size) * dot_items);
        }
#pragma GCC unroll 24
        for (std::size_t i = 0; i < Rows; ++i) {
            std::int32_t items;
            std::memcpy(&items, inputs[first_row + i].data() + k * dot_items, sizeof(items));
            sum_register const x = word(items).data;
#pragma GCC unroll 24
            for (std::size_t r = 0; r < registers; ++r) {
                acc[i][r] = add_dot(acc[i][r], x, w[r]);
            }
        }
    }
#pragma GCC unroll 24
    for (std::size_t i = 0; i < Rows; ++i) {
#pragma GCC unroll 24
        for (std::size_t r = 0; r < registers; ++r) {
            word(acc[i][r]).store_aligned(sums + (i * registers + r) * word::size);
        }
    }
}

/// Products of rows [row, row + Rows) of a chunk of inputs with `Blocks` blocks of weights from output n on.
template <std::size_t Rows, std::size_t Blocks>
void multiply_group(integer_weights const& w, dot_chunk const& chunk, std::size_t row, std::size_t k, std::size_t n,
                    bool is_shifted, integer_outputs const& out) {
    alignas(64) std::array<std::array<std::int32_t, Blocks * dot_outputs>, Rows> sums{};
    std::size_t const bytes = std::min(out.last - n, Blocks * dot_outputs) * sizeof(std::int32_t);
    std::int32_t* const y = out.y + row * out.stride + n;
    for (std::size_t i = 0; i < Rows && (k > 0 || is_shifted); ++i) {
        std::memcpy(sums[i].data(), k > 0 ? y + i * out.stride : w.shifts() + n, bytes);
    }
    std::size_t const words = (std::min(w.inputs() - k, dot_chunk_words * dot_items) + dot_items - 1) / dot_items;
    dot_rows_and_blocks<Rows, Blocks>(chunk, row, w.block(n / dot_outputs, k), w.block_items(), words, sums[0].data());
    for (std::size_t i = 0; i < Rows; ++i) {
        std::memcpy(y + i * out.stride, sums[i].data(), bytes);
    }
}

/// Products of a chunk of inputs with `Blocks` blocks of weights: as many rows at a time as registers hold.
template <std::size_t Blocks>
void multiply_chunk(integer_weights const& w, dot_chunk const& chunk, std::size_t rows, std::size_t k, std::size_t n,
                    bool is_shifted, integer_outputs const& out) {
    std::size_t row = 0;
    auto const run = [&]<std::size_t Rows>(std::integral_constant<std::size_t, Rows>) {
        for (; row + Rows <= rows; row += Rows) {
            multiply_group<Rows, Blocks>(w, chunk, row, k, n, is_shifted, out);
        }
    };
    run(std::integral_constant<std::size_t, dot_rows * dot_blocks / Blocks>{});
    run(std::integral_constant<std::size_t, dot_rows>{});
    run(std::integral_constant<std::size_t, 1>{});
}

inline void multiply_by_dots(integer_weights const& w, integer_rows const& x, integer_outputs const& out) {
    alignas(64) dot_chunk chunk;
    bool const is_shifted = x.is_signed && dots_bytes;
    for (std::size_t m = 0; m < x.rows; m += dot_chunk_rows) {
        std::size_t const rows = std::min(x.rows - m, dot_chunk_rows);
        integer_outputs const chunk_out{out.first, out.last, out.y + m * out.stride, out.stride};
        std::size_t k = 0;
        do {
            std::size_t const inputs = std::min(w.inputs() - k, dot_chunk_words * dot_items);
            for (std::size_t i = 0; i < rows; ++i) {
                take_inputs(x.data + (m + i) * x.stride + k, inputs, x.is_signed, chunk[i]);
            }
            std::size_t n = out.first;
            for (; n + dot_blocks * dot_outputs <= out.last; n += dot_blocks * dot_outputs) {
                multiply_chunk<dot_blocks>(w, chunk, rows, k, n, is_shifted, chunk_out);
            }
            for (; n < out.last; n += dot_outputs) {
                multiply_chunk<1>(w, chunk, rows, k, n, is_shifted, chunk_out);
            }
            k += inputs;
        } while (k < w.inputs());
    }
}

#if defined(XCIM_HAS_AMX)

/// Inputs per row of a tile.
inline constexpr std::size_t tile_inputs = 64;
inline constexpr std::size_t tile_rows = 16;

/// Rows that see all weights before the next are taken: few where the weights stay in the second-level cache anyway, so
/// that inputs and sums do too; many where weights come from farther away.
constexpr std::size_t tile_chunk_rows(std::size_t weight_bytes) { return weight_bytes <= 1U << 20U ? 64 : 256; }
inline constexpr std::size_t most_chunk_rows = 256;

/// Where the inputs of 16 rows of tiles begin.
struct tile_source {
    std::uint8_t const* data;
    std::size_t stride;
};

/// Shapes of the tiles for so many rows and outputs: nothing beyond them is read or written.
inline amx::configuration tiles_of(std::size_t rows, std::size_t outputs) {
    amx::configuration c;
    for (std::size_t i = 0; i < 2; ++i) {
        std::size_t const some_rows = std::min(tile_rows, rows - std::min(rows, i * tile_rows));
        std::size_t const some_outputs = std::min(dot_outputs, outputs - std::min(outputs, i * dot_outputs));
        c.set(4 + i, some_rows, some_rows > 0 ? tile_inputs : 0);
        c.set(6 + i, some_outputs > 0 ? tile_inputs / dot_items : 0, 4 * some_outputs);
        for (std::size_t j = 0; j < 2; ++j) {
            std::size_t const sums = std::min(dot_outputs, outputs - std::min(outputs, j * dot_outputs));
            bool const is_used = some_rows > 0 && sums > 0;
            c.set(2 * i + j, is_used ? some_rows : 0, is_used ? 4 * sums : 0);
        }
    }
    return c;
}

/// Tiles 0 to 3: sums of (a, b) at 2 a + b; 4, 5: inputs a; 6, 7: weights b. Loads come first: products that wait for
/// one another's tiles are four times as slow.
template <std::size_t As, std::size_t Bs, amx::signs Signs>
XCIM_INLINE void add_tiles(tile_source x, dot_weight const* w, std::size_t block_items) {
    amx::load<6>(w, 64);
    amx::load<4>(x.data, x.stride);
    if constexpr (Bs == 2) {
        amx::load<7>(w + block_items, 64);
    }
    if constexpr (As == 2) {
        amx::load<5>(x.data + tile_rows * x.stride, x.stride);
    }
    amx::add_product<0, 4, 6, Signs>();
    if constexpr (Bs == 2) {
        amx::add_product<1, 4, 7, Signs>();
    }
    if constexpr (As == 2) {
        amx::add_product<2, 5, 6, Signs>();
    }
    if constexpr (As == 2 && Bs == 2) {
        amx::add_product<3, 5, 7, Signs>();
    }
}

/// Calls f<0>(y) to f<3>(y) for the tiles of sums in use.
template <std::size_t As, std::size_t Bs, class F>
XCIM_INLINE void for_each_sum(std::int32_t* y, std::size_t stride, F const& f) {
    f.template operator()<0>(y);
    if constexpr (Bs == 2) {
        f.template operator()<1>(y + dot_outputs);
    }
    if constexpr (As == 2) {
        f.template operator()<2>(y + tile_rows * stride);
    }
    if constexpr (As == 2 && Bs == 2) {
        f.template operator()<3>(y + tile_rows * stride + dot_outputs);
    }
}

/// Sums of up to 32 rows and 32 outputs over `tiles` whole tiles of inputs and, if any, the incomplete one.
template <std::size_t As, std::size_t Bs, amx::signs Signs>
void multiply_tiles(tile_source x, std::size_t tiles, std::uint8_t const* incomplete, dot_weight const* w,
                    std::size_t block_items, std::int32_t* y, std::size_t stride) {
    for_each_sum<As, Bs>(y, stride, []<int Tile>(std::int32_t*) { amx::zero<Tile>(); });
    for (std::size_t t = 0; t < tiles; ++t) {
        add_tiles<As, Bs, Signs>({x.data + t * tile_inputs, x.stride}, w + t * tile_inputs * dot_outputs, block_items);
    }
    if (incomplete != nullptr) {
        add_tiles<As, Bs, Signs>({incomplete, tile_inputs}, w + tiles * tile_inputs * dot_outputs, block_items);
    }
    for_each_sum<As, Bs>(y, stride,
                         [&]<int Tile>(std::int32_t* sums) { amx::store<Tile>(sums, stride * sizeof(std::int32_t)); });
}

template <amx::signs Signs>
void multiply_by_tiles(integer_weights const& w, integer_rows const& x, integer_outputs const& out) {
    amx::session unit;
    alignas(64) std::array<std::uint8_t, most_chunk_rows * tile_inputs> incomplete;  // (rows, 64)
    std::size_t const tiles = w.inputs() / tile_inputs;
    std::size_t const rest = w.inputs() % tile_inputs;
    std::size_t const chunk_rows = tile_chunk_rows((out.last - out.first) * w.inputs());
    for (std::size_t begin = 0; begin < x.rows; begin += chunk_rows) {
        std::size_t const end = std::min(x.rows, begin + chunk_rows);
        for (std::size_t m = begin; m < end && rest > 0; ++m) {
            std::uint8_t* const to = incomplete.data() + (m - begin) * tile_inputs;
            std::uint8_t const* const from = x.data + m * x.stride + tiles * tile_inputs;
            std::fill(std::copy_n(from, rest, to), to + tile_inputs, std::uint8_t{0});
        }
        for (std::size_t n = out.first; n < out.last; n += 2 * dot_outputs) {
            std::size_t const outputs = std::min(out.last - n, 2 * dot_outputs);
            for (std::size_t m = begin; m < end; m += 2 * tile_rows) {
                std::size_t const rows = std::min(end - m, 2 * tile_rows);
                unit.configure(tiles_of(rows, outputs));
                std::int32_t* const y = out.y + m * out.stride + n;
                for (std::size_t i = 0; i < rows; ++i) {  // fetched for writing while the sums are made
                    __builtin_prefetch(y + i * out.stride, 1);
                    __builtin_prefetch(y + i * out.stride + outputs - 1, 1);
                }
                auto const run = [&]<std::size_t As, std::size_t Bs>() {
                    multiply_tiles<As, Bs, Signs>({x.data + m * x.stride, x.stride}, tiles,
                                                  rest > 0 ? incomplete.data() + (m - begin) * tile_inputs : nullptr,
                                                  w.block(n / dot_outputs, 0), w.block_items(), y, out.stride);
                };
                bool const two_blocks = outputs > dot_outputs;
                if (rows > tile_rows) {
                    two_blocks ? run.template operator()<2, 2>() : run.template operator()<2, 1>();
                } else {
                    two_blocks ? run.template operator()<1, 2>() : run.template operator()<1, 1>();
                }
            }
        }
    }
}

#endif

}  // namespace detail

/// Outputs [first_output, last_output) of every row: y[m * y_stride + n] = sum over k of x[m][k] * w[n][k].
///
/// Exact for every weight and input; rows and outputs outside the range are neither read nor written, so threads may
/// share out rows (by x.data and y) and outputs. Needs no memory but the stack. Rows that begin on cache lines (`data`
/// and `stride` multiples of 64) are read fastest. Where the matrix unit is used, its tiles are released at the end.
///
/// \param w             packed weights
/// \param x             (rows, w.inputs()) inputs
/// \param first_output  multiple of integer_weights::output_multiple
/// \param last_output   at most w.outputs()
/// \param y             (rows, y_stride) sums
/// \param y_stride      at least last_output, in elements
inline void multiply_integers(integer_weights const& w, integer_rows const& x, std::size_t first_output,
                              std::size_t last_output, std::int32_t* y, std::size_t y_stride) {
    XCIM_ASSERT(first_output % integer_weights::output_multiple == 0, "a range of outputs begins at a multiple of 16");
    XCIM_ASSERT(last_output <= w.outputs(), "a range of outputs ends at the number of outputs or before");
    XCIM_ASSERT(x.rows <= 1 || (x.stride >= w.inputs() && y_stride >= last_output), "rows do not overlap");
    detail::integer_outputs const out{first_output, last_output, y, y_stride};
#if defined(XCIM_HAS_AMX)
    if (amx::is_allowed()) {
        using amx::signs;
        return x.is_signed ? detail::multiply_by_tiles<signs::signed_signed>(w, x, out)
                           : detail::multiply_by_tiles<signs::unsigned_signed>(w, x, out);
    }
#endif
    detail::multiply_by_dots(w, x, out);
}

}  // namespace xcim::inline XCIM_ABI
