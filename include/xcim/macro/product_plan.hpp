#pragma once

/// \file
/// Everything that is fixed for one product: how its rows come in and go out, how the input phases are converted, and
/// which sums may be added in float without rounding.

#include <xcim/concepts/interconnect.hpp>
#include <xcim/concepts/readout.hpp>
#include <xcim/core/word_line_schedule.hpp>
#include <xcim/macro/probe.hpp>
#include <xcim/macro/strip.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <functional>
#include <optional>
#include <tuple>
#include <type_traits>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// How a call runs. Results depend on seed, layer and first_item only.
struct run_options {
    std::uint64_t seed = 0;         ///< of everything drawn per conversion
    int threads = 1;                ///< at most so many, the caller's included
    std::uint32_t layer = 0;        ///< number of the layer in a network: layers of one seed draw different noise
    std::uint64_t first_item = 0;   ///< index of the first row or image of this call in the whole batch: a batch cut
                                    ///< into several calls draws the same noise as in one
    column_probe* probe = nullptr;  ///< sees every conversion; see macro/probe.hpp
    bool every_cycle = false;       ///< run all cycles even where an integer product gives the same result
};

/// Where the result goes: element (m, n) at [m / inner * outer_stride + n * output_stride + m % inner].
struct output_layout {
    float* y = nullptr;
    std::size_t inner = 1;
    std::size_t outer_stride = 0;
    std::size_t output_stride = 1;
    float const* bias = nullptr;   ///< (outputs) or none; added digitally to real values
    std::int64_t* sums = nullptr;  ///< in place of y: the sums of products of codes, where conversions are integers

    [[nodiscard]] std::size_t place(std::size_t row) const { return row / inner * outer_stride + row % inner; }
};

/// What a sum of codes stands for, row by row.
struct row_scales {
    std::vector<product_scale> scales;  ///< one for all rows, or of equal shares of them
    std::size_t share = 1;              ///< rows of one

    /// `tokens`: scales of equal shares of the `rows` inputs, or none where `all` is everybody's.
    row_scales() = default;
    row_scales(scale const& weights, scale const& all, std::vector<scale> const& tokens, std::size_t rows)
        : share{std::max<std::size_t>(1, rows)} {
        if (tokens.empty()) {
            scales.emplace_back(weights, all);
            return;
        }
        if (rows % tokens.size() != 0) {
            throw error(errc::shape, "a product of " + std::to_string(rows) + " input rows got scales for " +
                                         std::to_string(tokens.size()) + " tokens; equal shares are needed");
        }
        share = std::max<std::size_t>(1, rows / tokens.size());
        for (auto const& own : tokens) {
            scales.emplace_back(weights, own);
        }
    }

    [[nodiscard]] product_scale const& of(std::size_t row) const {
        return scales.size() == 1 ? scales[0] : scales[row / share];
    }
};

/// Writes the packed input words of rows [begin, end) of one group: word k of row m at to[(m - begin) * stride + k].
/// What lies beyond the last word of a row, up to its stride, may be overwritten.
using row_source =
    std::function<void(std::size_t group, std::size_t begin, std::size_t end, std::uint16_t* to, std::size_t stride)>;

/// One way of reading the cycles of a phase class: numbers the engine needs besides the conversion kernel.
struct reading_way {
    double step = 1;                             ///< cell-LSB of one code
    double top_code = 1;                         ///< largest code
    bool is_integer = true;                      ///< codes are integers
    bool is_exact = false;                       ///< integer sums are read as themselves
    std::optional<counting_converter> counting;  ///< a shorter way to the same codes, see concepts/readout.hpp
};

/// What the rows of one phase class are driven with: (groups, tiles, rows of a tile, levels), or nothing where every
/// level drives exactly itself.
struct drive_table {
    std::vector<float> values;
    std::size_t rows = 0;
    std::size_t levels = 0;
};

