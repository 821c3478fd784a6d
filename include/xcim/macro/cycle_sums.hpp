#pragma once

/// \file
/// Column sums under a schedule: only the rows of a cycle are active, so every cycle of a phase has sums of its own.
///
/// Stored bits are kept row by row; the ones of a cycle are counted for 512 columns at once (core/column_counts.hpp).
/// Where a conversion is a function of the count alone, its codes are added up in the same form, and no cycle is ever
/// written down column by column. Benchmark: benchmarks/macro/bit_sift.cpp. Tests: tests/property/bit_sift_macro.cpp.

#include <xcim/core/column_counts.hpp>
#include <xcim/macro/product_plan.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace xcim::inline XCIM_ABI::detail {

/// Codes of the counts 0, 1, ... of a converter that has no noise in front of it.
struct count_codes {
    std::vector<std::uint32_t> code;
    bool is_count = true;                            ///< every count is its own code
    std::size_t top = 1;                             ///< largest code
    std::size_t bits = 1;                            ///< of it
    std::array<std::uint32_t, 8> counts_with_bit{};  ///< bit k of element b: the code of k has bit b
};

/// Calls use(phase, plane) for every phase of `rows` packed words, readable up to the next multiple of 32. `planes` is
/// room for their bits.
template <class Use>
void for_each_phase_plane(std::uint16_t const* words, std::size_t rows, digit_plan const& inputs,
                          std::vector<std::uint32_t>& planes, Use const& use) {
    auto const count = static_cast<std::size_t>(inputs.planes);
    planes.resize(words_for(rows) * count);
    pack_planes(words, rows, inputs.planes, planes.data());
    for (std::size_t p = 0; p < inputs.digits.size(); ++p) {
        use(p, bit_plane_view{planes.data() + inputs.digits[p].shift, count, rows});
    }
}

/// The cycles of a block of input rows and their column sums. One per thread.
class cycle_sums {
public:
    /// Most ones of a cycle whose codes may be other numbers than the counts.
    static constexpr std::size_t most_coded = 8;

    template <class Plan>
    explicit cycle_sums(Plan const& plan)
        : array_{*plan.array}, inputs_{*plan.inputs}, limit_{std::min(plan.active_rows, array_.rows_per_tile)},
          count_bits_{static_cast<std::size_t>(std::bit_width(limit_))},
          counts_(static_cast<std::size_t>(array_.cell_bits()) * count_bits_ * column_bits::words) {}

    /// \param codes     (rows, stride) packed words
    /// \param schedule  cuts a plane into cycles
    template <class Schedule>
    void take_rows(std::uint16_t const* codes, std::size_t stride, std::size_t rows, Schedule const& schedule) {
        cycles_.resize(rows * array_.tiles() * inputs_.digits.size());
        auto cycles = cycles_.begin();
        for (std::size_t m = 0; m < rows; ++m) {
            for (std::size_t t = 0; t < array_.tiles(); ++t) {
                for_each_phase_plane(codes + m * stride + t * array_.rows_per_tile, array_.rows_of(t), inputs_, planes_,
                                     [&](std::size_t, bit_plane_view const& plane) { schedule(plane, *cycles++); });
            }
        }
    }

    /// Cycles of one phase of one input row and tile.
    [[nodiscard]] word_line_schedule const& of(std::size_t row, std::size_t tile, std::size_t phase) const {
        return cycles_[(row * array_.tiles() + tile) * inputs_.digits.size() + phase];
    }

    /// sums[c] for the 64 columns of every block of the panel, of one cycle: (blocks, 64) at a distance of
    /// `block_stride`.
    void bits(panel const& p, std::size_t tile, std::span<std::uint16_t const> rows, float* sums,
              std::size_t block_stride) {
        auto const cell_bits = static_cast<std::size_t>(array_.cell_bits());
        for (std::size_t g = 0; g < p.column_groups(); ++g) {
            for (std::size_t b = 0; b < cell_bits; ++b) {
                count_ones(stored_rows{array_, p, tile, g, b}, rows,
                           counts_.data() + b * count_bits_ * column_bits::words);
            }
            std::size_t const first = g * column_bits::words;
            for (std::size_t block = first; block < std::min(p.blocks, first + column_bits::words); ++block) {
                float* const to = sums + block * block_stride;
                std::fill_n(to, block_columns, 0.0F);
                for (std::size_t b = 0; b < cell_bits; ++b) {
                    bool const is_negative = array_.has_signed_cells() && b + 1 == cell_bits;
                    float const weight = static_cast<float>(1U << b) * (is_negative ? -1.0F : 1.0F);
                    column_numbers::add_columns(counts_.data() + b * count_bits_ * column_bits::words, count_bits_,
                                                (block - first) * block_columns, weight, to);
                }
            }
        }
    }

