#pragma once

/// \file
/// What stays the same in an integer attention layer from call to call: extents, widths, tables, scales and biases.

#include <xcim/core/code_range.hpp>
#include <xcim/core/parameter.hpp>
#include <xcim/core/tensor_ref.hpp>
#include <xcim/ops/attention_products.hpp>
#include <xcim/ops/integer_bias.hpp>
#include <xcim/ops/rotary.hpp>
#include <xcim/ops/vdr_softmax.hpp>
#include <xcim/ops/xtensor.hpp>
#include <xcim/quant/emsb.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// Integer weights of a projection: real weight = codes * scale.
struct integer_projection {
    xt::xarray<std::int32_t> codes;  ///< (out, in)
    double scale = 1;                ///< positive
    std::vector<double> bias;        ///< (out) real numbers, or empty for none
};

/// Projections of a layer. Heads share keys and values where `key` and `value` have fewer rows than `query`.
struct integer_attention_weights {
    integer_projection query;   ///< (H * d_k, D)
    integer_projection key;     ///< (H_kv * d_k, D)
    integer_projection value;   ///< (H_kv * d_k, D)
    integer_projection output;  ///< (outputs, H * d_k)
};

/// Where the window of n bits lies that all keys (and all values) share.
enum class kv_window {
    register_msb,  ///< at the most significant bit of the accumulator: known from the tokens' exponents alone
    calibrated,    ///< at that of the largest key (value) of the sequence
};

/// Elements of a query that share an exponent.
enum class query_group { token, head };

struct integer_attention_options {
    std::size_t heads = 1;               ///< H, a divisor of the rows of the query's weights
    double input_scale = 1;              ///< s_x, real value of an input code at exponent 0; positive
    int x_bits = 8;                      ///< 2 to 16, as all widths: inputs
    int w_bits = 8;                      ///< weights
    int q_bits = 8;                      ///< queries
    int kv_bits = 16;                    ///< keys and values
    int logit_bits = 8;                  ///< Q K^T
    int p_bits = 8;                      ///< softmax, unsigned
    int o_bits = 8;                      ///< concatenated heads
    int out_bits = 8;                    ///< outputs
    rounding round = rounding::half_up;  ///< of every shift
    kv_window window = kv_window::register_msb;
    std::optional<int> fraction_bits = 8;  ///< see vdr_options
    row_norm norm = row_norm::reciprocal;  ///< what stands for the division of softmax
    int reciprocal_bits = 8;               ///< see reciprocal_table: 1 to 12
    query_group q_group = query_group::token;
    std::optional<double> softmax_scale{};   ///< of Q K^T; default 1 / sqrt(d_k); positive
    bool causal = false;                     ///< a token sees itself and those before it
    std::optional<rotary_options> rotary{};  ///< of queries and keys, in front of eMSB-Q and window
};

/// A layer but for its products; made by plan_integer_attention.
struct integer_attention_plan {
    integer_attention_options options;
    attention_shape shape;
    vdr_options softmax;
    vdr_table exponentials;
    reciprocal_table reciprocals;
    std::optional<rotary_table> rotary;
    std::array<integer_bias, 4> biases;  ///< by projection
    double output_scale = 1;             ///< real value of an output code at exponent 0

    [[nodiscard]] integer_bias const& bias(projection which) const { return biases[static_cast<std::size_t>(which)]; }

    /// A V is kept with this many bits behind the point once it is divided.
    static constexpr int guard_bits = 12;

    /// Exponent of A V behind the normalisation, relative to that of the values.
    [[nodiscard]] int heads_exponent() const { return options.norm == row_norm::none ? -options.p_bits : -guard_bits; }

