#pragma once

/// \file
/// A tile chosen at run time.

#include "design.hpp"

#include "../networks/tile_backend.hpp"
#include "../study/backend.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace tiles {

using networks::tensor;
using study::any_backend;

class any_tile : public any_backend {
public:
    /// run() sends the calibration batch through this backend.
    virtual void calibrate(std::function<void()> const& run) = 0;

    /// Converters of the calibrated technologies, on the arrays as they are.
    virtual void set_converters(int bits, double range_share) = 0;
};

/// `chip` is one of all that could be made; reads draw from it too.
std::unique_ptr<any_tile> make_tile(design const& point, std::uint64_t chip, int threads);

/// \name One for each composition of model types, compiled apart
/// @{
std::unique_ptr<any_tile> make_pcm_tile(design const& point, std::uint64_t chip, int threads);
std::unique_ptr<any_tile> make_oscillator_tile(design const& point, std::uint64_t chip, int threads);
std::unique_ptr<any_tile> make_rram_tile(design const& point, std::uint64_t chip, int threads);
/// @}

}  // namespace tiles
