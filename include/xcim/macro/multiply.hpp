#pragma once

/// \file
/// The product of a programmed array with quantised inputs: tiles, phases, strips, threads. One row of the result is
/// one input vector; rows and panels of columns are independent, so threads, tiling and batch size never change a
/// number.

#include <xcim/concepts/adc.hpp>
#include <xcim/concepts/noise_model.hpp>
#include <xcim/concepts/readout.hpp>
#include <xcim/core/threads.hpp>
#include <xcim/macro/strip.hpp>

#include <cmath>
#include <functional>
#include <optional>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// How a call runs. Results depend on seed, layer and first_item only.
struct run_options {
    std::uint64_t seed = 0;        ///< of everything drawn per conversion
    int threads = 1;               ///< at most so many, the caller's included
    std::uint32_t layer = 0;       ///< number of the layer in a network: layers of one seed draw different noise
    std::uint64_t first_item = 0;  ///< index of the first row or image of this call in the whole batch: a batch cut
                                   ///< into several calls draws the same noise as in one
};

/// Where the result goes: element (m, n) at y[m / inner * outer_stride + n * output_stride + m % inner].
struct output_layout {
    float* y = nullptr;
    std::size_t inner = 1;
    std::size_t outer_stride = 0;
    std::size_t output_stride = 1;
    float const* bias = nullptr;  ///< (outputs) or none; added digitally
};

/// Writes the packed input words of rows [begin, end) of one group: word k of row m at to[(m - begin) * stride + k].
/// What lies beyond the last word of a row, up to its stride, may be overwritten.
using row_source =
    std::function<void(std::size_t group, std::size_t begin, std::size_t end, std::uint16_t* to, std::size_t stride)>;

/// Consecutive phases of equal width: they share the full scale, hence converter and noise amplitude.
template <class CellKernel, class Converter>
struct phase_class {
    std::size_t first = 0;
    std::size_t count = 0;
    CellKernel cell;
    Converter converter;
    double step = 1;                             ///< cell-LSB of one code
    double top_code = 1;                         ///< largest code
    bool draws = false;                          ///< noise is on
    std::optional<counting_converter> counting;  ///< a shorter way to the same codes, see concepts/readout.hpp
};

/// Everything that is fixed for one product.
template <class CellKernel, class Converter>
struct product_plan {
    programmed_array const* array = nullptr;
    digit_plan const* inputs = nullptr;
    std::vector<phase_class<CellKernel, Converter>> classes;
    product_scale output_scale;
    bool integer_codes = true;
};

namespace detail {

/// Rows of the result that are worked on together: their packed inputs and tables stay in the first-level cache.
inline constexpr std::size_t block_rows = 8;

/// Phases of one strip and what they weigh: a common power of two and factors.
struct strip_range {
    std::size_t phase_class = 0;
    std::size_t first = 0;
    std::size_t count = 0;
    double common = 1;
    std::array<float, strip_phases> weights{};
    std::size_t exact_tiles = 1;  ///< tiles whose float sums may be added up without rounding
};

/// Cuts the phases of a class into strips whose float sums are exact: top code * sum of weights < 2^24.
inline void cut_strips(std::vector<digit> const& digits, std::size_t phase_class, std::size_t first, std::size_t count,
                       double top_code, bool integer_codes, std::vector<strip_range>& strips) {
    while (count > 0) {
        strip_range s{phase_class, first, 0, 1, {}, 1};
        int const magnitude = std::max(1, std::abs(digits[first].weight));
        s.common = magnitude & -magnitude;
        if (magnitude / s.common * top_code >= 0x1p24) {
            s.common = magnitude;
        }
        double sum = 0;
        while (s.count < std::min(count, strip_phases)) {
            double const weight = digits[first + s.count].weight / s.common;
            if (s.count > 0 && (weight != std::nearbyint(weight) || (sum + std::abs(weight)) * top_code >= 0x1p24)) {
                break;
            }
            sum += std::abs(weight);
            s.weights[s.count++] = static_cast<float>(weight);
        }
        if (integer_codes) {
            s.exact_tiles = static_cast<std::size_t>(std::max(1.0, std::floor(0x1p24 / (sum * top_code))));
        }
        strips.push_back(s);
        first += s.count;
        count -= s.count;
    }
}

/// Works on blocks of rows for a range of panels; one per thread and task.
template <class CellKernel, class Converter>
class product_task {
public:
    product_task(product_plan<CellKernel, Converter> const& plan, row_source const& source, output_layout const& out,
                 word_pair<> key, std::uint64_t first_row)
        : plan_{plan}, array_{*plan.array}, source_{source}, out_{out}, key_{key},
          first_row_{first_row}, stride_{array_.shape.rows() + 32} {
        for (std::size_t c = 0; c < plan.classes.size(); ++c) {
            auto const& phases = plan.classes[c];
            cut_strips(plan.inputs->digits, c, phases.first, phases.count, phases.top_code, plan.integer_codes,
                       strips_);
            needs_planes_ = needs_planes_ || !looks_up(plan.inputs->digits[phases.first].bits);
        }
        needs_planes_ = needs_planes_ && array_.is_linear;
    }

