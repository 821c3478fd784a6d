#pragma once

/// \file
/// Column sums of one block of 64 columns of cells that are more than bits, for many input rows and phases at once:
///
///     sums[i][c] = start[c] + sum over rows r of kernel(states[r][c], drives[i][r])
///
/// Rows are added in ascending order, in one float for every sum. Where the kernel says `is_product` each product is
/// fused with its addition, else the kernel's value is rounded before it is added. So a sum is a function of its own
/// operands alone: tiles, blocks, SIMD width, threads and the size of a batch do not show.
/// Tests: tests/unit/macro/cell_sums.cpp. Benchmark: benchmarks/kernels/cell_sums.cpp (against an sgemm).

#include <xcim/concepts/cell_type.hpp>
#include <xcim/core/aligned.hpp>
#include <xcim/macro/programmed.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace xcim::inline XCIM_ABI {

/// What is summed.
struct cell_operands {
    float const* states = nullptr;  ///< (rows, 64)
    float const* drives = nullptr;  ///< (drive rows, rows): a drive row is one phase of one input row
    float const* start = nullptr;   ///< (64): what the sums begin with; nothing: 0
};

/// The kernel of planes of states that are multiplied with their drives.
struct multiply_cells {
    static constexpr bool is_product = true;

    template <value V>
    V operator()(V state, V drive) const {
        return state * drive;
    }
};

/// What a phase drives rows with: the level itself, or what a table says of it.
struct drive_levels {
    float const* table = nullptr;  ///< (rows or 1, levels), from the lowest level on; nothing: the level itself
    std::size_t row_stride = 0;    ///< levels where rows have drivers of their own, 0 where they share one

    /// drives (rows) of one phase; `codes` are packed words.
    void fill(std::uint16_t const* codes, std::size_t rows, digit const& phase, float* drives) const {
        int const mask = phase.levels() - 1;
        int const lowest = phase.lowest();  // of two's complement bits, where it is below 0
        for (std::size_t r = 0; r < rows; ++r) {
            int const index = ((codes[r] >> phase.shift) & mask) ^ -lowest;
            drives[r] = table == nullptr ? static_cast<float>(index + lowest)
                                         : table[r * row_stride + static_cast<std::size_t>(index)];
        }
    }
};

namespace detail {

/// Sums of `tile_drives` drive rows and `tile_batches` batches of columns are in registers at once, with room for the
/// states of one row and a drive.
#if defined(__AVX512F__) || defined(__aarch64__)
inline constexpr std::size_t tile_batches = 4;
#else
inline constexpr std::size_t tile_batches = 2;
#endif
inline constexpr std::size_t tile_drives = 6;

/// Rows whose states stay in the first-level cache while all drive rows pass.
inline constexpr std::size_t cached_rows = 128;

#if defined(__FMA__) || defined(__AVX512F__) || defined(__aarch64__)
inline constexpr bool has_fused_instruction = true;
#else
inline constexpr bool has_fused_instruction = false;
#endif

/// Bits as drives: products are exact, so their sums are the same whether they are fused with the addition or not.
inline bool are_bits(float const* drives, std::size_t count) {
    return std::all_of(drives, drives + count, [](float d) { return d == 0.0F || d == 1.0F || d == -1.0F; });
}

/// state * drive, not to be fused.
struct exact_product : multiply_cells {
    static constexpr bool is_product = false;
};

/// sum + kernel(state, drive)
template <class Kernel, value V>
XCIM_INLINE V add_cell(Kernel const& kernel, V sum, V state, V drive) {
    if constexpr (is_product<Kernel>) {
        return fused_multiply_add(state, drive, sum);
    } else {
        return sum + unfused(V(kernel(state, drive)));
    }
}

/// sums[i][c] = start[i][c] + cells of `rows` rows, for `Drives` drive rows and `Batches` batches of columns. A
/// function of its own, so that the main loop has all registers.
template <std::size_t Batches, std::size_t Drives, class Kernel>
[[gnu::noinline]] void add_cell_tile(Kernel const& kernel_of_plane, float const* states, float const* drives,
                                     std::size_t drive_stride, std::size_t rows, float const* start,
                                     std::size_t start_stride, float* sums) {
    using V = batch<float>;
    using plain = V::register_type;  // g++ keeps arrays of classes in memory
    Kernel const kernel = kernel_of_plane;
    plain sum[Drives][Batches];
#pragma GCC unroll 8
    for (std::size_t i = 0; i < Drives; ++i) {
#pragma GCC unroll 4
        for (std::size_t b = 0; b < Batches; ++b) {
            sum[i][b] = load<V>(start + i * start_stride + b * lanes).data;
        }
    }
    for (std::size_t r = 0; r < rows; ++r) {
        plain state[Batches];
#pragma GCC unroll 4
        for (std::size_t b = 0; b < Batches; ++b) {
            state[b] = load<V>(states + r * block_columns + b * lanes).data;
        }
#pragma GCC unroll 8
        for (std::size_t i = 0; i < Drives; ++i) {
            V const drive(drives[i * drive_stride + r]);
#pragma GCC unroll 4
            for (std::size_t b = 0; b < Batches; ++b) {
                sum[i][b] = add_cell(kernel, V(sum[i][b]), V(state[b]), drive).data;
            }
        }
    }
#pragma GCC unroll 8
    for (std::size_t i = 0; i < Drives; ++i) {
#pragma GCC unroll 4
        for (std::size_t b = 0; b < Batches; ++b) {
            store(sums + i * block_columns + b * lanes, V(sum[i][b]));
        }
    }
}

/// The same for 1 to tile_drives drive rows.
template <std::size_t Batches, class Kernel, class... Operands>
void add_cell_drives(std::size_t drives, Kernel const& kernel, Operands... operands) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        ((I + 1 == drives ? add_cell_tile<Batches, I + 1>(kernel, operands...) : void()), ...);
    }
    (std::make_index_sequence<tile_drives>{});
}

}  // namespace detail