    /// Bits of the register that holds any key or value once the exponents of all tokens are brought to the lowest.
    [[nodiscard]] int register_bits(projection which, int lowest_exponent, int highest_exponent) const {
        int const product = accumulator_bits(options.x_bits, options.w_bits, shape.inputs);
        int const bits = product + highest_exponent - lowest_exponent;
        // The product of two codes leaves two bits of the register unused; a turn takes up half a bit of them.
        return bias(which).is_absent() ? bits : std::max(bits, bias(which).magnitude_bits() - lowest_exponent + 2) + 1;
    }

    /// Whether 32 bits hold any sum of products of queries and keys, and of their bytes.
    [[nodiscard]] bool has_narrow_scores() const {
        return accumulator_bits(options.q_bits, options.kv_bits, shape.head_width) <= 31;
    }

    /// Longest sequence whose sums of values, times a reciprocal, fit 60 bits.
    [[nodiscard]] std::size_t most_tokens() const {
        int const factor_bits = options.norm == row_norm::reciprocal ? options.reciprocal_bits + 1 : 0;
        return std::size_t{1} << std::min(40, 61 - options.p_bits - options.kv_bits - factor_bits);
    }
};

namespace detail {

inline std::string shape_text(xt::xarray<std::int32_t> const& t) {
    return to_string(std::vector<std::size_t>(t.shape().begin(), t.shape().end()));
}

inline void require_width(char const* name, int bits) {
    if (bits < 2 || bits > 16) {
        throw error(errc::bits, outside(("integer_attention_options: " + std::string(name)).c_str(), bits, 2, 16));
    }
}

inline void require_positive(std::string const& name, double v) {
    if (!(v > 0) || !std::isfinite(v)) {
        throw error(errc::range, name + " is " + std::to_string(v) + "; a positive finite number is needed");
    }
}

inline std::span<std::int32_t const> elements(xt::xarray<std::int32_t> const& t) { return {t.data(), t.size()}; }

/// (outputs, inputs) codes within `bits`, a positive scale, no or one bias per output.
inline void require_projection(std::string const& name, integer_projection const& p, std::size_t outputs,
                               std::size_t inputs, int bits) {
    if (p.codes.dimension() != 2 || p.codes.shape()[0] != outputs || p.codes.shape()[1] != inputs) {
        throw error(errc::shape, name + ".codes has shape " + shape_text(p.codes) + "; (" + std::to_string(outputs) +
                                     ", " + std::to_string(inputs) + ") is needed");
    }
    check_codes(elements(p.codes), {bits, true}, name + ".codes");
    require_positive(name + ".scale", p.scale);
    if (!p.bias.empty() && p.bias.size() != outputs) {
        throw error(errc::shape, name + ".bias has " + std::to_string(p.bias.size()) + " elements; " +
                                     std::to_string(outputs) + " or none are needed");
    }
}

inline void require_widths(integer_attention_options const& o, attention_shape const& shape) {
    for (auto const& [name, bits] : {std::pair{"x_bits", o.x_bits},
                                     {"w_bits", o.w_bits},
                                     {"q_bits", o.q_bits},
                                     {"kv_bits", o.kv_bits},
                                     {"logit_bits", o.logit_bits},
                                     {"o_bits", o.o_bits},
                                     {"p_bits", o.p_bits},
                                     {"out_bits", o.out_bits}}) {
        require_width(name, bits);
    }
    int const widest = std::max(accumulator_bits(o.x_bits, o.w_bits, shape.inputs),
                                accumulator_bits(o.o_bits, o.w_bits, shape.query_width()));
    if (widest > integer_bias::most_magnitude_bits) {
        throw error(errc::bits, "a projection needs accumulators of " + std::to_string(widest) +
                                    " bits; 46 at most are left for biases and rotation: fewer bits of inputs or "
                                    "weights are needed");
    }
}

/// Extents from the weights' shapes, which must fit one another.
inline attention_shape shape_of(integer_attention_weights const& w, integer_attention_options const& o) {
    auto const& q = w.query.codes;
    if (q.dimension() != 2 || q.size() == 0 || o.heads < 1 || q.shape()[0] % o.heads != 0) {
        throw error(errc::shape, "weights.query.codes has shape " + shape_text(q) + " and the layer " +
                                     std::to_string(o.heads) + " heads; (heads * d_k, D) is needed");
    }
    attention_shape s{.inputs = q.shape()[1], .heads = o.heads, .head_width = q.shape()[0] / o.heads};
    auto const& k = w.key.codes;
    if (k.dimension() != 2 || k.size() == 0 || k.shape()[0] % s.head_width != 0 ||
        s.heads % (k.shape()[0] / s.head_width) != 0) {
        throw error(errc::shape, "weights.key.codes has shape " + shape_text(k) + "; (n * " +
                                     std::to_string(s.head_width) + ", " + std::to_string(s.inputs) +
                                     ") is needed, n a divisor of " + std::to_string(s.heads) + " heads");
    }
    s.kv_heads = k.shape()[0] / s.head_width;
    s.outputs = w.output.codes.dimension() == 2 ? w.output.codes.shape()[0] : 0;
    return s;
}

}  // namespace detail

