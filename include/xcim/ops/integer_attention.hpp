#pragma once

/// \file
/// Multi-head self-attention in integers from input codes to output codes.

#include <xcim/ops/attention_stages.hpp>
#include <xcim/ops/packed_products.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// Order of the work. The numbers are the same.
enum class dataflow {
    fused,    ///< some tokens at a time through all stages: memory grows with N
    unfused,  ///< all tokens through one stage, then the next: whole tensors, memory grows with N^2
};

struct integer_attention_call {
    std::size_t rows_in_flight =
        16;           ///< tokens that are fused at a time, at least 1 (the paper's); no number depends on it
    int threads = 1;  ///< no number depends on it
    dataflow flow = dataflow::fused;
    std::vector<std::uint8_t> valid{};  ///< (B, N) flags, 0 for padding; empty: no padding
    std::size_t first_position = 0;     ///< position of each sequence's first token, for rotary embedding
    std::size_t first_item = 0;         ///< number of the first sequence, for products that draw random numbers
    std::vector<integer_attention_trace>* trace = nullptr;  ///< where to leave all intermediate tensors, by sequence
};

/// What a caller should know of the numbers in the middle.
struct integer_attention_report {
    double zero_keys = 0;    ///< share of key codes that are 0
    double zero_values = 0;  ///< share of value codes that are 0

    /// A sentence where more than half of the keys or values are 0: a window too far up erases them silently.
    [[nodiscard]] std::string warning() const {
        if (zero_keys <= 0.5 && zero_values <= 0.5) {
            return {};
        }
        auto const percent = [](double share) { return std::to_string(static_cast<int>(100 * share)) + " % of the "; };
        return percent(zero_keys) + "keys and " + percent(zero_values) +
               "values are 0 behind their window; more kv_bits or kv_window::calibrated keep them";
    }
};

/// Real value of an output: codes * 2^exponent of its token * scale.
struct integer_attention_result {
    xt::xarray<std::int32_t> codes;      ///< (..., N, outputs), out_bits
    xt::xarray<std::int32_t> exponents;  ///< (..., N)
    double scale = 1;
    integer_attention_report report;
};

/// A layer with its weights in place.
template <AttentionProducts P>
struct programmed_integer_attention {
    integer_attention_plan plan;
    P products;
};

template <AttentionProducts P>
programmed_integer_attention(integer_attention_plan, P) -> programmed_integer_attention<P>;

/// The layer with products that are made from a shape and weights alone.
template <AttentionProducts P = packed_products>
[[nodiscard]] programmed_integer_attention<P> program_integer_attention(integer_attention_weights const& w,
                                                                        integer_attention_options const& options) {
    auto plan = plan_integer_attention(w, options);
    P products{plan.shape, projection_codes{detail::elements(w.query.codes), detail::elements(w.key.codes),
                                            detail::elements(w.value.codes), detail::elements(w.output.codes)}};
    return {std::move(plan), std::move(products)};
}

