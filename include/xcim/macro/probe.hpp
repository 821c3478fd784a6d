#pragma once

/// \file
/// A look at every conversion of a run: what analysis/ is built on. A run without a probe does not pay for it.

#include <xcim/macro/digit_plan.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace xcim::inline XCIM_ABI {

/// The conversions of up to eight neighbouring phases and 64 columns, one input row, one tile. Element (p, c) of `sums`
/// and `values` is at [p * stride + c]. Under a schedule it is one cycle of one phase: the same row, tile, phase and
/// columns come once a cycle, and not at all for a phase without ones.
struct observed_strip {
    std::size_t row = 0;   ///< input row of the call: for a convolution (image, output pixel)
    std::size_t tile = 0;  ///< block of weight rows
    std::size_t first_phase = 0;
    std::size_t phases = 0;
    std::size_t columns = 0;
    std::size_t stride = 0;
    std::uint32_t const* column_ids = nullptr;  ///< (columns): 32 * output + slice
    float const* sums = nullptr;                ///< column sums before the NoiseModel, cell-LSB; single reads of
                                                ///< the cells may have made them noisy
    float const* values = nullptr;              ///< what was read, cell-LSB: code * step of the converter
    double full_scale = 1;                      ///< of these phases, cell-LSB
    double step = 1;                            ///< of the converter, cell-LSB; 0 where it has none

    [[nodiscard]] static std::size_t output_of(std::uint32_t column_id) { return column_id / 32; }
    [[nodiscard]] static std::size_t slice_of(std::uint32_t column_id) { return column_id % 32; }
};

/// Sees the conversions of a run, strip by strip, in no particular order, never two at a time.
class column_probe {
public:
    column_probe() = default;
    column_probe(column_probe const&) = default;
    column_probe& operator=(column_probe const&) = default;
    virtual ~column_probe() = default;

    virtual void observe(observed_strip const& strip) = 0;
};

}  // namespace xcim::inline XCIM_ABI
