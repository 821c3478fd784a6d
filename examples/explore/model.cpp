#include "model.hpp"

#include <xcim/io.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstring>
#include <span>
#include <string_view>

namespace explore {

// Made from weights/digits_cnn.safetensors when the program is built.
extern unsigned char const digits_cnn_weights[];
extern std::size_t const digits_cnn_weights_size;

namespace {

struct resnet20_file {
    char const* title;
    char const* path;  // below --data
    networks::resnet20_names names;
};

resnet20_file find_resnet20(std::string const& network) {
    if (network == "resnet20") {
        return {"ResNet-20", "models/resnet20_cifar10/resnet20_cifar10.safetensors", {}};
    }
    if (network == "resnet20-jpegft") {
        return {"ResNet-20 (tuned on JPEG)",
                "models/resnet20_cifar10_jpegft/resnet20_cifar10_jpegft_folded.safetensors",
                {}};
    }
    return {"ResNet-20 (1x1 shortcuts)",
            "models/resnet20_crosssim_cifar10/resnet20_crosssim_cifar10.safetensors",
            {"res", "classifier.2", 1e-3F}};
}

}  // namespace

networks::weight_map embedded_digits_weights() {
    auto const* const bytes = digits_cnn_weights;
    std::uint64_t length = 0;
    std::memcpy(&length, bytes, sizeof length);  // the file is ours: a little-endian machine reads it as it is
    auto const* const data = bytes + sizeof length + length;
    networks::weight_map weights;
    auto const header = nlohmann::json::parse(bytes + sizeof length, data);
    for (auto const& [name, entry] : header.items()) {
        auto tensor = networks::make_tensor(entry.at("shape").get<std::vector<std::size_t>>());
        std::memcpy(tensor.data(), data + entry.at("data_offsets").at(0).get<std::size_t>(),
                    tensor.size() * sizeof(float));
        weights.emplace(name, std::move(tensor));
    }
    return weights;
}

model::model(settings const& chosen)
    : title_{chosen.network == "digits" ? "digits CNN" : find_resnet20(chosen.network).title}, network_{load(chosen)} {}

model::network model::load(settings const& chosen) {
    if (chosen.network == "digits") {
        return networks::digits_cnn{embedded_digits_weights()};
    }
    auto const file = find_resnet20(chosen.network);
    auto const path = chosen.data / file.path;
    if (!std::filesystem::is_regular_file(path)) {
        throw usage_error{fmt::format("--network {} needs {} below --data; '{}' has none", chosen.network, file.path,
                                      chosen.data.string())};
    }
    return networks::resnet20{xcim::io::load_safetensors(path).map(), file.names};
}

networks::tensor model::prepare(xt::xarray<std::uint8_t> const& images) const {
    auto const is_small = std::holds_alternative<networks::digits_cnn>(network_);
    auto const channels = is_small ? 1U : 3U, side = is_small ? 28U : 32U;
    if (images.shape(1) != channels || images.shape(2) != side || images.shape(3) != side) {
        throw usage_error{fmt::format("the images are {} x {} x {}: the {} takes {} x {} x {}; choose another --set",
                                      images.shape(1), images.shape(2), images.shape(3), title_, channels, side, side)};
    }
    return std::visit([&](auto const& net) { return net.prepare(images); }, network_);
}

networks::tensor model::operator()(any_backend& backend, networks::tensor const& images) const {
    return std::visit([&](auto const& net) { return net(backend, images); }, network_);
}

}  // namespace explore