namespace detail {

/// Blocks of tokens one after the other through all stages.
template <AttentionProducts P>
void run_fused(attention_stages<P> const& stages, integer_attention_plan const& plan, std::size_t tokens,
               integer_attention_call const& call) {
    std::size_t const rows = std::min(call.rows_in_flight, tokens);
    std::size_t const blocks = (tokens + rows - 1) / rows;
    std::size_t const workers = std::min(blocks, static_cast<std::size_t>(std::max(call.threads, 1)));
    std::atomic<std::size_t> next{0};
    for_each_task(workers, call.threads, [&](std::size_t) {
        attention_tensors<P> t{plan, rows, tokens, 1};
        for (std::size_t block = next++; block < blocks; block = next++) {
            token_range const range{block * rows, std::min(tokens, (block + 1) * rows)};
            t.first = range.begin;
            stages.take_queries(t, range);
            for (std::size_t head = 0; head < plan.shape.heads; ++head) {
                stages.score(t, range, head);
                stages.soften(t, range, head);
                stages.weigh(t, range, head);
            }
            stages.join(t, range);
            stages.put_outputs(t, range);
        }
    });
}

/// Whole tensors: every stage ends before the next begins.
template <AttentionProducts P>
void run_unfused(attention_stages<P> const& stages, integer_attention_plan const& plan, std::size_t tokens,
                 integer_attention_call const& call) {
    attention_tensors<P> t{plan, tokens, tokens, plan.shape.heads};
    std::size_t const parts = std::min(tokens, static_cast<std::size_t>(std::max(call.threads, 1)));
    auto const for_all = [&](auto const& stage) {
        for_each_task(parts, call.threads, [&](std::size_t part) {
            stage(token_range{tokens * part / parts, tokens * (part + 1) / parts});
        });
    };
    auto const for_all_heads = [&](auto const& stage) {
        for_all([&](token_range const& range) {
            for (std::size_t head = 0; head < plan.shape.heads; ++head) {
                stage(range, head);
            }
        });
    };
    for_all([&](token_range const& range) { stages.take_queries(t, range); });
    for_all_heads([&](token_range const& range, std::size_t head) { stages.score(t, range, head); });
    for_all_heads([&](token_range const& range, std::size_t head) { stages.soften(t, range, head); });
    for_all_heads([&](token_range const& range, std::size_t head) { stages.weigh(t, range, head); });
    for_all([&](token_range const& range) { stages.join(t, range); });
    for_all([&](token_range const& range) { stages.put_outputs(t, range); });
}

inline void prepare_trace(integer_attention_trace& t, attention_shape const& s, std::size_t tokens) {
    t = {};
    t.q.resize(tokens * s.query_width());
    t.q_shift.resize(tokens * s.heads);
    t.keys.resize(tokens * s.kv_width());
    t.values.resize(tokens * s.kv_width());
    t.logits.resize(tokens * s.heads * tokens);
    t.logit_shift.resize(tokens * s.heads);
    t.p.resize(tokens * s.heads * tokens);
    t.heads.resize(tokens * s.query_width());
    t.o.resize(tokens * s.query_width());
    t.o_shift.resize(tokens);
    t.out.resize(tokens * s.outputs);
    t.out_shift.resize(tokens);
}

/// Codes that are 0 among keys and among values.
struct zero_counts {
    std::size_t keys = 0;
    std::size_t values = 0;
};

template <AttentionProducts P>
zero_counts run_sequence(integer_attention_plan const& plan, P const& products, token_sequence const& sequence,
                         attention_outputs const& out, integer_attention_call const& call,
                         integer_attention_trace* trace) {
    attention_stages<P> stages{plan, products, sequence, out, trace};
    auto keys = stages.windowed(projection::key, call.threads);
    auto values = stages.windowed(projection::value, call.threads);
    zero_counts const zeros{keys.zeros, values.zeros};
    stages.store(std::move(keys), std::move(values));
    auto const run = call.flow == dataflow::fused ? run_fused<P> : run_unfused<P>;
    run(stages, plan, sequence.size(), call);
    return zeros;
}

/// Extents of a batch of tokens, and whether exponents, flags and options fit it.
struct batch_extents {
    std::size_t items = 1;
    std::size_t tokens = 0;
};

inline batch_extents require_batch(integer_attention_plan const& plan, xt::xarray<std::int32_t> const& x,
                                   xt::xarray<std::int32_t> const& exponents, integer_attention_call const& call) {
    std::vector<std::size_t> shape(x.shape().begin(), x.shape().end());
    if ((shape.size() != 2 && shape.size() != 3) || x.size() == 0 || shape.back() != plan.shape.inputs) {
        throw error(errc::shape, "the input has shape " + to_string(shape) + "; (tokens, " +
                                     std::to_string(plan.shape.inputs) +
                                     ") is needed, behind a batch or not, and no extent of 0");
    }
    shape.pop_back();
    if (std::vector<std::size_t>(exponents.shape().begin(), exponents.shape().end()) != shape) {
        throw error(errc::shape, "the exponents have shape " + shape_text(exponents) + "; " + to_string(shape) +
                                     " is needed, one a token");
    }
    if (!call.valid.empty() && call.valid.size() != exponents.size()) {
        throw error(errc::shape, "integer_attention_call.valid has " + std::to_string(call.valid.size()) + " flags; " +
                                     std::to_string(exponents.size()) + " or none are needed");
    }
    if (call.rows_in_flight < 1) {
        throw error(errc::range, "integer_attention_call.rows_in_flight is 0; at least one row is needed");
    }
    std::size_t const tokens = shape.back();
    if (tokens > plan.most_tokens()) {
        throw error(errc::shape, "the input has " + std::to_string(tokens) + " tokens; " +
                                     std::to_string(plan.most_tokens()) +
                                     " at most fit accumulators of 60 bits with so many bits of values and softmax");
    }
    if (call.threads < 1) {
        throw error(errc::range,
                    "integer_attention_call.threads is " + std::to_string(call.threads) + "; at least 1 is needed");
    }
    return {shape.size() == 2 ? shape.front() : 1, tokens};
}

/// Every token has a place in the rotary table.
inline void require_positions(integer_attention_plan const& plan, token_sequence const& s) {
    if (plan.rotary &&
        (s.size() > plan.rotary->positions() || s.first_position > plan.rotary->positions() - s.size())) {
        throw error(errc::range,
                    std::to_string(s.size()) + " tokens from position " + std::to_string(s.first_position) +
                        " on do not fit the rotary table, which holds " + std::to_string(plan.rotary->positions()));
    }
}

/// The tokens of one item that are not padding.
inline token_sequence sequence_of(integer_attention_plan const& plan, std::int32_t const* codes,
                                  std::int32_t const* exponents, std::uint8_t const* valid, std::size_t tokens) {
    constexpr std::int32_t most = 1 << 24;
    token_sequence s;
    s.codes = codes;
    for (std::size_t n = 0; n < tokens; ++n) {
        if (valid != nullptr && valid[n] == 0) {
            continue;
        }
        check_codes(std::span{codes + n * plan.shape.inputs, plan.shape.inputs}, {plan.options.x_bits, true},
                    "token " + std::to_string(n) + " of the input");
        if (exponents[n] < -most || exponents[n] > most) {
            throw error(errc::value, "the exponent of token " + std::to_string(n) + " is " +
                                         std::to_string(exponents[n]) + "; -2^24 to 2^24 are needed");
        }
        s.places.push_back(n);
        s.exponents.push_back(exponents[n]);
    }
    if (!s.exponents.empty()) {
        auto const [lowest, highest] = std::ranges::minmax(s.exponents);
        s.lowest_exponent = lowest;
        s.highest_exponent = highest;
    }
    return s;
}

}  // namespace detail

