/// \file
/// xcim-tiles: networks with known weights on analog tiles of PCM and RRAM, after arXiv 2506.00004 (2025).

#include "settings.hpp"
#include "subject.hpp"
#include "tables.hpp"

#include "../explore/interrupt.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>

namespace {

int run(tiles::settings const& chosen) {
    explore::catch_interrupts();
    tiles::experiment all{chosen, {}, [](std::string const& line) {
                              fmt::print("  {}\n", line);
                              std::fflush(stdout);
                          }};
    for (auto const& name : chosen.networks) {
        auto what = tiles::load_subject(name, chosen);
        auto in_float = study::backend_box{networks::float_backend{chosen.threads}};
        auto const score = tiles::rate(what, in_float);
        fmt::print("{}: {} {}s, float {:.2f} % right, {:.4f} nats\n", what.title, what.samples(), what.unit,
                   score.accuracy_percent, score.nats);
        all.networks.push_back({std::move(what), score});
    }
    std::filesystem::create_directories(chosen.out);
    for (auto const& part : chosen.parts) {
        fmt::print("{}\n", part);
        for (auto const& line : tiles::make_part(part, all)) {
            fmt::print("  {}\n", line);
        }
    }
    fmt::print("tables: {}\n", (chosen.out / "*.csv").string());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        auto const parsed = tiles::parse_command_line({argv + 1, argv + argc});
        if (auto const* const text = std::get_if<tiles::message>(&parsed)) {
            fmt::print("{}\n", *text);
            return 0;
        }
        return run(std::get<tiles::settings>(parsed));
    } catch (tiles::interruption const&) {
        fmt::print("interrupted: the tables hold what was finished\n");
        return 130;
    } catch (tiles::usage_error const& problem) {
        fmt::print(stderr, "xcim-tiles: {}\n", problem.what());
        return 2;
    } catch (std::exception const& problem) {
        fmt::print(stderr, "xcim-tiles: {}\n", problem.what());
        return 1;
    }
}
