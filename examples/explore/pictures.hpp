#pragma once

/// \file
/// Pictures of a grid by gnuplot.

#include "results.hpp"

#include <string>

namespace explore {

/// Writes shmoo.dat, shmoo.gp and, where the noise varies, noise.dat, noise.gp into the output folder and lets gnuplot
/// draw shmoo.png and noise.png from them. `title` names network and data. Returns one line that says what happened.
std::string draw_pictures(results const& finished, settings const& chosen, std::string const& title);

}  // namespace explore
