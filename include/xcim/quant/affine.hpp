#pragma once

#include <xcim/concepts/quantizer.hpp>
#include <xcim/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

namespace xcim::inline XCIM_ABI::quant {

/// One step and the code of zero: what integer networks (TensorFlow Lite, ONNX) give for every tensor.
struct affine_step {
    float step = 1;               ///< real value of one code, above 0
    std::int32_t zero_point = 0;  ///< code of the real value 0
};

/// Asymmetric quantiser with unsigned codes: the range from the smallest to the largest element, zero included. Models
/// Quantizer.
///
///     code = clamp(rne(v / step) + z, 0, 2^bits - 1),     value = (code - z) * step
///     step = (max(v, 0) - min(v, 0) + 1e-7) / (2^bits - 1),     z = rne(-min(v, 0) / step)
///
/// The array multiplies the unsigned codes; what the zero point adds to a product is subtracted digitally:
/// sum w (x - z) = sum w x - z sum w.
/// Parameters: `bits` 1 to 16; `fixed` step and zero point 0 to 2^bits - 1: empty (default) takes them from the tensor
/// at hand. A fixed step of 1 passes integers through unchanged.
/// Sees/returns: a value of any unit; an integer code held in a float.
/// Not modelled: scales per channel.
/// Reference: B. Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only
/// inference", CVPR 2018, section 2.1. Tests: tests/unit/quant/affine.cpp, tests/conformance/quantizer.cpp.
template <param<int> Bits = int>
struct affine {
    static constexpr bool is_signed = false;

    [[no_unique_address]] Bits bits{8};
    std::optional<affine_step> fixed{};

    struct kernel {
        float step;
        float zero;
        float highest;

        template <value V>
        V code(V v) const {
            return clamp(V(round_half_even(V(v / V(step))) + V(zero)), V(0.0F), V(highest));
        }
        template <value V>
        V value(V code) const {
            return (code - V(zero)) * V(step);
        }
    };

    [[nodiscard]] scale calibrate(range r) const {
        std::int32_t const highest = format{static_cast<int>(bits), false}.highest();
        auto const steps = static_cast<float>(highest);
        if (fixed) {
            return {fixed->step * steps, highest, fixed->zero_point};
        }
        float const below = std::max(-r.lowest, 0.0F);
        float const span = std::max(r.highest, 0.0F) + below + 1e-7F;
        return {span, highest, static_cast<std::int32_t>(std::nearbyint(below / (span / steps)))};
    }

    [[nodiscard]] kernel prepare(scale s) const {
        float const step = fixed ? fixed->step : static_cast<float>(s.step());
        return {step, static_cast<float>(s.zero_point), static_cast<float>(s.highest_code)};
    }

    /// The same quantiser with its scale fixed to what `calibrate` finds for `r`.
    [[nodiscard]] affine calibrated(range r) const {
        scale const s = calibrate(r);
        return {bits, affine_step{static_cast<float>(s.step()), s.zero_point}};
    }

    [[nodiscard]] static constexpr int fewest_bits() { return 1; }

    [[nodiscard]] std::string wrong() const {
        if (!fixed) {
            return {};
        }
        auto const steps = static_cast<float>(format{static_cast<int>(bits), false}.highest());
        if (!std::isfinite(fixed->step * steps) || fixed->step <= 0) {
            return "quant::affine.fixed.step is " + std::to_string(fixed->step) +
                   "; a number above 0 whose range is finite is needed";
        }
        return outside("quant::affine.fixed.zero_point", fixed->zero_point, 0,
                       format{static_cast<int>(bits), false}.highest());
    }

    [[nodiscard]] std::string wrong(range r) const {
        return std::isfinite(calibrate(r).full_scale)
                   ? ""
                   : "spans " + std::to_string(r.lowest) + " to " + std::to_string(r.highest) +
                         "; quant::affine needs a range that a float can hold";
    }

    friend std::string to_string(affine const& q) { return "affine " + std::to_string(int{q.bits}) + " bit"; }
};

template <class Bits>
affine(Bits) -> affine<Bits>;

template <class Bits>
affine(Bits, affine_step) -> affine<Bits>;

}  // namespace xcim::inline XCIM_ABI::quant
