#pragma once

/// \file
/// A backend chosen at run time, so that the networks need compiling only once.

#include "settings.hpp"

#include "../networks/backends.hpp"

#include <cstddef>
#include <memory>

namespace explore {

class any_backend {
public:
    virtual ~any_backend() = default;

    virtual void begin_batch(std::size_t first_item) = 0;
    virtual networks::tensor conv2d(networks::conv_layer const& layer, networks::tensor const& x) = 0;
    virtual networks::tensor linear(networks::linear_layer const& layer, networks::tensor const& x) = 0;
};

/// Any backend behind the common interface.
template <networks::Backend B>
class backend_box final : public any_backend {
public:
    explicit backend_box(B backend) : backend_{std::move(backend)} {}

    void begin_batch(std::size_t first_item) override {
        if constexpr (requires { backend_.begin_batch(first_item); }) {
            backend_.begin_batch(first_item);
        }
    }
    networks::tensor conv2d(networks::conv_layer const& layer, networks::tensor const& x) override {
        return backend_.conv2d(layer, x);
    }
    networks::tensor linear(networks::linear_layer const& layer, networks::tensor const& x) override {
        return backend_.linear(layer, x);
    }

    [[nodiscard]] B const& inner() const { return backend_; }

private:
    B backend_;
};

/// The macro of one design point.
std::unique_ptr<any_backend> make_macro_backend(design const& point, settings const& chosen);

}  // namespace explore
