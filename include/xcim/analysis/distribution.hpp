#pragma once

/// \file
/// Operands drawn from a distribution: what a layer sees, when no real layer is at hand.

#include <xcim/core/error.hpp>
#include <xcim/core/normal.hpp>
#include <xcim/core/tensor_ref.hpp>
#include <xcim/ops/xtensor.hpp>

#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::analysis {

/// Random numbers of one element of a tensor: a pure function of (seed, index of the element, number of the draw).
class element_draws {
public:
    element_draws(std::uint64_t seed, std::uint64_t index) : key_{derive(root_of(seed), index)} {}

    /// In [0, 1), a multiple of 2^-24.
    [[nodiscard]] float uniform() { return static_cast<float>(bits() >> 8) * 0x1p-24F; }

    [[nodiscard]] float normal() { return four_normals(key_, {draw_++, 1})[0]; }

    /// 0 to count - 1, count at most 2^32.
    [[nodiscard]] std::size_t below(std::size_t count) {
        return static_cast<std::size_t>((std::uint64_t{bits()} * count) >> 32);
    }

private:
    /// A stream of its own: run and program take theirs from other indices (core/random.hpp).
    static word_pair<> root_of(std::uint64_t seed) {
        word_pair<> const root{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
        return derive(root, ~std::uint64_t{0});
    }

    [[nodiscard]] std::uint32_t bits() { return threefry<20>(key_, word_pair<>{draw_++, 2}).first; }

    word_pair<> key_;
    std::uint32_t draw_ = 0;
};

/// What `sample` takes: a function of the random numbers of one element. A lambda is one too.
template <class D>
concept Distribution = requires(D const& d, element_draws& draws) {
    { d(draws) } -> std::convertible_to<float>;
};

/// Evenly between `lowest` and `highest`, in the unit of the tensor: what most published CSNR figures assume.
struct uniform {
    float lowest = -1;
    float highest = 1;
    float operator()(element_draws& draws) const {
        return fused_multiply_add(highest - lowest, draws.uniform(), lowest);
    }
};

/// Weights of a trained layer, roughly.
struct normal {
    float mean = 0;
    float deviation = 1;
    float operator()(element_draws& draws) const { return fused_multiply_add(deviation, draws.normal(), mean); }
};

/// max(0, normal): activations behind a ReLU.
struct rectified_normal {
    float mean = 0;
    float deviation = 1;
    float operator()(element_draws& draws) const { return std::fmax(normal{mean, deviation}(draws), 0.0F); }
};

/// Elements of another distribution, each kept with probability `density` (0 to 1), else zero.
template <Distribution Of>
struct sparse {
    Of of{};
    float density = 0.5F;
    float operator()(element_draws& draws) const { return draws.uniform() < density ? of(draws) : 0.0F; }
};

template <class Of>
sparse(Of, float) -> sparse<Of>;

/// Elements of a real tensor, drawn with replacement: its distribution without its order. The tensor must outlive this.
struct resampled {
    tensor_ref from;
    float operator()(element_draws& draws) const {
        if (from.size() == 0) {
            throw error(errc::shape, "analysis::resampled has a tensor of shape " + to_string(from.shape) +
                                         "; at least one element is needed");
        }
        return from.data[draws.below(from.size())];
    }
};

/// A tensor of independent draws; the same (distribution, shape, seed) gives the same numbers on every machine.
///
/// Parameters: `shape` of the tensor; `seed` any number, operands of one product need different ones. Returns a float
/// array in the unit of the distribution. Not modelled: correlation between elements or channels; use a real tensor.
/// Tests: tests/unit/analysis/distribution.cpp.
template <Distribution D>
[[nodiscard]] xt::xarray<float> sample(D const& distribution, std::vector<std::size_t> const& shape,
                                       std::uint64_t seed) {
    xt::xarray<float> t = xt::xarray<float>::from_shape(shape);
    for (std::size_t i = 0; i < t.size(); ++i) {
        element_draws draws{seed, i};
        t.data()[i] = distribution(draws);
    }
    return t;
}

}  // namespace xcim::inline XCIM_ABI::analysis
