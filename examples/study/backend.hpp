#pragma once

/// \file
/// A macro chosen at run time: one virtual call a layer, so that networks are compiled once and macros apart from them.

#include "design.hpp"

#include "../networks/backends.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace study {

using networks::tensor;

class any_backend {
public:
    virtual ~any_backend() = default;

    virtual void begin_batch(std::size_t first_item) = 0;
    virtual tensor conv2d(networks::conv_layer const& layer, tensor const& x) = 0;
    virtual tensor linear(networks::linear_layer const& layer, tensor const& x) = 0;
    virtual tensor attention(networks::attention_layer const& layer, tensor const& x) = 0;
};

/// Any backend that transformers can use, behind the common interface.
template <networks::AttentionBackend B>
class backend_box final : public any_backend {
public:
    explicit backend_box(B backend) : backend_{std::move(backend)} {}

    void begin_batch(std::size_t first_item) override {
        if constexpr (requires { backend_.begin_batch(first_item); }) {
            backend_.begin_batch(first_item);
        }
    }
    tensor conv2d(networks::conv_layer const& layer, tensor const& x) override { return backend_.conv2d(layer, x); }
    tensor linear(networks::linear_layer const& layer, tensor const& x) override { return backend_.linear(layer, x); }
    tensor attention(networks::attention_layer const& layer, tensor const& x) override {
        return backend_.attention(layer, x);
    }

    [[nodiscard]] B const& inner() const { return backend_; }

private:
    B backend_;
};

/// The macro of a design; its noise is drawn from `seed`.
std::unique_ptr<any_backend> make_backend(design const& point, std::uint64_t seed);

/// \name One for each composition of model types, compiled apart
/// @{
std::unique_ptr<any_backend> make_random_noise_backend(design const& point, std::uint64_t seed);
std::unique_ptr<any_backend> make_non_linearity_backend(design const& point, std::uint64_t seed);
std::unique_ptr<any_backend> make_hybrid_backend(design const& point, std::uint64_t seed);
std::unique_ptr<any_backend> make_voting_backend(design const& point, std::uint64_t seed);
/// @}

}  // namespace study
