#pragma once

/// \file
/// All models of the role `encoding`.

#include <xcim/encoding/analog_dac.hpp>
#include <xcim/encoding/bit_parallel.hpp>
#include <xcim/encoding/bit_serial.hpp>
#include <xcim/encoding/bit_sift.hpp>
#include <xcim/encoding/mismatched_dac.hpp>
#include <xcim/encoding/pulse_width.hpp>
