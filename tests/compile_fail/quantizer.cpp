// expect: xcim::CimMacro: role Quantizer (1st policy)
#include "parts.hpp"

auto const macro = xcim::CimMacro{8, mapping, encoding, cell, noise, adc};
