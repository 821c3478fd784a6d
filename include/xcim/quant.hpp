#pragma once

/// \file
/// All models of the role `quant`.

#include <xcim/quant/affine.hpp>
#include <xcim/quant/emsb.hpp>
#include <xcim/quant/operands.hpp>
#include <xcim/quant/symmetric.hpp>
#include <xcim/quant/unsigned_range.hpp>
