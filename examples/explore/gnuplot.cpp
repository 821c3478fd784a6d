#include "gnuplot.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace explore {

namespace {

std::string shell_quoted(std::string const& text) {
    std::string result = "'";
    for (auto const c : text) {
        result += c == '\'' ? std::string{"'\\''"} : std::string{c};
    }
    return result + "'";
}

bool run_gnuplot(std::filesystem::path const& folder, std::string const& script) {
    auto const command = fmt::format("cd {} && gnuplot {} 2>gnuplot.log", shell_quoted(folder.string()), script);
    return std::system(command.c_str()) == 0;
}

}  // namespace

std::string gnuplot_quoted(std::string const& text) {
    std::string result = "\"";
    for (auto const c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
        }
        result += c == '\n' ? std::string{"\\n"} : std::string{c};
    }
    return result + '"';
}

std::string draw_with_gnuplot(std::filesystem::path const& folder, std::vector<std::string> const& names) {
    if (std::system("gnuplot --version >/dev/null 2>&1") != 0) {
        return "gnuplot was not found: no pictures, but their data and scripts (*.gp) are there";
    }
    std::string drawn;
    for (auto const& name : names) {
        if (!run_gnuplot(folder, name + ".gp")) {
            return fmt::format("gnuplot could not draw {}.gp; {} says why", name, (folder / "gnuplot.log").string());
        }
        drawn += fmt::format("{}{}", drawn.empty() ? "pictures: " : ", ", (folder / (name + ".png")).string());
    }
    std::filesystem::remove(folder / "gnuplot.log");
    return drawn;
}

}  // namespace explore
