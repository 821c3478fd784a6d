#pragma once

/// \file
/// What every command line has: --version, --help, --threads, and how a wrong argument is reported.

#include "settings.hpp"

#include <xcim/version.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace explore {

inline void add_version(CLI::App& app) {
    app.set_version_flag("--version", fmt::format("{} {}.{}.{}", app.get_name(), XCIM_VERSION_MAJOR, XCIM_VERSION_MINOR,
                                                  XCIM_VERSION_PATCH));
}

/// One per core.
inline int default_threads() { return static_cast<int>(std::max(1U, std::thread::hardware_concurrency())); }

/// Sets the options of `app`. Returns the text of --help or --version where it was asked for. Throws usage_error.
inline std::optional<std::string> parse_arguments(CLI::App& app, std::vector<std::string> arguments) {
    try {
        std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
        app.parse(arguments);
    } catch (CLI::CallForHelp const&) {
        return app.help();
    } catch (CLI::CallForVersion const&) {
        return app.version();
    } catch (CLI::ParseError const& problem) {
        throw usage_error{problem.what()};
    }
    return std::nullopt;
}

}  // namespace explore
