#pragma once

/// \file
/// Macros of designs, and the tile around them.

#include "tile.hpp"

#include <xcim/adc/calibrated.hpp>
#include <xcim/adc/oscillator.hpp>
#include <xcim/cell/pair.hpp>
#include <xcim/encoding/pulse_width.hpp>
#include <xcim/macro.hpp>
#include <xcim/mapping/differential.hpp>
#include <xcim/noise/none.hpp>
#include <xcim/quant/operands.hpp>
#include <xcim/quant/symmetric.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace tiles {

inline xcim::encoding::passes passes_of(design const& point) {
    return point.input_bit_by_bit ? xcim::encoding::passes::bit_wise
           : point.splits_input   ? xcim::encoding::passes::split
                                  : xcim::encoding::passes::one_pass;
}

template <class Cell, class Converter, class Wire>
auto make_macro(design const& point, Cell cell, Converter converter, Wire wire) {
    return xcim::CimMacro{
        xcim::quant::operands{xcim::quant::symmetric{point.weight_bits}, xcim::quant::symmetric{point.input_bits}},
        xcim::mapping::differential{.array = {point.rows, point.columns}, .cell_bits = point.cell_bits},
        xcim::encoding::pulse_width{passes_of(point)},
        xcim::cell::pair{std::move(cell)},
        xcim::noise::none{},
        std::move(converter),
        std::move(wire)};
}

/// What a range is until the columns have been seen: all that one row can give, and more.
inline auto converter_of_range(int bits, double largest) {
    return xcim::adc::calibrated{bits, xcim::adc::range_in_cell_lsb(-largest, largest)};
}

inline auto fine_converter(design const& point) {
    auto const drive = (1 << (point.input_bits - 1)) - 1, level = (1 << point.cell_bits) - 1;
    return converter_of_range(16, 2.0 * drive * level);
}

/// `convert(macro, bits, share, sums)` returns the macro with another converter.
template <class Macro, class Convert>
class tile final : public any_tile {
public:
    tile(networks::tile_backend<Macro> backend, Convert convert)
        : backend_{std::move(backend)}, convert_{std::move(convert)} {}

    void calibrate(std::function<void()> const& run) override { backend_.calibrate(run); }
    void set_converters(int bits, double range_share) override {
        backend_.set_converters([&](Macro const& macro, networks::column_sums const& sums) {
            return convert_(macro, bits, range_share, sums);
        });
    }

    void begin_batch(std::size_t first_item) override { backend_.begin_batch(first_item); }
    tensor conv2d(networks::conv_layer const& layer, tensor const& x) override { return backend_.conv2d(layer, x); }
    tensor linear(networks::linear_layer const& layer, tensor const& x) override { return backend_.linear(layer, x); }
    tensor attention(networks::attention_layer const& layer, tensor const& x) override {
        return backend_.attention(layer, x);
    }

private:
    networks::tile_backend<Macro> backend_;
    Convert convert_;
};

template <class Macro, class Convert>
std::unique_ptr<any_tile> box(networks::tile_composition<Macro> const& composition, design const& point,
                              std::uint64_t chip, int threads, Convert convert) {
    auto const options = networks::tile_options{.chip = chip,
                                                .scales_outputs = point.scales_outputs,
                                                .compensation = point.compensation == gains::none ? std::nullopt
                                                                : point.compensation == gains::layer
                                                                    ? std::optional{xcim::compensated::all}
                                                                    : std::optional{xcim::compensated::each_output}};
    auto backend =
        networks::tile_backend<Macro>{composition, options, xcim::run_options{.seed = chip, .threads = threads}};
    return std::make_unique<tile<Macro, Convert>>(std::move(backend), std::move(convert));
}

/// A calibrated converter that covers a share of what the columns of the layer carried.
struct calibrated_converter {
    template <class Macro>
    Macro operator()(Macro const& macro, int bits, double share, networks::column_sums const& sums) const {
        return macro.with(converter_of_range(bits, sums.holding(share)));
    }
};

/// Converters of fixed gain know no calibration.
struct fixed_converter {
    template <class Macro>
    Macro operator()(Macro const& macro, int /*bits*/, double /*share*/, networks::column_sums const& /*sums*/) const {
        return macro;
    }
};

}  // namespace tiles
