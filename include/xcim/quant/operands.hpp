#pragma once

#include <xcim/concepts/quantizer.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::quant {

/// A quantiser for the stored weights and one for the inputs, where they differ. Models OperandQuantizers.
///
/// Tests: tests/unit/quant/operands.cpp.
template <Quantizer Weights, Quantizer Inputs>
struct operands {
    [[no_unique_address]] Weights weights;
    [[no_unique_address]] Inputs inputs;

    friend std::string to_string(operands const& o) {
        return "weights " + to_string(o.weights) + ", inputs " + to_string(o.inputs);
    }
};

template <class Weights, class Inputs>
operands(Weights, Inputs) -> operands<Weights, Inputs>;

}  // namespace xcim::inline XCIM_ABI::quant
