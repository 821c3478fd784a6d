#pragma once

/// \file
/// From arguments to settings.

#include "settings.hpp"

#include <string>
#include <variant>
#include <vector>

namespace explore {

/// "4:10" -> 4, 5, ..., 10; "4,6,8" -> 4, 6, 8; both can be mixed. Duplicates are dropped.
/// Throws usage_error that names `option`.
std::vector<int> parse_integers(std::string const& option, std::string const& text);

/// "0,0.1,0.2" -> 0, 0.1, 0.2; "0:1:0.25" -> 0, 0.25, ..., 1.
std::vector<double> parse_reals(std::string const& option, std::string const& text);

/// The text of --help or --version, to be printed instead of a run.
using message = std::string;

/// `arguments` without the name of the program. Throws usage_error.
std::variant<settings, message> parse_command_line(std::vector<std::string> arguments);

}  // namespace explore