    /// The same for what the cell's kernel gives; word lines without a one have an empty cell on them.
    template <class Kernel>
    void cells(Kernel const& kernel, panel const& p, std::size_t tile, std::span<std::uint16_t const> rows, float* sums,
               std::size_t block_stride) const {
        using V = batch<float>;
        float const empty = kernel(0.0F, 1.0F) * static_cast<float>(limit_ - rows.size());
        for (std::size_t block = 0; block < p.blocks; ++block) {
            float const* const states =
                p.states.data() + (tile * p.blocks + block) * array_.rows_per_tile * block_columns;
            for (std::size_t c = 0; c < block_columns; c += lanes) {
                V sum(empty);
                for (std::uint16_t const r : rows) {
                    V const state = load<V>(states + r * block_columns + c);
                    sum = sum + unfused(V(kernel(state, V(1.0F))));
                }
                store(sums + block * block_stride + c, sum);
            }
        }
    }

    /// Codes of the counts, where they can be added up without being written down.
    template <class Kernel>
    [[nodiscard]] std::optional<count_codes> codes_of(Kernel const& kernel, int draws) const {
        if (array_.cell_bits() != 1 || array_.has_signed_cells()) {
            return std::nullopt;
        }
        std::vector<float> const zeros(static_cast<std::size_t>(draws));
        count_codes codes;
        for (std::size_t k = 0; k <= limit_; ++k) {
            lane<float> const l{zeros.data(), 1};
            float const code = kernel(static_cast<float>(k), l);
            if (!(code >= 0 && code < 256 && code == std::nearbyint(code))) {
                return std::nullopt;
            }
            codes.code.push_back(static_cast<std::uint32_t>(code));
            codes.is_count = codes.is_count && codes.code.back() == k;
            codes.top = std::max(codes.top, std::size_t{codes.code.back()});
        }
        codes.bits = static_cast<std::size_t>(std::bit_width(codes.top));
        for (std::size_t k = 0; k < std::min<std::size_t>(codes.code.size(), most_coded + 1); ++k) {
            for (std::size_t b = 0; b < codes.bits; ++b) {
                codes.counts_with_bit[b] |= ((codes.code[k] >> b) & 1U) << k;
            }
        }
        if (!codes.is_count && limit_ > most_coded) {
            return std::nullopt;
        }
        return codes;
    }

    /// partial[c] += weight * sum of the codes of all cycles, for every column of the panel.
    void add_codes(count_codes const& codes, panel const& p, std::size_t tile, word_line_schedule const& cycles,
                   float weight, float* partial) {
        std::size_t const count = cycles.cycles();
        for (std::size_t g = 0; g < p.column_groups(); ++g) {
            totals_.assign_zero(static_cast<std::size_t>(std::bit_width(count * codes.top)));
            std::size_t i = 0;
            auto const end = [&] { return static_cast<std::size_t>(std::bit_width(i * codes.top)); };
            stored_rows const stored{array_, p, tile, g, 0};
            for (; limit_ <= 8 && codes.is_count && i + 4 <= count;) {
                column_bits sum[6];
                count_four(stored, cycles, i, sum);
                i += 4;
                totals_.add([&](std::size_t j) { return sum[j]; }, std::min<std::size_t>(6, end()), 0, end());
            }
            while (i < count) {
                auto const rows = cycles[i++];
                if (codes.is_count) {
                    count_ones(stored, rows, counts_.data());
                    totals_.add([&](std::size_t j) { return column_bits{counts_.data() + j * column_bits::words}; },
                                std::min(count_bits_, end()), 0, end());
                } else {
                    column_bits eight[8];
                    column_bits ones[4];
                    column_bits code[8];
                    stored.take(rows, 0, eight);
                    ones_of_eight(eight, ones);
                    take_codes(codes, ones, code);
                    totals_.add([&](std::size_t j) { return code[j]; }, std::min(codes.bits, end()), 0, end());
                }
            }
            std::size_t const first = g * column_bits::words;
            for (std::size_t block = first; block < std::min(p.blocks, first + column_bits::words); ++block) {
                totals_.add_to((block - first) * block_columns, weight, partial + block * block_columns);
            }
        }
    }

private:
    /// Stored bits of 512 columns of a tile, row by row; the empty row stands for word lines without a one.
    struct stored_rows {
        std::uint64_t const* first;
        std::uint64_t const* empty;

