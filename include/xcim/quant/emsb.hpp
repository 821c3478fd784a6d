#pragma once

/// \file
/// eMSB-Q as a quantiser of a macro: real numbers to codes with a power of two as the step. What it does to integers is
/// in quant/emsb_group.hpp, included here.

#include <xcim/concepts/quantizer.hpp>
#include <xcim/core/error.hpp>
#include <xcim/quant/emsb_group.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

namespace xcim::inline XCIM_ABI::quant {

namespace detail {

/// Smallest s with [lowest, highest] inside [-2^m, 2^m) steps of 2^s; 0 where both are 0. At least that of the smallest
/// normal float.
[[nodiscard]] inline int emsb_exponent(range r, int magnitude_bits) {
    int above = -1000;
    int below = -1000;
    if (r.highest > 0) {
        std::frexp(r.highest, &above);
    }
    if (r.lowest < 0) {
        below = std::frexp(r.lowest, &below) == -0.5F ? below - 1 : below;
    }
    return r.highest > 0 || r.lowest < 0 ? std::max(std::max(above, below) - magnitude_bits, -126) : 0;
}

/// Real numbers to codes between lowest and highest.
struct emsb_kernel {
    float step;
    float inverse_step;  ///< exact: the step is a power of two
    float lowest;
    float highest;
    rounding how;

    template <value V>
    V code(V v) const {
        V const x = clamp(V(v * V(inverse_step)), V(lowest), V(highest));
        switch (how) {
        case rounding::floor:
            return round_down(x);
        case rounding::trunc:
            return select(x < V(0.0F), V(-round_down(V(-x))), round_down(x));
        case rounding::half_even:
            return round_half_even(x);
        case rounding::half_up:
            break;
        }
        return round_down(V((round_down(V(x + x)) + V(1.0F)) * V(0.5F)));
    }
    template <value V>
    V value(V code) const {
        return code * V(step);
    }
};

[[nodiscard]] inline scale emsb_scale(int exponent, format f) {
    return {std::ldexp(static_cast<float>(f.highest()), exponent), f.highest()};
}

[[nodiscard]] inline emsb_kernel make_emsb_kernel(scale s, format f, rounding how) {
    auto const step = static_cast<float>(s.step());
    return {step, 1.0F / step, static_cast<float>(f.lowest()), static_cast<float>(f.highest()), how};
}

[[nodiscard]] inline std::string wrong_exponent(char const* name, std::optional<int> exponent) {
    return exponent ? outside(name, *exponent, -126, 111) : std::string{};
}

}  // namespace detail

/// Signed quantiser whose step is a power of two, chosen token by token. Models Quantizer.
///
///     s = smallest integer with -2^(bits-1) 2^s <= v < 2^(bits-1) 2^s for all v of the token
///     code = clamp(round(v / 2^s), -2^(bits-1), 2^(bits-1) - 1),     value = code * 2^s
///
/// The step is less than twice that of quant::symmetric at as many bits and less than it at one bit more; scales are
/// exponents, to be added and not multiplied. Of integers it gives the codes and shifts of emsb_group, with the
/// difference that s may be negative: small integers use the whole format.
/// Parameters: `bits` 2 to 16; `round` of codes, default half_up; `exponent` s fixed, -126 to 111: empty (default)
/// takes it from the token at hand.
/// Sees/returns: a value of any unit; an integer code held in a float. A token of zeros has step 1.
/// Laws: with floor and trunc a value may be a whole step from that of its code; all others hold.
/// Not modelled: the fixed window from the top of a register (register_shift); give `exponent` for one.
/// Reference: FLARE (arXiv 2411.14733, 2024), section 4.2 and figure 10, whose parsing is floor.
/// Tests: tests/unit/quant/emsb.cpp, tests/conformance/quantizer.cpp.
template <param<int> Bits = int>
struct emsb {
    static constexpr bool is_signed = true;
    static constexpr bool is_per_token = true;
    using kernel = detail::emsb_kernel;

    [[no_unique_address]] Bits bits{8};
    rounding round = rounding::half_up;
    std::optional<int> exponent{};

    [[nodiscard]] scale calibrate(range r) const {
        return detail::emsb_scale(exponent.value_or(detail::emsb_exponent(r, bits - 1)), {bits, true});
    }

    [[nodiscard]] kernel prepare(scale s) const { return detail::make_emsb_kernel(s, {bits, true}, round); }

    /// The same quantiser with its step fixed to what `calibrate` finds for `r`.
    [[nodiscard]] emsb calibrated(range r) const { return {bits, round, detail::emsb_exponent(r, bits - 1)}; }

    [[nodiscard]] static constexpr int fewest_bits() { return 2; }

    [[nodiscard]] std::string wrong() const { return detail::wrong_exponent("quant::emsb.exponent", exponent); }

    friend std::string to_string(emsb const& q) { return "eMSB " + std::to_string(int{q.bits}) + " bit"; }
};

/// quant::emsb for values of 0 and above, with codes from 0 to 2^bits - 1. Models Quantizer.
///
///     s = smallest integer with v < 2^bits 2^s for all v of the token
///
/// Parameters: as quant::emsb, `bits` 1 to 16. Errors: a tensor with negative values.
/// Tests: tests/unit/quant/emsb.cpp, tests/conformance/quantizer.cpp.
template <param<int> Bits = int>
struct unsigned_emsb {
    static constexpr bool is_signed = false;
    static constexpr bool is_per_token = true;
    using kernel = detail::emsb_kernel;

    [[no_unique_address]] Bits bits{8};
    rounding round = rounding::half_up;
    std::optional<int> exponent{};

    [[nodiscard]] scale calibrate(range r) const {
        return detail::emsb_scale(exponent.value_or(detail::emsb_exponent({0, r.highest}, bits)), {bits, false});
    }

    [[nodiscard]] kernel prepare(scale s) const { return detail::make_emsb_kernel(s, {bits, false}, round); }

    /// The same quantiser with its step fixed to what `calibrate` finds for `r`.
    [[nodiscard]] unsigned_emsb calibrated(range r) const {
        return {bits, round, detail::emsb_exponent({0, r.highest}, bits)};
    }

    [[nodiscard]] static constexpr int fewest_bits() { return 1; }

    [[nodiscard]] std::string wrong() const {
        return detail::wrong_exponent("quant::unsigned_emsb.exponent", exponent);
    }

    [[nodiscard]] std::string wrong(range r) const {
        return r.lowest >= 0
                   ? ""
                   : "holds " + std::to_string(r.lowest) + "; quant::unsigned_emsb takes 0 and above: use quant::emsb";
    }

    friend std::string to_string(unsigned_emsb const& q) {
        return "unsigned eMSB " + std::to_string(int{q.bits}) + " bit";
    }
};

template <class Bits>
emsb(Bits) -> emsb<Bits>;

template <class Bits>
emsb(Bits, rounding) -> emsb<Bits>;

template <class Bits>
emsb(Bits, rounding, int) -> emsb<Bits>;

template <class Bits>
unsigned_emsb(Bits) -> unsigned_emsb<Bits>;

template <class Bits>
unsigned_emsb(Bits, rounding) -> unsigned_emsb<Bits>;

template <class Bits>
unsigned_emsb(Bits, rounding, int) -> unsigned_emsb<Bits>;

}  // namespace xcim::inline XCIM_ABI::quant
