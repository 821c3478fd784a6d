// expect: xcim::CimMacro: role Quantizer (1st policy)
#include "parts.hpp"

/// Weights without a quantiser.
struct half_of_operands {
    xcim::quant::symmetric<int> inputs;
};

auto const macro = xcim::CimMacro{half_of_operands{}, mapping, encoding, cell, noise, adc};
