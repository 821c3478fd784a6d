/// \file
/// xcim-explore: what the design of a compute-in-memory macro does to the accuracy of a network.

#include "command_line.hpp"
#include "data.hpp"
#include "run.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>
#include <variant>
#include <vector>

namespace {

std::string join(std::vector<std::string> const& arguments) {
    std::string line = "xcim-explore";
    for (auto const& argument : arguments) {
        auto const is_plain = argument.find_first_of(" \t'\"\\$*?") == std::string::npos;
        line += is_plain ? " " + argument : " '" + argument + "'";
    }
    return line;
}

int run(std::vector<std::string> const& arguments) {
    auto const parsed = explore::parse_command_line(arguments);
    if (auto const* const text = std::get_if<explore::message>(&parsed)) {
        fmt::print("{}\n", *text);
        return 0;
    }
    auto const& chosen = std::get<explore::settings>(parsed);
    if (!chosen.dump_digits.empty()) {
        explore::dump_digits(chosen.dump_digits);
        return 0;
    }
    return explore::run(chosen, join(arguments));
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run({argv + 1, argv + argc});
    } catch (explore::usage_error const& problem) {
        fmt::print(stderr, "xcim-explore: {}\n", problem.what());
        return 2;
    } catch (std::exception const& problem) {
        fmt::print(stderr, "xcim-explore: {}\n", problem.what());
        return 1;
    }
}
