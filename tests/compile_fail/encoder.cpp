// expect: xcim::CimMacro: role Encoder (3rd policy)
#include "parts.hpp"

auto const macro = xcim::CimMacro{quantiser, mapping, mapping, cell, noise, adc};
