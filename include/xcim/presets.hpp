#pragma once

/// \file
/// Published macros as compositions: functions to call, to read, and to copy where one wants another. What a source
/// leaves open is said beside the line that decides it. Every function returns a CimMacro; `macro.with(policy)` changes
/// it.
///
/// Tests: tests/property/presets.cpp.

#include <xcim/adc/calibrated.hpp>
#include <xcim/adc/oscillator.hpp>
#include <xcim/adc/uniform.hpp>
#include <xcim/cell/pair.hpp>
#include <xcim/cell/pcm.hpp>
#include <xcim/cell/rram.hpp>
#include <xcim/cell/sram.hpp>
#include <xcim/encoding/bit_parallel.hpp>
#include <xcim/encoding/bit_serial.hpp>
#include <xcim/encoding/pulse_width.hpp>
#include <xcim/macro.hpp>
#include <xcim/mapping/channel_block.hpp>
#include <xcim/mapping/differential.hpp>
#include <xcim/mapping/offset.hpp>
#include <xcim/noise/gaussian.hpp>
#include <xcim/noise/none.hpp>
#include <xcim/ops/flare_macros.hpp>
#include <xcim/quant/operands.hpp>
#include <xcim/quant/symmetric.hpp>
#include <xcim/quant/unsigned_range.hpp>
#include <xcim/wire/paired.hpp>

