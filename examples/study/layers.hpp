#pragma once

/// \file
/// Tensors of single layers, as the float network sees them, and what a macro does with one convolution.

#include "backend.hpp"
#include "design.hpp"
#include "subject.hpp"

#include <xcim/analysis.hpp>

#include <string>
#include <vector>

namespace study {

/// A convolution behind a ReLU with inputs.
struct layer_operands {
    std::string name;
    tensor input;   // (N, C, H, W)
    tensor weight;  // (O, C, KH, KW)
    int stride = 1;
    int padding = 0;
};

/// A tensor that a macro stores or is driven with.
struct operand {
    std::string layer;
    std::string role;  ///< "inputs", "weights", "Q", "scores", ...
    tensor values;
    bool is_signed = false;
};

/// What the layers on the macro were given while some images went through the float network.
struct recorded_layers {
    std::vector<layer_operands> convolutions;
    std::vector<operand> attention;  ///< operands of the attention layers, six each
};

recorded_layers record_layers(subject const& what, std::size_t images);

/// Column sums of a bit-serial convolution without noise, or its errors cycle by cycle.
xcim::analysis::column_histogram column_sums(design const& point, layer_operands const& layer);
xcim::analysis::cycle_errors cycle_errors(design const& point, layer_operands const& layer);

}  // namespace study
