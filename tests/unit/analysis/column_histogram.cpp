#include <doctest/doctest.h>

#include <xcim/analysis/column_histogram.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace {

using namespace xcim;
using analysis::column_histogram;
using analysis::histogram;

/// Two phases from phase 4 on, three columns: outputs 0 and 1 of slice 2, output 0 of slice 0. Stride 4.
struct hand_made_strip {
    std::array<std::uint32_t, 4> ids{2, 34, 0, 99};
    std::array<float, 8> sums{0, 3, 10, -99, 5, 5, 5, -99};
    std::array<float, 8> values{0.4F, 3.2F, 10, -99, 6, 5, 4, -99};

    [[nodiscard]] observed_strip strip() const {
        observed_strip s;
        s.first_phase = 4;
        s.phases = 2;
        s.columns = 3;
        s.stride = 4;
        s.column_ids = ids.data();
        s.sums = sums.data();
        s.values = values.data();
        s.full_scale = 60;
        return s;
    }
};

}  // namespace

TEST_CASE("histogram: bins are centred, grow both ways and count everything") {
    histogram h;
    CHECK(h[0] == 0);
    for (double const v : {3.0, 3.4, 2.5, 3.5, -1.6, 3.0}) {
        h.add(v);
    }
    CHECK(h[3] == 4);
    CHECK(h[4] == 1);
    CHECK(h[-2] == 1);
    CHECK(h[0] == 0);
    CHECK(h[5] == 0);
    CHECK(h[-3] == 0);
    CHECK(h.first_bin() == -2);
    CHECK(h.counts() == std::vector<std::uint64_t>{1, 0, 0, 0, 0, 4, 1});

    histogram wide{4};
    wide.add(5.9);
    wide.add(6.1);
    CHECK(wide[1] == 1);
    CHECK(wide[2] == 1);
}

TEST_CASE("histogram refuses what would take all memory") {
    histogram h{0.5};
    CHECK_THROWS_AS(h.add(0x1p24), error);
    CHECK_THROWS_AS(h.add(std::numeric_limits<double>::quiet_NaN()), error);
    CHECK_THROWS_AS(h.add(-std::numeric_limits<double>::infinity()), error);
    CHECK(h.counts().empty());
}

TEST_CASE("column_histogram sorts a strip by phase and slice") {
    hand_made_strip const m;
    column_histogram probe;
    probe.observe(m.strip());
    auto const& cycles = probe.cycles();
    CHECK(cycles.phases() == 6);
    CHECK(cycles.slices() == 3);
    auto const& top = cycles.at(4, 2);
    CHECK(top.sum.count == 2);
    CHECK(top.sums[0] == 1);
    CHECK(top.sums[3] == 1);
    CHECK(top.values[0] == 1);
    CHECK(top.values[3] == 1);
    CHECK(top.sum.mean() == 1.5);
    CHECK(top.range_used() == doctest::Approx(3.0 / 60));
    CHECK(cycles.at(4, 0).sums[10] == 1);
    CHECK(cycles.at(4, 0).range_used() == 0);
    CHECK(cycles.at(5, 2).values[6] == 1);
    CHECK(cycles.at(5, 2).values[5] == 1);
    CHECK(cycles.at(5, 0).values[4] == 1);
    CHECK(cycles.at(0, 0).sum.count == 0);
    CHECK(cycles.at(0, 0).range_used() == 0);
    CHECK(probe.range_used() == doctest::Approx(3.0 / 60));

    probe.observe(m.strip());
    CHECK(cycles.at(4, 2).sums[3] == 2);
}

TEST_CASE("assuming sums spread over the range overstates the signal") {
    hand_made_strip const m;
    column_histogram probe;
    probe.observe(m.strip());
    // variance 2.25 where 60^2 / 12 = 300 is assumed
    CHECK(probe.cycles().at(4, 2).optimism_db() == doctest::Approx(10 * std::log10(300 / 2.25)));
    CHECK(std::isinf(probe.cycles().at(5, 2).optimism_db()));
}

TEST_CASE("column_histogram refuses bins without width") {
    for (double const width : {0.0, -1.0, std::numeric_limits<double>::infinity()}) {
        CHECK_THROWS_AS(column_histogram{width}, error);
    }
}
