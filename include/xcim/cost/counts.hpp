#pragma once

#include <xcim/macro/cim_macro.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI::cost {

/// What a layer, or several, ask of the hardware. Counts do not depend on the data, unless the encoder picks rows by
/// them: a cell in a driven row is read and counted whether it holds or is driven by a one or a zero.
struct counts {
    std::map<int, std::uint64_t> conversions;  ///< by bits of the converter; 0 bits: adc::ideal
    std::map<int, std::uint64_t> row_drives;   ///< by bits of the phase: one row of one array driven once
    std::uint64_t cycles = 0;          ///< (tile, input phase, weight slice), repeats too: the cycles of ASiM's paper
    std::uint64_t digital_cycles = 0;  ///< the same where the readout takes no conversion: computed by logic
    std::uint64_t activations = 0;     ///< of one array: all its columns are summed once
    std::uint64_t steps = 0;           ///< activations one after the other, if the arrays of a layer work at once
    std::uint64_t cell_reads = 0;      ///< cells summed on the column lines of analog cycles
    std::uint64_t digital_adds = 0;    ///< shift and add: one a column sum; of a digital cycle one a cell
    std::uint64_t arrays = 0;          ///< that hold the weights
    std::uint64_t cells = 0;           ///< in use
    std::uint64_t cells_in_arrays = 0;

    [[nodiscard]] std::uint64_t all_conversions() const { return sum(conversions); }
    [[nodiscard]] std::uint64_t all_row_drives() const { return sum(row_drives); }

    /// Cells in use over cells there are, 0 to 1.
    [[nodiscard]] double utilisation() const {
        return cells_in_arrays > 0 ? static_cast<double>(cells) / static_cast<double>(cells_in_arrays) : 0.0;
    }

    /// Layers run one after the other, each in arrays of its own.
    counts& operator+=(counts const& other) {
        add(conversions, other.conversions);
        add(row_drives, other.row_drives);
        cycles += other.cycles;
        digital_cycles += other.digital_cycles;
        activations += other.activations;
        steps += other.steps;
        cell_reads += other.cell_reads;
        digital_adds += other.digital_adds;
        arrays += other.arrays;
        cells += other.cells;
        cells_in_arrays += other.cells_in_arrays;
        return *this;
    }
    friend counts operator+(counts a, counts const& b) { return a += b; }
    friend bool operator==(counts const&, counts const&) = default;

private:
    using by_bits = std::map<int, std::uint64_t>;

    static std::uint64_t sum(by_bits const& numbers) {
        std::uint64_t total = 0;
        for (auto const& [bits, number] : numbers) {
            total += number;
        }
        return total;
    }
    static void add(by_bits& to, by_bits const& from) {
        for (auto const& [bits, number] : from) {
            to[bits] += number;
        }
    }
};

namespace detail {

/// How often the rows of a phase are driven, over all input rows and tiles of a group.
struct phase_activity {
    std::uint64_t cycles = 0;  ///< activations of a tile
    std::uint64_t steps = 0;   ///< of those one after the other: tiles work at once
    std::uint64_t rows = 0;    ///< rows driven
};

template <class... Policies>
[[nodiscard]] counts counts_of_phases(CimMacro<Policies...> const& macro, programmed_array const& array,
                                      digit_plan const& inputs, std::vector<phase_activity> const& activity) {
    auto const slice_count = static_cast<int>(array.slices.digits.size());
    auto const phase_count = static_cast<int>(inputs.digits.size());
    std::uint64_t const lines = array.shape.outputs * array.slices.digits.size();  // column lines of a group
    std::uint64_t const width = array.columns_per_array();
    std::uint64_t const arrays_a_tile = array.groups * ((lines + width - 1) / width);

    counts c;
    for (int p = 0; p < phase_count; ++p) {
        auto const& phase = inputs.digits[static_cast<std::size_t>(p)];
        auto const& active = activity[static_cast<std::size_t>(p)];
        int const adc_bits =
            macro.adc().resolution(macro.context_of(phase.top() + 1, array.cell_levels, phase.is_signed));
        std::uint64_t repeats = 0;
        for (int q = 0; q < slice_count; ++q) {
            auto const n = static_cast<std::uint64_t>(
                macro.readout().conversions_of({.slice = q, .slices = slice_count, .phase = p, .phases = phase_count}));
            if (n == 0) {
                c.digital_cycles += active.cycles * array.groups;
                c.digital_adds += active.rows * array.outputs();
                continue;
            }
            c.conversions[adc_bits] += n * active.cycles * array.outputs();
            c.cycles += n * active.cycles * array.groups;
            c.cell_reads += n * active.rows * array.outputs();
            c.digital_adds += active.cycles * array.outputs();
            repeats = std::max(repeats, n);
        }
        c.steps += active.steps * repeats;
        c.activations += active.cycles * repeats * arrays_a_tile;
        c.row_drives[phase.bits] += active.rows * repeats * arrays_a_tile;
    }
    c.arrays = array.tiles() * arrays_a_tile;
    c.cells = array.groups * array.shape.rows() * lines;
    c.cells_in_arrays =
        c.arrays * static_cast<std::uint64_t>(array.array.rows) * static_cast<std::uint64_t>(array.array.columns);
    return c;
}

template <class Macro>
[[nodiscard]] digit_plan phases_of(Macro const& macro) {
    format const inputs = format_of(macro.input_quantiser());
    return plan_digits(macro.encoding().digits(inputs), inputs, "Encoder");
}

}  // namespace detail

