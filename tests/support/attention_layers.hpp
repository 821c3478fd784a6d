#pragma once

/// \file
/// Random integer attention layers and inputs, the same on every machine, and a float attention beside them.

#include <xcim/ops/integer_attention.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace xcim::test {

using codes_tensor = xt::xarray<std::int32_t>;

/// An integer from `lowest` to `highest`; the distributions of the standard library differ from one to another.
inline int random_integer(std::mt19937& random, int lowest, int highest) {
    return lowest + static_cast<int>(random() % static_cast<std::uint32_t>(highest - lowest + 1));
}

/// From 0 to 1.
inline double random_unit(std::mt19937& random) { return static_cast<double>(random()) * 0x1p-32; }

/// About normal: twelve uniform numbers.
inline double random_normal(std::mt19937& random) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) {
        sum += random_unit(random);
    }
    return sum;
}

/// Codes of `bits` bits, most of them small.
inline codes_tensor random_codes(std::mt19937& random, std::vector<std::size_t> const& shape, int bits) {
    auto t = codes_tensor::from_shape(shape);
    double const highest = std::ldexp(1.0, bits - 1);
    for (auto& v : t) {
        v = static_cast<std::int32_t>(
            std::clamp(std::nearbyint(random_normal(random) * highest / 3), -highest, highest - 1));
    }
    return t;
}

/// Extents of a random layer.
struct layer_extents {
    std::size_t inputs = 24;
    std::size_t outputs = 20;
    std::size_t kv_heads = 2;
    std::size_t head_width = 8;
};

/// Weights of a layer with options.heads heads; biases about as large as the accumulators where asked for.
inline integer_attention_weights random_weights(std::mt19937& random, layer_extents const& e,
                                                integer_attention_options const& o, bool has_biases) {
    double const step = std::ldexp(1.0, 1 - o.w_bits);
    auto const projection = [&](std::size_t outputs, std::size_t inputs) {
        integer_projection p{random_codes(random, {outputs, inputs}, o.w_bits), step * (0.5 + random_unit(random)), {}};
        for (std::size_t n = 0; n < (has_biases ? outputs : 0); ++n) {
            p.bias.push_back(random_normal(random));
        }
        return p;
    };
    return {projection(o.heads * e.head_width, e.inputs), projection(e.kv_heads * e.head_width, e.inputs),
            projection(e.kv_heads * e.head_width, e.inputs), projection(e.outputs, o.heads * e.head_width)};
}

struct token_codes {
    codes_tensor codes;      // (B, N, D)
    codes_tensor exponents;  // (B, N)
};

inline token_codes random_tokens(std::mt19937& random, std::size_t items, std::size_t tokens, std::size_t inputs,
                                 int bits, int spread) {
    token_codes x{random_codes(random, {items, tokens, inputs}, bits), codes_tensor::from_shape({items, tokens})};
    for (auto& e : x.exponents) {
        e = random_integer(random, -spread, spread);
    }
    return x;
}

/// Rows of a real matrix (rows, width) times (outputs, width).
inline std::vector<double> real_product(std::vector<double> const& x, std::vector<double> const& w, std::size_t width) {
    std::size_t const outputs = w.size() / width;
    std::vector<double> y(x.size() / width * outputs);
    for (std::size_t i = 0; i < y.size(); ++i) {
        for (std::size_t k = 0; k < width; ++k) {
            y[i] += x[i / outputs * width + k] * w[i % outputs * width + k];
        }
    }
    return y;
}

/// What an attention layer computes in real numbers.
struct real_attention {
    std::size_t heads = 1;
    std::size_t kv_heads = 1;
    std::size_t head_width = 1;
    double scale = 1;
    bool causal = false;

    /// q: (N, H d_k); k, v: (N, H_kv d_k). Returns (N, H d_k).
    [[nodiscard]] std::vector<double> operator()(std::vector<double> const& q, std::vector<double> const& k,
                                                 std::vector<double> const& v) const {
        std::size_t const tokens = q.size() / (heads * head_width);
        std::vector<double> y(q.size());
        std::vector<double> p(tokens);
        for (std::size_t n = 0; n < tokens; ++n) {
            for (std::size_t h = 0; h < heads; ++h) {
                auto const at = [&](std::size_t t) { return (t * kv_heads + h * kv_heads / heads) * head_width; };
                std::size_t const keys = causal ? n + 1 : tokens;
                for (std::size_t t = 0; t < keys; ++t) {
                    p[t] = 0;
                    for (std::size_t d = 0; d < head_width; ++d) {
                        p[t] += scale * q[(n * heads + h) * head_width + d] * k[at(t) + d];
                    }
                }
                double const highest = *std::max_element(p.begin(), p.begin() + static_cast<std::ptrdiff_t>(keys));
                double sum = 0;
                for (std::size_t t = 0; t < keys; ++t) {
                    p[t] = std::exp(p[t] - highest);
                    sum += p[t];
                }
                for (std::size_t t = 0; t < keys; ++t) {
                    for (std::size_t d = 0; d < head_width; ++d) {
                        y[(n * heads + h) * head_width + d] += p[t] / sum * v[at(t) + d];
                    }
                }
            }
        }
        return y;
    }
};

/// Real values of a result: codes * 2^exponent * scale.
inline std::vector<double> real_values(codes_tensor const& codes, codes_tensor const& exponents, double scale) {
    std::size_t const width = codes.size() / exponents.size();
    std::vector<double> y(codes.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
        y[i] = std::ldexp(scale * codes.data()[i], exponents.data()[i / width]);
    }
    return y;
}

/// |a - b| / |b|
inline double relative_error(std::vector<double> const& a, std::vector<double> const& b) {
    double difference = 0;
    double size = 0;
    for (std::size_t i = 0; i < b.size(); ++i) {
        difference += (a[i] - b[i]) * (a[i] - b[i]);
        size += b[i] * b[i];
    }
    return std::sqrt(difference / size);
}

/// Whether two results hold the same codes and exponents.
inline bool same_numbers(integer_attention_result const& a, integer_attention_result const& b) {
    return std::ranges::equal(a.codes, b.codes) && std::ranges::equal(a.exponents, b.exponents);
}

}  // namespace xcim::test
