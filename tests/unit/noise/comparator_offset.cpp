#include <doctest/doctest.h>

#include <xcim/noise.hpp>
#include <xcim/testing/column_contexts.hpp>

using namespace xcim;

TEST_CASE("noise::comparator_offset adds what belongs to the column") {
    auto const context = testing::context_for(200, 1);
    auto const k = noise::comparator_offset{of_full_scale(0.01)}.prepare(context);
    float const z = -1.5F;
    CHECK(k(50.0F, lane<float>{nullptr, 0, &z, 1}) == 47.0F);
    CHECK(column_draws_of<decltype(k)> == 1);
    CHECK(column_draws_of<noise::gaussian::kernel> == 0);
}

TEST_CASE("noise::stack shares out draws of conversions and of columns") {
    auto const context = testing::context_for(200, 1);
    auto const k = noise::stack{noise::comparator_offset{in_cell_lsb(1)}, noise::gaussian{in_cell_lsb(1)},
                                noise::comparator_offset{in_cell_lsb(1)}, noise::gaussian{in_cell_lsb(1)}}
                       .prepare(context);
    float const drawn[] = {1.0F, 2.0F};
    float const fixed[] = {10.0F, 20.0F};
    CHECK(decltype(k)::draws == 2);
    CHECK(decltype(k)::column_draws == 2);
    CHECK(k(100.0F, lane<float>{drawn, 1, fixed, 1}) == 133.0F);
}
