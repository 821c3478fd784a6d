#include <doctest/doctest.h>

#include <tests/support/compositions.hpp>
#include <tests/support/tensors.hpp>
#include <xcim/analysis/monte_carlo.hpp>
#include <xcim/ops/linear.hpp>

namespace {

using xcim::analysis::chip_statistics;
using xcim::analysis::monte_carlo;

}  // namespace

TEST_CASE("chip_statistics: mean, deviation, quantiles, yield") {
    chip_statistics const s{{4, 1, 3, 2}};
    CHECK(s.mean() == 2.5);
    CHECK(s.deviation() == doctest::Approx(1.2909944));
    CHECK(s.quantile(0) == 1);
    CHECK(s.quantile(0.25) == 1);
    CHECK(s.quantile(0.26) == 2);
    CHECK(s.quantile(1) == 4);
    CHECK(s.fraction_from(3) == 0.5);
    CHECK(chip_statistics{{7}}.deviation() == 0);
}

TEST_CASE("monte_carlo over the chips of one layer: the same from any threads, one chip as programmed by itself") {
    using namespace xcim;
    auto const macro = test::lossless_macro().with(cell::current{.variation = 0.1}).with(adc::ideal{});
    auto const x = test::random_tensor({3, 50}, 1);
    auto const w = test::random_tensor({5, 50}, 2);
    auto const first_element = [&](programmed_array const& array) { return linear(macro, x, array)(0, 0); };
    auto const chips = monte_carlo(macro, w, {.chips = 40, .first_chip = 10}, first_element);
    auto const again = monte_carlo(macro, w, {.chips = 40, .first_chip = 10, .threads = 3}, first_element);
    CHECK(chips.values.size() == 40);
    CHECK(chips.values == again.values);
    CHECK(chips.values[7] == static_cast<double>(first_element(macro.program(w, {.chip = 17}))));
    CHECK(chips.deviation() > 0);
    auto const exact = static_cast<double>(linear(macro.with(cell::sram{}), x, w)(0, 0));
    CHECK(std::abs(chips.mean() - exact) < 5 * chips.deviation() / std::sqrt(40.0));
}

TEST_CASE("monte_carlo needs a chip") {
    CHECK_THROWS_WITH(static_cast<void>(monte_carlo({.chips = 0}, [](std::uint64_t) { return 0.0; })),
                      "xcim: monte_carlo_options.chips is 0; at least 1 is needed");
}
