// expect: xcim::CimMacro: role NoiseModel (5th policy)
#include "parts.hpp"

auto const macro = xcim::CimMacro{quantiser, mapping, encoding, cell, 0.01, adc};
