#pragma once

/// \file
/// The product of a programmed array with quantised inputs: tiles, phases, strips, threads. One row of the result is
/// one input vector; rows and panels of columns are independent, so threads, tiling and batch size never change a
/// number.

#include <xcim/core/threads.hpp>
#include <xcim/macro/count_strip.hpp>
#include <xcim/macro/cycle_sums.hpp>
#include <xcim/macro/product_plan.hpp>
#include <xcim/macro/state_sums.hpp>

#include <mutex>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI {

namespace detail {

/// Works on blocks of rows for a range of panels; one per thread and task.
template <class Plan>
class product_task {
public:
    product_task(Plan const& plan, row_source const& source, output_layout const& out, run_options const& options,
                 std::mutex& probing)
        : plan_{plan}, array_{*plan.array}, source_{source}, out_{out}, probe_{options.probe}, probing_{probing},
          key_{stage_key(options.seed, options.layer, stage::column)},
          first_row_{options.first_item * out.inner}, stride_{array_.shape.rows() + 32}, strips_{cut_strips(plan)},
          summer_{array_, *plan.inputs}, states_{plan, summer_, options}, normals_{plan.draws} {
        for (auto const& strip : strips_) {
            first_part_.push_back(parts_);
            parts_ += strip.parts.size();
        }
        if constexpr (Plan::is_scheduled) {
            cycles_.emplace(plan);
            for (auto const& strip : strips_) {
                count_codes_.push_back(codes_of(strip));
            }
        }
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
            weigh_cycles(columns);
            fixed_ = plan_.fixed_normals.empty() ? nullptr : plan_.fixed_normals[p].data();
            sums_.assign(plan_.classes.size() * Plan::ways * rows_ * columns.outputs, 0.0);
            partials_.assign(parts_ * rows_ * columns.stride(), 0.0F);
            for (std::size_t tile = 0; tile < array_.tiles(); ++tile) {
                add_tile(columns, tile);
            }
            write(columns);
        }
    }

private:
    /// Calls f with the conversion kernel of a way.
    template <class Class, class F>
    static void with_kernel(std::size_t way, Class const& phases, F const& f) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            ((I == way ? f(std::get<I>(phases.kernels)) : void()), ...);
        }
        (std::make_index_sequence<Plan::ways>{});
    }

    void take_inputs(std::size_t group) {
        codes_.resize(rows_ * stride_);
        source_(group, begin_, begin_ + rows_, codes_.data(), stride_);
        if constexpr (Plan::is_scheduled) {
            cycles_->take_rows(codes_.data(), stride_, rows_, plan_.schedule);
        } else {
            summer_.take_rows(codes_.data(), stride_, rows_);
            states_.take_rows(codes_.data(), stride_, rows_, first_row_ + begin_);
        }
    }

    /// Weights of the cycles of every part that shares its strip with another one: (parts, blocks, phases, 64).
    /// Panels of the same shape share them.
    void weigh_cycles(panel const& columns) {
        if (columns.outputs == weighed_outputs_) {
            return;
        }
        weighed_outputs_ = columns.outputs;
        cycle_weights_.assign(parts_ * columns.blocks * strip_phases * block_columns, 0.0F);
        used_phases_.assign(parts_ * columns.blocks, 0);
        for (std::size_t s = 0; s < strips_.size(); ++s) {
            for (std::size_t i = 0; i < strips_[s].parts.size(); ++i) {
                strip_part const& part = strips_[s].parts[i];
                for (std::size_t c = 0; c < columns.columns && !part.is_whole; ++c) {
                    std::size_t const block = (first_part_[s] + i) * columns.blocks + c / block_columns;
                    for (std::size_t p = 0; p < strips_[s].count; ++p) {
                        if (((part.slices[p] >> (c / columns.outputs)) & 1U) != 0) {
                            cycle_weights_[(block * strip_phases + p) * block_columns + c % block_columns] =
                                strips_[s].weights[p];
                            used_phases_[block] |= std::uint32_t{1} << p;
                        }
                    }
                }
            }
        }
    }

    void add_tile(panel const& columns, std::size_t tile) {
        std::array<word_pair<>, most_block_rows> keys{};
        for (std::size_t m = 0; m < rows_ && plan_.draws > 0; ++m) {
            keys[m] = derive(derive(key_, first_row_ + begin_ + m), tile);
        }
        for (std::size_t s = 0; s < strips_.size(); ++s) {
            if constexpr (Plan::is_scheduled) {
                for (std::size_t m = 0; m < rows_; ++m) {
                    add_cycles(columns, s, tile, m, keys[m]);
                }
            } else {
                add_phases(columns, s, tile, keys.data());
            }
            bool const is_last = tile + 1 == array_.tiles();
            if ((tile + 1) % strips_[s].exact_tiles == 0 || is_last) {
                add_slices(columns, s, !is_last);
            }
        }
    }

    /// All phases of a strip.
    void add_phases(panel const& columns, std::size_t s, std::size_t tile, word_pair<> const* keys) {
        drive_table const& table = plan_.classes[strips_[s].phase_class].drives;
        float const* const drives =
            table.values.empty()
                ? nullptr
                : table.values.data() + (columns.group * array_.tiles() + tile) * table.rows * table.levels;
        summer_.take_strip(tile, strips_[s], drives, table.levels);
        states_.take_strip(columns, tile, strips_[s]);
        for (std::size_t b = 0; b < columns.blocks; ++b) {
            tile_block const block = block_of(columns, tile, b);
            states_.take_block(block, b);
            for (std::size_t m = 0; m < rows_; ++m) {
                float const* const bits = strips_[s].reads_bits ? summer_.bits(m) : nullptr;
                float const* const cells = Plan::sums_bits ? bits : states_.of(m);
                add_block({columns, s, strips_[s].count, tile, b, block.columns, m, keys[m]}, bits, cells);
            }
        }
    }

    /// All cycles of a phase of input row m.
    void add_cycles(panel const& columns, std::size_t s, std::size_t tile, std::size_t m, word_pair<> key) {
        strip_range const& strip = strips_[s];
        auto const& phases = plan_.classes[strip.phase_class];
        word_line_schedule const& cycles = cycles_->of(m, tile, strip.first);
        if (count_codes_[s]) {
            cycles_->add_codes(*count_codes_[s], columns, tile, cycles, strip.weights[0],
                               partials_.data() + (first_part_[s] * rows_ + m) * columns.stride());
            return;
        }
        std::size_t const stride = strip_phases * block_columns;
        cycle_bits_.resize(strip.reads_bits ? columns.blocks * stride : 0);
        cycle_cells_.resize(array_.is_linear ? 0 : columns.blocks * stride);
        key = derive(key, strip.first);
        for (std::size_t first = 0; first < cycles.cycles(); first += strip_phases) {
            std::size_t const count = std::min(strip_phases, cycles.cycles() - first);
            for (std::size_t i = 0; i < count; ++i) {
                if (strip.reads_bits) {
                    cycles_->bits(columns, tile, cycles[first + i], cycle_bits_.data() + i * block_columns, stride);
                }
                if constexpr (!Plan::sums_bits) {
                    cycles_->cells(phases.cell, columns, tile, cycles[first + i],
                                   cycle_cells_.data() + i * block_columns, stride);
                }
            }
            word_pair<> const own = derive(key, first);
            for (std::size_t b = 0; b < columns.blocks; ++b) {
                float const* const bits = strip.reads_bits ? cycle_bits_.data() + b * stride : nullptr;
                float const* const cells = array_.is_linear ? bits : cycle_cells_.data() + b * stride;
                std::size_t const used = std::min(block_columns, columns.columns - b * block_columns);
                add_block({columns, s, count, tile, b, used, m, own}, bits, cells);
            }
        }
    }

    /// The codes of a phase's conversions, where they are a function of the count: then no cycle is written down.
    [[nodiscard]] std::optional<count_codes> codes_of(strip_range const& strip) const {
        auto const& phases = plan_.classes[strip.phase_class];
        std::optional<count_codes> codes;
        if (array_.is_linear && phases.is_silent && plan_.fixed_draws == 0 && strip.parts.size() == 1 &&
            probe_ == nullptr) {
            with_kernel(strip.parts[0].way, phases,
                        [&](auto const& kernel) { codes = cycles_->codes_of(kernel, kernel.draws); });
        }
        return codes;
    }

    /// One block of 64 columns of one strip for one row.
    struct block_site {
        panel const& columns;
        std::size_t strip;
        std::size_t count;  ///< phases of the strip, or cycles of its phase
        std::size_t tile;
        std::size_t number;  ///< of the block in its panel
        std::size_t used;    ///< columns of the block
        std::size_t row;
        word_pair<> key;

        [[nodiscard]] std::uint32_t const* column_ids() const {
            return columns.column_ids.data() + number * block_columns;
        }
    };

    /// Noise and conversion of column sums: (phases, 64) of stored bits, and of what the cells give.
    void add_block(block_site const& at, float const* bits, float const* cells) {
        strip_range const& strip = strips_[at.strip];
        auto const& phases = plan_.classes[strip.phase_class];
        for (std::size_t i = 0; i < strip.parts.size(); ++i) {
            std::size_t const part = first_part_[at.strip] + i;
            std::size_t const block = part * at.columns.blocks + at.number;
            float* const partial =
                partials_.data() + (part * rows_ + at.row) * at.columns.stride() + at.number * block_columns;
            with_kernel(strip.parts[i].way, phases, [&](auto const& kernel) {
                float const* const sums = is_digital<std::remove_cvref_t<decltype(kernel)>> ? bits : cells;
                if (Plan::ways == 1 || strip.parts[i].is_whole) {
                    convert(kernel, phases, strip.parts[i].way, at, sums,
                            phase_weights{{strip.weights.data(), at.count}}, partial);
                } else if constexpr (Plan::ways > 1) {  // not even compiled where all cycles are read alike
                    if (used_phases_[block] != 0) {
                        convert(kernel, phases, strip.parts[i].way, at, sums,
                                cycle_weights{cycle_weights_.data() + block * strip_phases * block_columns, at.count,
                                              used_phases_[block]},
                                partial);
                    }
                }
            });
        }
    }

    template <class Kernel, class Class, class Weights>
    void convert(Kernel const& kernel, Class const& phases, std::size_t way, block_site const& at, float const* sums,
                 Weights const& weights, float* partial) {
        strip_range const& strip = strips_[at.strip];
        std::size_t const stride = at.columns.stride();
        column_normals const fixed{
            fixed_ == nullptr ? nullptr : fixed_ + at.tile * plan_.fixed_draws * stride + at.number * block_columns,
            stride};
        bool const draws = !phases.is_silent && kernel.draws > 0;
        bool const counts = draws && phases.ways[way].counting;
        strip_site const site{at.key, at.column_ids()[0], Plan::is_scheduled ? 0 : strip.first};
        if (counts && probe_ == nullptr &&
            count_strip(*phases.ways[way].counting, site, sums, phases.full_scale, weights, at.used, partial)) {
            return;
        }
        if (counts) {
            normals_.fill([&](auto... to) { phases.ways[way].counting->noise.fill(to...); }, kernel.draws, site,
                          at.count, at.used);
        } else if (draws) {
            normals_.fill([](auto... to) { fill_normal_grid(to...); }, kernel.draws, site, at.count, at.used);
        }
        if (probe_ != nullptr) {
            observe(kernel, phases, way, at, counts, sums, fixed);
        }
        if (counts) {
            convert_strip<true>(*phases.ways[way].counting, sums, normals_, fixed, weights, at.used, partial);
        } else if (phases.ways[way].is_integer) {
            convert_strip<true>(kernel, sums, normals_, fixed, weights, at.used, partial);
        } else {
            convert_strip<false>(kernel, sums, normals_, fixed, weights, at.used, partial);
        }
    }

    /// Shows the probe the cycles of one way: the same kernel on the same draws, one phase and one slice at a time.
    template <class Kernel, class Class>
    [[gnu::noinline]] void observe(Kernel const& kernel, Class const& phases, std::size_t way, block_site const& at,
                                   bool counts, float const* sums, column_normals fixed) {
        strip_range const& strip = strips_[at.strip];
        strip_part const* part = strip.parts.data();
        while (part->way != way) {
            ++part;
        }
        std::array<float, block_columns> values{};
        std::uint32_t const* const ids = at.column_ids();
        for (std::size_t p = 0; p < at.count; ++p) {
            for (std::size_t c = 0, end = 0; c < at.used; c = end) {
                std::size_t const slice = observed_strip::slice_of(ids[c]);
                while (end < at.used && observed_strip::slice_of(ids[end]) == slice) {
                    lane<float> const l{normals_.at(p * block_columns + end), normals_.stride, fixed.values + end,
                                        fixed.stride};
                    float const sum = sums[p * block_columns + end];
                    float const code = counts ? (*phases.ways[way].counting)(sum, l) : kernel(sum, l);
                    values[end++] = static_cast<float>(static_cast<double>(code) * phases.ways[way].step);
                }
                if (((part->slices[p] >> slice) & 1U) != 0) {
                    observed_strip seen;
                    seen.row = begin_ + at.row;
                    seen.tile = at.tile;
                    seen.first_phase = Plan::is_scheduled ? strip.first : strip.first + p;
                    seen.phases = 1;
                    seen.columns = end - c;
                    seen.stride = block_columns;
                    seen.column_ids = ids + c;
                    seen.sums = sums + p * block_columns + c;
                    seen.values = values.data() + c;
                    seen.full_scale = phases.full_scale;
                    seen.step = is_digital<Kernel> ? 0.0 : phases.ways[way].step;
                    std::lock_guard const alone{probing_};
                    probe_->observe(seen);
                }
            }
        }
    }

    /// Digital shift and add over the weight slices. Products are exact, sums of integers too.
    void add_slices(panel const& columns, std::size_t s, bool clears) {
        strip_range const& strip = strips_[s];
        for (std::size_t i = 0; i < strip.parts.size(); ++i) {
            for (std::size_t m = 0; m < rows_; ++m) {
                float* const partial = partials_.data() + ((first_part_[s] + i) * rows_ + m) * columns.stride();
                double* const sums = sums_of(strip.phase_class, strip.parts[i].way, m, columns.outputs);
                for (std::size_t q = 0; q < array_.slices.digits.size(); ++q) {
                    double const weight = strip.common * array_.slices.digits[q].weight;
                    for (std::size_t n = 0; n < columns.outputs; ++n) {
                        sums[n] += weight * static_cast<double>(partial[q * columns.outputs + n]);
                    }
                }
                if (clears) {
                    std::fill_n(partial, columns.stride(), 0.0F);
                }
            }
        }
    }

    void write(panel const& columns) {
        std::size_t const outputs = columns.outputs;
        for (std::size_t m = 0; m < rows_; ++m) {
            double* const totals = sums_of(0, 0, m, outputs);
            for (std::size_t c = 0; c < plan_.classes.size(); ++c) {
                for (std::size_t way = 0; way < Plan::ways; ++way) {
                    reading_way const& read = plan_.classes[c].ways[way];
                    double* const sums = sums_of(c, way, m, outputs);
                    for (std::size_t n = 0; n < outputs; ++n) {
                        sums[n] *= read.step;
                    }
                    for (std::size_t n = 0; read.is_exact && n < outputs; ++n) {
                        sums[n] = std::nearbyint(sums[n]);  // what several codes a count leave of rounding
                    }
                    for (std::size_t n = 0; c + way > 0 && n < outputs; ++n) {
                        totals[n] += unfused(sums[n]);
                    }
                }
            }
            for (std::size_t n = 0; !array_.gains.empty() && n < outputs; ++n) {
                totals[n] *= static_cast<double>(array_.gains[columns.first_output + n]);
            }
            add_code_terms(columns, m, totals);
            std::size_t const at = out_.place(begin_ + m) + columns.first_output * out_.output_stride;
            if (out_.sums != nullptr) {
                for (std::size_t n = 0; n < outputs; ++n) {
                    out_.sums[at + n * out_.output_stride] = static_cast<std::int64_t>(std::nearbyint(totals[n]));
                }
                continue;
            }
            product_scale const& scale = plan_.output_scales.of(begin_ + m);
            float* const y = out_.y + at;
            float const* const bias = out_.bias == nullptr ? nullptr : out_.bias + columns.first_output;
            for (std::size_t n = 0; n < outputs; ++n) {
                float const value = scale(totals[n]);
                y[n * out_.output_stride] = bias == nullptr ? value : value + bias[n];
            }
        }
    }

    /// Biased digit codes and zero points leave terms to add digitally. With biases b and zero points z of w and x:
    ///     sum (w - zw)(x - zx) = sum (w - bw)(x - bx) + (bw - zw) sum x + (bx - zx) sum w - K (bw bx - zw zx)
    void add_code_terms(panel const& columns, std::size_t m, double* totals) const {
        std::int64_t const input_bias = plan_.inputs->bias;
        std::int64_t const input_zero = plan_.input_zero;
        std::int64_t const weight_bias = array_.slices.bias;
        std::int64_t const weight_zero = array_.weight_scale.zero_point;
        if (input_bias == 0 && input_zero == 0 && weight_bias == 0 && weight_zero == 0) {
            return;
        }
        std::int64_t input_sum = 0;
        for (std::size_t k = 0; k < array_.shape.rows(); ++k) {
            input_sum += code_of_word(codes_[m * stride_ + k]);
        }
        auto const rows = static_cast<std::int64_t>(array_.shape.rows());
        std::int64_t const common =
            (weight_bias - weight_zero) * input_sum - rows * (weight_bias * input_bias - weight_zero * input_zero);
        for (std::size_t n = 0; n < columns.outputs; ++n) {
            totals[n] +=
                static_cast<double>(common + (input_bias - input_zero) * array_.code_sums[columns.first_output + n]);
        }
    }

    [[nodiscard]] std::int64_t code_of_word(std::uint16_t word) const {
        std::int64_t code = plan_.inputs->bias;
        for (auto const& d : plan_.inputs->digits) {
            code += std::int64_t{d.level(word)} * d.weight;
        }
        return code;
    }

    [[nodiscard]] tile_block block_of(panel const& columns, std::size_t tile, std::size_t b) const {
        auto const cell_bits = static_cast<std::size_t>(array_.cell_bits());
        std::size_t const block = tile * columns.blocks + b;
        std::size_t const words = cell_bits * array_.tile_words() * block_columns;
        return {columns.words.data() + block * words,
                columns.nibbles.data() + block * words * 8,
                array_.is_linear ? nullptr : columns.states.data() + block * array_.rows_per_tile * block_columns,
                array_.tile_words(),
                array_.rows_of(tile),
                cell_bits,
                std::min(block_columns, columns.columns - b * block_columns),
                array_.has_signed_cells()};
    }

    [[nodiscard]] double* sums_of(std::size_t phase_class, std::size_t way, std::size_t m, std::size_t outputs) {
        return sums_.data() + ((phase_class * Plan::ways + way) * rows_ + m) * outputs;
    }

    Plan const& plan_;
    programmed_array const& array_;
    row_source const& source_;
    output_layout const& out_;
    column_probe* probe_;
    std::mutex& probing_;
    word_pair<> key_;
    std::uint64_t first_row_;
    std::size_t stride_;

    std::vector<strip_range> strips_;
    std::vector<std::size_t> first_part_;  // by strip
    std::size_t parts_ = 0;                // of all strips
    column_sums summer_;
    state_sums<Plan> states_;
    std::optional<cycle_sums> cycles_;                     // where there is a schedule
    std::vector<std::optional<count_codes>> count_codes_;  // by strip
    aligned_vector<float> cycle_bits_;                     // (blocks, cycles, 64)
    aligned_vector<float> cycle_cells_;                    // (blocks, cycles, 64)

    std::size_t begin_ = 0;
    std::size_t rows_ = 0;
    std::vector<std::uint16_t> codes_;  // (rows, stride)
    aligned_vector<float> partials_;    // (parts, rows, columns)
    std::vector<double> sums_;          // (classes, ways, rows, outputs)
    float const* fixed_ = nullptr;      // (tiles, draws, columns) of the panel

    std::size_t weighed_outputs_ = 0;
    aligned_vector<float> cycle_weights_;     // (parts, blocks, phases, 64)
    std::vector<std::uint32_t> used_phases_;  // (parts, blocks)

    strip_normals normals_;
};

}  // namespace detail

