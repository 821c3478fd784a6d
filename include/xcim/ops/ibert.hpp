#pragma once

/// \file
/// The integer functions of I-BERT: what a transformer does between its products, without floating point.
///
/// A real number v is an integer q and a scale S, v ~ q S. Each function comes as constants, integers that are computed
/// once from the scale (the only place with real arithmetic), and as a function of rows of integers. Scales of results
/// are members of the constants; some are negative.
///
///     ibert::softmax_constants const constants{scale, 8};
///     ibert::softmax_row<std::int32_t, std::int32_t>(logits, probabilities, constants);  // probability = q * scale()
///
/// Reference: S. Kim, A. Gholami, Z. Yao, M. W. Mahoney, K. Keutzer, "I-BERT: Integer-only BERT Quantization", ICML
/// 2021, section 3; coefficients and roundings are those of the authors' modules (kssteven418/I-BERT, MIT).
/// Tests: tests/unit/ops/ibert.cpp, tests/property/ibert.cpp, tests/golden/ibert.cpp.

#include <xcim/ops/ibert/exponential.hpp>
#include <xcim/ops/ibert/gelu.hpp>
#include <xcim/ops/ibert/layer_norm.hpp>
#include <xcim/ops/ibert/softmax.hpp>
#include <xcim/ops/ibert/square_root.hpp>
