#pragma once

/// \file
/// What a product costs: counts of operations, energy, time.

#include <xcim/cost/attention.hpp>
#include <xcim/cost/counts.hpp>
#include <xcim/cost/energy.hpp>
#include <xcim/cost/gemv_cycles.hpp>
