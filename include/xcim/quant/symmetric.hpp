#pragma once

#include <xcim/concepts/quantizer.hpp>
#include <xcim/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

namespace xcim::inline XCIM_ABI::quant {

/// Signed max-abs quantiser with codes symmetric about zero. Models Quantizer.
///
///     s = max|v| + 1e-7,     code = rne(clamp(v / s, -1, 1) * (2^(bits-1) - 1)),     value = code * s / (2^(bits-1) -
///     1)
///
/// rne rounds half to even; all in float32. The code -2^(bits-1) is never used.
/// Parameters: `bits` 2 to 16; `fixed_range` |v| that maps to the highest code, unit of the tensor: empty (default)
/// takes it from the tensor at hand, so that a result depends on everything in the same call.
/// Sees/returns: a value of any unit; an integer code held in a float.
/// Not modelled: asymmetric zero points, scales per channel.
/// Reference: specification of ASiM's signed quantiser (Keio-CSG/ASiM; arXiv 2411.11022, 2024).
/// Tests: tests/unit/quant/symmetric.cpp, tests/conformance/quantizer.cpp.
template <param<int> Bits = int>
struct symmetric {
    static constexpr bool is_signed = true;

    [[no_unique_address]] Bits bits{8};
    std::optional<float> fixed_range{};

    struct kernel {
        float full_scale;
        float highest;
        float step;

        template <value V>
        V code(V v) const {
            return round_half_even(V(clamp(V(v / V(full_scale)), V(-1.0F), V(1.0F)) * V(highest)));
        }
        template <value V>
        V value(V code) const {
            return code * V(step);
        }
    };

    [[nodiscard]] scale calibrate(range r) const {
        float const largest = fixed_range.value_or(std::max(std::fabs(r.lowest), std::fabs(r.highest)) + 1e-7F);
        return {largest, format{static_cast<int>(bits), true}.highest()};
    }

    [[nodiscard]] kernel prepare(scale s) const {
        return {s.full_scale, static_cast<float>(s.highest_code), static_cast<float>(s.step())};
    }

    /// The same quantiser with its scale fixed to what `calibrate` finds for `r`.
    [[nodiscard]] symmetric calibrated(range r) const { return {bits, calibrate(r).full_scale}; }

    [[nodiscard]] static constexpr int fewest_bits() { return 2; }

    [[nodiscard]] std::string wrong() const { return wrong_range("quant::symmetric", fixed_range); }

    friend std::string to_string(symmetric const& q) { return "symmetric " + std::to_string(int{q.bits}) + " bit"; }
};

template <class Bits>
symmetric(Bits) -> symmetric<Bits>;

template <class Bits>
symmetric(Bits, float) -> symmetric<Bits>;

}  // namespace xcim::inline XCIM_ABI::quant
