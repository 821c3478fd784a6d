#pragma once

#include <xcim/concepts/quantizer.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace xcim::inline XCIM_ABI::quant {

/// Unsigned quantiser from zero to the largest element, for inputs behind a ReLU or a softmax. Models Quantizer.
///
///     s = max(v, 0) + 1e-7,     code = rne(clamp(v / s, 0, 1) * (2^bits - 1)),     value = code * s / (2^bits - 1)
///
/// Parameters: `bits` 1 to 16; `fixed_range` the v that maps to the highest code, unit of the tensor: empty (default)
/// takes it from the tensor at hand; `clips_negatives` whether negative values become code 0, default no.
/// Sees/returns: a value of any unit; an integer code held in a float. Values above a fixed range become the highest
/// code. Errors: a tensor with negative values, unless they are to be clipped: half of it would be lost unseen.
/// Not modelled: zero points, scales per channel.
/// Reference: specification of ASiM's unsigned quantiser (Keio-CSG/ASiM; arXiv 2411.11022, 2024); unlike ASiM's, a
/// tensor without positive elements gets scale 1e-7 and codes 0.
/// Tests: tests/unit/quant/unsigned_range.cpp, tests/conformance/quantizer.cpp.
template <param<int> Bits = int>
struct unsigned_range {
    static constexpr bool is_signed = false;

    [[no_unique_address]] Bits bits{8};
    std::optional<float> fixed_range{};
    bool clips_negatives = false;

    struct kernel {
        float full_scale;
        float highest;
        float step;

        template <value V>
        V code(V v) const {
            return round_half_even(V(clamp(V(v / V(full_scale)), V(0.0F), V(1.0F)) * V(highest)));
        }
        template <value V>
        V value(V code) const {
            return code * V(step);
        }
    };

    [[nodiscard]] scale calibrate(range r) const {
        return {fixed_range.value_or(std::max(r.highest, 0.0F) + 1e-7F),
                format{static_cast<int>(bits), false}.highest()};
    }

    [[nodiscard]] kernel prepare(scale s) const {
        return {s.full_scale, static_cast<float>(s.highest_code), static_cast<float>(s.step())};
    }

    /// The same quantiser with its scale fixed to what `calibrate` finds for `r`.
    [[nodiscard]] unsigned_range calibrated(range r) const { return {bits, calibrate(r).full_scale, clips_negatives}; }

    /// The same quantiser with negative values mapped to code 0, as ASiM does.
    [[nodiscard]] unsigned_range clipping_negatives() const { return {bits, fixed_range, true}; }

    [[nodiscard]] static constexpr int fewest_bits() { return 1; }

    [[nodiscard]] std::string wrong() const { return wrong_range("quant::unsigned_range", fixed_range); }

    [[nodiscard]] std::string wrong(range r) const {
        return clips_negatives || r.lowest >= 0
                   ? ""
                   : "holds " + std::to_string(r.lowest) +
                         "; quant::unsigned_range takes 0 and above: use quant::symmetric or quant::affine, or "
                         "unsigned_range{...}.clipping_negatives() where negative values are to become 0";
    }

    friend std::string to_string(unsigned_range const& q) { return "unsigned " + std::to_string(int{q.bits}) + " bit"; }
};

template <class Bits>
unsigned_range(Bits) -> unsigned_range<Bits>;

template <class Bits>
unsigned_range(Bits, float) -> unsigned_range<Bits>;

}  // namespace xcim::inline XCIM_ABI::quant
