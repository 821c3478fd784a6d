#pragma once

/// \file
/// gnuplot as a program beside this one.

#include <filesystem>
#include <string>
#include <vector>

namespace explore {

/// In double quotes for gnuplot; "noenhanced" titles keep _ and ^ as they are.
std::string gnuplot_quoted(std::string const& text);

/// Lets gnuplot draw NAME.png from NAME.gp for every name. Returns one line that says what happened.
std::string draw_with_gnuplot(std::filesystem::path const& folder, std::vector<std::string> const& names);

}  // namespace explore