/// Checks a layer and makes its tables.
///
/// Scales: a real number is integer * 2^exponent * static scale. With inputs in steps of s_x, accumulators of queries,
/// keys and values are in steps of s_x s_w; a logit is worth S0 2^exponent with S0 = s_x^2 s_q s_k * softmax_scale; an
/// output s_x s_v s_o 2^exponent. The static scales meet here, once; exponents are integers and the only ones that
/// change. Biases become integers here as well: see integer_bias. Errors: xcim::error for shapes that do not fit, codes
/// wider than w_bits, bits, scales and rotary parameters outside their ranges.
[[nodiscard]] inline integer_attention_plan plan_integer_attention(integer_attention_weights const& w,
                                                                   integer_attention_options const& options) {
    auto const shape = detail::shape_of(w, options);
    detail::require_widths(options, shape);
    detail::require_projection("weights.query", w.query, shape.query_width(), shape.inputs, options.w_bits);
    detail::require_projection("weights.key", w.key, shape.kv_width(), shape.inputs, options.w_bits);
    detail::require_projection("weights.value", w.value, shape.kv_width(), shape.inputs, options.w_bits);
    detail::require_projection("weights.output", w.output, shape.outputs, shape.query_width(), options.w_bits);
    detail::require_positive("integer_attention_options.input_scale", options.input_scale);
    double const s_x = options.input_scale;
    double const root = std::sqrt(static_cast<double>(shape.head_width));
    double const logit = s_x * s_x * w.query.scale * w.key.scale;
    double const s0 = options.softmax_scale ? logit * *options.softmax_scale : logit / root;
    detail::require_positive("the scale of a logit, input_scale^2 * query.scale * key.scale * softmax_scale,", s0);
    double const heads = s_x * w.value.scale;
    vdr_options softmax;
    softmax.in_bits = options.logit_bits;
    softmax.out_bits = options.p_bits;
    softmax.fraction_bits = options.fraction_bits;
    softmax.round = options.round;
    return {.options = options,
            .shape = shape,
            .softmax = softmax,
            .exponentials = vdr_table{s0, softmax},
            .reciprocals = reciprocal_table{options.reciprocal_bits},
            .rotary = options.rotary ? std::optional<rotary_table>{std::in_place, shape.head_width, *options.rotary}
                                     : std::nullopt,
            .biases = {integer_bias{w.query.bias, s_x * w.query.scale, "weights.query.bias"},
                       integer_bias{w.key.bias, s_x * w.key.scale, "weights.key.bias"},
                       integer_bias{w.value.bias, heads, "weights.value.bias"},
                       integer_bias{w.output.bias, heads * w.output.scale, "weights.output.bias"}},
            .output_scale = heads * w.output.scale};
}

}  // namespace xcim::inline XCIM_ABI
