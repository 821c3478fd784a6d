#pragma once

/// \file
/// The macro of a design for given types of noise and readout.

#include "backend.hpp"

#include "../networks/macro_backend.hpp"

#include <xcim/xcim.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace study {

inline xcim::sigma amplitude(design const& point) { return xcim::of_full_scale(point.sigma_percent / 100); }

template <class Noise, class Readout>
auto make_macro(design const& point, Noise noise, Readout readout) {
    return xcim::CimMacro{
        xcim::quant::operands{xcim::quant::symmetric{point.weight_bits}, xcim::quant::unsigned_range{point.input_bits}},
        xcim::mapping::channel_block{.array = {point.rows, 64}},
        xcim::encoding::bit_parallel{point.encoding},
        xcim::cell::sram{},
        std::move(noise),
        xcim::adc::uniform{point.adc_bits},
        xcim::wire::ideal{},
        std::move(readout)};
}

/// On one thread: design points run beside each other.
template <class Noise, class Readout>
std::unique_ptr<any_backend> box(design const& point, std::uint64_t seed, Noise noise, Readout readout) {
    auto const macro = make_macro(point, std::move(noise), std::move(readout));
    auto const for_signed = macro.with(xcim::quant::operands{xcim::quant::symmetric{point.weight_bits},
                                                             xcim::quant::symmetric{point.signed_input_bits}});
    auto backend = networks::macro_backend{macro, for_signed, xcim::run_options{.seed = seed}};
    return std::make_unique<backend_box<decltype(backend)>>(std::move(backend));
}

}  // namespace study
