#include "subject.hpp"

#include "../explore/data.hpp"
#include "../networks/vit.hpp"

#include <xcim/io.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace flare {

namespace {

namespace fs = std::filesystem;

fs::path require_file(settings const& chosen, fs::path const& relative) {
    auto file = chosen.data / relative;
    if (!fs::is_regular_file(file)) {
        throw usage_error{fmt::format("--data '{}' holds no {}", chosen.data.string(), relative.string())};
    }
    return file;
}

networks::weight_map load_weights(settings const& chosen, std::string const& model) {
    return xcim::io::load_safetensors(require_file(chosen, fs::path{"models"} / model / (model + ".safetensors")))
        .map();
}

explore::data_set load_images(settings const& chosen, std::string const& set, std::size_t first, std::size_t count) {
    explore::settings source;
    source.set = set;
    source.data = chosen.data;
    source.first = first;
    source.images = count;
    return explore::load_data(source);
}

subject load_vit(std::string const& name, std::string title, networks::vit_architecture architecture,
                 explore::data_set const& samples, explore::data_set const& others, settings const& chosen) {
    subject result{
        name, std::move(title), "image", networks::token_list::from_shape({samples.labels.size(), 1}), 10, {}, {}};
    std::copy(samples.labels.begin(), samples.labels.end(), result.answers.data());
    auto const net = std::make_shared<networks::vit const>(load_weights(chosen, name), std::move(architecture));
    result.logits = [net, prepared = net->prepare(samples.images)](any_backend& backend, std::size_t first,
                                                                   std::size_t last) {
        auto logits = (*net)(backend, networks::slice(prepared, first, last));  // (images, classes)
        logits.reshape(std::vector<std::size_t>{last - first, 1, logits.shape(1)});
        return logits;
    };
    result.run_for_scales = [net, prepared = net->prepare(others.images)](any_backend& backend) {
        static_cast<void>((*net)(backend, prepared));
    };
    return result;
}

subject load_story(settings const& chosen) {
    auto const file = require_file(chosen, "text/tinystories/val_tokens_stories260k_u16.bin");
    auto stream = std::ifstream{file, std::ios::binary};
    auto const bytes = std::vector<char>{std::istreambuf_iterator<char>{stream}, {}};
    std::vector<std::uint16_t> text(bytes.size() / 2);
    for (std::size_t i = 0; i < text.size(); ++i) {  // little-endian
        auto const low = static_cast<unsigned char>(bytes[2 * i]), high = static_cast<unsigned char>(bytes[2 * i + 1]);
        text[i] = static_cast<std::uint16_t>(low | high << 8U);
    }
    auto const net = std::make_shared<networks::story_decoder const>(load_weights(chosen, "stories260k"));
    auto const others = networks::text_windows{text, most_windows, 8};
    auto const windows = networks::text_windows{text, 0, chosen.windows};
    subject result{"stories260k", "stories260k", "window", windows.next, 1, {}, {}};
    result.logits = [net, read = windows.read](any_backend& backend, std::size_t first, std::size_t last) {
        auto const tokens = read.shape(1);
        auto part = networks::token_list::from_shape({last - first, tokens});
        std::copy(read.data() + first * tokens, read.data() + last * tokens, part.data());
        return (*net)(backend, part);
    };
    result.run_for_scales = [net, read = others.read](any_backend& backend) {
        static_cast<void>((*net)(backend, read));
    };
    return result;
}

}  // namespace

subject load_subject(std::string const& name, settings const& chosen) {
    if (name == "vit_mnist") {
        require_file(chosen, "mnist/t10k-images-idx3-ubyte");
        return load_vit(name, "ViT, MNIST", networks::vit_mnist(), load_images(chosen, "mnist", 0, chosen.images),
                        load_images(chosen, "mnist", most_images, 100), chosen);
    }
    if (name == "vit_cifar10") {
        require_file(chosen, "cifar10/test_lossless_1000.bin");
        require_file(chosen, "cifar10/train_lossless_1.bin");
        return load_vit(name, "ViT, CIFAR-10", networks::vit_cifar10(),
                        load_images(chosen, "lossless", 0, std::min<std::size_t>(chosen.images, 1000)),
                        load_images(chosen, "train_lossless_1", 0, 100), chosen);
    }
    return load_story(chosen);
}

}  // namespace flare
