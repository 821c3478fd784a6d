#include <doctest/doctest.h>

#include <xcim/noise/popcount_errors.hpp>
#include <xcim/testing/column_contexts.hpp>

#include <cmath>
#include <vector>

namespace {

using xcim::lane;
using xcim::noise::level_error;
using xcim::noise::popcount_errors;
using xcim::testing::context_for;

/// The sum read where the normal drawn is z.
float popcount_reading(popcount_errors const& model, xcim::column_context const& context, float sum, float z) {
    return model.prepare(context)(sum, lane<float>{&z, 1});
}

}  // namespace

TEST_CASE("noise::popcount_errors: shift and deviation of the nearest level") {
    popcount_errors const model{{{0.5, 0.25}, {-0.25, 0.125}, {0, 1}}};
    auto const context = context_for(8, 1);
    CHECK(popcount_reading(model, context, 0, 2) == 1.0F);
    CHECK(popcount_reading(model, context, 1, 2) == 1.0F);
    CHECK(popcount_reading(model, context, 2, -3) == -1.0F);
    CHECK(popcount_reading(model, context, 1.25F, 0) == 1.0F);
    // Beyond the table its ends hold.
    CHECK(popcount_reading(model, context, 7, -3) == 4.0F);
    CHECK(popcount_reading(model, context, -2, 2) == -1.0F);
    // A level is a fully driven row: 15 cell-LSB of four drive bits.
    CHECK(popcount_reading(model, context_for(8, 4), 15, 2) == 15.0F);
    CHECK(popcount_reading(model, context_for(8, 4), 7, 2) == 7 + 15.0F);
}

TEST_CASE("noise::popcount_errors: up to 65 levels, none is silent") {
    std::vector<level_error> levels(65);
    levels[64] = {1, 0};
    popcount_errors const model{levels};
    CHECK(model.wrong().empty());
    CHECK(popcount_reading(model, context_for(64, 1), 64, 1) == 65.0F);
    CHECK(popcount_reading(model, context_for(64, 1), 63, 1) == 63.0F);
    CHECK(popcount_errors{}.prepare(context_for(8, 1)).is_off());
    CHECK(popcount_errors{std::vector<level_error>(9)}.prepare(context_for(8, 1)).is_off());
    CHECK(!model.prepare(context_for(8, 1)).is_off());
    CHECK(to_string(model) == "popcount errors of 65 levels");
    levels.emplace_back();
    CHECK(popcount_errors{levels}.wrong() == "noise::popcount_errors has 66 levels; 65 are possible, 0 to 64 ones");
}

TEST_CASE("noise::popcount_errors names the level that is wrong") {
    CHECK(popcount_errors{{{0, 0}, {0, -1}}}.wrong() ==
          "noise::popcount_errors.levels[1].sigma is -1.000000; a finite number from 0 on is needed");
    CHECK(popcount_errors{{{std::nan(""), 0}}}.wrong().find("levels[0].shift is nan") != std::string::npos);
}