/// Self-attention with several heads in integers: no division and no floating-point number between codes and codes.
///
///     K, V = window( (x W^T) << (e_x - min e_x) )                 one exponent for all tokens, kv_bits
///     q    = eMSB-Q(x W_Q^T)                                      one exponent a token (or head), q_bits
///     per head:  l = eMSB-Q(q K^T)                                one exponent a row, logit_bits
///                p = VDR-Softmax(l, exponent)                     unsigned, p_bits
///                a = (p V) R[sum p] / 2^(L + r - 12)              or another row_norm
///     y    = eMSB-Q( eMSB-Q(concat a) W_O^T )                     one exponent a token, o_bits and out_bits
///
/// with one rounding for all shifts. Scales: every number is integer * 2^exponent * a static real scale. Static scales
/// are multiplied when the layer is planned; exponents are carried along with tokens and rows, and chosen by the shifts
/// of eMSB-Q. The logits' exponent e_x + e_q + e_K + e_l picks the entry of the softmax's table, in which 1 / sqrt(d_k)
/// is. Beyond the paper: biases, heads that share keys, causal and padding masks, rotary embedding. Padding is never
/// stored and not counted as a position, and its outputs are codes 0 with exponent 0; nothing else depends on it. A row
/// sees at least itself, so that only a sequence of nothing but padding has no keys.
///
/// The fused order makes keys and values of all tokens, then takes `rows_in_flight` tokens at a time to the end: what
/// is held grows with N, not N^2.
///
/// \param plan       see plan_integer_attention
/// \param products   what computes the sums, see AttentionProducts
/// \param x          (N, D) or (B, N, D) signed codes of x_bits; each item has its own window
/// \param exponents  (N) or (B, N): real input = x * 2^exponent * input_scale
/// \param call       order, threads, padding, positions
///
/// Errors: xcim::error for shapes that do not fit, codes and exponents outside their ranges, sequences too long for
/// 60-bit sums, biases too large for a token's exponent, positions behind the rotary table. Not modelled: keys kept
/// from one call to the next; attention over another sequence; dropout. Reference: FLARE (arXiv 2411.14733, 2024),
/// sections 4.2 to 4.5. Tests: tests/unit/ops/integer_attention.cpp, tests/property/integer_attention.cpp,
/// tests/golden/flare_attention.cpp; benchmark: benchmarks/kernels/integer_attention.cpp.
template <AttentionProducts P>
[[nodiscard]] integer_attention_result
integer_attention(integer_attention_plan const& plan, P const& products, xt::xarray<std::int32_t> const& x,
                  xt::xarray<std::int32_t> const& exponents, integer_attention_call const& call = {}) {
    auto const [items, tokens] = detail::require_batch(plan, x, exponents, call);
    std::vector<std::size_t> shape(x.shape().begin(), x.shape().end());
    shape.back() = plan.shape.outputs;
    integer_attention_result y{
        .codes = xt::xarray<std::int32_t>::from_shape(shape),
        .exponents = xt::xarray<std::int32_t>::from_shape({exponents.shape().begin(), exponents.shape().end()}),
        .scale = plan.output_scale,
        .report = {}};
    y.codes.fill(0);
    y.exponents.fill(0);
    if (call.trace != nullptr) {
        call.trace->assign(items, {});
    }
    detail::zero_counts zeros;
    std::size_t stored = 0;
    for (std::size_t item = 0; item < items; ++item) {
        std::size_t const at = item * tokens;
        auto sequence = detail::sequence_of(plan, x.data() + at * plan.shape.inputs, exponents.data() + at,
                                            call.valid.empty() ? nullptr : call.valid.data() + at, tokens);
        sequence.first = (call.first_item + item) * tokens;
        sequence.first_position = call.first_position;
        integer_attention_trace* const trace = call.trace == nullptr ? nullptr : call.trace->data() + item;
        if (trace != nullptr) {
            detail::prepare_trace(*trace, plan.shape, sequence.size());
        }
        if (sequence.size() == 0) {
            continue;
        }
        detail::require_positions(plan, sequence);
        auto const found = detail::run_sequence(
            plan, products, sequence, {y.codes.data() + at * plan.shape.outputs, y.exponents.data() + at}, call, trace);
        zeros.keys += found.keys;
        zeros.values += found.values;
        stored += sequence.size() * plan.shape.kv_width();
    }
    if (stored > 0) {
        y.report = {static_cast<double>(zeros.keys) / static_cast<double>(stored),
                    static_cast<double>(zeros.values) / static_cast<double>(stored)};
    }
    return y;
}

template <AttentionProducts P>
[[nodiscard]] integer_attention_result
integer_attention(programmed_integer_attention<P> const& layer, xt::xarray<std::int32_t> const& x,
                  xt::xarray<std::int32_t> const& exponents, integer_attention_call const& call = {}) {
    return integer_attention(layer.plan, layer.products, x, exponents, call);
}

}  // namespace xcim::inline XCIM_ABI
