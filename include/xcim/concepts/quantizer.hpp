#pragma once

/// \file
/// Quantizer: real numbers to integer codes and back.
///
/// Semantics. `calibrate(range)` turns what is known of a tensor into a scale, or returns the fixed scale the quantiser
/// carries; `prepare(scale)` folds the scale into a kernel; the kernel maps a value to its code (an integer held in a
/// float) and a code to its value.
/// `static constexpr bool is_per_token`, optional: inputs are calibrated token by token; the code of 0 must be 0 then.
/// `std::string wrong(range) const`, optional, says what is wrong with a tensor of that range, else nothing.
/// Laws (testing/quantizer.hpp): |value(code(x)) - x| is at most half a step inside the range; monotone; idempotent;
/// codes inside the format; the code of 0 is the scale's zero_point.
/// Models: quant::symmetric, quant::unsigned_range, quant::affine, quant::emsb, quant::unsigned_emsb; quant::operands
/// pairs one for weights with one for inputs.

#include <xcim/core/format.hpp>
#include <xcim/core/parameter.hpp>
#include <xcim/core/simd.hpp>

#include <cmath>
#include <optional>
#include <string>

namespace xcim::inline XCIM_ABI {

/// A prepared quantiser: cheap, trivially copyable, no decisions left.
template <class K, class V = float>
concept code_kernel = std::is_trivially_copyable_v<K> && requires(K const& k, V x) {
    { k.code(x) } -> std::same_as<V>;
    { k.value(x) } -> std::same_as<V>;
};

template <class Q>
concept Quantizer = std::copyable<Q> && requires(Q const& q, range r, scale s) {
    { q.bits } -> param<int>;
    typename std::bool_constant<Q::is_signed>;
    { q.calibrate(r) } -> std::same_as<scale>;
    { q.prepare(s) } -> code_kernel<float>;
    { q.prepare(s) } -> code_kernel<batch<float>>;
};

/// The integer format of a quantiser's codes.
template <Quantizer Q>
[[nodiscard]] format format_of(Q const& q) {
    return {static_cast<int>(q.bits), Q::is_signed};
}

/// A sentence where a fixed range is not a finite number above 0, else nothing.
[[nodiscard]] inline std::string wrong_range(char const* name, std::optional<float> const& fixed_range) {
    bool const fits = !fixed_range || (std::isfinite(*fixed_range) && *fixed_range > 0);
    return fits ? ""
                : std::string(name) + ".fixed_range is " + std::to_string(*fixed_range) +
                      "; a finite number above 0 is needed";
}

/// Whether every token (input row of a product, image of a convolution) has a scale of its own.
template <Quantizer Q>
inline constexpr bool has_token_scales = false;

template <Quantizer Q>
requires requires { Q::is_per_token; }
inline constexpr bool has_token_scales<Q> = Q::is_per_token;

/// One quantiser for the stored weights and one for the inputs.
template <class Q>
concept OperandQuantizers = std::copyable<Q> && Quantizer<decltype(Q::weights)> && Quantizer<decltype(Q::inputs)>;

}  // namespace xcim::inline XCIM_ABI
