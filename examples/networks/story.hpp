#pragma once

/// \file
/// LLaMA decoders, as small as those that tell children's stories: embedded tokens, blocks of causal attention with
/// rotary positions and shared heads of k and v, and of a gated pair of linear layers, a root-mean-square norm before
/// each; the embedding serves as classifier too. Linear layers and attention go to the backend; embedding, norms, SiLU
/// and residual sums are digital in float.
///
/// Reference: H. Touvron et al., "LLaMA: Open and Efficient Foundation Language Models", arXiv 2302.13971, 2023,
/// section 2.2; heads shared as in J. Ainslie et al., "GQA", EMNLP 2023.

#include "backends.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace networks {

using token_list = xt::xarray<std::uint16_t>;

/// What the weights of a decoder do not say. Defaults: data/models/stories260k.
struct decoder_architecture {
    int heads = 8;
    int kv_heads = 4;
    double rotary_theta = 10'000;
    double epsilon = 1e-5;  ///< of the norms
};

class story_decoder {
public:
    /// Width, depth and vocabulary follow from the weights.
    explicit story_decoder(weight_map const& weights, decoder_architecture const& how = {})
        : how_{how}, embedding_{at(weights, "tok_embeddings.weight")}, final_norm_{at(weights, "norm.weight")} {
        while (weights.contains(block_name(blocks_.size()) + ".attention.wq.weight")) {
            blocks_.push_back(read_block(weights, block_name(blocks_.size())));
        }
        classifier_ = {"classifier", embedding_, make_tensor({0}), next_number_++, true};
    }

    [[nodiscard]] std::size_t depth() const { return blocks_.size(); }
    [[nodiscard]] std::size_t vocabulary() const { return embedding_.shape(0); }

    /// (B, N) tokens at positions 0 .. N - 1 -> (B, N, vocabulary) logits of the tokens that follow
    template <AttentionBackend B>
    [[nodiscard]] tensor operator()(B& backend, token_list const& tokens) const {
        auto x = embed(tokens);  // (B, N, E)
        for (auto const& block : blocks_) {
            add(x, backend.attention(block.attention, normalise(x, block.attention_norm)));
            auto const y = normalise(x, block.gate_norm);
            auto gate = backend.linear(block.gate, y);  // (B, N, hidden)
            multiply_by_silu(backend.linear(block.expand, y), gate);
            add(x, backend.linear(block.contract, gate));
        }
        return backend.linear(classifier_, normalise(x, final_norm_));
    }

private:
    struct decoder_block {
        tensor attention_norm;  // (E)
        attention_layer attention;
        tensor gate_norm;  // (E)
        linear_layer gate, contract, expand;
    };

    static std::string block_name(std::size_t number) { return "layers." + std::to_string(number); }

    linear_layer read_linear(weight_map const& weights, std::string const& name) {
        return {name, at(weights, name + ".weight"), make_tensor({0}), next_number_++, true};
    }

    decoder_block read_block(weight_map const& weights, std::string const& name) {
        decoder_block block;
        block.attention_norm = at(weights, name + ".attention_norm.weight");
        auto const& q = at(weights, name + ".attention.wq.weight");
        auto const& k = at(weights, name + ".attention.wk.weight");
        auto const& v = at(weights, name + ".attention.wv.weight");
        auto qkv = make_tensor({q.shape(0) + k.shape(0) + v.shape(0), q.shape(1)});
        std::copy_n(v.data(), v.size(), std::copy_n(k.data(), k.size(), std::copy_n(q.data(), q.size(), qkv.data())));
        auto const head_width = q.shape(0) / static_cast<std::size_t>(how_.heads);
        block.attention = {name + ".attention",
                           std::move(qkv),
                           make_tensor({0}),
                           at(weights, name + ".attention.wo.weight"),
                           make_tensor({0}),
                           how_.heads,
                           1 / std::sqrt(static_cast<float>(head_width)),
                           next_number_,
                           {how_.kv_heads, true, how_.rotary_theta}};
        next_number_ += attention_layer::numbers;
        block.gate_norm = at(weights, name + ".ffn_norm.weight");
        block.gate = read_linear(weights, name + ".feed_forward.w1");
        block.contract = read_linear(weights, name + ".feed_forward.w2");
        block.expand = read_linear(weights, name + ".feed_forward.w3");
        return block;
    }

