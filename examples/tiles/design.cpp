#include "design.hpp"

#include "tile.hpp"

#include <array>

namespace tiles {

std::string to_string(technology device) {
    constexpr std::array names{"pcm", "pcm_oscillator", "rram"};
    return names.at(static_cast<std::size_t>(device));
}

std::string to_string(gains what) {
    constexpr std::array names{"none", "layer", "output"};
    return names.at(static_cast<std::size_t>(what));
}

design pcm_tile() { return {}; }

design rram_crossbar() {
    design result;
    result.device = technology::rram;
    result.rows = result.columns = 64;
    result.cell_bits = 1;
    result.wire_ohm = 1;
    result.has_drift = result.has_slow_noise = false;
    result.restores = response::as_designed;
    return result;
}

design without_flaws(design from) {
    from.wire_ohm = from.driver_ohm = 0;
    from.adc_bits = 16;
    from.range_share = 1;
    from.has_programming_noise = from.has_drift = from.has_slow_noise = from.has_pulse_noise = false;
    from.compensation = gains::none;
    return from;
}

std::unique_ptr<any_tile> make_tile(design const& point, std::uint64_t chip, int threads) {
    switch (point.device) {
    case technology::pcm:
        return make_pcm_tile(point, chip, threads);
    case technology::pcm_oscillator:
        return make_oscillator_tile(point, chip, threads);
    case technology::rram:
        break;
    }
    return make_rram_tile(point, chip, threads);
}

}  // namespace tiles
