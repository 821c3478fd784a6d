#pragma once

/// \file
/// One right policy for every role; each fragment replaces one of them.

#include <xcim/adc/uniform.hpp>
#include <xcim/cell/sram.hpp>
#include <xcim/encoding/bit_serial.hpp>
#include <xcim/macro.hpp>
#include <xcim/mapping/bit_slice.hpp>
#include <xcim/noise/gaussian.hpp>
#include <xcim/quant/operands.hpp>
#include <xcim/quant/symmetric.hpp>

inline xcim::quant::symmetric const quantiser{8};
inline xcim::mapping::bit_slice const mapping{};
inline xcim::encoding::bit_serial const encoding{};
inline xcim::cell::sram const cell{};
inline xcim::noise::gaussian const noise{};
inline xcim::adc::uniform const adc{8};
inline xcim::wire::ideal const wires{};
inline xcim::readout::single const reading{};
