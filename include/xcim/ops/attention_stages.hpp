#pragma once

/// \file
/// The stages of an integer attention layer, each for a range of tokens: what the fused and the unfused order of
/// ops/integer_attention.hpp are built from. Between the codes that come in and those that go out there are integers
/// only: additions, multiplications, shifts, comparisons and table look-ups.

#include <xcim/core/threads.hpp>
#include <xcim/ops/attention_tensors.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI::detail {

template <AttentionProducts P>
class attention_stages {
public:
    using number = typename P::number;
    using code = typename P::code;
    using probability = typename P::probability;
    using tensors = attention_tensors<P>;

    attention_stages(integer_attention_plan const& plan, P const& products, token_sequence const& sequence,
                     attention_outputs const& out, integer_attention_trace* trace)
        : plan_{plan}, shape_{plan.shape}, products_{products}, sequence_{sequence}, out_{out}, trace_{trace} {}

    /// Keys or values of all tokens in one window.
    [[nodiscard]] windowed_codes<code> windowed(projection which, int threads) const {
        std::size_t const width = shape_.kv_width();
        windowed_codes<code> kv{std::vector<code>(sequence_.size() * width)};
        auto const raise = [&](std::size_t n) { return sequence_.exponents[n] - sequence_.lowest_exponent; };
        auto const parse = [&](std::size_t n, std::span<number> v, int shift) {
            // Raising to the common exponent and parsing are one shift. Codes fit 16 bits: what would be raised further
            // is 0.
            int const net = shift - raise(n);
            for (number& sum : v.first(net < 0 ? v.size() : 0)) {
                sum = sum << std::min(-net, 16);
            }
            shorten<number, code>(v, std::span{kv.codes}.subspan(n * width, width), significant_bits<number>(v, true),
                                  std::clamp(net, 0, 62), format(plan_.options.kv_bits));
        };
        int const kv_bits = plan_.options.kv_bits;
        int shift = 0;
        if (plan_.options.window == kv_window::register_msb) {
            shift = register_shift(plan_.register_bits(which, sequence_.lowest_exponent, sequence_.highest_exponent),
                                   kv_bits);
            for_each_token(which, threads, [&](std::size_t n, std::span<number> v) { parse(n, v, shift); });
        } else {
            std::vector<number> sums(sequence_.size() * width);
            std::vector<int> bits(sequence_.size());
            for_each_token(which, threads, [&](std::size_t n, std::span<number> v) {
                bool const is_zero = std::ranges::all_of(v, [](number s) { return s == static_cast<number>(0); });
                bits[n] = is_zero ? 1 : significant_bits<number>(v, true) + raise(n) + 1;
                std::ranges::copy(v, sums.begin() + static_cast<std::ptrdiff_t>(n * width));
            });
            shift = register_shift(*std::ranges::max_element(bits), kv_bits);
            for (std::size_t n = 0; n < sequence_.size(); ++n) {
                parse(n, std::span{sums}.subspan(n * width, width), shift);
            }
        }
        kv.exponent = sequence_.lowest_exponent + shift;
        kv.zeros = static_cast<std::size_t>(std::ranges::count(kv.codes, static_cast<code>(0)));
        return kv;
    }

    /// Stores what windowed() made; the stages from score() on may run then.
    void store(windowed_codes<code> keys, windowed_codes<code> values) {
        key_exponent_ = keys.exponent;
        value_exponent_ = values.exponent;
        if (trace_ != nullptr) {
            trace_->key_shift = keys.exponent - sequence_.lowest_exponent;
            trace_->value_shift = values.exponent - sequence_.lowest_exponent;
            record(trace_->keys, 0, keys.codes.data(), keys.codes.size());
            record(trace_->values, 0, values.codes.data(), values.codes.size());
        }
        stored_.emplace(products_.store(
            kv_codes<code>{std::move(keys.codes), std::move(values.codes), sequence_.size(), sequence_.first}));
    }

    /// x -> queries, one exponent a token or head.
    void take_queries(tensors& t, token_range const& tokens) const {
        std::size_t const width = shape_.query_width();
        std::size_t const row = tokens.begin - t.first;
        project(projection::query, tokens, t.inputs.data() + row * shape_.inputs, {t.sums.data() + row * width, width});
        bool const by_head = plan_.options.q_group == query_group::head;
        std::size_t const group = by_head ? shape_.head_width : width;
        for (std::size_t at = row * width; at < (row + tokens.size()) * width; at += group) {
            int const shift = shorten_group<number, code>({t.sums.data() + at, group}, {t.q.data() + at, group},
                                                          format(plan_.options.q_bits));
            std::fill_n(t.q_shift.data() + at / shape_.head_width, group / shape_.head_width, shift);
        }
        if (trace_ != nullptr) {
            record(trace_->q, tokens.begin * width, t.q.data() + row * width, tokens.size() * width);
            record(trace_->q_shift, tokens.begin * shape_.heads, t.q_shift.data() + row * shape_.heads,
                   tokens.size() * shape_.heads);
        }
    }

