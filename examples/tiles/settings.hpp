#pragma once

/// \file
/// What a run is about.

#include "../explore/settings.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace tiles {

using explore::usage_error;

/// Parts of a run, one table and picture each.
inline std::vector<std::string> const all_parts{"effects", "wires", "time", "converter", "rram", "arrays"};
inline std::vector<std::string> const all_networks{"resnet20", "vit_mnist", "vit_cifar10", "stories260k"};

struct settings {
    std::filesystem::path data;  ///< folder with models/ and, for each network, cifar10/, mnist/ or text/
    std::filesystem::path out = "xcim-tiles-out";
    std::vector<std::string> networks = all_networks;
    std::vector<std::string> parts = all_parts;
    std::size_t images = 500;  ///< that the image networks classify
    std::size_t windows = 8;   ///< of 512 tokens that the language model foretells
    std::size_t chips = 3;
    int threads = 1;
    bool is_quick = false;  ///< few designs, one chip, whatever else is said
    bool draws_pictures = true;
};

/// The text of --help or --version, to be printed instead of a run.
using message = std::string;

/// `arguments` without the name of the program. Throws usage_error.
std::variant<settings, message> parse_command_line(std::vector<std::string> arguments);

}  // namespace tiles