/// sums (drive_rows, 64) of the first `columns` columns; the others may hold anything.
///
/// \param rows  of states and drives
template <class Kernel>
void sum_cells(Kernel const& kernel, cell_operands const& cells, std::size_t rows, std::size_t drive_rows,
               std::size_t columns, float* sums) {
    if constexpr (is_product<Kernel> && !detail::has_fused_instruction) {
        if (detail::are_bits(cells.drives, drive_rows * rows)) {
            sum_cells(detail::exact_product{}, cells, rows, drive_rows, columns, sums);
            return;
        }
    }
    static constexpr std::array<float, block_columns> zeros{};
    // Parts of equal size: of the rows, so that a part fits the cache; of the drive rows, so that none is left alone.
    std::size_t const row_parts = std::max<std::size_t>(1, (rows + detail::cached_rows - 1) / detail::cached_rows);
    std::size_t const drive_parts = (drive_rows + detail::tile_drives - 1) / detail::tile_drives;
    for (std::size_t k = 0; k < row_parts; ++k) {
        std::size_t const row = k * rows / row_parts;
        std::size_t const row_count = (k + 1) * rows / row_parts - row;
        auto const add = [&]<std::size_t Batches>(std::size_t c) {
            float const* const states = cells.states + row * block_columns + c;
            for (std::size_t d = 0; d < drive_parts; ++d) {
                std::size_t const first = d * drive_rows / drive_parts;
                std::size_t const count = (d + 1) * drive_rows / drive_parts - first;
                float* const to = sums + first * block_columns + c;
                float const* const start = k > 0 ? to : (cells.start == nullptr ? zeros.data() : cells.start) + c;
                detail::add_cell_drives<Batches>(count, kernel, states, cells.drives + first * rows + row, rows,
                                                 row_count, start, k > 0 ? block_columns : std::size_t{0}, to);
            }
        };
        std::size_t c = 0;
        for (; c + (detail::tile_batches - 1) * lanes < columns; c += detail::tile_batches * lanes) {
            add.template operator()<detail::tile_batches>(c);
        }
        for (; c < columns; c += lanes) {
            add.template operator()<1>(c);
        }
    }
}

/// Sums of one block of columns, input row by input row: as many at once as pays.
///
///     sums.take(cells, size)     the operands at hand; they stay where they are while sums are asked for
///     sums.of(kernel, m)         (phases, 64) of input row m, best in ascending order of m
class cell_sums {
public:
    /// Drive rows that are summed at once: eight tiles, whose sums stay in the first-level cache.
    static constexpr std::size_t drives_at_once = 8 * detail::tile_drives;

    /// Input rows that are, with so many phases each.
    [[nodiscard]] static constexpr std::size_t inputs_at_once(std::size_t phases) { return drives_at_once / phases; }

    struct shape {
        std::size_t rows = 0;     ///< of the tile
        std::size_t phases = 1;   ///< drive rows of one input row, at most 48
        std::size_t inputs = 0;   ///< input rows
        std::size_t columns = 0;  ///< used of the 64
    };

    void take(cell_operands const& cells, shape const& size) {
        cells_ = cells;
        shape_ = size;
        first_ = 0;
        count_ = 0;
    }

    template <class Kernel>
    [[nodiscard]] float const* of(Kernel const& kernel, std::size_t m) {
        XCIM_ASSERT(m < shape_.inputs && shape_.phases <= drives_at_once, "sums of an input row that is at hand");
        if (m < first_ || m >= first_ + count_) {
            first_ = m;
            count_ = std::min(inputs_at_once(shape_.phases), shape_.inputs - m);
            cell_operands part = cells_;
            part.drives += m * shape_.phases * shape_.rows;
            sums_.resize(drives_at_once * block_columns);
            sum_cells(kernel, part, shape_.rows, count_ * shape_.phases, shape_.columns, sums_.data());
        }
        return sums_.data() + (m - first_) * shape_.phases * block_columns;
    }

private:
    cell_operands cells_;
    shape shape_;
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    aligned_vector<float> sums_;  // (drive rows, 64)
};

}  // namespace xcim::inline XCIM_ABI
