#include "macro.hpp"

#include <xcim/cell/rram.hpp>
#include <xcim/wire/crossbar.hpp>

namespace tiles {

namespace {

xcim::cell::rram cell_of(design const& point, bool varies, bool is_noisy) {
    return {.levels = 1 << point.cell_bits,
            .on_resistance = point.on_ohm,
            .programming = varies ? xcim::cell::spread::proportional(point.spread) : xcim::cell::spread::none(),
            .proportional_read_noise = is_noisy ? point.read_spread : 0.0};
}

xcim::wire::crossbar wires_of(double ohm, double driver) {
    return {.word_line_resistance = ohm, .bit_line_resistance = ohm, .driver_resistance = driver};
}

}  // namespace

std::unique_ptr<any_tile> make_rram_tile(design const& point, std::uint64_t chip, int threads) {
    auto const fine = fine_converter(point);
    auto const wires = wires_of(point.wire_ohm, point.driver_ohm);
    auto const is_designed = point.restores == response::as_designed;
    auto const varies = point.has_programming_noise;
    auto const macro = make_macro(point, cell_of(point, varies, point.has_pulse_noise), fine, wires);
    auto const silent = make_macro(point, cell_of(point, varies, false), fine, wires);
    auto const reference =
        make_macro(point, cell_of(point, varies && !is_designed, false), fine, is_designed ? wires_of(0, 0) : wires);
    return box(networks::tile_composition<std::remove_const_t<decltype(macro)>>{macro, silent, reference}, point, chip,
               threads, calibrated_converter{});
}

}  // namespace tiles
