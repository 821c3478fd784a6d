#pragma once

/// \file
/// FLARE's pair of memories, composed: MRAM holds the weights of an attention layer, SRAM its keys and values. Both are
/// digital in, digital out: one-bit cells, eight word lines at a time, a converter with nine levels.

#include <xcim/adc/exact_count.hpp>
#include <xcim/cell/sram.hpp>
#include <xcim/encoding/bit_sift.hpp>
#include <xcim/macro.hpp>
#include <xcim/mapping/bit_slice.hpp>
#include <xcim/noise/none.hpp>
#include <xcim/ops/integer_attention_plan.hpp>
#include <xcim/ops/macro_products.hpp>
#include <xcim/quant/operands.hpp>
#include <xcim/quant/symmetric.hpp>
#include <xcim/quant/unsigned_range.hpp>

#include <algorithm>

namespace xcim::inline XCIM_ABI {

/// What the two memories of FLARE are built of. The cell is the same word for both, one bit: what tells MRAM from SRAM
/// is the spread of its currents, which goes in as `noise` (noise::sense_variation).
template <class Noise = noise::none>
struct flare_design {
    encoding::bit_sift encoder{};  ///< of both
    geometry weight_array{1024, 8192};
    geometry activation_array{512, 4096};
    Noise weight_noise{};      ///< of the MRAM columns
    Noise activation_noise{};  ///< of the SRAM columns
};

/// The macros of an attention layer with these widths: integers in, integers out. Change one with
/// `macros.projection = macros.projection.with(...)` where its type stays, or copy these lines.
///
/// Reference: FLARE (arXiv 2411.14733, 2024), sections 3.2 and 4.4 (eight active word lines), 4.6 (MRAM for weights,
/// SRAM for activations); nine levels because a column counts 0 to 8. Tests: tests/unit/ops/macro_products.cpp.
template <class Noise = noise::none>
[[nodiscard]] auto flare_macros(integer_attention_options const& widths, flare_design<Noise> const& design = {}) {
    auto const composed = [&](auto weights, auto inputs, geometry array, Noise const& noise) {
        return CimMacro{quant::operands{weights, inputs},
                        mapping::bit_slice{.array = array},
                        design.encoder,
                        cell::sram{},
                        noise,
                        adc::exact_count{.counts_only = true}};
    };
    int const driven_bits = std::max(widths.x_bits, widths.o_bits);
    return integer_attention_macros{composed(quant::symmetric{widths.w_bits}, quant::symmetric{driven_bits},
                                             design.weight_array, design.weight_noise),
                                    composed(quant::symmetric{widths.kv_bits}, quant::symmetric{widths.q_bits},
                                             design.activation_array, design.activation_noise),
                                    composed(quant::symmetric{widths.kv_bits}, quant::unsigned_range{widths.p_bits},
                                             design.activation_array, design.activation_noise)};
}

}  // namespace xcim::inline XCIM_ABI
