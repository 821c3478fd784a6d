#pragma once

/// \file
/// Where errors come from: signal-to-noise ratios, bit-level sparsity, and probes of column sums.

#include <xcim/analysis/activation_sparsity.hpp>
#include <xcim/analysis/bit_sparsity.hpp>
#include <xcim/analysis/column_histogram.hpp>
#include <xcim/analysis/cycle_errors.hpp>
#include <xcim/analysis/distribution.hpp>
#include <xcim/analysis/linearity.hpp>
#include <xcim/analysis/monte_carlo.hpp>
#include <xcim/analysis/sense_margin.hpp>
#include <xcim/analysis/snr.hpp>