/// Counts of running `input_rows` rows through a programmed array: rows of a matrix, for a convolution images times
/// output pixels, which is y.size() / array.outputs().
///
///     conversions = rows * outputs * tiles * sum over phases p, slices q of n(p, q)
///     cycles      = rows * groups * tiles  * sum over p, q of n(p, q)
///     activations = rows * arrays          * sum over p of max over q of n(p, q)
///     cell reads  = rows * outputs * K     * sum over p, q of n(p, q)
///
/// n(p, q): conversions the readout spends on one column sum of that cycle; K: rows of the weight matrix of a group.
/// Arrays: every group and tile of rows takes ceil(outputs of the group * slices / columns in use) arrays, whole
/// outputs in each as long as one fits; a repeated cycle activates the whole array again, and converts only the columns
/// that are repeated. A pair of devices counts as one cell. Parameters: the macro, an array it has programmed, the
/// number of rows from 0 on. Returns plain numbers. An encoder with a schedule has counts that depend on the data:
/// scheduled_counts_of. Not modelled: sharing of one array by several groups or layers; columns that take turns at one
/// converter; the digital terms of biased digit codes; data movement outside the macro. Tests:
/// tests/unit/cost/counts.cpp.
template <class... Policies>
[[nodiscard]] counts counts_of(CimMacro<Policies...> const& macro, programmed_array const& array,
                               std::size_t input_rows) {
    static_assert(!ScheduledEncoder<std::remove_cvref_t<decltype(macro.encoding())>>,
                  "xcim::cost::counts_of: the cycles of an encoder with a schedule depend on the data; "
                  "scheduled_counts_of takes the input codes");
    digit_plan const inputs = detail::phases_of(macro);
    std::uint64_t const rows = input_rows;
    return detail::counts_of_phases(
        macro, array, inputs,
        std::vector(inputs.digits.size(),
                    detail::phase_activity{rows * array.tiles(), rows, rows * array.shape.rows()}));
}

/// The same for an encoder that schedules its rows, from the codes it drives: (input rows, K), of a matrix product in
/// one group. A row drives its ones only; the tiles of an input row work at once and wait for the one with most cycles.
/// Not modelled: dummy rows, which keep the number of active word lines the same and hold cells that are off.
/// Errors: xcim::error for codes of another shape or outside the format of the inputs. Tests:
/// tests/unit/cost/counts.cpp.
template <class... Policies>
[[nodiscard]] counts scheduled_counts_of(CimMacro<Policies...> const& macro, programmed_array const& array,
                                         code_ref const& codes) {
    std::size_t const depth = array.shape.rows();
    if (codes.shape.size() != 2 || codes.shape[1] != depth || array.groups != 1) {
        throw error(errc::shape, "scheduled_counts_of: the codes have shape " + to_string(codes.shape) + "; (rows, " +
                                     std::to_string(depth) + ") is needed for weights of shape " +
                                     to_string(array.dimensions) + " in one group");
    }
    quantised_inputs const q = macro.take_codes(codes);
    std::vector<detail::phase_activity> activity(q.digits.digits.size());
    std::vector<std::uint16_t> words(words_for(array.rows_per_tile) * 32);
    std::vector<std::uint32_t> planes;
    word_line_schedule schedule;
    for (std::size_t m = 0; m < codes.shape[0]; ++m) {
        std::vector<std::uint64_t> steps(activity.size());
        for (std::size_t t = 0; t < array.tiles(); ++t) {
            std::size_t const used = array.rows_of(t);
            std::copy_n(q.words.data() + m * depth + t * array.rows_per_tile, used, words.begin());
            xcim::detail::for_each_phase_plane(words.data(), used, q.digits, planes,
                                               [&](std::size_t p, bit_plane_view const& plane) {
                                                   macro.encoding().schedule(plane, schedule);
                                                   activity[p].cycles += schedule.cycles();
                                                   activity[p].rows += schedule.rows().size();
                                                   steps[p] = std::max(steps[p], std::uint64_t{schedule.cycles()});
                                               });
        }
        for (std::size_t p = 0; p < activity.size(); ++p) {
            activity[p].steps += steps[p];
        }
    }
    return detail::counts_of_phases(macro, array, q.digits, activity);
}

/// Counts of the layers of a network, in the order they were added.
struct network_counts {
    struct layer {
        std::string name;
        counts count;
    };
    std::vector<layer> layers;

    void add(std::string name, counts const& c) { layers.push_back({std::move(name), c}); }

    [[nodiscard]] counts total() const {
        counts all;
        for (auto const& l : layers) {
            all += l.count;
        }
        return all;
    }
};

}  // namespace xcim::inline XCIM_ABI::cost
