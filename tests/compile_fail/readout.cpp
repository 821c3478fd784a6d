// expect: xcim::CimMacro: role Readout (8th policy)
#include "parts.hpp"

auto const macro = xcim::CimMacro{quantiser, mapping, encoding, cell, noise, adc, wires, adc};
