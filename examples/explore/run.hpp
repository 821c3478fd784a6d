#pragma once

/// \file
/// The program: network and data, then design point after design point, then the report.

#include "settings.hpp"

#include <string>

namespace explore {

/// Returns the exit code: 0, or 130 if it was interrupted. `command` is how the program was called, for the hint how to
/// resume. Throws usage_error and xcim::error.
int run(settings const& chosen, std::string const& command);

}  // namespace explore
