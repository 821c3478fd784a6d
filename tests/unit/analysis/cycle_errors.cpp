#include <doctest/doctest.h>

#include <xcim/analysis/cycle_errors.hpp>

#include <array>
#include <cmath>
#include <cstdint>

namespace {

using namespace xcim;
using analysis::cycle_errors;

/// Two-bit inputs, weights +1 and -2; two-bit weights.
digit_plan two_bits() { return {{2, true}, {{0, 1, 1}, {1, 1, -2}}, 0, 2, {}}; }

/// Both phases of both slices of one output of one tile.
void observe_tile(cycle_errors& probe, std::size_t tile, std::array<float, 4> const& errors) {
    std::array<std::uint32_t, 2> const ids{0, 1};
    std::array<float, 4> const sums{5, 6, 7, 8};  // (phase, slice)
    std::array<float, 4> values{};
    for (std::size_t i = 0; i < 4; ++i) {
        values[i] = sums[i] + errors[i];
    }
    observed_strip s;
    s.tile = tile;
    s.phases = 2;
    s.columns = 2;
    s.stride = 2;
    s.column_ids = ids.data();
    s.sums = sums.data();
    s.values = values.data();
    probe.observe(s);
}

double sum_of_shares(cycle_errors const& e) {
    double sum = 0;
    for (std::size_t p = 0; p < e.cycles().phases(); ++p) {
        for (std::size_t q = 0; q < e.cycles().slices(); ++q) {
            sum += e.share(p, q);
        }
    }
    return sum;
}

}  // namespace

TEST_CASE("cycle_errors: weights, shares and output error of numbers written down") {
    cycle_errors probe{two_bits(), two_bits()};
    CHECK(probe.weight(0, 0) == 1);
    CHECK(probe.weight(1, 0) == -2);
    CHECK(probe.weight(1, 1) == 4);
    CHECK(probe.share(1, 1) == 0);
    CHECK(probe.output_rms() == 0);

    observe_tile(probe, 0, {1, 0, 2, 0});
    observe_tile(probe, 0, {-1, 0, -2, 1});
    CHECK(probe.cycles().at(0, 0).rms() == 1);
    CHECK(probe.cycles().at(1, 0).rms() == 2);
    CHECK(probe.cycles().at(1, 1).mean() == 0.5);
    CHECK(probe.cycles().at(1, 1).count == 2);
    // Powers: 1 * 1, 0, 4 * 4, 16 * 0.5
    CHECK(probe.share(0, 0) == doctest::Approx(1.0 / 25));
    CHECK(probe.share(0, 1) == 0);
    CHECK(probe.share(1, 0) == doctest::Approx(16.0 / 25));
    CHECK(probe.share(1, 1) == doctest::Approx(8.0 / 25));
    CHECK(sum_of_shares(probe) == doctest::Approx(1));
    // Mean 4 * 0.5; variance 1 + 16 + 16 * 0.25
    CHECK(probe.output_mean() == doctest::Approx(2));
    CHECK(probe.output_rms() == doctest::Approx(std::sqrt(4.0 + 21.0)));
}

TEST_CASE("cycle_errors: every tile adds its errors to the output") {
    cycle_errors probe{two_bits(), two_bits()};
    observe_tile(probe, 0, {1, 0, 0, 0});
    observe_tile(probe, 1, {-1, 0, 0, 0});
    observe_tile(probe, 2, {2, 0, 0, 0});
    observe_tile(probe, 2, {-2, 0, 0, 0});
    observe_tile(probe, 1, {1, 0, 0, 0});
    observe_tile(probe, 0, {-1, 0, 0, 0});
    CHECK(probe.output_mean() == 0);
    CHECK(probe.output_rms() == doctest::Approx(std::sqrt(1.0 + 1.0 + 4.0)));
}
