#pragma once

/// \file
/// Design points on a network.

#include "results.hpp"
#include "settings.hpp"
#include "subject.hpp"

#include <cstdint>
#include <vector>

namespace study {

/// The user wants the program to end; what is finished is stored.
struct interruption {};

/// ADC conversions for one image. Top cycles that are digital or repeated are counted as one conversion.
std::uint64_t count_conversions(subject const& what, design const& macro);

/// The outcomes of all designs, in their order: those that `done` lacks are evaluated and added to it, several at a
/// time. Throws interruption.
std::vector<outcome> evaluate(subject const& what, std::vector<design> const& designs, settings const& chosen,
                              results& done);

}  // namespace study
