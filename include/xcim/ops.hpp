#pragma once

/// \file
/// All operations.

#include <xcim/ops/conv2d.hpp>
#include <xcim/ops/gemm.hpp>
#include <xcim/ops/linear.hpp>
