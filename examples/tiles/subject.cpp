#include "subject.hpp"

#include "../explore/data.hpp"
#include "../networks/resnet20.hpp"

#include <xcim/io.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace tiles {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t calibration_images = 25;

void require_file(settings const& chosen, fs::path const& relative) {
    if (!fs::is_regular_file(chosen.data / relative)) {
        throw usage_error{fmt::format("--data '{}' holds no {}", chosen.data.string(), relative.string())};
    }
}

subject load_resnet20(settings const& chosen) {
    auto const weights = fs::path{"models/resnet20_cifar10/resnet20_cifar10.safetensors"};
    for (auto const& file :
         {weights, fs::path{"cifar10/test_lossless_1000.bin"}, fs::path{"cifar10/train_lossless_1.bin"}}) {
        require_file(chosen, file);
    }
    auto const load_images = [&](std::string const& set, std::size_t count) {
        explore::settings source;
        source.set = set;
        source.data = chosen.data;
        source.images = count;
        return explore::load_data(source);
    };
    auto const net =
        std::make_shared<networks::resnet20 const>(xcim::io::load_safetensors(chosen.data / weights).map());
    auto const samples = load_images("lossless", chosen.images);
    auto const others = load_images("train_lossless_1", calibration_images);
    subject result{
        "resnet20", "ResNet-20, CIFAR-10", "image", networks::token_list::from_shape({samples.labels.size(), 1}), 1, {},
        {}};
    std::copy(samples.labels.begin(), samples.labels.end(), result.answers.data());
    result.logits = [net, prepared = networks::resnet20::prepare(samples.images)](flare::any_backend& backend,
                                                                                  std::size_t first, std::size_t last) {
        auto logits = (*net)(backend, networks::slice(prepared, first, last));  // (images, classes)
        logits.reshape(std::vector<std::size_t>{last - first, 1, logits.shape(1)});
        return logits;
    };
    result.run_for_scales = [net, prepared = networks::resnet20::prepare(others.images)](flare::any_backend& backend) {
        static_cast<void>((*net)(backend, prepared));
    };
    return result;
}

}  // namespace

subject load_subject(std::string const& name, settings const& chosen) {
    if (name == "resnet20") {
        return load_resnet20(chosen);
    }
    flare::settings other;
    other.data = chosen.data;
    other.images = chosen.images;
    other.windows = chosen.windows;
    return flare::load_subject(name, other);
}

}  // namespace tiles