    void operator()(std::size_t begin, std::size_t end, std::size_t first_panel, std::size_t last_panel) {
        begin_ = begin;
        rows_ = end - begin;
        std::optional<std::size_t> group;
        for (std::size_t p = first_panel; p < last_panel; ++p) {
            panel const& columns = array_.panels[p];
            if (group != columns.group) {
                group = columns.group;
                take_inputs(*group);
            }
            sums_.assign(plan_.classes.size() * rows_ * columns.outputs, 0.0);
            partials_.assign(strips_.size() * rows_ * columns.stride(), 0.0F);
            for (std::size_t tile = 0; tile < array_.tiles(); ++tile) {
                add_tile(columns, tile);
            }
            write(columns);
        }
    }

private:
    static constexpr int draws = Converter::draws;

    void take_inputs(std::size_t group) {
        codes_.resize(rows_ * stride_);
        source_(group, begin_, begin_ + rows_, codes_.data(), stride_);
        std::size_t const tile_size = array_.tile_words() * plane_count();
        planes_.resize(rows_ * array_.tiles() * tile_size);
        for (std::size_t m = 0; m < rows_ && needs_planes_; ++m) {
            for (std::size_t t = 0; t < array_.tiles(); ++t) {
                pack_planes(codes_of(m, t), array_.rows_of(t), plan_.inputs->planes,
                            planes_.data() + (m * array_.tiles() + t) * tile_size);
            }
        }
    }

    void add_tile(panel const& columns, std::size_t tile) {
        std::array<word_pair<>, block_rows> keys{};
        if constexpr (draws > 0) {
            for (std::size_t m = 0; m < rows_; ++m) {
                keys[m] = derive(derive(key_, first_row_ + begin_ + m), tile);
            }
        }
        for (std::size_t s = 0; s < strips_.size(); ++s) {
            strip_range const& strip = strips_[s];
            std::span<digit const> const digits{plan_.inputs->digits.data() + strip.first, strip.count};
            std::size_t const table_size =
                array_.is_linear ? look_up_table_bytes(digits, array_.rows_of(tile)) : std::size_t{0};
            tables_.resize(rows_ * table_size);
            for (std::size_t m = 0; m < rows_ && table_size > 0; ++m) {
                fill_look_up_tables(codes_of(m, tile), array_.rows_of(tile), digits, tables_.data() + m * table_size);
            }
            for (std::size_t b = 0; b < columns.blocks; ++b) {
                tile_block const block = block_of(columns, tile, b);
                for (std::size_t m = 0; m < rows_; ++m) {
                    tile_input const input{planes_of(m, tile), plane_count(), codes_of(m, tile),
                                           tables_.data() + m * table_size};
                    add_block(block, input, strip, digits, columns.column_ids.data() + b * block_columns, keys[m],
                              partials_.data() + (s * rows_ + m) * columns.stride() + b * block_columns);
                }
            }
            bool const is_last = tile + 1 == array_.tiles();
            if ((tile + 1) % strip.exact_tiles == 0 || is_last) {
                add_slices(columns, s, !is_last);
            }
        }
    }

