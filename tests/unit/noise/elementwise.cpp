#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/noise/elementwise.hpp>
#include <xcim/testing/noise_model.hpp>

TEST_CASE("noise::elementwise calls the formula with the draw and, where it wants it, the context") {
    float const z = 2;
    xcim::lane<float> const l{&z, 1};
    xcim::column_context context;
    context.rows = 64;
    xcim::noise::elementwise const two{[](auto sum, auto n) { return sum + n; }};
    CHECK(two.prepare(context)(1.0F, l) == 3.0F);
    xcim::noise::elementwise const three{[](auto sum, auto n, xcim::column_context const& c) {
        return sum + n * decltype(sum)(static_cast<float>(c.rows));
    }};
    CHECK(three.prepare(context)(1.0F, l) == 129.0F);
    CHECK(to_string(two) == "elementwise formula");
}

TEST_CASE("noise::elementwise fulfils the laws with formulas that go through unfused") {
    // Multiplicative noise and one whose size depends on the sum.
    CHECK_LAWS(xcim::testing::check_noise_model(xcim::noise::elementwise{
        [](auto sum, auto z) { return sum + xcim::unfused(sum * xcim::unfused(z * decltype(z)(0.01F))); }}));
    CHECK_LAWS(
        xcim::testing::check_noise_model(xcim::noise::elementwise{[](auto sum, auto z, xcim::column_context const& c) {
            using V = decltype(sum);
            return sum + xcim::unfused(z * xcim::min(sum, V(static_cast<float>(c.rows))));
        }}));
}
