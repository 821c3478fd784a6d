#pragma once

/// \file
/// The pictures.

#include "activations.hpp"
#include "evaluate.hpp"

#include "../study/chart.hpp"

#include <vector>

namespace flare {

/// What every arithmetic costs, against float (Fig. 15 of the paper).
study::chart accuracy_chart(std::vector<evaluation> const& all);

/// Zeros at four grains (Fig. 7).
study::chart sparsity_chart(std::vector<observed_network> const& all);

/// How many times fewer cycles (Fig. 16).
study::chart boost_chart(std::vector<observed_network> const& all);

}  // namespace flare
