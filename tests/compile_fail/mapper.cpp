// expect: xcim::CimMacro: role Mapper (2nd policy)
#include "parts.hpp"

auto const macro = xcim::CimMacro{quantiser, encoding, mapping, cell, noise, adc};  // two in the wrong order
