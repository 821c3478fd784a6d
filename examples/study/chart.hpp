#pragma once

/// \file
/// Pictures with curves, by gnuplot.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace study {

struct mark {
    double x = 0, y = 0;
    double low = 0, high = 0;  ///< ends of the error bar
};

struct curve {
    std::string title;
    std::vector<mark> marks;

    /// Without an error bar.
    void add(double x, double y) { marks.push_back({x, y, y, y}); }
};

struct panel {
    std::string title, x_label, y_label;
    std::vector<curve> curves;
    std::optional<double> line{};  ///< a level to compare with, and what it is
    std::string line_title{};
    bool has_log_y = false;
    std::string settings{};  ///< further lines for gnuplot
    bool has_bars = false;   ///< curves are bars side by side at whole numbers x
};

struct chart {
    std::string name;  ///< of its files
    std::string title;
    std::vector<panel> panels;
    std::size_t columns = 2;  ///< panels side by side
};

/// Writes NAME.dat and NAME.gp into the folder and lets gnuplot draw NAME.png from them. Returns a line that says what
/// happened.
std::string draw(chart const& what, std::filesystem::path const& folder);

}  // namespace study
