// expect: xcim::CimMacro: role Adc (6th policy)
#include "parts.hpp"

auto const macro = xcim::CimMacro{quantiser, mapping, encoding, cell, noise, 8};
