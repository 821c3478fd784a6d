// expect: xcim::CimMacro::with: the policy models none of the roles
#include "parts.hpp"

auto const macro = xcim::CimMacro{quantiser, mapping, encoding, cell, noise, adc}.with(8);