/// Consecutive phases of equal width: they share the full scale, hence converter and noise amplitude.
template <class CellKernel, class Kernels>
struct phase_class {
    std::size_t first = 0;
    std::size_t count = 0;
    CellKernel cell;
    Kernels kernels;  ///< tuple: one conversion kernel for each way
    std::array<reading_way, std::tuple_size_v<Kernels>> ways;
    double full_scale = 1;  ///< cell-LSB
    bool is_silent = true;  ///< nothing is drawn for a conversion: noise is absent or off, the converter draws nothing
    drive_table drives;
    float duration = 1;              ///< units of time of a phase: its top drive level
    std::vector<float> read_drives;  ///< (terms, levels): what the terms of the cells' read noise are multiplied with
};

/// In place of a cell's kernel where column sums are counts of bits.
struct counted_cells {};

/// Everything that is fixed for one product. `way_of` says which way a cycle takes: (phases, slices).
template <class CellKernel, class Kernels, bool IsScheduled>
struct product_plan {
    static constexpr bool is_scheduled = IsScheduled;
    static constexpr bool sums_bits = std::same_as<CellKernel, counted_cells>;  ///< so is array->is_linear
    static constexpr std::size_t ways = std::tuple_size_v<Kernels>;
    static constexpr auto way_is_digital = []<class... K>(std::type_identity<std::tuple<K...>>) {
        return std::array{is_digital<K>...};
    }(std::type_identity<Kernels>{});

    programmed_array const* array = nullptr;
    digit_plan const* inputs = nullptr;
    std::vector<phase_class<CellKernel, Kernels>> classes;
    std::vector<std::size_t> way_of;
    row_scales output_scales;
    std::int32_t input_zero = 0;  ///< code of input 0
    bool is_exact = false;        ///< the product of the codes, whatever the cycles
    int draws = 0;                ///< most normals a way takes
    std::size_t active_rows = 0;  ///< most rows driven at once, where there is a schedule
    std::function<void(bit_plane_view const&, word_line_schedule&)> schedule;  ///< cuts a phase into cycles, or nothing
    std::function<void(switched_columns const&)> solve;  ///< wires that are solved for every input, or nothing
    std::size_t fixed_draws = 0;                         ///< normals of one column and its converter that stay
    std::vector<aligned_vector<float>> fixed_normals;    ///< by panel: (tiles, fixed_draws, columns)
};

