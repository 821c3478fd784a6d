#pragma once

/// \file
/// What a run of the study is about.

#include "../explore/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace study {

using explore::usage_error;

struct settings {
    std::filesystem::path data;  ///< folder with cifar10/ and models/; the digits need none
    std::filesystem::path out = "xcim-study-out";
    std::vector<std::string> networks{"resnet20", "vit"};
    std::vector<int> figures;  ///< of the paper; all where empty
    std::size_t images = 300;  ///< of every design point
    std::size_t batch = 50;    ///< images quantised together
    std::uint64_t seed = 1;
    int threads = 1;
    bool is_resumed = false;
    bool draws_pictures = true;
};

/// The text of --help or --version, to be printed instead of a run.
using message = std::string;

/// `arguments` without the name of the program. Throws usage_error.
std::variant<settings, message> parse_command_line(std::vector<std::string> arguments);

}  // namespace study