    /// Column sums, noise and conversion of one block of columns for one row.
    void add_block(tile_block const& block, tile_input const& input, strip_range const& strip,
                   std::span<digit const> digits, std::uint32_t const* column_ids, word_pair<> key, float* partial) {
        auto const& phases = plan_.classes[strip.phase_class];
        if (array_.is_linear) {
            accumulate_bits(block, input, digits, column_sums_.data());
        } else {
            accumulate_cells(phases.cell, block, input, digits, column_sums_.data());
        }
        std::span<float const> const weights{strip.weights.data(), strip.count};
        if constexpr (draws == 1) {
            if (phases.counting) {
                normals_.fill([&](auto... site) { phases.counting->noise.fill(site...); }, key, column_ids,
                              block.columns, strip.first, strip.count);
                convert_strip<true>(*phases.counting, column_sums_.data(), normals_, weights, block.columns, partial);
                return;
            }
        }
        if constexpr (draws > 0) {
            if (phases.draws) {
                normals_.fill([](auto... site) { fill_normals(site...); }, key, column_ids, block.columns, strip.first,
                              strip.count);
            }
        }
        if (plan_.integer_codes) {
            convert_strip<true>(phases.converter, column_sums_.data(), normals_, weights, block.columns, partial);
        } else {
            convert_strip<false>(phases.converter, column_sums_.data(), normals_, weights, block.columns, partial);
        }
    }

    /// Digital shift and add over the weight slices. Products are exact, sums of integers too.
    void add_slices(panel const& columns, std::size_t s, bool clears) {
        for (std::size_t m = 0; m < rows_; ++m) {
            float* const partial = partials_.data() + (s * rows_ + m) * columns.stride();
            double* const sums = sums_.data() + (strips_[s].phase_class * rows_ + m) * columns.outputs;
            for (std::size_t q = 0; q < array_.slices.digits.size(); ++q) {
                double const weight = strips_[s].common * array_.slices.digits[q].weight;
                for (std::size_t n = 0; n < columns.outputs; ++n) {
                    sums[n] += weight * static_cast<double>(partial[q * columns.outputs + n]);
                }
            }
            if (clears) {
                std::fill_n(partial, columns.stride(), 0.0F);
            }
        }
    }

    void write(panel const& columns) {
        std::size_t const outputs = columns.outputs;
        for (std::size_t m = 0; m < rows_; ++m) {
            double* const totals = sums_.data() + m * outputs;
            for (std::size_t c = 0; c < plan_.classes.size(); ++c) {
                double const step = plan_.classes[c].step;
                double* const sums = sums_.data() + (c * rows_ + m) * outputs;
                for (std::size_t n = 0; n < outputs; ++n) {
                    sums[n] *= step;
                }
                for (std::size_t n = 0; c > 0 && n < outputs; ++n) {
                    totals[n] += unfused(sums[n]);
                }
            }
            if (plan_.inputs->bias != 0 || array_.slices.bias != 0) {
                add_bias_terms(columns, m, totals);
            }
            std::size_t const row = begin_ + m;
            float* const y = out_.y + row / out_.inner * out_.outer_stride + row % out_.inner +
                             columns.first_output * out_.output_stride;
            float const* const bias = out_.bias == nullptr ? nullptr : out_.bias + columns.first_output;
            for (std::size_t n = 0; n < outputs; ++n) {
                float const value = plan_.output_scale(totals[n]);
                y[n * out_.output_stride] = bias == nullptr ? value : value + bias[n];
            }
        }
    }

    /// Biased digit codes: sum of w x = sum of (w - bw)(x - bx) + bw sum x + bx sum w - K bw bx, all but the first
    /// digital.
    void add_bias_terms(panel const& columns, std::size_t m, double* totals) const {
        std::int64_t const input_bias = plan_.inputs->bias;
        std::int64_t const weight_bias = array_.slices.bias;
        auto const rows = static_cast<std::int64_t>(array_.shape.rows());
        std::int64_t input_sum = 0;
        for (std::size_t k = 0; k < array_.shape.rows(); ++k) {
            input_sum += code_of_word(codes_[m * stride_ + k]);
        }
        for (std::size_t n = 0; n < columns.outputs; ++n) {
            totals[n] +=
                static_cast<double>(weight_bias * input_sum + input_bias * array_.code_sums[columns.first_output + n] -
                                    rows * weight_bias * input_bias);
        }
    }

