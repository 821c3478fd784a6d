#pragma once

/// \file
/// All operations.

#include <xcim/ops/attention.hpp>
#include <xcim/ops/code_product.hpp>
#include <xcim/ops/conv2d.hpp>
#include <xcim/ops/drift_compensation.hpp>
#include <xcim/ops/gelu.hpp>
#include <xcim/ops/gemm.hpp>
#include <xcim/ops/layer_norm.hpp>
#include <xcim/ops/linear.hpp>
#include <xcim/ops/softmax.hpp>
#include <xcim/ops/stored_product.hpp>