    /// Queries and keys -> logits, one exponent a row.
    void score(tensors& t, token_range const& tokens, std::size_t head) const {
        if constexpr (has_narrow_scores<P>) {
            if (plan_.has_narrow_scores()) {
                return score_into(t.narrow_score_sums, t, tokens, head);
            }
        }
        score_into(t.score_sums, t, tokens, head);
    }

    /// Logits -> softmax without its division, and the sum of each row. Behind a row's own keys p stays 0: a place of
    /// the tensor is used by later and later tokens, which see more and more keys.
    void soften(tensors& t, token_range const& tokens, std::size_t head) const {
        for (std::size_t n = tokens.begin; n < tokens.end; ++n) {
            std::size_t const r = n - t.first;
            std::size_t const at = t.score_at(head, r);
            std::size_t const place = r * shape_.heads + head;
            std::span const p{t.p.data() + at, keys_of(n)};
            vdr_softmax_row<code, probability>({t.logits.data() + at, keys_of(n)}, p,
                                               plan_.exponentials.at(t.logit_exponent[place]), plan_.softmax);
            auto total = static_cast<number>(0);
            for (probability const& weight : p) {
                total = total + integer_cast<number>(weight);
            }
            t.totals[place] = total;
            if (trace_ != nullptr) {
                record(trace_->p, (n * shape_.heads + head) * sequence_.size(), p.data(), p.size());
            }
        }
    }

    /// Softmax and values -> A V of a head, normalised.
    void weigh(tensors& t, token_range const& tokens, std::size_t head) const {
        std::size_t const row = tokens.begin - t.first;
        std::size_t const width = shape_.query_width();
        number* const heads = t.heads.data() + row * width + head * shape_.head_width;
        products_.weigh(*stored_, head,
                        {t.p.data() + t.score_at(head, row), t.keys, tokens.size(), sequence_.first + tokens.begin},
                        keys_of(tokens.end - 1), {heads, width});
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            normalise({heads + i * width, shape_.head_width}, t.totals[(row + i) * shape_.heads + head]);
        }
        if (trace_ != nullptr) {
            for (std::size_t i = 0; i < tokens.size(); ++i) {
                record(trace_->heads, (tokens.begin + i) * width + head * shape_.head_width, heads + i * width,
                       shape_.head_width);
            }
        }
    }

    /// All heads of a token -> codes with one exponent.
    void join(tensors& t, token_range const& tokens) const {
        std::size_t const width = shape_.query_width();
        for (std::size_t n = tokens.begin; n < tokens.end; ++n) {
            std::size_t const r = n - t.first;
            t.o_shift[r] = shorten_group<number, code>({t.heads.data() + r * width, width},
                                                       {t.o.data() + r * width, width}, format(plan_.options.o_bits));
            if (trace_ != nullptr) {
                record(trace_->o, n * width, t.o.data() + r * width, width);
                trace_->o_shift[n] = t.o_shift[r];
            }
        }
    }

    /// Joined heads -> outputs, one exponent a token.
    void put_outputs(tensors& t, token_range const& tokens) const {
        std::size_t const width = shape_.outputs;
        std::size_t const row = tokens.begin - t.first;
        products_.project(projection::output,
                          {t.o.data() + row * shape_.query_width(), shape_.query_width(), tokens.size(),
                           sequence_.first + tokens.begin},
                          {t.sums.data() + row * width, width});
        for (std::size_t n = tokens.begin; n < tokens.end; ++n) {
            std::span const sums{t.sums.data() + (n - t.first) * width, width};
            int const exponent = t.o_shift[n - t.first] + plan_.heads_exponent() + value_exponent_;
            plan_.bias(projection::output).add_to(sums, exponent, plan_.options.round);
            std::size_t const place = sequence_.places[n];
            std::span const codes{t.outputs.data() + (n - t.first) * width, width};
            int const shift = shorten_group<number, code>(sums, codes, format(plan_.options.out_bits));
            std::ranges::transform(codes, out_.codes + place * width,
                                   [](code v) { return integer_cast<std::int32_t>(v); });
            out_.exponents[place] = exponent + shift;
            if (trace_ != nullptr) {
                record(trace_->out, n * width, codes.data(), width);
                trace_->out_shift[n] = shift;
            }
        }
    }

