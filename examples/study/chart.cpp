#include "chart.hpp"

#include "../explore/gnuplot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>

namespace study {

namespace {

using explore::gnuplot_quoted;

constexpr std::array colours{"#3b528b", "#d1495b", "#21908d", "#e6a817", "#8c564b", "#440154", "#5dc863", "#7f7f7f"};

/// A block of lines for every curve, separated by two blank lines as gnuplot's `index` wants it.
std::string data_of(chart const& what) {
    auto text = std::string{"# x  y  low  high\n"};
    for (auto const& part : what.panels) {
        for (auto const& line : part.curves) {
            text += fmt::format("# {}: {}\n", part.title, line.title);
            for (auto const& [x, y, low, high] : line.marks) {
                text += fmt::format("{} {} {} {}\n", x, y, low, high);
            }
            text += "\n\n";
        }
    }
    return text;
}

/// What gnuplot is to draw of a curve: error bars where there are some, marks where they can be told apart.
std::string style_of(curve const& line) {
    constexpr std::size_t most_marks = 20;
    auto const has_bars =
        std::any_of(line.marks.begin(), line.marks.end(), [](mark const& m) { return m.low < m.high; });
    return has_bars ? "using 1:2:3:4 with yerrorlines"
                    : fmt::format("using 1:2 with {}", line.marks.size() > most_marks ? "lines" : "linespoints");
}

/// Bar `i` of `count` at every x, with the error bars that are there.
std::string bar_style(std::size_t i, std::size_t count) {
    auto const width = 0.8 / static_cast<double>(count);
    auto const shift = (static_cast<double>(i) - static_cast<double>(count - 1) / 2) * width;
    return fmt::format("using ($1 + {:.3f}):2:3:4:({:.3f}) with boxerrorbars fillstyle solid 0.8", shift, width);
}

std::string plot_command(std::string const& data, panel const& part, std::size_t first_block) {
    auto text = std::string{};
    for (std::size_t i = 0; i < part.curves.size(); ++i) {
        auto const& line = part.curves[i];
        text += fmt::format("{}\"{}\" index {} {} linestyle {} title {}", text.empty() ? "plot " : ", \\\n    ", data,
                            first_block + i, part.has_bars ? bar_style(i, part.curves.size()) : style_of(line),
                            i % colours.size() + 1, gnuplot_quoted(line.title));
    }
    if (part.line) {
        text += fmt::format(", \\\n    {} with lines dashtype 2 linewidth 1.5 linecolor rgb \"#555555\" title {}",
                            *part.line, gnuplot_quoted(part.line_title));
    }
    return text + "\n";
}

std::string script_of(chart const& what) {
    auto const columns = std::min(what.columns, what.panels.size());
    auto const rows = (what.panels.size() + columns - 1) / columns;
    auto text = fmt::format(R"gnuplot(set terminal pngcairo size {},{} font "sans,9"
set output "{}.png"
set grid back linetype 1 linewidth 0.7 linecolor rgb "#d0d0d0"
)gnuplot",
                            columns == 1 ? 560 : 380 * columns, 40 + 290 * rows, what.name);
    for (std::size_t i = 0; i < colours.size(); ++i) {
        text += fmt::format("set style line {} linewidth 1.6 pointtype 7 pointsize 0.7 linecolor rgb \"{}\"\n", i + 1,
                            colours[i]);
    }
    text += fmt::format("set multiplot layout {},{} title {} font \",11\" noenhanced\n", rows, columns,
                        gnuplot_quoted(what.title));
    std::size_t block = 0;
    for (auto const& part : what.panels) {
        text += fmt::format("unset logscale\nset autoscale\nset xtics auto\nset key default\nset key font \",8\"\n"
                            "set title {} noenhanced\nset xlabel {}\nset ylabel {}\n{}{}",
                            gnuplot_quoted(part.title), gnuplot_quoted(part.x_label), gnuplot_quoted(part.y_label),
                            part.has_log_y ? "set logscale y\n" : "", part.settings);
        text += plot_command(what.name + ".dat", part, block);
        block += part.curves.size();
    }
    return text + "unset multiplot\n";
}

}  // namespace

std::string draw(chart const& what, std::filesystem::path const& folder) {
    std::ofstream{folder / (what.name + ".dat")} << data_of(what);
    std::ofstream{folder / (what.name + ".gp")} << script_of(what);
    return explore::draw_with_gnuplot(folder, {what.name});
}

}  // namespace study
