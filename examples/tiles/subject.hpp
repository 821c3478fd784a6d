#pragma once

/// \file
/// The networks, their inputs and the right answers: those of xcim-flare, and ResNet-20.

#include "settings.hpp"

#include "../flare/subject.hpp"

#include <cstddef>
#include <string>

namespace tiles {

using flare::subject;
using networks::tensor;

inline constexpr std::size_t most_images = 1000;  ///< CIFAR-10 has no more without JPEG
inline constexpr std::size_t most_windows = flare::most_windows;

/// Throws usage_error where weights or inputs are not under --data, xcim::error where a file is damaged.
subject load_subject(std::string const& name, settings const& chosen);

/// Samples that are computed together.
inline std::size_t batch_of(subject const& what) { return what.unit == "window" ? 4 : 50; }

}  // namespace tiles
