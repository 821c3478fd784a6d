#include <doctest/doctest.h>

#include <tests/support/tensors.hpp>
#include <xcim/cell/pair.hpp>
#include <xcim/cell/pcm.hpp>
#include <xcim/mapping/offset.hpp>
#include <xcim/ops/drift_compensation.hpp>
#include <xcim/xcim.hpp>

#include <cmath>

namespace {

using drift_tensor = xcim::test::tensor;

auto drifting_macro(double time) {
    using namespace xcim;
    return CimMacro{quant::symmetric{8},
                    mapping::weight_parallel{.array = {64, 64}},
                    encoding::bit_parallel{7},
                    cell::pair{cell::pcm{.levels = 128, .time = time}},
                    noise::none{},
                    adc::ideal{}};
}

double drift_distance(drift_tensor const& a, drift_tensor const& b) {
    double sum = 0;
    double of_b = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += std::pow(static_cast<double>(a.data()[i] - b.data()[i]), 2);
        of_b += std::pow(static_cast<double>(b.data()[i]), 2);
    }
    return std::sqrt(sum / of_b);
}

}  // namespace

TEST_CASE("drift_response is the mean magnitude of the outputs of single rows") {
    using namespace xcim;
    auto const macro = drifting_macro(0).with(cell::ideal{});
    drift_tensor w = drift_tensor::from_shape({2, 3});
    w = xt::xarray<float>{{1.0F, -0.75F, 0.0F}, {0.25F, 0.25F, -0.25F}};
    auto const response = drift_response(macro, macro.program(w));
    CHECK(response.size() == 2);
    // In steps: weights of 1/127 and the unit scale of codes; the input drives 127.
    CHECK(response[0] == doctest::Approx(127 * (1 + 95.0 / 127 + 0) / 3).epsilon(1e-6));
    CHECK(response[1] == doctest::Approx(127 * (32.0 / 127)).epsilon(1e-6));
}

TEST_CASE("compensate_drift brings a month of drift back") {
    using namespace xcim;
    auto const w = test::random_tensor({24, 100}, 1);
    auto const x = test::random_tensor({16, 100}, 2);
    auto const fresh = drifting_macro(1);
    auto const old = drifting_macro(cell::month);
    auto const then = fresh.program(w, {.chip = 3});
    auto now = old.program(w, {.chip = 3});
    auto const y = linear(fresh, x, then);
    double const drifted = drift_distance(linear(old, x, now), y);
    CHECK(drifted > 0.3);

    compensate_drift(old, now, drift_response(fresh, then));
    double const global = drift_distance(linear(old, x, now), y);
    CHECK(global < drifted / 3);
    for (float const g : now.gains) {
        CHECK(g == now.gains[0]);
    }
    compensate_drift(old, now, drift_response(fresh, then), compensated::each_output);
    CHECK(drift_distance(linear(old, x, now), y) < global * 1.05);
    CHECK(now.gains[0] != now.gains[1]);

    compensate_drift(fresh, now = then, drift_response(fresh, then));
    CHECK(now.gains[5] == 1.0F);
}

TEST_CASE("compensate_drift leaves alone what is added digitally") {
    using namespace xcim;
    auto const at = [](double time) {
        return drifting_macro(time)
            .with(mapping::offset{.array = {64, 64}, .cell_bits = 8})
            .with(cell::pcm{.time = time, .programming_noise = false, .flicker_noise = false});
    };
    auto const w = test::random_tensor({24, 100}, 5);
    auto const x = test::random_tensor({16, 100}, 6, 0, 1);
    auto const then = at(1).program(w);
    auto const old = at(cell::day);
    auto now = old.program(w);
    auto const y = linear(at(1), x, then);
    compensate_drift(old, now, drift_response(at(1), then));
    CHECK(now.gains[0] > 1.2F);
    CHECK(now.gains[0] < 2.5F);
    double const left = drift_distance(linear(old, x, now), y);
    now.gains.clear();
    CHECK(left < 0.5 * drift_distance(linear(old, x, now), y));
}

TEST_CASE("compensate_drift covers every group of a convolution and words its errors") {
    using namespace xcim;
    auto const macro = drifting_macro(0).with(cell::ideal{});
    auto const w = test::random_tensor({4, 3, 2, 2}, 4);
    auto grouped = macro.program(w, {.groups = 2});
    auto const response = drift_response(macro, grouped);
    auto const whole = drift_response(macro, macro.program(w));
    CHECK(response == whole);

    CHECK_THROWS_WITH_AS(compensate_drift(macro, grouped, {1.0}), doctest::Contains("1 responses"), error);
    auto dead = macro.program(xt::xarray<float>(xt::zeros<float>({4, 12})));
    CHECK_THROWS_WITH_AS(compensate_drift(macro, dead, whole), doctest::Contains("no longer respond"), error);
}
