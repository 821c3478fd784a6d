#include "pcm.hpp"

namespace tiles {

std::unique_ptr<any_tile> make_oscillator_tile(design const& point, std::uint64_t chip, int threads) {
    auto const volts = pcm_wires(point).unit_voltage();
    auto const charge =
        xcim::adc::charge_of(xcim::cell::pair{pcm_cell(point)}.conductance_step(1 << point.cell_bits), volts, 1e-9);
    auto const used = xcim::adc::oscillator{charge, point.counter_bits, point.charge_count_fc * 1e-15};
    auto const fine = xcim::adc::oscillator{charge, 16, charge / 2};
    return box_pcm(point, chip, threads, used, fine, fixed_converter{});
}

}  // namespace tiles