/// Multiplies `rows` input rows with the array and writes them through `out`.
template <class CellKernel, class Kernels, bool IsScheduled>
void multiply(product_plan<CellKernel, Kernels, IsScheduled> const& plan, std::size_t rows, row_source const& source,
              output_layout const& out, run_options const& options) {
    std::size_t const block_rows = detail::column_sums::block_rows(*plan.array, *plan.inputs);
    std::size_t const row_blocks = (rows + block_rows - 1) / block_rows;
    std::size_t const panels = plan.array->panels.size();
    if (row_blocks == 0) {
        return;
    }
    // Panels are shared out only where there are too few blocks of rows to keep the threads busy.
    auto const wanted = static_cast<std::size_t>(options.threads > 1 ? 16 * options.threads : 1);
    std::size_t const row_parts = std::min(row_blocks, wanted);
    std::size_t const panel_parts = std::min(panels, (wanted + row_parts - 1) / row_parts);
    std::mutex probing;
    for_each_task(row_parts * panel_parts, options.threads, [&](std::size_t task) {
        std::size_t const row_part = task / panel_parts;
        std::size_t const panel_part = task % panel_parts;
        detail::product_task run{plan, source, out, options, probing};
        std::size_t const last_block = (row_part + 1) * row_blocks / row_parts;
        for (std::size_t block = row_part * row_blocks / row_parts; block < last_block; ++block) {
            std::size_t const begin = block * block_rows;
            run(begin, std::min(rows, begin + block_rows), panel_part * panels / panel_parts,
                (panel_part + 1) * panels / panel_parts);
        }
    });
}

}  // namespace xcim::inline XCIM_ABI
