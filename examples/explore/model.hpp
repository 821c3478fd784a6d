#pragma once

/// \file
/// The networks that the program knows.

#include "any_backend.hpp"
#include "settings.hpp"

#include "../networks/digits_cnn.hpp"
#include "../networks/resnet20.hpp"

#include <string>
#include <variant>
#include <vector>

namespace explore {

/// One of the example networks with its weights.
class model {
public:
    /// Throws usage_error where the weights are not under --data, xcim::error where their file is damaged.
    explicit model(settings const& chosen);

    [[nodiscard]] std::string const& title() const { return title_; }

    /// Pixels 0..255 -> what the network takes. Throws usage_error for images of another shape than (N, C, H, W) of
    /// the network.
    [[nodiscard]] networks::tensor prepare(xt::xarray<std::uint8_t> const& images) const;

    /// (N, C, H, W) prepared -> (N, 10) logits
    [[nodiscard]] networks::tensor operator()(any_backend& backend, networks::tensor const& images) const;

private:
    using network = std::variant<networks::digits_cnn, networks::resnet20>;

    static network load(settings const& chosen);

    std::string title_;
    network network_;
};

/// The weights of the digits network, which are part of the program.
networks::weight_map embedded_digits_weights();

}  // namespace explore
