#include "figures.hpp"

#include <map>

namespace study {

namespace {

std::map<int, std::vector<std::string> (*)(experiment&)> const figures{
    {4, figure_4}, {5, figure_5},   {6, figure_6},   {7, figure_7},   {8, figure_8},
    {9, figure_9}, {10, figure_10}, {11, figure_11}, {12, figure_12}, {13, figure_13}};

}  // namespace

bool is_figure(int number) { return figures.contains(number); }

std::vector<std::string> make_figure(int number, experiment& all) { return figures.at(number)(all); }

std::vector<std::string> finish(chart const& what, experiment const& all) {
    if (!all.chosen.draws_pictures || what.panels.empty()) {
        return {};
    }
    return {draw(what, all.chosen.out)};
}

}  // namespace study