private:
    /// Tokens that are projected at a time on the way to keys and values.
    static constexpr std::size_t kv_block = 64;

    [[nodiscard]] emsb_format format(int bits) const { return {bits, true, plan_.options.round}; }

    /// Keys that token n may see: the first so many.
    [[nodiscard]] std::size_t keys_of(std::size_t n) const { return plan_.options.causal ? n + 1 : sequence_.size(); }

    /// Products with the inputs of some tokens, plus bias, turned where the projection is.
    void project(projection which, token_range const& tokens, code* inputs, sum_rows<number> const& sums) const {
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            std::span const from{sequence_.codes + sequence_.places[tokens.begin + i] * shape_.inputs, shape_.inputs};
            std::ranges::transform(from, inputs + i * shape_.inputs,
                                   [](std::int32_t v) { return integer_cast<code>(v); });
        }
        products_.project(which, {inputs, shape_.inputs, tokens.size(), sequence_.first + tokens.begin}, sums);
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            std::size_t const n = tokens.begin + i;
            std::span const row{sums.row(i), sums.stride};
            plan_.bias(which).add_to(row, sequence_.exponents[n], plan_.options.round);
            if (plan_.rotary && which != projection::value) {
                plan_.rotary->turn(row, sequence_.first_position + n, plan_.options.round);
            }
        }
    }

    template <class Sum>
    void score_into(std::vector<Sum>& sums, tensors& t, token_range const& tokens, std::size_t head) const {
        std::size_t const row = tokens.begin - t.first;
        std::size_t const width = shape_.query_width();
        products_.scores(*stored_, head,
                         code_rows<code>{t.q.data() + row * width + head * shape_.head_width, width, tokens.size(),
                                         sequence_.first + tokens.begin},
                         keys_of(tokens.end - 1), sum_rows<Sum>{sums.data() + t.score_at(head, row), t.keys});
        for (std::size_t n = tokens.begin; n < tokens.end; ++n) {
            std::size_t const r = n - t.first;
            std::size_t const at = t.score_at(head, r);
            std::size_t const place = r * shape_.heads + head;
            int const shift = emsb_group<Sum, code>({sums.data() + at, keys_of(n)}, {t.logits.data() + at, keys_of(n)},
                                                    format(plan_.options.logit_bits));
            t.logit_exponent[place] = sequence_.exponents[n] + t.q_shift[place] + key_exponent_ + shift;
            if (trace_ != nullptr) {
                trace_->logit_shift[n * shape_.heads + head] = shift;
                record(trace_->logits, (n * shape_.heads + head) * sequence_.size(), t.logits.data() + at, keys_of(n));
            }
        }
    }

    /// Calls use(n, sums) with the key or value sums of every token.
    template <class Use>
    void for_each_token(projection which, int threads, Use const& use) const {
        std::size_t const width = shape_.kv_width();
        std::size_t const tokens = sequence_.size();
        for_each_task((tokens + kv_block - 1) / kv_block, threads, [&](std::size_t block) {
            token_range const range{block * kv_block, std::min(tokens, (block + 1) * kv_block)};
            std::vector<code> inputs(range.size() * shape_.inputs);
            std::vector<number> sums(range.size() * width);
            project(which, range, inputs.data(), {sums.data(), width});
            for (std::size_t i = 0; i < range.size(); ++i) {
                use(range.begin + i, std::span{sums}.subspan(i * width, width));
            }
        });
    }

    /// A V of a row, whose weights add up to `total`, divided by it in the layer's way.
    void normalise(std::span<number> v, number total) const {
        if (plan_.options.norm == row_norm::none || total == static_cast<number>(0)) {
            return;  // without weights the values are 0 already
        }
        row_reciprocal const by =
            plan_.options.norm == row_norm::reciprocal ? plan_.reciprocals.of(total) : power_of_two_reciprocal(total);
        auto const factor = static_cast<number>(by.factor);
        int const net = by.shift - integer_attention_plan::guard_bits;  // the guard bits are part of one shift
        if (net < 0) {
            std::ranges::transform(v, v.begin(), [&](number sum) { return (sum * factor) << -net; });
            return;
        }
        with_rounding(plan_.options.round, net, [&]<rounding How>(std::integral_constant<rounding, How>) {
            std::ranges::transform(
                v, v.begin(), [&](number sum) { return end_rounding<How>(begin_rounding<How>(sum * factor, net)); });
        });
    }

    template <class T>
    static void record(integer_attention_trace::tensor& to, std::size_t at, T const* from, std::size_t count) {
        std::transform(from, from + count, to.begin() + static_cast<std::ptrdiff_t>(at),
                       [](T v) { return integer_cast<std::int64_t>(v); });
    }

    integer_attention_plan const& plan_;
    attention_shape const& shape_;
    P const& products_;
    token_sequence const& sequence_;
    attention_outputs out_;
    integer_attention_trace* trace_;
    std::optional<typename P::stored> stored_{};
    int key_exponent_ = 0;
    int value_exponent_ = 0;
};

}  // namespace xcim::inline XCIM_ABI::detail
