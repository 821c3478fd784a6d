#include "parts.hpp"

auto const macro = xcim::CimMacro{quantiser, mapping, encoding, cell, noise, adc, wires, reading}.with(adc).with(noise);
auto const mixed = macro.with(xcim::quant::operands{quantiser, quantiser});
