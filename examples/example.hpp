#pragma once

/// \file
/// What the examples share: random tensors, a float product to compare with, and claims that must hold.

#include <xcim/xcim.hpp>

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <random>
#include <string_view>
#include <vector>

namespace example {

using tensor = xt::xarray<float>;

inline tensor normal(std::vector<std::size_t> const& shape, unsigned seed) {
    tensor t = tensor::from_shape(shape);
    std::mt19937 engine{seed};
    std::normal_distribution<float> standard;
    for (auto& v : t) {
        v = standard(engine);
    }
    return t;
}

/// Normal tensor behind a ReLU: what most layers of a network see.
inline tensor rectified(std::vector<std::size_t> const& shape, unsigned seed) {
    tensor t = normal(shape, seed);
    for (auto& v : t) {
        v = std::fmax(v, 0.0F);
    }
    return t;
}

/// (M, K) times (K, N) in double precision.
inline tensor product(tensor const& x, tensor const& w) {
    tensor y = tensor::from_shape({x.shape(0), w.shape(1)});
    for (std::size_t m = 0; m < x.shape(0); ++m) {
        for (std::size_t n = 0; n < w.shape(1); ++n) {
            double sum = 0;
            for (std::size_t k = 0; k < x.shape(1); ++k) {
                sum += double{x(m, k)} * double{w(k, n)};
            }
            y(m, n) = static_cast<float>(sum);
        }
    }
    return y;
}

/// Power of the result over power of its error, in dB.
inline double sqnr(tensor const& exact, tensor const& y) {
    double signal = 0;
    double error = 0;
    for (std::size_t i = 0; i < exact.size(); ++i) {
        double const e = double{y.data()[i]} - double{exact.data()[i]};
        signal += double{exact.data()[i]} * double{exact.data()[i]};
        error += e * e;
    }
    return 10 * std::log10(signal / error);
}

/// Prints the sentence; ends the program with code 1 where it does not hold.
inline void claim(bool holds, std::string_view sentence) {
    fmt::print("{} {}\n", holds ? "[holds]" : "[DOES NOT HOLD]", sentence);
    if (!holds) {
        std::exit(1);
    }
}

}  // namespace example
