#include <doctest/doctest.h>

#include <xcim/noise/none.hpp>

TEST_CASE("noise::none draws nothing and returns the sum") {
    auto const k = xcim::noise::none{}.prepare({});
    static_assert(decltype(k)::draws == 0);
    CHECK(k(3.25F, xcim::lane<float>{}) == 3.25F);
    CHECK(to_string(xcim::noise::none{}) == "no noise");
}
