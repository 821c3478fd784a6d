#pragma once

/// \file
/// The macro most tests start from. Its converter and cell are compiled once for all of them.

#include <xcim/macro.hpp>

#include <xcim/adc.hpp>
#include <xcim/cell.hpp>
#include <xcim/encoding.hpp>
#include <xcim/mapping.hpp>
#include <xcim/noise.hpp>
#include <xcim/quant.hpp>

namespace xcim::test {

/// Signed 4-bit weights and inputs, arrays of 64 rows, no noise, one code per count.
inline auto lossless_macro() {
    return CimMacro{quant::symmetric{4},    mapping::bit_slice{.array = {64, 64}},
                    encoding::bit_serial{}, cell::ideal{},
                    noise::none{},          adc::exact_count{}};
}

}  // namespace xcim::test
