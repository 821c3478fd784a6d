#include "subject.hpp"

#include "../explore/data.hpp"
#include "../explore/model.hpp"

#include <xcim/io.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace study {

namespace {

std::string title_of(std::string const& name) {
    return name == "resnet20" ? "ResNet-20" : name == "vit" ? "ViT (6 blocks, width 128)" : "digits CNN";
}

networks::weight_map load_weights(settings const& chosen, std::string const& model) {
    auto const file = chosen.data / "models" / model / (model + ".safetensors");
    if (!std::filesystem::is_regular_file(file)) {
        throw usage_error{
            fmt::format("--data '{}' holds no models/{}/{}.safetensors", chosen.data.string(), model, model)};
    }
    return xcim::io::load_safetensors(file).map();
}

}  // namespace

subject::network subject::load(std::string const& name, settings const& chosen) {
    if (name == "resnet20") {
        return networks::resnet20{load_weights(chosen, "resnet20_cifar10")};
    }
    if (name == "vit") {
        return networks::vit{load_weights(chosen, "vit_cifar10"), networks::vit_cifar10()};
    }
    return networks::digits_cnn{explore::embedded_digits_weights()};
}

subject::subject(std::string name, settings const& chosen)
    : name_{std::move(name)}, title_{title_of(name_)}, network_{load(name_, chosen)} {
    explore::settings source;
    source.set = name_ == "digits" ? "digits" : "lossless";
    source.data = chosen.data;
    source.images = chosen.images;
    auto data = explore::load_data(source);
    labels_ = std::move(data.labels);
    prepared_ = std::visit([&](auto const& net) { return net.prepare(data.images); }, network_);
    auto in_float = backend_box{networks::float_backend{chosen.threads}};
    float_logits_ = *run(in_float, images(), chosen.batch, [](std::size_t) { return true; });
}

std::optional<tensor> subject::run(any_backend& backend, std::size_t images, std::size_t batch,
                                   std::function<bool(std::size_t)> const& goes_on) const {
    std::vector<float> logits;
    for (std::size_t first = 0; first < images; first += batch) {
        auto const last = std::min(first + batch, images);
        backend.begin_batch(first);
        auto const part = std::visit(
            [&](auto const& net) { return net(backend, networks::slice(prepared_, first, last)); }, network_);
        logits.insert(logits.end(), part.data(), part.data() + part.size());
        if (!goes_on(last - first)) {
            return std::nullopt;
        }
    }
    auto result = networks::make_tensor({images, logits.size() / images});  // (N, 10)
    std::copy(logits.begin(), logits.end(), result.data());
    return result;
}

}  // namespace study