    [[nodiscard]] std::int64_t code_of_word(std::uint16_t word) const {
        std::int64_t code = plan_.inputs->bias;
        for (auto const& d : plan_.inputs->digits) {
            code += std::int64_t{(word >> d.shift) & (d.levels() - 1)} * d.weight;
        }
        return code;
    }

    [[nodiscard]] tile_block block_of(panel const& columns, std::size_t tile, std::size_t b) const {
        auto const cell_bits = static_cast<std::size_t>(array_.cell_bits());
        std::size_t const block = tile * columns.blocks + b;
        std::size_t const words = cell_bits * array_.tile_words() * block_columns;
        bool const bits = array_.is_linear;
        return {bits ? columns.words.data() + block * words : nullptr,
                bits ? columns.nibbles.data() + block * words * 8 : nullptr,
                bits ? nullptr : columns.states.data() + block * array_.rows_per_tile * block_columns,
                array_.tile_words(),
                array_.rows_of(tile),
                cell_bits,
                std::min(block_columns, columns.columns - b * block_columns)};
    }

    [[nodiscard]] std::size_t plane_count() const { return static_cast<std::size_t>(plan_.inputs->planes); }

    [[nodiscard]] std::uint32_t const* planes_of(std::size_t m, std::size_t tile) const {
        return planes_.data() + (m * array_.tiles() + tile) * array_.tile_words() * plane_count();
    }

    [[nodiscard]] std::uint16_t const* codes_of(std::size_t m, std::size_t tile) const {
        return codes_.data() + m * stride_ + tile * array_.rows_per_tile;
    }

    product_plan<CellKernel, Converter> const& plan_;
    programmed_array const& array_;
    row_source const& source_;
    output_layout const& out_;
    word_pair<> key_;
    std::uint64_t first_row_;
    std::size_t stride_;

    std::size_t begin_ = 0;
    std::size_t rows_ = 0;
    bool needs_planes_ = false;
    std::vector<strip_range> strips_;
    std::vector<std::uint16_t> codes_;      // (rows, stride)
    aligned_vector<std::uint32_t> planes_;  // (rows, tiles, words, planes)
    aligned_vector<std::uint8_t> tables_;   // (rows, phases, passes, groups, 16)
    aligned_vector<float> partials_;        // (strips, rows, columns)
    std::vector<double> sums_;              // (classes, rows, outputs)
    alignas(64) std::array<float, strip_phases * block_columns> column_sums_{};
    strip_normals<draws> normals_;
};

}  // namespace detail

/// Multiplies `rows` input rows with the array and writes them through `out`.
template <class CellKernel, class Converter>
void multiply(product_plan<CellKernel, Converter> const& plan, std::size_t rows, row_source const& source,
              output_layout const& out, run_options const& options) {
    std::size_t const row_blocks = (rows + detail::block_rows - 1) / detail::block_rows;
    std::size_t const panels = plan.array->panels.size();
    if (row_blocks == 0) {
        return;
    }
    // Panels are shared out only where there are too few blocks of rows to keep the threads busy.
    auto const wanted = static_cast<std::size_t>(options.threads > 1 ? 16 * options.threads : 1);
    std::size_t const row_parts = std::min(row_blocks, wanted);
    std::size_t const panel_parts = std::min(panels, (wanted + row_parts - 1) / row_parts);
    word_pair<> const key = stage_key(options.seed, options.layer, stage::column);
    std::uint64_t const first_row = options.first_item * out.inner;
    for_each_task(row_parts * panel_parts, options.threads, [&](std::size_t task) {
        std::size_t const row_part = task / panel_parts;
        std::size_t const panel_part = task % panel_parts;
        detail::product_task<CellKernel, Converter> run{plan, source, out, key, first_row};
        std::size_t const last_block = (row_part + 1) * row_blocks / row_parts;
        for (std::size_t block = row_part * row_blocks / row_parts; block < last_block; ++block) {
            std::size_t const begin = block * detail::block_rows;
            run(begin, std::min(rows, begin + detail::block_rows), panel_part * panels / panel_parts,
                (panel_part + 1) * panels / panel_parts);
        }
    });
}

}  // namespace xcim::inline XCIM_ABI
