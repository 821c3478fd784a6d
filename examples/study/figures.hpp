#pragma once

/// \file
/// One function a figure: evaluates what is missing, writes its CSV, draws its picture.

#include "chart.hpp"
#include "evaluate.hpp"
#include "results.hpp"
#include "settings.hpp"
#include "subject.hpp"

#include <string>
#include <vector>

namespace study {

struct experiment {
    settings chosen;
    std::vector<subject> subjects;
    results done;
};

/// Whether this figure of the paper has an analogue here.
bool is_figure(int number);

/// Figures 4 to 13. Returns a line for each picture. Throws interruption.
std::vector<std::string> make_figure(int number, experiment& all);

/// \name Layers: operands, column sums, errors of cycles
/// @{
std::vector<std::string> figure_4(experiment& all);
std::vector<std::string> figure_5(experiment& all);
std::vector<std::string> figure_11(experiment& all);
/// @}
/// \name Networks: accuracy of designs
/// @{
std::vector<std::string> figure_6(experiment& all);
std::vector<std::string> figure_7(experiment& all);
std::vector<std::string> figure_8(experiment& all);
std::vector<std::string> figure_9(experiment& all);
std::vector<std::string> figure_10(experiment& all);
std::vector<std::string> figure_12(experiment& all);
std::vector<std::string> figure_13(experiment& all);
/// @}

/// Draws the picture unless the user wants tables only.
std::vector<std::string> finish(chart const& what, experiment const& all);

}  // namespace study
