#pragma once

/// \file
/// Everything a user of macros needs: the composition, all models, the operations. Loaders and writers: <xcim/io.hpp>.

#include <xcim/adc.hpp>
#include <xcim/cell.hpp>
#include <xcim/encoding.hpp>
#include <xcim/macro.hpp>
#include <xcim/mapping.hpp>
#include <xcim/noise.hpp>
#include <xcim/ops.hpp>
#include <xcim/quant.hpp>
#include <xcim/readout.hpp>
#include <xcim/wire.hpp>
