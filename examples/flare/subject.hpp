#pragma once

/// \file
/// A network, what it is asked, and the right answers.

#include "settings.hpp"

#include "../networks/story.hpp"
#include "../study/backend.hpp"

#include <cstddef>
#include <functional>
#include <string>

namespace flare {

using networks::tensor;
using study::any_backend;

inline constexpr std::size_t most_images = 9900;  ///< the last 100 of MNIST set the fixed scales
inline constexpr std::size_t most_windows = 120;  ///< the last 8 of TinyStories do

/// Samples are images with one answer each, or windows of text with an answer a token.
struct subject {
    std::string name;              ///< as --networks has it
    std::string title;             ///< for pictures
    std::string unit;              ///< of samples: "image" or "window"
    networks::token_list answers;  // (samples, answers of a sample)
    std::size_t chunk = 1;         ///< samples to be computed together

    /// (last - first, answers of a sample, classes) logits
    std::function<tensor(any_backend&, std::size_t first, std::size_t last)> logits;

    /// Runs inputs that are no samples: fixed scales come from them.
    std::function<void(any_backend&)> run_for_scales;

    [[nodiscard]] std::size_t samples() const { return answers.shape(0); }
};

/// Throws usage_error where weights or inputs are not under --data, xcim::error where a file is damaged.
subject load_subject(std::string const& name, settings const& chosen);

}  // namespace flare
