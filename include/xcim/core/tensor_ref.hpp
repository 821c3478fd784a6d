#pragma once

/// \file
/// A read-only dense float tensor as the engine sees it: a pointer and a shape, whatever library owns the memory.

#include <xcim/core/error.hpp>
#include <xcim/core/format.hpp>
#include <xcim/core/simd.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// Number of elements of a tensor of this shape.
[[nodiscard]] inline std::size_t size_of(std::vector<std::size_t> const& shape) {
    std::size_t product = 1;
    for (auto const extent : shape) {
        product *= extent;
    }
    return product;
}

/// Row-major float tensor owned by somebody else.
struct tensor_ref {
    float const* data = nullptr;
    std::vector<std::size_t> shape;

    [[nodiscard]] std::size_t size() const { return size_of(shape); }
};

/// Row-major integers owned by somebody else: codes of a quantiser.
struct code_ref {
    std::int32_t const* data = nullptr;
    std::vector<std::size_t> shape;

    [[nodiscard]] std::size_t size() const { return size_of(shape); }
    [[nodiscard]] std::span<std::int32_t const> elements() const { return {data, size()}; }
};

/// A container of floats with data(), size() and shape(): xt::xarray<float>, xt::xtensor<float, N> and alike.
template <class T>
concept dense_tensor = requires(T const& t) {
    { t.data() } -> std::convertible_to<float const*>;
    { t.size() } -> std::convertible_to<std::size_t>;
    t.shape().begin();
};

/// "(2, 3, 4)", for error messages.
[[nodiscard]] inline std::string to_string(std::vector<std::size_t> const& shape) {
    std::string text = "(";
    for (std::size_t i = 0; i < shape.size(); ++i) {
        text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    }
    return text + ")";
}

/// View of a dense tensor. `name` is the argument's, for the error if its memory is not in row-major order.
template <dense_tensor T>
[[nodiscard]] tensor_ref ref(T const& t, char const* name = "tensor") {
    tensor_ref r{t.data(), {}};
    for (auto const extent : t.shape()) {
        r.shape.push_back(static_cast<std::size_t>(extent));
    }
    if constexpr (requires { t.strides().begin(); }) {
        std::ptrdiff_t expected = 1;
        std::size_t axis = r.shape.size();
        for (auto it = t.strides().end(); it != t.strides().begin();) {
            --it;
            --axis;
            if (r.shape[axis] > 1 && static_cast<std::ptrdiff_t>(*it) != expected) {
                throw error(errc::shape, std::string(name) + " of shape " + to_string(r.shape) +
                                             " is not in row-major order; copy it into a row-major container first");
            }
            expected *= static_cast<std::ptrdiff_t>(r.shape[axis]);
        }
    }
    return r;
}

/// Smallest and largest element. NaN or infinity is an error that says where.
[[nodiscard]] inline range range_of(tensor_ref const& t, char const* name) {
    std::size_t const size = t.size();
    if (size == 0) {
        return {};
    }
    using V = batch<float>;
    float lowest = t.data[0];
    float highest = t.data[0];
    float poison = 0;  // v - v is 0 for every finite v
    std::size_t i = 0;
    if (size >= lanes) {
        V low(t.data[0]);
        V high(t.data[0]);
        V bad(0.0F);
        for (; i + lanes <= size; i += lanes) {
            V const v = load<V>(t.data + i);
            low = min(low, v);
            high = max(high, v);
            bad = bad + (v - v);
        }
        std::array<float, lanes> l{};
        std::array<float, lanes> h{};
        std::array<float, lanes> b{};
        store(l.data(), low);
        store(h.data(), high);
        store(b.data(), bad);
        for (std::size_t k = 0; k < lanes; ++k) {
            lowest = min(lowest, l[k]);
            highest = max(highest, h[k]);
            poison += b[k];
        }
    }
    for (; i < size; ++i) {
        lowest = min(lowest, t.data[i]);
        highest = max(highest, t.data[i]);
        poison += t.data[i] - t.data[i];
    }
    if (!(poison == 0.0F)) {
        for (std::size_t k = 0; k < size; ++k) {
            if (!std::isfinite(t.data[k])) {
                throw error(errc::value, std::string(name) + " of shape " + to_string(t.shape) + " holds " +
                                             std::to_string(t.data[k]) + " at flat index " + std::to_string(k) +
                                             "; every element must be finite");
            }
        }
    }
    return {lowest, highest};
}

}  // namespace xcim::inline XCIM_ABI
