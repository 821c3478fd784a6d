#pragma once

/// \file
/// What a run of the comparison is about.

#include "../explore/settings.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace flare {

using explore::usage_error;

struct settings {
    std::filesystem::path data;  ///< folder with models/ and, for each network, cifar10/, mnist/ or text/
    std::filesystem::path out = "xcim-flare-out";
    std::vector<std::string> networks{"vit_mnist", "vit_cifar10", "stories260k"};
    std::size_t images = 1000;  ///< that the vision transformers classify
    std::size_t windows = 120;  ///< of 512 tokens that the language model foretells
    int threads = 1;
    bool draws_pictures = true;
};

/// The text of --help or --version, to be printed instead of a run.
using message = std::string;

/// `arguments` without the name of the program. Throws usage_error.
std::variant<settings, message> parse_command_line(std::vector<std::string> arguments);

}  // namespace flare
