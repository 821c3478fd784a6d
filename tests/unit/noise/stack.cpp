#include <doctest/doctest.h>

#include <xcim/noise/elementwise.hpp>
#include <xcim/noise/gaussian.hpp>
#include <xcim/noise/none.hpp>
#include <xcim/noise/stack.hpp>

#include <array>

TEST_CASE("noise::stack applies its sources in order, each with draws of its own") {
    auto const doubled = xcim::noise::elementwise{[](auto sum, auto z) { return sum + sum + z; }};
    xcim::noise::stack const n{xcim::noise::gaussian{xcim::in_cell_lsb(1)}, xcim::noise::none{}, doubled};
    auto const k = n.prepare({});
    static_assert(decltype(k)::draws == 2);
    std::array<float, 4> const z{10, -1, 200, -1};  // (draw, column): stride 2
    CHECK(k(1.0F, xcim::lane<float>{z.data(), 2}) == 2 * (1 + 10) + 200);
    CHECK_FALSE(decltype(n)::is_identity);
}

TEST_CASE("noise::stack of nothing and of identities is an identity") {
    static_assert(xcim::noise::stack<>::is_identity);
    static_assert(xcim::noise::stack<xcim::noise::none, xcim::noise::none>::is_identity);
    CHECK(xcim::noise::stack<>{}.prepare({})(2.5F, xcim::lane<float>{}) == 2.5F);
    CHECK(to_string(xcim::noise::stack<>{}) == "stack()");
    CHECK(to_string(xcim::noise::stack{xcim::noise::none{}, xcim::noise::none{}}) == "stack(no noise; no noise)");
}
