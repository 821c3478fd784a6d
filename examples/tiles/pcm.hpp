#pragma once

/// \file
/// Cells and wires of the PCM tile.

#include "macro.hpp"

#include <xcim/cell/pcm.hpp>
#include <xcim/wire/paired.hpp>

namespace tiles {

/// 0.1 to 15 uS, as the example of the published tile; pulses in units of 1 ns.
inline xcim::cell::pcm pcm_cell(design const& point) {
    return {.levels = 1 << point.cell_bits,
            .g_max = 15e-6,
            .g_min = 0.1e-6,
            .time = point.seconds,
            .programming_noise = point.has_programming_noise,
            .drift = point.has_drift,
            .flicker_noise = point.has_slow_noise,
            .pulse_unit = point.has_pulse_noise ? 1e-9 : 0.0};
}

/// The cell that the gains compare with.
inline xcim::cell::pcm reference_cell(design const& point) {
    auto cell = pcm_cell(point);
    cell.pulse_unit = 0;
    cell.time = 0;
    cell.programming_noise = cell.programming_noise && point.restores == response::of_first_day;
    return cell;
}

inline xcim::cell::pcm silent_cell(design const& point) {
    auto cell = pcm_cell(point);
    cell.pulse_unit = 0;
    return cell;
}

inline xcim::wire::paired pcm_wires(design const& point) { return {.bit_line_resistance = point.wire_ohm}; }

inline xcim::wire::paired reference_wires(design const& point) {
    return {.bit_line_resistance = point.restores == response::as_designed ? 0.0 : point.wire_ohm};
}

template <class Converter, class Convert>
std::unique_ptr<any_tile> box_pcm(design const& point, std::uint64_t chip, int threads, Converter used, Converter fine,
                                  Convert convert) {
    auto const macro = make_macro(point, pcm_cell(point), used, pcm_wires(point));
    auto const silent = make_macro(point, silent_cell(point), fine, pcm_wires(point));
    auto const reference = make_macro(point, reference_cell(point), fine, reference_wires(point));
    return box(networks::tile_composition<std::remove_const_t<decltype(macro)>>{macro, silent, reference}, point, chip,
               threads, convert);
}

}  // namespace tiles