namespace detail {

/// One way of reading a strip of phases, and what its codes weigh: a common power of two and factors.
struct strip_part {
    std::size_t way = 0;
    std::array<std::uint32_t, strip_phases> slices{};  ///< by phase, bit q: slice q is read in this way
    bool is_whole = true;                              ///< all of them are
};

/// Up to eight phases of one class, or cycles of one phase, that are summed up together.
struct strip_range {
    std::size_t phase_class = 0;
    std::size_t first = 0;
    std::size_t count = 0;
    double common = 1;
    std::array<float, strip_phases> weights{};
    std::size_t exact_tiles = 1;  ///< tiles whose float sums may be added up without rounding
    std::vector<strip_part> parts;
    bool reads_bits = true;  ///< sums of stored bits are needed: by all ways of linear cells, else by digital ones
};

/// The ways that the cycles of a strip take.
template <class Plan>
std::vector<strip_part> parts_of(Plan const& plan, strip_range const& strip) {
    std::size_t const slices = plan.array->slices.digits.size();
    std::uint32_t const all = static_cast<std::uint32_t>((std::uint64_t{1} << slices) - 1);
    std::vector<strip_part> parts;
    for (std::size_t way = 0; way < Plan::ways; ++way) {
        strip_part part;
        part.way = way;
        std::uint32_t any = 0;
        for (std::size_t p = 0; p < strip.count; ++p) {
            for (std::size_t q = 0; q < slices; ++q) {
                std::size_t const phase = Plan::is_scheduled ? strip.first : strip.first + p;
                bool const takes = plan.way_of[phase * slices + q] == way;
                part.slices[p] |= static_cast<std::uint32_t>(takes ? 1U : 0U) << q;
            }
            any |= part.slices[p];
            part.is_whole = part.is_whole && part.slices[p] == all;
        }
        if (any != 0) {
            parts.push_back(part);
        }
    }
    return parts;
}

/// Largest code of a class, and whether all of its ways give integers.
template <class Class>
std::pair<double, bool> codes_of_class(Class const& phases) {
    std::pair<double, bool> codes{0.0, true};
    for (auto const& way : phases.ways) {
        codes.first = std::max(codes.first, way.top_code);
        codes.second = codes.second && way.is_integer;
    }
    return codes;
}

template <class Plan>
[[nodiscard]] bool strip_reads_bits(Plan const& plan, strip_range const& s) {
    return plan.array->is_linear ||
           std::any_of(s.parts.begin(), s.parts.end(), [](auto const& part) { return Plan::way_is_digital[part.way]; });
}

/// One strip a phase: its cycles, eight at a time, whose number depends on the data.
template <class Plan>
std::vector<strip_range> strips_of_cycles(Plan const& plan) {
    std::vector<strip_range> strips;
    for (std::size_t c = 0; c < plan.classes.size(); ++c) {
        auto const& phases = plan.classes[c];
        auto const [top_code, is_integer] = codes_of_class(phases);
        for (std::size_t first = phases.first; first < phases.first + phases.count; ++first) {
            int const weight = plan.inputs->digits[first].weight;
            strip_range s{c, first, strip_phases, static_cast<double>(std::abs(weight)), {}, 1, {}, true};
            s.weights.fill(weight < 0 ? -1.0F : 1.0F);
            double const tile_sum = top_code * static_cast<double>(plan.array->rows_per_tile);
            if (is_integer && tile_sum >= 0x1p24) {
                throw error(errc::range, "the codes of one phase of a tile may add up to " + std::to_string(tile_sum) +
                                             "; fewer rows or bits of the converter are needed (below 2^24)");
            }
            s.exact_tiles = is_integer ? static_cast<std::size_t>(std::floor(0x1p24 / tile_sum)) : 1;
            s.parts = parts_of(plan, s);
            s.reads_bits = strip_reads_bits(plan, s);
            strips.push_back(std::move(s));
        }
    }
    return strips;
}

/// Cuts the phases of all classes into strips whose float sums are exact: top code * sum of weights < 2^24.
template <class Plan>
std::vector<strip_range> cut_strips(Plan const& plan) {
    if constexpr (Plan::is_scheduled) {
        return strips_of_cycles(plan);
    }
    std::vector<strip_range> strips;
    auto const& digits = plan.inputs->digits;
    for (std::size_t c = 0; c < plan.classes.size(); ++c) {
        auto const& phases = plan.classes[c];
        auto const [top_code, is_integer] = codes_of_class(phases);
        for (std::size_t first = phases.first; first < phases.first + phases.count;) {
            strip_range s{c, first, 0, 1, {}, 1, {}, true};
            int const magnitude = std::max(1, std::abs(digits[first].weight));
            s.common = magnitude & -magnitude;
            if (magnitude / s.common * top_code >= 0x1p24) {
                s.common = magnitude;
            }
            double sum = 0;
            while (s.count < std::min(phases.first + phases.count - first, strip_phases)) {
                double const weight = digits[first + s.count].weight / s.common;
                if (s.count > 0 &&
                    (weight != std::nearbyint(weight) || (sum + std::abs(weight)) * top_code >= 0x1p24)) {
                    break;
                }
                sum += std::abs(weight);
                s.weights[s.count++] = static_cast<float>(weight);
            }
            if (is_integer) {
                s.exact_tiles = static_cast<std::size_t>(std::max(1.0, std::floor(0x1p24 / (sum * top_code))));
            }
            s.parts = parts_of(plan, s);
            s.reads_bits = strip_reads_bits(plan, s);
            first += s.count;
            strips.push_back(std::move(s));
        }
    }
    return strips;
}

}  // namespace detail

}  // namespace xcim::inline XCIM_ABI
