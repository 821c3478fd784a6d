#include "../explore/command_line.hpp"
#include "figures.hpp"
#include "settings.hpp"

#include "../explore/parse_arguments.hpp"

#include <fmt/format.h>

#include <utility>

namespace study {

namespace {

constexpr auto closing = R"(Figures are counted as in the paper (ASiM, arXiv 2411.11022):
   4  codes of layers and the ones in every bit      9  accuracy against the intensity of noise
   5  column sums of every input bit                10  the same for converters of 8, 9 and 10 bits
   6  accuracy against ADC precision, bit-serial    11  which cycles the error of a layer comes from
   7  the same for 1, 2 and 4 bits at once          12  accuracy with digital top cycles
   8  energy against accuracy of these designs      13  accuracy with voting on the top cycles

  xcim-study --data DIR                                 everything: minutes to half an hour
  xcim-study --data DIR --figures 6,7 --images 1000     two figures, closer
  xcim-study --networks digits --images 50              the built-in digits: needs no data

DIR holds cifar10/test_lossless_1000.bin, models/resnet20_cifar10/ and models/vit_cifar10/.)";

void check(settings const& chosen) {
    auto const refuse = [](std::string const& sentence) { throw usage_error{sentence}; };
    for (auto const& name : chosen.networks) {
        if (name != "digits" && chosen.data.empty()) {
            refuse(fmt::format("--data is missing: {} needs the folder with cifar10/ and models/; "
                               "--networks digits needs none",
                               name));
        }
    }
    for (auto const figure : chosen.figures) {
        if (!is_figure(figure)) {
            refuse(fmt::format("--figures has {}: figures 4 to 13 are there", figure));
        }
    }
    if (chosen.images < 1 || chosen.images > 1000) {
        refuse(fmt::format("--images is {}: it must lie between 1 and 1000", chosen.images));
    }
    if (chosen.batch < 1) {
        refuse("--batch is 0: at least 1 is needed");
    }
    if (chosen.threads < 1 || chosen.threads > 1024) {
        refuse(fmt::format("--threads is {}: it must lie between 1 and 1024", chosen.threads));
    }
}

}  // namespace

std::variant<settings, message> parse_command_line(std::vector<std::string> arguments) {
    settings chosen;
    chosen.threads = explore::default_threads();
    std::string figures;
    CLI::App app{"The study of the ASiM paper on networks with known weights: CSV and a picture for each figure.",
                 "xcim-study"};
    app.footer(closing);
    explore::add_version(app);
    app.add_option("--data", chosen.data, "folder with cifar10/ and models/")->check(CLI::ExistingDirectory);
    app.add_option("--out", chosen.out, "folder of the results, default xcim-study-out");
    app.add_option("--networks", chosen.networks, "of resnet20, vit, digits; default resnet20,vit")
        ->delimiter(',')
        ->check(CLI::IsMember({"resnet20", "vit", "digits"}));
    app.add_option("--figures", figures, "such as 4,6 or 6:10; default all");
    app.add_option("--images", chosen.images, "of every design point, default 300");
    app.add_option("--batch", chosen.batch, "images quantised together, default 50");
    app.add_option("--seed", chosen.seed, "of the noise, default 1");
    app.add_option("--threads", chosen.threads, "default: one per core");
    app.add_flag("--resume", chosen.is_resumed, "keep the design points that are already in the folder");
    app.add_flag_callback(
        "--no-pictures", [&chosen] { chosen.draws_pictures = false; }, "tables only");
    if (auto text = explore::parse_arguments(app, std::move(arguments))) {
        return *std::move(text);
    }
    if (!figures.empty()) {
        chosen.figures = explore::parse_integers("--figures", figures);
    }
    check(chosen);
    return chosen;
}

}  // namespace study
