#pragma once

/// \file
/// The laws of the concepts, for tests of your own models with whatever test framework you use: each function returns a
/// testing::report, which is true where all laws hold and else lists the violated ones as sentences.
///
///     auto const r = xcim::testing::check_adc(my_adc{});
///     if (!r) { std::puts(to_string(r).c_str()); }

#include <xcim/testing/adc.hpp>
#include <xcim/testing/cell_type.hpp>
#include <xcim/testing/digit_code.hpp>
#include <xcim/testing/interconnect.hpp>
#include <xcim/testing/macro.hpp>
#include <xcim/testing/mapper.hpp>
#include <xcim/testing/noise_model.hpp>
#include <xcim/testing/quantizer.hpp>
#include <xcim/testing/readout.hpp>
#include <xcim/testing/report.hpp>
#include <xcim/testing/schedule.hpp>
