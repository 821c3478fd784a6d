#include <doctest/doctest.h>

#include <xcim/core/simd.hpp>

#include <array>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

namespace {

using V = xcim::batch<float>;
using xcim::lanes;
using lane_row = std::array<float, lanes>;

template <class F>
lane_row on_batch(F const& f, lane_row const& a) {
    lane_row out;
    xcim::store(out.data(), V(f(xcim::load<V>(a.data()))));
    return out;
}

/// Ties, both signs, the largest numbers that are exact integers, tiny ones.
std::vector<float> awkward() {
    std::vector<float> v{0.0F,   0.25F,      0.5F,       1.0F,        1.5F,   2.5F,        3.5F, 127.5F,
                         128.5F, 8388607.5F, 8388608.0F, 16777215.0F, 1e-30F, 0.49999997F, 1e20F};
    for (std::size_t i = 0, n = v.size(); i < n; ++i) {
        v.push_back(-v[i]);
    }
    v.resize((v.size() + lanes - 1) / lanes * lanes, 7.0F);
    return v;
}

template <class F>
std::size_t lanes_that_differ(F const& f) {
    std::size_t wrong = 0;
    auto const values = awkward();
    for (std::size_t i = 0; i < values.size(); i += lanes) {
        lane_row in;
        std::memcpy(in.data(), values.data() + i, sizeof in);
        lane_row const out = on_batch(f, in);
        for (std::size_t l = 0; l < lanes; ++l) {
            wrong += out[l] == f(in[l]) ? 0U : 1U;
        }
    }
    return wrong;
}

}  // namespace

TEST_CASE("functions on values are the same on floats and on every lane") {
    CHECK(lanes_that_differ([](auto v) { return xcim::round_half_even(v); }) == 0);
    CHECK(lanes_that_differ([](auto v) { return xcim::round_down(v); }) == 0);
    CHECK(lanes_that_differ([](auto v) { return xcim::abs(v); }) == 0);
    CHECK(lanes_that_differ([](auto v) { return xcim::clamp(v, decltype(v)(-1.0F), decltype(v)(2.0F)); }) == 0);
    CHECK(lanes_that_differ([](auto v) { return xcim::min(v, decltype(v)(0.25F)); }) == 0);
    CHECK(lanes_that_differ([](auto v) { return xcim::max(v, decltype(v)(0.25F)); }) == 0);
    CHECK(lanes_that_differ([](auto v) { return xcim::select(v > decltype(v)(1.0F), v, decltype(v)(9.0F)); }) == 0);
    CHECK(lanes_that_differ([](auto v) { return xcim::float_of_bits(xcim::bits_of(v)); }) == 0);
    CHECK(lanes_that_differ([](auto v) {
              using T = decltype(v);
              return xcim::to_float(xcim::to_word(T(xcim::clamp(v, T(0.0F), T(1e9F)))));
          }) == 0);
}

TEST_CASE("rounding is half to even") {
    CHECK(xcim::round_half_even(0.5F) == 0.0F);
    CHECK(xcim::round_half_even(1.5F) == 2.0F);
    CHECK(xcim::round_half_even(2.5F) == 2.0F);
    CHECK(xcim::round_half_even(-2.5F) == -2.0F);
    CHECK(xcim::round_down(-0.25F) == -1.0F);
}

TEST_CASE("fused_multiply_add rounds once, on every target") {
    // (1 + e)^2 - (1 + 2 e) is e^2: lost when the product is rounded first.
    float const e = FLT_EPSILON;
    float const a = 1 + e;
    CHECK(xcim::fused_multiply_add(a, a, -(1 + 2 * e)) == e * e);
    lane_row const out = on_batch([&](V v) { return xcim::fused_multiply_add(v, v, V(-(1 + 2 * e))); },
                                  [&] {
                                      lane_row in;
                                      in.fill(a);
                                      return in;
                                  }());
    for (float const v : out) {
        CHECK(v == e * e);
    }
}

TEST_CASE("an unfused product is rounded before it is added") {
    float const e = FLT_EPSILON;
    // volatile: the compiler must not know the numbers.
    float volatile a = 1 + e;
    float const x = a;
    CHECK(xcim::unfused(x * x) - (1 + 2 * e) == 0.0F);
    double volatile b = 1 + DBL_EPSILON;
    double const y = b;
    CHECK(xcim::unfused(y * y) - (1 + 2 * DBL_EPSILON) == 0.0);
}

TEST_CASE("a lane reads draws row by row and shares them out") {
    std::array<float, 3 * lanes> normals{};
    for (std::size_t i = 0; i < normals.size(); ++i) {
        normals[i] = static_cast<float>(i);
    }
    xcim::lane<float> const one{normals.data() + 1, lanes};
    CHECK(one.normal() == 1.0F);
    CHECK(one.normal(2) == 2.0F * static_cast<float>(lanes) + 1.0F);
    CHECK(one.from_draw(1).normal(1) == one.normal(2));
    lane_row out;
    xcim::store(out.data(), xcim::lane<V>{normals.data(), lanes}.from_draw(2).normal());
    CHECK(out[lanes - 1] == static_cast<float>(3 * lanes - 1));
}
