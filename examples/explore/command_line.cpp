#include "command_line.hpp"

#include "parse_arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

namespace explore {

namespace {

constexpr auto examples = R"(Examples
  xcim-explore
      the built-in digits, five ADC precisions x three encodings x five noise levels
  xcim-explore --adc 4:10 --encoding 1,2,4 --noise 0 --images 1000
      ADC precision against encoding, without noise
  xcim-explore --data DIR --network resnet20 --set lossless --images all --noise 0,0.05,0.1
      ResNet-20 on 1,000 uncompressed CIFAR-10 test images
  xcim-explore --data DIR --network resnet20 --set asim500 --images all --adc 4:10 --noise 0
      the first 50 files of each class of the JPEG test images, as published comparisons use them
  xcim-explore --data DIR --set mnist
      the digits network, which has never seen handwriting, on MNIST
  xcim-explore ... --resume
      goes on where an interrupted run stopped

DIR holds cifar10/test_batch.bin, mnist/t10k-images-idx3-ubyte, models/resnet20_cifar10/ and so on. Every tensor is
quantised with the largest value of its batch, so the results depend a little on --batch. The same --seed gives the
same numbers with any number of threads.)";

std::vector<std::string> split(std::string const& text, char at) {
    std::vector<std::string> parts(1);
    for (auto const c : text) {
        if (c == at) {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

[[noreturn]] void refuse(std::string const& option, std::string const& text, std::string_view needed) {
    throw usage_error{fmt::format("{} has '{}': {} is needed", option, text, needed)};
}

/// The number that the whole text is.
template <class T>
std::optional<T> parse_number(std::string const& text) {
    T value{};
    auto const* const end = text.data() + text.size();
    auto const [rest, problem] = std::from_chars(text.data(), end, value);
    return problem == std::errc{} && rest == end ? std::optional{value} : std::nullopt;
}

template <class T>
void append_new(std::vector<T>& list, T value) {
    if (std::find(list.begin(), list.end(), value) == list.end()) {
        list.push_back(value);
    }
}

/// Texts as CLI11 stores them; they become numbers once the parser is done.
struct raw_lists {
    std::string adc, encoding, noise, images;
};

void add_data_options(CLI::App& app, settings& chosen, raw_lists& raw) {
    auto* const group = app.add_option_group("Network and data");
    group->add_option("--network", chosen.network, "digits (default), resnet20, resnet20-jpegft, resnet20-crosssim")
        ->check(CLI::IsMember({"digits", "resnet20", "resnet20-jpegft", "resnet20-crosssim"}));
    group->add_option("--data", chosen.data, "folder with cifar10/, mnist/ and models/; the digits need none")
        ->check(CLI::ExistingDirectory);
    group->add_option("--set", chosen.set,
                      "digits, mnist, test, lossless, asim500, any file of DIR/cifar10 or DIR/mnist by its name "
                      "without .bin (data_batch_1, train_lossless_1, ...), or a path; default: what fits the network");
    group->add_option("--images", raw.images, "how many, or 'all'; default 300 digits, 100 others");
    group->add_option("--first", chosen.first, "the first image, default 0");
    group->add_option("--batch", chosen.batch, "images quantised together, default 50");
}

void add_design_options(CLI::App& app, settings& chosen, raw_lists& raw) {
    auto* const group = app.add_option_group("Designs: every combination is simulated");
    group->add_option("--adc", raw.adc, "ADC bits: 4:10 or 4,6,8; default 4:8");
    group->add_option("--encoding", raw.encoding, "input bits driven at once: 1 = bit-serial; default 1,2,4");
    group->add_option(
        "--noise", raw.noise,
        "sigma on every column sum, % of full scale: 0,0.1 or 0:1:0.25 (from:to:step); default 0:1:0.25 for digits, "
        "0:0.2:0.05 for the ResNets");
    group->add_option("--weight-bits", chosen.weight_bits, "default 8");
    group->add_option("--input-bits", chosen.input_bits, "default 8");
    group->add_option("--rows", chosen.rows, "rows of one array, default 255");
    group->add_option("--columns", chosen.columns, "columns of one array, default 64");
}

void add_run_options(CLI::App& app, settings& chosen) {
    auto* const group = app.add_option_group("Run");
    group->add_option("--seed", chosen.seed, "of the noise, default 1");
    group->add_option("--threads", chosen.threads, "default: one per core");
    group->add_option("--out", chosen.out, "folder of the results, default xcim-explore-out");
    group->add_flag("--resume", chosen.is_resumed, "keep the design points that are already in the folder");
    group->add_flag("--predictions", chosen.keep_predictions, "store the predicted class of every image as well");
    group->add_flag_callback(
        "--no-pictures", [&chosen] { chosen.draw_pictures = false; }, "tables only");
    group->add_option("--dump-digits", chosen.dump_digits,
                      "only write the digits as npy to this folder (for training)");
}

void read_lists(settings& chosen, raw_lists const& raw) {
    if (!raw.adc.empty()) {
        chosen.adc = parse_integers("--adc", raw.adc);
    }
    if (!raw.encoding.empty()) {
        chosen.encoding = parse_integers("--encoding", raw.encoding);
    }
    if (!raw.noise.empty()) {
        chosen.noise = parse_reals("--noise", raw.noise);
    }
    chosen.use_all_images = raw.images == "all";
    if (!raw.images.empty() && !chosen.use_all_images) {
        chosen.images = parse_number<std::size_t>(raw.images);
        if (!chosen.images) {
            refuse("--images", raw.images, "a number or 'all'");
        }
    }
}

}  // namespace

std::vector<int> parse_integers(std::string const& option, std::string const& text) {
    std::vector<int> values;
    for (auto const& part : split(text, ',')) {
        auto const ends = split(part, ':');
        auto const low = parse_number<int>(ends.front());
        auto const high = parse_number<int>(ends.back());
        if (ends.size() > 2 || !low || !high || *high < *low || *low < -1000 || *high > 1000) {
            refuse(option, text, "a list of integers such as 4,6,8 or 4:10");
        }
        for (auto value = *low; value <= *high; ++value) {
            append_new(values, value);
        }
    }
    return values;
}

std::vector<double> parse_reals(std::string const& option, std::string const& text) {
    std::vector<double> values;
    for (auto const& part : split(text, ',')) {
        auto const fields = split(part, ':');
        std::vector<double> numbers;
        for (auto const& field : fields) {
            numbers.push_back(parse_number<double>(field).value_or(std::nan("")));
        }
        if (numbers.size() == 1) {
            numbers = {numbers[0], numbers[0], 1.0};
        }
        auto const steps = numbers.size() == 3 ? (numbers[1] - numbers[0]) / numbers[2] : std::nan("");
        if (!(numbers.back() > 0 && steps >= 0 && steps <= 1000)) {  // not a number fails as well
            refuse(option, text, "a list of numbers such as 0,0.1,0.2 or 0:1:0.25");
        }
        for (auto i = 0.0; i <= steps + 1e-6; ++i) {
            append_new(values, std::round((numbers[0] + i * numbers[2]) * 1e9) / 1e9);  // 0.3, not 0.30000000000000004
        }
    }
    return values;
}

std::variant<settings, message> parse_command_line(std::vector<std::string> arguments) {
    settings chosen;
    chosen.threads = default_threads();
    raw_lists raw;
    CLI::App app{"Simulates a network on a grid of compute-in-memory macros: accuracy, SQNR and ADC conversions.",
                 "xcim-explore"};
    app.footer(examples);
    add_version(app);
    add_data_options(app, chosen, raw);
    add_design_options(app, chosen, raw);
    add_run_options(app, chosen);
    if (auto text = parse_arguments(app, std::move(arguments))) {
        return *std::move(text);
    }
    read_lists(chosen, raw);
    fill_defaults(chosen);
    check(chosen);
    return chosen;
}

}  // namespace explore
