#include "activations.hpp"

#include "../networks/flare_attention.hpp"

#include <xcim/core/threads.hpp>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <utility>

namespace flare {

namespace {

constexpr std::size_t run = 8;

std::size_t samples_of(subject const& what) {
    return std::min<std::size_t>(what.samples(), what.unit == "image" ? 50 : 4);
}

std::uint64_t count(schedule_cycles const& cycles, schedule how) {
    return how == schedule::fixed      ? cycles.next_fit.fixed
           : how == schedule::next_fit ? cycles.next_fit.sifted
                                       : cycles.next_fit_apart.sifted;
}

/// One sequence in one layer.
class sequence_reader {
public:
    sequence_reader(networks::observed_attention const& seen, observed_network& to)
        : options_{*seen.options}, trace_{seen.traces->front()}, to_{to}, tokens_{seen.codes->shape(1)},
          width_{seen.codes->shape(2)} {
        to_.shape = {1, tokens_, width_, options_.heads};
        to_.layers.insert(seen.layer->number);
    }

    void read(std::vector<std::int32_t> const& input) {
        auto const in = add(activation::input, input, width_, options_.x_bits);
        add(activation::keys, narrowed(trace_.keys), trace_.keys.size() / tokens_, options_.kv_bits);
        add(activation::values, narrowed(trace_.values), trace_.values.size() / tokens_, options_.kv_bits);
        std::vector<schedule_cycles> queries, scores;  // by head
        for (std::size_t head = 0; head < options_.heads; ++head) {
            queries.push_back(add_queries(head));
            scores.push_back(add_scores(head));
        }
        auto const heads = add(activation::heads, narrowed(trace_.o), trace_.o.size() / tokens_, options_.o_bits);
        for (auto const how : schedules) {
            auto const of_slowest = [&](std::vector<schedule_cycles> const& all) {
                std::uint64_t most = 0;
                for (auto const& one : all) {
                    most = std::max(most, count(one, how));
                }
                return most;
            };
            to_.cycles[static_cast<std::size_t>(how)] +=
                {count(in, how), count(in, how), of_slowest(queries), of_slowest(scores), count(heads, how)};
        }
    }

private:
    schedule_cycles add(activation kind, std::vector<std::int32_t> const& codes, std::size_t depth, int bits) {
        auto const is_driven = std::find(driven.begin(), driven.end(), kind) != driven.end();
        return to_.statistics[static_cast<std::size_t>(kind)].add(codes, depth, {bits, kind != activation::scores},
                                                                  is_driven);
    }

    schedule_cycles add_queries(std::size_t head) {
        auto const depth = trace_.q.size() / (tokens_ * options_.heads);
        std::vector<std::int32_t> codes;
        for (std::size_t token = 0; token < tokens_; ++token) {
            auto const first = trace_.q.begin() + static_cast<std::ptrdiff_t>((token * options_.heads + head) * depth);
            std::transform(first, first + static_cast<std::ptrdiff_t>(depth), std::back_inserter(codes), to_code);
        }
        return add(activation::queries, codes, depth, options_.q_bits);
    }

    /// A query drives the values it may see.
    schedule_cycles add_scores(std::size_t head) {
        schedule_cycles all;
        for (std::size_t token = 0; token < tokens_; ++token) {
            auto const first =
                trace_.p.begin() + static_cast<std::ptrdiff_t>((token * options_.heads + head) * tokens_);
            std::vector<std::int32_t> codes(options_.causal ? token + 1 : tokens_);
            std::transform(first, first + static_cast<std::ptrdiff_t>(codes.size()), codes.begin(), to_code);
            all += add(activation::scores, codes, codes.size(), options_.p_bits);
        }
        return all;
    }

    static std::int32_t to_code(std::int64_t code) { return static_cast<std::int32_t>(code); }

    static std::vector<std::int32_t> narrowed(std::vector<std::int64_t> const& codes) {
        std::vector<std::int32_t> result(codes.size());
        std::transform(codes.begin(), codes.end(), result.begin(), to_code);
        return result;
    }