    /// (B, N) -> (B, N, E)
    [[nodiscard]] tensor embed(token_list const& tokens) const {
        auto const width = embedding_.shape(1);
        auto x = make_tensor({tokens.shape(0), tokens.shape(1), width});
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            auto const token = std::size_t{tokens.data()[i]};
            if (token >= vocabulary()) {
                throw std::invalid_argument{"token " + std::to_string(token) + " is beyond a vocabulary of " +
                                            std::to_string(vocabulary())};
            }
            std::copy_n(embedding_.data() + token * width, width, x.data() + i * width);
        }
        return x;
    }

    /// x / sqrt(mean(x^2) + epsilon) * gain over the last axis
    [[nodiscard]] tensor normalise(tensor x, tensor const& gain) const {
        auto const width = gain.size();
        for (auto* row = x.data(); row != x.data() + x.size(); row += width) {
            auto squares = 0.0;
            std::for_each(row, row + width,
                          [&](float e) { squares += static_cast<double>(e) * static_cast<double>(e); });
            auto const factor = 1 / std::sqrt(squares / static_cast<double>(width) + how_.epsilon);
            std::transform(row, row + width, gain.data(), row, [factor](float e, float g) {
                return static_cast<float>(static_cast<double>(e) * factor * static_cast<double>(g));
            });
        }
        return x;
    }

    /// gate = gate / (1 + exp(-gate)) * x
    static void multiply_by_silu(tensor const& x, tensor& gate) {
        std::transform(gate.data(), gate.data() + gate.size(), x.data(), gate.data(),
                       [](float g, float e) { return g / (1 + std::exp(-g)) * e; });
    }

    decoder_architecture how_;
    std::uint32_t next_number_ = 0;  // of layers so far
    tensor embedding_;               // (vocabulary, E)
    tensor final_norm_;              // (E)
    std::vector<decoder_block> blocks_;
    linear_layer classifier_;
};

/// How well logits foretell tokens.
struct prediction_score {
    std::size_t tokens = 0;
    std::size_t correct = 0;  ///< the largest logit was that of the token
    double nats = 0;          ///< sum of -log softmax(logits)[token]

    [[nodiscard]] double nats_per_token() const { return nats / static_cast<double>(tokens); }
    [[nodiscard]] double percent_correct() const {
        return 100.0 * static_cast<double>(correct) / static_cast<double>(tokens);
    }
};

/// logits: (B, N, vocabulary); next: (B, N), the tokens that did follow.
inline prediction_score score_predictions(tensor const& logits, token_list const& next) {
    auto const vocabulary = logits.shape(2);
    prediction_score score;
    for (std::size_t i = 0; i < next.size(); ++i) {
        auto const* row = logits.data() + i * vocabulary;
        auto const* const largest = std::max_element(row, row + vocabulary);
        auto sum = 0.0;
        std::for_each(row, row + vocabulary, [&](float e) { sum += std::exp(static_cast<double>(e - *largest)); });
        score.nats += std::log(sum) - static_cast<double>(row[next.data()[i]] - *largest);
        score.correct += largest == row + next.data()[i] ? 1U : 0U;
        ++score.tokens;
    }
    return score;
}

/// Windows first .. first + count - 1 of a running text: window j reads tokens N j .. N j + N - 1 and foretells the
/// tokens one further on.
struct text_windows {
    token_list read;  // (count, N)
    token_list next;  // (count, N)

    text_windows(std::vector<std::uint16_t> const& text, std::size_t first, std::size_t count, std::size_t window = 512)
        : read{token_list::from_shape({count, window})}, next{token_list::from_shape({count, window})} {
        if ((first + count) * window + 1 > text.size()) {
            throw std::invalid_argument{"a text of " + std::to_string(text.size()) + " tokens has no windows " +
                                        std::to_string(first) + " to " + std::to_string(first + count) + " of " +
                                        std::to_string(window)};
        }
        auto const from = text.begin() + static_cast<std::ptrdiff_t>(first * window);
        std::copy_n(from, count * window, read.data());
        std::copy_n(from + 1, count * window, next.data());
    }
};

}  // namespace networks
