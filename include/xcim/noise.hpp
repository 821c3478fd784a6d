#pragma once

/// \file
/// All models of the role `noise`.

#include <xcim/noise/comparator_offset.hpp>
#include <xcim/noise/elementwise.hpp>
#include <xcim/noise/gain_compression.hpp>
#include <xcim/noise/gaussian.hpp>
#include <xcim/noise/non_linearity.hpp>
#include <xcim/noise/none.hpp>
#include <xcim/noise/popcount_errors.hpp>
#include <xcim/noise/sense_variation.hpp>
#include <xcim/noise/stack.hpp>
#include <xcim/noise/thermal.hpp>