        stored_rows(programmed_array const& a, panel const& p, std::size_t tile, std::size_t group, std::size_t bit)
            : first{a.row_bits(p, tile, group, static_cast<int>(bit), 0)}, empty{first + a.rows_per_tile *
                                                                                             column_bits::words} {}

        /// Eight of them from the i-th of a cycle on.
        XCIM_INLINE void take(std::span<std::uint16_t const> rows, std::size_t i, column_bits (&eight)[8]) const {
            if (i + 8 <= rows.size()) {
#pragma GCC unroll 8
                for (std::size_t k = 0; k < 8; ++k) {
                    eight[k] = column_bits{first + rows[i + k] * column_bits::words};
                }
            } else {
#pragma GCC unroll 8
                for (std::size_t k = 0; k < 8; ++k) {
                    eight[k] = column_bits{i + k < rows.size() ? first + rows[i + k] * column_bits::words : empty};
                }
            }
        }
    };

    /// Ones of four cycles of at most eight rows, together.
    XCIM_INLINE static void count_four(stored_rows const& stored, word_line_schedule const& cycles, std::size_t i,
                                       column_bits (&sum)[6]) {
        column_bits halves[2][5];
#pragma GCC unroll 2
        for (std::size_t h = 0; h < 2; ++h) {
            column_bits ones[2][4];
#pragma GCC unroll 2
            for (std::size_t k = 0; k < 2; ++k) {
                column_bits eight[8];
                stored.take(cycles[i + 2 * h + k], 0, eight);
                ones_of_eight(eight, ones[k]);
            }
            add_numbers(ones[0], ones[1], halves[h]);
        }
        add_numbers(halves[0], halves[1], sum);
    }

    /// Ones of the active rows: count_bits_ planes of eight words.
    void count_ones(stored_rows const& stored, std::span<std::uint16_t const> rows, std::uint64_t* planes) const {
        column_bits ones[4];
        column_bits eight[8];
        for (std::size_t first = 0; first == 0 || first < rows.size(); first += 8) {
            stored.take(rows, first, eight);
            ones_of_eight(eight, ones);
            column_bits carry;
            for (std::size_t j = 0; j < count_bits_; ++j) {
                std::uint64_t* const plane = planes + j * column_bits::words;
                column_bits const own = first == 0 ? column_bits{} : column_bits{plane};
                full_add(own, j < 4 ? ones[j] : column_bits{}, carry, carry).store(plane);
            }
        }
    }

    /// Bits of the codes of counts 0 to 8.
    XCIM_INLINE static void take_codes(count_codes const& codes, column_bits const (&ones)[4], column_bits (&code)[8]) {
        column_bits const nor = without(without(all_columns(), ones[0]), ones[1]);
        column_bits const low[4] = {nor, without(ones[0], ones[1]), without(ones[1], ones[0]), ones[0] & ones[1]};
        column_bits is[9];  // columns whose count is k
#pragma GCC unroll 4
        for (std::size_t k = 0; k < 4; ++k) {
            is[k] = without(low[k], ones[2]);
            is[k + 4] = low[k] & ones[2];
        }
        is[0] = without(is[0], ones[3]);
        is[8] = ones[3];
        for (std::size_t b = 0; b < codes.bits; ++b) {
            column_bits bit;
#pragma GCC unroll 9
            for (std::size_t k = 0; k < 9; ++k) {
                if (((codes.counts_with_bit[b] >> k) & 1U) != 0) {
                    bit = bit | is[k];
                }
            }
            code[b] = bit;
        }
    }

    [[nodiscard]] static column_bits all_columns() {
        alignas(64) static constexpr std::array<std::uint64_t, column_bits::words> ones = [] {
            std::array<std::uint64_t, column_bits::words> a{};
            a.fill(~std::uint64_t{0});
            return a;
        }();
        return column_bits{ones.data()};
    }

    programmed_array const& array_;
    digit_plan const& inputs_;
    std::size_t limit_;
    std::size_t count_bits_;
    std::vector<std::uint32_t> planes_;
    std::vector<word_line_schedule> cycles_;  // (rows, tiles, phases)
    aligned_vector<std::uint64_t> counts_;    // (cell bits, count bits, 8)
    column_numbers totals_;
};

}  // namespace xcim::inline XCIM_ABI::detail
