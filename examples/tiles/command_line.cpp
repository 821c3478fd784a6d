#include "settings.hpp"
#include "subject.hpp"

#include "../explore/parse_arguments.hpp"

#include <fmt/format.h>

#include <utility>

namespace tiles {

namespace {

constexpr auto closing = R"(Results, a table and pictures for each of --parts:
   effects      PCM: what every flaw costs alone, and what the tile gains without it
   wires        PCM: resistance of the wires and height of the array
   time         PCM: time since programming, with and without digital gains
   converter    PCM: bits and range of the converters
   rram         RRAM: as effects
   arrays       RRAM: rows, devices, bits a device

  xcim-tiles --data DIR                                        everything: about half an hour
  xcim-tiles --data DIR --quick                                a few designs of each part: a minute
  xcim-tiles --data DIR --networks resnet20 --parts time       one picture, closer

DIR holds models/{resnet20_cifar10,vit_mnist,vit_cifar10,stories260k}, cifar10/, mnist/ and text/tinystories/.)";

void check(settings const& chosen) {
    auto const require = [](std::string const& name, std::size_t value, std::size_t most) {
        if (value < 1 || value > most) {
            throw usage_error{fmt::format("{} is {}: it must lie between 1 and {}", name, value, most)};
        }
    };
    if (chosen.data.empty()) {
        throw usage_error{"--data is missing: the folder with models/ and the inputs of the networks"};
    }
    require("--images", chosen.images, most_images);
    require("--windows", chosen.windows, most_windows);
    require("--chips", chosen.chips, 1000);
    if (chosen.threads < 1 || chosen.threads > 1024) {
        throw usage_error{fmt::format("--threads is {}: it must lie between 1 and 1024", chosen.threads)};
    }
}

}  // namespace

std::variant<settings, message> parse_command_line(std::vector<std::string> arguments) {
    settings chosen;
    chosen.threads = explore::default_threads();
    CLI::App app{"Real networks on analog tiles of PCM and RRAM: what devices, wires and converters cost.",
                 "xcim-tiles"};
    app.footer(closing);
    explore::add_version(app);
    app.add_option("--data", chosen.data, "folder with models/ and inputs")->check(CLI::ExistingDirectory);
    app.add_option("--out", chosen.out, "folder of the results, default xcim-tiles-out");
    app.add_option("--networks", chosen.networks, fmt::format("of {}; default all", fmt::join(all_networks, ", ")))
        ->delimiter(',')
        ->check(CLI::IsMember(all_networks));
    app.add_option("--parts", chosen.parts, fmt::format("of {}; default all", fmt::join(all_parts, ", ")))
        ->delimiter(',')
        ->check(CLI::IsMember(all_parts));
    app.add_option("--images", chosen.images, "of each network that sees images, default 500");
    app.add_option("--windows", chosen.windows, "of 512 tokens of the language model, default 8");
    app.add_option("--chips", chosen.chips, "of every design that varies from chip to chip, default 3");
    app.add_option("--threads", chosen.threads, "default: one per core");
    app.add_flag("--quick", chosen.is_quick, "few designs, one chip");
    app.add_flag_callback(
        "--no-pictures", [&chosen] { chosen.draws_pictures = false; }, "tables only");
    if (auto text = explore::parse_arguments(app, std::move(arguments))) {
        return *std::move(text);
    }
    check(chosen);
    return chosen;
}

}  // namespace tiles
