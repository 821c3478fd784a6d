#pragma once

/// \file
/// A network with its images and what it answers in float.

#include "backend.hpp"
#include "settings.hpp"

#include "../networks/digits_cnn.hpp"
#include "../networks/resnet20.hpp"
#include "../networks/vit.hpp"

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace study {

class subject {
public:
    /// Throws usage_error where weights or images are not under --data, xcim::error where a file is damaged.
    subject(std::string name, settings const& chosen);

    [[nodiscard]] std::string const& name() const { return name_; }
    [[nodiscard]] std::string const& title() const { return title_; }
    [[nodiscard]] bool is_transformer() const { return std::holds_alternative<networks::vit>(network_); }
    [[nodiscard]] std::size_t images() const { return labels_.size(); }
    [[nodiscard]] std::vector<int> const& labels() const { return labels_; }
    [[nodiscard]] tensor const& float_logits() const { return float_logits_; }  // (N, 10)

    /// (N, 10) logits of the first images; none where `goes_on`, told the images of every batch, says no.
    [[nodiscard]] std::optional<tensor> run(any_backend& backend, std::size_t images, std::size_t batch,
                                            std::function<bool(std::size_t)> const& goes_on) const;

private:
    using network = std::variant<networks::digits_cnn, networks::resnet20, networks::vit>;

    static network load(std::string const& name, settings const& chosen);

    std::string name_;
    std::string title_;
    network network_;
    tensor prepared_;  // (N, C, H, W)
    std::vector<int> labels_;
    tensor float_logits_;
};

}  // namespace study
