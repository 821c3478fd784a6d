#pragma once

/// \file
/// All models of the role `adc`.

#include <xcim/adc/calibrated.hpp>
#include <xcim/adc/cyclic.hpp>
#include <xcim/adc/exact_count.hpp>
#include <xcim/adc/ideal.hpp>
#include <xcim/adc/lossless_bits.hpp>
#include <xcim/adc/oscillator.hpp>
#include <xcim/adc/pipeline.hpp>
#include <xcim/adc/ramp.hpp>
#include <xcim/adc/range.hpp>
#include <xcim/adc/s_curve.hpp>
#include <xcim/adc/sar.hpp>
#include <xcim/adc/sign_magnitude.hpp>
#include <xcim/adc/stochastic.hpp>
#include <xcim/adc/tabulated.hpp>
#include <xcim/adc/uniform.hpp>
