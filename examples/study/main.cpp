/// \file
/// xcim-study: the figures of the ASiM paper (arXiv 2411.11022) on networks with known weights.

#include "evaluate.hpp"
#include "figures.hpp"
#include "settings.hpp"

#include "../explore/interrupt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

int run(study::settings const& chosen) {
    explore::catch_interrupts();
    std::vector<study::subject> subjects;
    for (auto const& name : chosen.networks) {
        auto const& net = subjects.emplace_back(name, chosen);
        auto const in_float = explore::rate(net.float_logits(), net.float_logits(), net.labels());
        fmt::print("{}: {} images, float {:.2f} %\n", net.title(), net.images(), in_float.accuracy_percent);
    }
    study::experiment all{chosen, std::move(subjects), study::results{chosen.out, chosen.is_resumed}};
    for (int figure = 4; figure <= 13; ++figure) {
        auto const& wanted = chosen.figures;
        if (wanted.empty() || std::find(wanted.begin(), wanted.end(), figure) != wanted.end()) {
            fmt::print("figure {}\n", figure);
            std::fflush(stdout);
            for (auto const& line : study::make_figure(figure, all)) {
                fmt::print("  {}\n", line);
            }
        }
    }
    fmt::print("tables: {}\n", (chosen.out / "*.csv").string());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        auto const parsed = study::parse_command_line({argv + 1, argv + argc});
        if (auto const* const text = std::get_if<study::message>(&parsed)) {
            fmt::print("{}\n", *text);
            return 0;
        }
        return run(std::get<study::settings>(parsed));
    } catch (study::interruption const&) {
        fmt::print("interrupted: finished design points are stored; the same command with --resume goes on\n");
        return 130;
    } catch (study::usage_error const& problem) {
        fmt::print(stderr, "xcim-study: {}\n", problem.what());
        return 2;
    } catch (std::exception const& problem) {
        fmt::print(stderr, "xcim-study: {}\n", problem.what());
        return 1;
    }
}
