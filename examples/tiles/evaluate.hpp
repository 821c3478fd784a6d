#pragma once

/// \file
/// Networks on tiles of several chips.

#include "subject.hpp"
#include "tile.hpp"

#include "../flare/statistics.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace tiles {

/// The user wants the run to end.
struct interruption {};

/// What one chip, or float, makes of a network.
struct score {
    double accuracy_percent = 0;
    double nats = 0;  ///< mean of -log softmax(logits)[right answer]
};

/// How far the layers of a chip are from float, each with the inputs of the float network.
struct layer_quality {
    double snr_db = 0;
    double snr_db_without_gain = 0;  ///< with the best factor for every output
};

/// Runs all samples.
score rate(subject const& what, any_backend& backend);

/// Runs the first few samples layer by layer.
layer_quality compare_layers(subject const& what, any_tile& tile);

/// Programs and calibrates.
std::unique_ptr<any_tile> make_calibrated_tile(subject const& what, design const& point, std::uint64_t chip,
                                               int threads);

/// A design on all chips.
struct outcome {
    std::vector<double> accuracies, nats, snr_db, snr_db_without_gain;  ///< by chip

    void add(score const& answers, layer_quality const& layers);
};

/// Mean, lowest and highest of chips.
flare::estimate spread_of(std::vector<double> const& chips);

/// Sample standard deviation, 0 of a single chip.
double deviation_of(std::vector<double> const& chips);

outcome evaluate(subject const& what, design const& point, std::size_t chips, int threads);

}  // namespace tiles
