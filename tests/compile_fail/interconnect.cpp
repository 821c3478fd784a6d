// expect: xcim::CimMacro: role Interconnect (7th policy)
#include "parts.hpp"

auto const macro = xcim::CimMacro{quantiser, mapping, encoding, cell, noise, adc, reading};