    xcim::integer_attention_options const& options_;
    xcim::integer_attention_trace const& trace_;
    observed_network& to_;
    std::size_t tokens_, width_;
};

xcim::cost::sift_cycles cycles_of(std::vector<std::int32_t> const& codes, std::size_t depth, xcim::format format,
                                  xcim::sift_rule rule, xcim::encoding::negatives negatives) {
    auto const encoder = xcim::encoding::bit_sift{{.rule = rule}, negatives};
    return xcim::cost::gemv_cycles<std::int32_t>(codes, depth, format, encoder);
}

}  // namespace

std::string to_string(activation kind) {
    constexpr std::array names{"x", "Q", "softmax", "A V", "K", "V"};
    return names[static_cast<std::size_t>(kind)];
}

std::string product_of(activation kind) {
    constexpr std::array names{"x W", "Q K^T", "softmax V", "A V W_O", "", ""};
    return names[static_cast<std::size_t>(kind)];
}

std::string to_string(schedule how) {
    constexpr std::array names{"fixed", "bit_sift", "bit_sift_apart"};
    return names[static_cast<std::size_t>(how)];
}

schedule_cycles& schedule_cycles::operator+=(schedule_cycles const& other) {
    next_fit += other.next_fit;
    ideal += other.ideal;
    next_fit_apart += other.next_fit_apart;
    ideal_apart += other.ideal_apart;
    return *this;
}

schedule_cycles activation_statistics::add(std::vector<std::int32_t> const& codes, std::size_t depth,
                                           xcim::format format, bool is_driven) {
    vectors_ += codes.size() / depth;
    codes_ += codes.size();
    if (depth >= run) {
        auto const shares = xcim::analysis::activation_sparsity<std::int32_t>(codes, depth, format, run);
        auto const count = [](std::uint64_t all, double share, std::uint64_t& sum, std::uint64_t& zeros) {
            sum += all;
            zeros += static_cast<std::uint64_t>(std::llround(static_cast<double>(all) * share));
        };
        auto const bits = static_cast<std::uint64_t>(format.bits), runs = codes.size() / depth * (depth / run);
        count(codes.size() * bits, shares.bitwise, zeros_.bits, zeros_.zero_bits);
        count(codes.size(), shares.value_wise, zeros_.values, zeros_.zero_values);
        count(runs, shares.run_value_wise, zeros_.runs, zeros_.zero_runs);
        count(runs * bits, shares.run_column_wise, zeros_.columns, zeros_.zero_columns);
    }
    schedule_cycles own;
    if (is_driven) {
        using xcim::sift_rule;
        using xcim::encoding::negatives;
        auto const apart = format.is_signed ? negatives::apart : negatives::twos_complement;
        own = {cycles_of(codes, depth, format, sift_rule::next_fit, negatives::twos_complement),
               cycles_of(codes, depth, format, sift_rule::ideal, negatives::twos_complement),
               cycles_of(codes, depth, format, sift_rule::next_fit, apart),
               cycles_of(codes, depth, format, sift_rule::ideal, apart)};
        cycles_ += own;
    }
    return own;
}

xcim::analysis::zero_shares activation_statistics::sparsity() const {
    auto const share = [](std::uint64_t zeros, std::uint64_t all) {
        return static_cast<double>(zeros) / static_cast<double>(all);
    };
    return {share(zeros_.zero_bits, zeros_.bits), share(zeros_.zero_values, zeros_.values),
            share(zeros_.zero_runs, zeros_.runs), share(zeros_.zero_columns, zeros_.columns)};
}

schedule_cycles observed_network::all_cycles() const {
    auto sum = of(activation::input).cycles();
    for (auto const kind : driven) {
        sum += of(kind).cycles();
    }
    return sum;
}

observed_network observe(subject const& what, calibration const& found, int threads) {
    observed_network result{&what, samples_of(what)};
    std::mutex alone;
    auto const keep = [&](networks::observed_attention const& seen) {
        std::lock_guard const lock{alone};
        sequence_reader{seen, result}.read({seen.codes->data(), seen.codes->data() + seen.codes->size()});
    };
    auto backend = study::backend_box{
        networks::attention_backend{networks::flare_attention{found.ranges, eight_bit_flare(), {}, keep}}};
    xcim::for_each_task(result.samples, threads,
                        [&](std::size_t sample) { static_cast<void>(what.logits(backend, sample, sample + 1)); });
    return result;
}

xcim::io::table make_sparsity_table(std::vector<observed_network> const& all) {
    auto result = xcim::io::table{{"network", "samples", "activation", "vectors", "mean_depth", "bitwise", "value_wise",
                                   "8_value_wise", "8_column_wise"}};
    for (auto const& one : all) {
        for (auto const kind : all_activations) {
            auto const& statistics = one.of(kind);
            auto const zeros = statistics.sparsity();
            result.add(one.what->name, one.samples, to_string(kind), statistics.vectors(), statistics.mean_depth(),
                       zeros.bitwise, zeros.value_wise, zeros.run_value_wise, zeros.run_column_wise);
        }
    }
    return result;
}

xcim::io::table make_cycle_table(std::vector<observed_network> const& all) {
    auto result = xcim::io::table{{"network", "samples", "product", "vectors", "mean_depth", "fixed", "next_fit",
                                   "ideal", "next_fit_apart", "ideal_apart", "boost", "boost_ideal", "boost_apart",
                                   "boost_ideal_apart", "boost_of_sparsity"}};
    auto const add_row = [&](observed_network const& one, std::string const& product, std::size_t vectors, double depth,
                             schedule_cycles const& cycles, double of_sparsity) {
        result.add(one.what->name, one.samples, product, vectors, depth, cycles.next_fit.fixed, cycles.next_fit.sifted,
                   cycles.ideal.sifted, cycles.next_fit_apart.sifted, cycles.ideal_apart.sifted,
                   cycles.next_fit.boost(), cycles.ideal.boost(), cycles.next_fit_apart.boost(),
                   cycles.ideal_apart.boost(), of_sparsity);
    };
    for (auto const& one : all) {
        std::size_t vectors = 0;
        for (auto const kind : driven) {
            auto const& statistics = one.of(kind);
            vectors += statistics.vectors();
            add_row(one, product_of(kind), statistics.vectors(), statistics.mean_depth(), statistics.cycles(),
                    1 / (1 - statistics.sparsity().bitwise));
        }
        auto const cycles = one.all_cycles();
        add_row(one, "all", vectors + one.of(activation::input).vectors(), 0, cycles, 0);
    }
    return result;
}

xcim::io::table make_latency_table(std::vector<observed_network> const& all) {
    auto result = xcim::io::table{{"network", "samples", "tokens", "layers", "schedule", "keys_values", "query",
                                   "logits", "weighted_sum", "output", "sequential_us", "pipelined_us"}};
    for (auto const& one : all) {
        for (auto const how : schedules) {
            auto const& cycles = one.cycles[static_cast<std::size_t>(how)];
            auto const time = xcim::cost::latency(cycles);
            auto const each = [&](double whole) { return whole / static_cast<double>(one.samples); };
            auto const cycles_each = [&](std::uint64_t whole) { return each(static_cast<double>(whole)); };
            result.add(one.what->name, one.samples, one.shape.tokens, one.layers.size(), to_string(how),
                       cycles_each(cycles.keys_values), cycles_each(cycles.query), cycles_each(cycles.logits),
                       cycles_each(cycles.weighted_sum), cycles_each(cycles.output), each(time.total()) / 1000,
                       each(time.pipelined_total()) / 1000);
        }
    }
    return result;
}

xcim::io::table make_traffic_table(std::vector<observed_network> const& all) {
    auto result = xcim::io::table{{"layer", "tokens", "width", "heads", "elements_unfused", "elements_fused", "ratio",
                                   "bytes_unfused", "bytes_fused_with_exponents"}};
    auto const add = [&](std::string const& name, xcim::cost::attention_extents const& shape) {
        auto const unfused = xcim::cost::unfused_traffic(shape), fused = xcim::cost::flare_traffic(shape);
        result.add(name, shape.tokens, shape.width, shape.heads, unfused.elements(), fused.elements(),
                   static_cast<double>(unfused.elements()) / static_cast<double>(fused.elements()), unfused.bytes(),
                   fused.bytes());
    };
    for (auto const& one : all) {
        add(one.what->name, one.shape);
    }
    add("as in the paper", {1, 512, 1024, 16});
    return result;
}

}  // namespace flare
