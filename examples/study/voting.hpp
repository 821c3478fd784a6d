#pragma once

/// \file
/// Voting without a network: one conversion many times over, and the cycles it costs.

#include "figures.hpp"

#include <string>
#include <vector>

namespace study {

/// Writes fig13_sigma.csv (error of a voted code against the number of samples) and fig13_cycles.csv (cycles of an
/// 8b/8b product) and draws both.
std::vector<std::string> voting_statistics(experiment const& all);

}  // namespace study
