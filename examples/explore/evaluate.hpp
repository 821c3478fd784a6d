#pragma once

/// \file
/// What a design point makes of a network.

#include "model.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace explore {

/// The logits of all images, computed batch by batch.
///
/// `first_item` is the number of the first image in its set; `after_batch(n)` is told how many images a batch had and
/// says whether to go on. Nothing is returned if it said no.
std::optional<networks::tensor> run_network(model const& net, any_backend& backend, networks::tensor const& images,
                                            std::size_t batch, std::size_t first_item,
                                            std::function<bool(std::size_t)> const& after_batch);

/// How good the answers to a set of images are.
struct score {
    double accuracy_percent = 0;
    double agreement_percent = 0;  ///< same class as the float network
    double sqnr_db = 0;            ///< 10 log10(sum ref^2 / sum (ref - y)^2) over all logits; infinite where equal
    double rms_logit_error = 0;
};

score rate(networks::tensor const& logits, networks::tensor const& reference, std::vector<int> const& labels);

/// ADC conversions for one image.
std::uint64_t count_conversions(model const& net, networks::tensor const& images, design const& point,
                                settings const& chosen);

/// The classes as one digit each.
std::string digits_of(std::vector<int> const& classes);

}  // namespace explore
