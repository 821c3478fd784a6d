#include <doctest/doctest.h>

#include <xcim/noise/sense_variation.hpp>
#include <xcim/testing/column_contexts.hpp>

#include <cmath>
#include <limits>

namespace {

using xcim::lane;
using xcim::noise::cell_sense;
using xcim::noise::sense_variation;
using xcim::testing::context_for;

/// What a standard normal of 1 adds to a sum.
double sense_deviation(sense_variation const& model, xcim::column_context const& context, float sum) {
    float const z = 1.0F;
    return static_cast<double>(model.prepare(context)(sum, lane<float>{&z, 1})) - static_cast<double>(sum);
}

}  // namespace

TEST_CASE("noise::sense_variation: the deviation of every popcount level") {
    sense_variation const on_only{{.on = 0.03}};
    for (int k = 0; k <= 8; ++k) {
        CHECK(sense_deviation(on_only, context_for(8, 1), static_cast<float>(k)) ==
              doctest::Approx(0.03 * std::sqrt(k)).epsilon(1e-5));
    }
    // 8 rows, 3 on: 3 * 0.03^2 + 5 * (0.1 / 4)^2 + 0.05^2 = 0.008325; levels are 3 / 4 of an on current apart.
    sense_variation const all{{.on = 0.03, .ratio = 4, .off = 0.1, .converter = 0.05}};
    CHECK(sense_deviation(all, context_for(8, 1), 3) == doctest::Approx(std::sqrt(0.008325) / 0.75).epsilon(1e-5));
    CHECK(sense_deviation(all, context_for(8, 1), 0) == doctest::Approx(std::sqrt(0.0075) / 0.75).epsilon(1e-5));
    CHECK(sense_deviation(all, context_for(8, 1), 8) == doctest::Approx(std::sqrt(0.0097) / 0.75).epsilon(1e-5));
    // Dummy rows count: 5 ones of 5 or of 8 word lines differ by three off cells.
    CHECK(sense_deviation(all, context_for(5, 1), 5) == doctest::Approx(std::sqrt(0.007) / 0.75).epsilon(1e-5));
    CHECK(sense_deviation(all, context_for(8, 1), 5) == doctest::Approx(std::sqrt(0.008875) / 0.75).epsilon(1e-5));
}

TEST_CASE("noise::sense_variation: off cells may vary more than on cells, several drive levels scale all") {
    sense_variation const off{{.on = 0.01, .ratio = 2, .off = 0.2}};
    CHECK(sense_deviation(off, context_for(16, 1), 0) == doctest::Approx(0.1 * 4 / 0.5).epsilon(1e-5));
    CHECK(sense_deviation(off, context_for(16, 1), 16) == doctest::Approx(0.01 * 4 / 0.5).epsilon(1e-4));
    // A fully driven row is 15 cell-LSB.
    CHECK(sense_deviation(off, context_for(16, 4), 16 * 15) == doctest::Approx(15 * 0.01 * 4 / 0.5).epsilon(1e-3));
}

TEST_CASE("noise::sense_variation: sums beyond the levels have the variance of the nearest") {
    sense_variation const model{{.on = 0.03, .converter = 0.01}};
    auto const context = context_for(8, 1);
    auto const near_relative = [](double v) { return doctest::Approx(v).epsilon(1e-4); };
    CHECK(sense_deviation(model, context, 11) == near_relative(sense_deviation(model, context, 8)));
    CHECK(sense_deviation(model, context, -2) == near_relative(sense_deviation(model, context, 2)));
}

TEST_CASE("noise::sense_variation: zero is silent, parameters out of range are named") {
    CHECK(sense_variation{}.prepare(context_for(8, 1)).is_off());
    CHECK(sense_variation{{.ratio = 1.5}}.prepare(context_for(8, 1)).is_off());
    CHECK(!sense_variation{{.converter = 0.1}}.prepare(context_for(8, 1)).is_off());
    CHECK(!sense_variation{{.on = 0.1}}.prepare(context_for(8, 1)).is_off());
    CHECK(sense_variation{}.wrong().empty());
    CHECK(sense_variation{{.on = -0.1}}.wrong() ==
          "noise::sense_variation.cells.on is -0.100000; a finite number from 0 on is needed");
    CHECK(sense_variation{{.off = std::nan("")}}.wrong().find("cells.off is nan") != std::string::npos);
    CHECK(sense_variation{{.converter = std::numeric_limits<double>::infinity()}}.wrong().find("cells.converter") !=
          std::string::npos);
    for (double const ratio : {1.0, 0.5, -3.0, std::nan("")}) {
        CHECK(sense_variation{{.ratio = ratio}}.wrong().find("cells.ratio is") != std::string::npos);
    }
    CHECK(to_string(sense_variation{{.on = 0.5}}) ==
          "sense variation, on 0.500000, on/off inf, off 0.000000, converter 0.000000");
}
