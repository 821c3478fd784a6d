#include "data.hpp"

#include "digits.hpp"

#include <xcim/io.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <string_view>

namespace explore {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t digits_in_split = 10'000;  // of a set that has no end: what "all" means

std::size_t count_from(settings const& chosen, std::size_t available) {
    auto const wanted = chosen.use_all_images ? available - std::min(available, chosen.first) : *chosen.images;
    if (wanted == 0 || chosen.first + wanted > available) {
        throw usage_error{fmt::format("--set {} has {} images: --first {} and --images {} pass its end", chosen.set,
                                      available, chosen.first, chosen.use_all_images ? "all" : std::to_string(wanted))};
    }
    return wanted;
}

xt::xarray<std::uint8_t> draw_images(std::uint64_t seed, std::size_t first, std::size_t count) {
    auto const pixels = digits::draw_many(seed, first, count);
    auto images = xt::xarray<std::uint8_t>::from_shape({count, 1, digits::side, digits::side});
    std::copy(pixels.begin(), pixels.end(), images.data());
    return images;
}

std::vector<int> digit_labels(std::size_t first, std::size_t count) {
    std::vector<int> labels;
    for (std::size_t i = 0; i < count; ++i) {
        labels.push_back(digits::label(first + i));
    }
    return labels;
}

data_set from(std::string title, xcim::io::labelled_images loaded) {
    auto labels = std::vector<int>(loaded.labels.begin(), loaded.labels.end());
    return {std::move(title), std::move(loaded.images), std::move(labels)};
}

data_set load_cifar10(settings const& chosen, fs::path const& file, std::string title) {
    auto const records = static_cast<std::size_t>(fs::file_size(file)) / 3073;
    return from(std::move(title), xcim::io::load_cifar10(file, chosen.first, count_from(chosen, records)));
}

data_set load_mnist(settings const& chosen, fs::path const& images, std::string title) {
    auto labels = images.string();
    constexpr std::string_view images_part = "images-idx3", labels_part = "labels-idx1";
    labels.replace(labels.rfind(images_part), images_part.size(), labels_part);
    auto const size = static_cast<std::size_t>(fs::file_size(images));
    auto const records = size < 16 ? 0 : (size - 16) / (28 * 28);  // behind a header of 16 bytes
    return from(std::move(title), xcim::io::load_mnist(images, labels, chosen.first, count_from(chosen, records)));
}

/// Which record of the test batch holds a file such as "test/cat/0007.jpg".
std::map<std::string, std::size_t> read_order(fs::path const& file) {
    std::ifstream lines{file};
    if (!lines) {
        throw usage_error{fmt::format("--set asim500 needs {}, which cannot be read", file.string())};
    }
    std::map<std::string, std::size_t> records;
    for (std::string line; std::getline(lines, line);) {
        auto const record = records.size();
        records.emplace(line.substr(0, line.find_last_not_of("\r ") + 1), record);
    }
    return records;
}

data_set load_asim500(settings const& chosen) {
    constexpr std::size_t available = 500;
    constexpr std::array classes{"airplane", "automobile", "bird",  "cat",  "deer",
                                 "dog",      "frog",       "horse", "ship", "truck"};
    auto const folder = chosen.data / "cifar10";
    auto const order = read_order(folder / "test_order.txt");
    auto const batch = xcim::io::load_cifar10(folder / "test_batch.bin");
    auto const count = count_from(chosen, available);
    constexpr std::size_t pixels = 3 * 32 * 32;
    data_set result{"CIFAR-10 test, 500 JPEG images", xt::xarray<std::uint8_t>::from_shape({count, 3, 32, 32}), {}};
    for (std::size_t i = 0; i < count; ++i) {
        auto const image = chosen.first + i;
        auto const name = fmt::format("test/{}/{:04}.jpg", classes[image % 10], image / 10);
        auto const record = order.find(name);
        if (record == order.end() || record->second >= batch.labels.size()) {
            throw usage_error{fmt::format("--set asim500 needs {}, which test_order.txt does not name", name)};
        }
        std::copy_n(batch.images.data() + record->second * pixels, pixels, result.images.data() + i * pixels);
        result.labels.push_back(batch.labels(record->second));
    }
    return result;
}

/// The file that a set means, empty if there is none.
fs::path find_file(settings const& chosen) {
    static std::map<std::string, std::string> const names{{"test", "cifar10/test_batch.bin"},
                                                          {"lossless", "cifar10/test_lossless_1000.bin"},
                                                          {"mnist", "mnist/t10k-images-idx3-ubyte"}};
    auto const named = names.find(chosen.set);
    auto const candidates =
        named != names.end()
            ? std::vector{chosen.data / named->second}
            : std::vector{chosen.data / "cifar10" / (chosen.set + ".bin"), chosen.data / "cifar10" / chosen.set,
                          chosen.data / "mnist" / chosen.set,
                          chosen.data / "mnist" / (chosen.set + "-images-idx3-ubyte"), fs::path{chosen.set}};
    auto const found =
        std::find_if(candidates.begin(), candidates.end(), [](auto const& path) { return fs::is_regular_file(path); });
    return found == candidates.end() ? fs::path{} : *found;
}

}  // namespace

data_set load_data(settings const& chosen) {
    if (chosen.set == "digits") {
        auto const count = count_from(chosen, chosen.use_all_images ? digits_in_split : std::size_t{1} << 40);
        return {"built-in digits", draw_images(digits::test_seed, chosen.first, count),
                digit_labels(chosen.first, count)};
    }
    if (chosen.set == "asim500") {
        return load_asim500(chosen);
    }
    auto const file = find_file(chosen);
    if (file.empty()) {
        throw usage_error{fmt::format("--set {} is neither a known set nor a file under --data '{}'", chosen.set,
                                      chosen.data.string())};
    }
    auto const name = file.filename().string();
    if (file.extension() == ".bin") {
        return load_cifar10(chosen, file, "CIFAR-10 " + file.stem().string());
    }
    if (name.find("images-idx3") != std::string::npos) {
        return load_mnist(chosen, file, "MNIST " + name.substr(0, name.find("-images")));
    }
    throw usage_error{fmt::format("--set {} is neither a CIFAR-10 batch (.bin) nor IDX images (images-idx3)", name)};
}

void dump_digits(std::filesystem::path const& folder) {
    struct split {
        char const* name;
        std::uint64_t seed;
        std::size_t count;
    };
    fs::create_directories(folder);
    for (auto const& [name, seed, count] :
         {split{"train", digits::training_seed, 30'000}, split{"test", digits::test_seed, digits_in_split}}) {
        auto labels = xt::xarray<std::uint8_t>::from_shape({count});
        std::ranges::transform(digit_labels(0, count), labels.data(),
                               [](int label) { return static_cast<std::uint8_t>(label); });
        xcim::io::save_npy(folder / fmt::format("digits_{}_images.npy", name), draw_images(seed, 0, count));
        xcim::io::save_npy(folder / fmt::format("digits_{}_labels.npy", name), labels);
    }
}

}  // namespace explore
