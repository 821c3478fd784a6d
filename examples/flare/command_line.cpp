#include "settings.hpp"
#include "subject.hpp"

#include "../explore/parse_arguments.hpp"

#include <fmt/format.h>

#include <utility>

namespace flare {

namespace {

constexpr auto closing = R"(Results:
   accuracy.csv    networks under every arithmetic of attention, with 95 % intervals       (Fig. 15)
   sparsity.csv    zeros in the activations of the integer attention, at four grains       (Fig. 7)
   cycles.csv      array cycles with fixed word lines and with BitSift                     (Fig. 16)
   latency.csv     time of the attention layers of one sample, at 10 ns a cycle
   traffic.csv     elements moved by the original and the fused order of attention         (section 4.5)
Figures and sections are those of the FLARE paper (arXiv 2024).

  xcim-flare --data DIR                                          everything: some minutes
  xcim-flare --data DIR --networks vit_mnist --images 9900        one network, closer

DIR holds models/{vit_mnist,vit_cifar10,stories260k}, mnist/, cifar10/ and text/tinystories/.)";

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
    if (chosen.threads < 1 || chosen.threads > 1024) {
        throw usage_error{fmt::format("--threads is {}: it must lie between 1 and 1024", chosen.threads)};
    }
}

}  // namespace

std::variant<settings, message> parse_command_line(std::vector<std::string> arguments) {
    settings chosen;
    chosen.threads = explore::default_threads();
    CLI::App app{"Attention in float, in 8-bit integers with float between them, and without any float: what it costs "
                 "three networks, and what skipping zero bits saves.",
                 "xcim-flare"};
    app.footer(closing);
    explore::add_version(app);
    app.add_option("--data", chosen.data, "folder with models/ and inputs")->check(CLI::ExistingDirectory);
    app.add_option("--out", chosen.out, "folder of the results, default xcim-flare-out");
    app.add_option("--networks", chosen.networks, "of vit_mnist, vit_cifar10, stories260k; default all")
        ->delimiter(',')
        ->check(CLI::IsMember({"vit_mnist", "vit_cifar10", "stories260k"}));
    app.add_option("--images", chosen.images, "of each vision transformer, default 1000; vit_cifar10 has no more");
    app.add_option("--windows", chosen.windows, "of 512 tokens of the language model, default 120");
    app.add_option("--threads", chosen.threads, "default: one per core");
    app.add_flag_callback(
        "--no-pictures", [&chosen] { chosen.draws_pictures = false; }, "tables only");
    if (auto text = explore::parse_arguments(app, std::move(arguments))) {
        return *std::move(text);
    }
    check(chosen);
    return chosen;
}

}  // namespace flare
