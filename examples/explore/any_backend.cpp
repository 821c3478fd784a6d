#include "any_backend.hpp"

#include "../networks/macro_backend.hpp"

#include <xcim/xcim.hpp>

namespace explore {

namespace {

/// Every combination of model types is compiled; numbers are chosen at run time.
template <class Encoding, class Noise>
std::unique_ptr<any_backend> make(design const& point, settings const& chosen, Encoding encoding, Noise noise) {
    auto macro = xcim::CimMacro{xcim::quant::operands{xcim::quant::symmetric{chosen.weight_bits},
                                                      xcim::quant::unsigned_range{chosen.input_bits}},
                                xcim::mapping::channel_block{.array = {chosen.rows, chosen.columns}},
                                encoding,
                                xcim::cell::sram{},
                                noise,
                                xcim::adc::uniform{point.adc_bits}};
    auto const options = xcim::run_options{.seed = chosen.seed, .threads = chosen.threads};
    return std::make_unique<backend_box<networks::macro_backend<decltype(macro)>>>(
        networks::macro_backend{std::move(macro), options});
}

template <class Encoding>
std::unique_ptr<any_backend> choose_noise(design const& point, settings const& chosen, Encoding encoding) {
    if (point.noise_percent == 0.0) {
        return make(point, chosen, encoding, xcim::noise::none{});
    }
    return make(point, chosen, encoding, xcim::noise::gaussian{xcim::of_full_scale(point.noise_percent / 100)});
}

}  // namespace

std::unique_ptr<any_backend> make_macro_backend(design const& point, settings const& chosen) {
    if (point.input_group == 1) {
        return choose_noise(point, chosen, xcim::encoding::bit_serial{});
    }
    return choose_noise(point, chosen, xcim::encoding::bit_parallel{point.input_group});
}

}  // namespace explore
