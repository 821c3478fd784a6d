#pragma once

/// \file
/// The arithmetics of attention that are compared.

#include "subject.hpp"

#include "../networks/quantised_attention.hpp"

#include <xcim/ops/integer_attention_plan.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace flare {

/// What is found from inputs that are not rated.
struct calibration {
    networks::range_map ranges;  ///< largest magnitudes in float
    networks::gain_map gains;    ///< best factor for the output of a layer whose softmax is not divided by its sum
};

struct arithmetic {
    std::string name;   ///< for tables
    std::string label;  ///< for pictures
    std::function<std::unique_ptr<any_backend>(calibration const&)> make_backend;
};

/// Float first, then what FLARE compares itself with, then FLARE and its variants.
std::vector<arithmetic> const& arithmetics();

/// \name Two of them that the others are compared with
/// @{
inline constexpr std::size_t in_float = 0;
inline constexpr std::size_t dequantising = 1;
/// @}

/// FLARE with 8 bits for all activations, K and V too: the window of these is placed at the largest.
xcim::integer_attention_options eight_bit_flare();

/// Runs the inputs of a network that are there for it.
calibration calibrate(subject const& what);

}  // namespace flare