namespace xcim::inline XCIM_ABI::tile {

/// ASiM's SRAM macro: charge sharing, one bit a cell and a cycle, an 8-bit converter over the full range.
///
/// `noise` is the standard deviation of a column as a share of its full scale; inputs are behind a ReLU (unsigned).
/// Reference: Keio-CSG/ASiM; arXiv 2411.11022, 2024.
[[nodiscard]] inline auto asim(double noise = 0.001) {
    return CimMacro{quant::operands{quant::symmetric{8}, quant::unsigned_range{8}},
                    mapping::channel_block{.array = {256, 64}},
                    encoding::bit_serial{},
                    cell::sram{},
                    noise::gaussian{of_full_scale(noise)},
                    adc::uniform{8}};
}

/// What one may want to know of IBM's tile.
struct ibm_options {
    geometry array{512, 512};
    double time = 0;                    ///< s since programming
    double bit_line_resistance = 0.15;  ///< ohm of the column line, per cell
    double g_max = 15e-6;               ///< S, of a device
    double g_min = 0.1e-6;              ///< S: a device of a zero weight, and of a row that holds none
    double pulse_unit = 1e-9;           ///< s, of one step of an input
    int counter_bits = 14;              ///< beside the sign: 512 rows at the top make 12092 counts
};

/// IBM's PCM tile: pairs of devices on one column line, pulse widths on the rows, an oscillator that counts charge.
///
/// Reference: J. Luquin et al., arXiv 2506.00004, 2025, and the tile model they gave to IBM/aihwkit 1.1.0 (rails of 0.6
/// and 0.2 V, 512 rows, 0.15 ohm a cell, 16.03 fC a count, conductances of its example). The width of the counter is
/// ours: the sources leave it to the user.
[[nodiscard]] inline auto ibm(ibm_options const& o = {}) {
    auto const device =
        cell::pcm{.levels = 128, .g_max = o.g_max, .g_min = o.g_min, .time = o.time, .pulse_unit = o.pulse_unit};
    auto const wires = wire::paired{.bit_line_resistance = o.bit_line_resistance, .unused_conductance = o.g_min};
    double const charge = adc::charge_of(device.conductance_step(128), wires.unit_voltage(), o.pulse_unit);
    return CimMacro{quant::symmetric{8},
                    mapping::differential{.array = o.array, .cell_bits = 7},
                    encoding::pulse_width{},
                    cell::pair{device},
                    noise::none{},
                    adc::oscillator{.charge_per_unit = charge, .bits = o.counter_bits},
                    wires};
}

/// The two memories of FLARE: MRAM for weights, SRAM for what attention stores; see ops/flare_macros.hpp.
///
/// Reference: arXiv 2411.14733, 2024.
[[nodiscard]] inline auto flare(integer_attention_options const& widths) { return flare_macros(widths); }

/// ISAAC: 16-bit weights with an offset in two-bit cells, 16-bit inputs bit by bit, an 8-bit converter that counts
/// currents of one level.
///
/// ISAAC stores columns that would sum to more than the converter counts as their complement; that is not modelled:
/// here such sums are clipped. Resistances: 1333 and 20000 ohm as CiMLoop uses for it.
/// Reference: A. Shafiee et al., "ISAAC: a convolutional neural network accelerator with in-situ analog arithmetic in
/// crossbars", ISCA 2016 (128 x 128 cells, 2 bits a cell, 1-bit DAC, 8-bit ADC, biased weights); Andrulis, Emer and
/// Sze, CiMLoop, ISPASS 2024.
[[nodiscard]] inline auto isaac() {
    return CimMacro{
        quant::symmetric{16},   mapping::offset{.array = {128, 128}, .cell_bits = 2},
        encoding::bit_serial{}, cell::rram{.levels = 4, .on_resistance = 1333, .on_off_ratio = 20000.0 / 1333},
        noise::none{},          adc::calibrated{8, adc::granular{}}};
}

/// PRIME: 8-bit weights as two four-bit cells a sign, 6-bit inputs as two pulses of eight levels, a 6-bit converter.
///
/// Positive and negative weights stand in two arrays whose currents are subtracted before conversion.
/// Reference: P. Chi et al., "PRIME: a novel processing-in-memory architecture for neural network computation in
/// ReRAM-based main memory", ISCA 2016 (256 x 256 cells, 4 bits a cell, 3-bit drivers, 6-bit sense amplifiers, 1 and 20
/// kohm).
[[nodiscard]] inline auto prime() {
    return CimMacro{quant::operands{quant::symmetric{8}, quant::unsigned_range{6}},
                    mapping::differential{.array = {256, 256}, .cell_bits = 4},
                    encoding::bit_parallel{3},
                    cell::pair{cell::rram{.levels = 16, .on_resistance = 1e3, .on_off_ratio = 20}},
                    noise::none{},
                    adc::uniform{6}};
}

/// NeuroSim's default: 8-bit weights with an offset in two-bit RRAM cells, 8-bit inputs bit by bit, a 5-bit converter.
///
/// Reference: neurosim/DNN_NeuroSim_V1.3, Param.cpp (128 x 128 cells, 2 bits a cell, 32 levels of the converter, 6
/// kohm, ratio 150; X. Peng et al., IEDM 2019). Its converters of eight columns each are one per column here, which
/// changes no number; ranges found from data are adc::calibrated.
[[nodiscard]] inline auto neurosim() {
    return CimMacro{quant::symmetric{8},    mapping::offset{.array = {128, 128}, .cell_bits = 2},
                    encoding::bit_serial{}, cell::rram{.levels = 4, .on_resistance = 6e3, .on_off_ratio = 150},
                    noise::none{},          adc::uniform{5}};
}

/// HyFlexPIM's analog arrays: ranks that matter in single-level cells (`cell_bits` 1), the others in two-bit cells (2)
/// whose levels are off by `deviation`, relative to the level; INT8 weights with an offset, inputs bit by bit.
///
/// The converter counts as far as the paper's 6 (7) bits go, which is one short of every sum: what is beyond is
/// clipped. The deviation of the paper's own notebook is 0.025; 0.132 belongs to the bit error rate that it cites.
/// Reference: C. E. Song et al., "Hybrid SLC-MLC RRAM mixed-signal processing-in-memory architecture for transformer
/// acceleration via gradient redistribution", ISCA 2025 (table 2: 64 x 128 cells, 6- and 7-bit converters; its public
/// notebooks).
[[nodiscard]] inline auto hyflexpim(int cell_bits, double deviation = 0.025) {
    double const size = cell_bits == 1 ? 0.0 : deviation;
    return CimMacro{
        quant::symmetric{8},    mapping::offset{.array = {64, 128}, .cell_bits = cell_bits},
        encoding::bit_serial{}, cell::rram{.levels = 1 << cell_bits, .programming = cell::spread::proportional(size)},
        noise::none{},          adc::calibrated{5 + cell_bits, adc::granular{}}};
}

}  // namespace xcim::inline XCIM_ABI::tile
