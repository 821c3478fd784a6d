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

/// What a layer, or several, ask of the hardware. Counts do not depend on the data: a cell in a used row is read and
/// counted whether it holds or is driven by a one or a zero.
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

/// Counts of running `input_rows` rows through a programmed array: rows of a matrix, for a convolution images times
/// output pixels, which is y.size() / array.outputs().
///
///     conversions = rows * outputs * tiles * sum over phases p, slices q of n(p, q)
///     cycles      = rows * groups * tiles  * sum over p, q of n(p, q)
///     activations = rows * arrays          * sum over p of max over q of n(p, q)
///     cell reads  = rows * outputs * K     * sum over p, q of n(p, q)
///
/// n(p, q): conversions the readout spends on one column sum of that cycle; K: rows of the weight matrix of a group.
/// Arrays: every group and tile of rows takes ceil(outputs of the group * slices / columns) arrays; a repeated cycle
/// activates the whole array again, and converts only the columns that are repeated.
/// Parameters: the macro, an array it has programmed, the number of rows from 0 on. Returns plain numbers.
/// Not modelled: sharing of one array by several groups or layers; the digital terms of biased digit codes; data
/// movement outside the macro.
/// Tests: tests/unit/cost/counts.cpp.
template <class... Policies>
[[nodiscard]] counts counts_of(CimMacro<Policies...> const& macro, programmed_array const& array,
                               std::size_t input_rows) {
    format const inputs = format_of(macro.input_quantiser());
    auto const phases = plan_digits(macro.encoding().digits(inputs), inputs, "Encoder").digits;
    auto const slice_count = static_cast<int>(array.slices.digits.size());
    auto const phase_count = static_cast<int>(phases.size());

    std::uint64_t const rows = input_rows;
    std::uint64_t const maps = array.groups * array.tiles();
    std::uint64_t const column_sums = array.outputs() * array.tiles();  // of one cycle and input row
    std::uint64_t const cells_summed = array.outputs() * array.shape.rows();
    std::uint64_t const lines = array.shape.outputs * array.slices.digits.size();  // column lines of a group
    auto const columns = static_cast<std::uint64_t>(array.array.columns);
    std::uint64_t const arrays_a_tile = array.groups * ((lines + columns - 1) / columns);

    counts c;
    for (int p = 0; p < phase_count; ++p) {
        auto const& phase = phases[static_cast<std::size_t>(p)];
        int const adc_bits = macro.adc().resolution(macro.context_of(phase.levels(), array.cell_levels));
        std::uint64_t repeats = 0;
        for (int q = 0; q < slice_count; ++q) {
            auto const n = static_cast<std::uint64_t>(
                macro.readout().conversions_of({.slice = q, .slices = slice_count, .phase = p, .phases = phase_count}));
            if (n == 0) {
                c.digital_cycles += rows * maps;
                c.digital_adds += rows * cells_summed;
                continue;
            }
            c.conversions[adc_bits] += rows * n * column_sums;
            c.cycles += rows * n * maps;
            c.cell_reads += rows * n * cells_summed;
            c.digital_adds += rows * column_sums;
            repeats = std::max(repeats, n);
        }
        c.steps += rows * repeats;
        c.activations += rows * repeats * array.tiles() * arrays_a_tile;
        c.row_drives[phase.bits] += rows * repeats * array.shape.rows() * arrays_a_tile;
    }
    c.arrays = array.tiles() * arrays_a_tile;
    c.cells = array.groups * array.shape.rows() * lines;
    c.cells_in_arrays = c.arrays * static_cast<std::uint64_t>(array.array.rows) * columns;
    return c;
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
