#include <doctest/doctest.h>

#include <xcim/adc/calibrated.hpp>
#include <xcim/analysis/column_histogram.hpp>

#include <limits>
#include <vector>

namespace {

using namespace xcim;

}  // namespace

TEST_CASE("range_of_sums and percentile_range of sums, a histogram and a table of cycles") {
    std::vector<float> sums;
    analysis::histogram bins{2};
    for (int i = 0; i < 1000; ++i) {  // 10 to 108, an outlier at each end
        sums.push_back(static_cast<float>(i == 0 ? -50 : i == 1 ? 900 : 10 + 2 * (i % 50)));
        bins.add(static_cast<double>(sums.back()));
    }
    CHECK(adc::range_of_sums(sums) == adc::range_in_cell_lsb(-50, 900));
    CHECK(adc::range_of_sums(bins) == adc::range_in_cell_lsb(-50, 900));
    CHECK(adc::percentile_range(sums, 0.998) == adc::range_in_cell_lsb(10, 108));
    CHECK(adc::percentile_range(bins, 0.998) == adc::range_in_cell_lsb(10, 108));
    // A tenth at each end, 100 sums: below the outlier and 98 sums from 10 to 18, above it and 80 from 102 on.
    CHECK(adc::percentile_range(sums, 0.8) == adc::range_in_cell_lsb(20, 100));
    CHECK(adc::percentile_range(sums, 1) == adc::range_of_sums(sums));

    std::vector<analysis::cycle_columns> cycles(2);
    cycles[0].sums.add(3);
    cycles[1].sums.add(7);
    CHECK(adc::range_of_sums(cycles) == adc::range_in_cell_lsb(3, 7));
    CHECK(adc::symmetric(adc::range_in_cell_lsb(-3, 7)) == adc::range_in_cell_lsb(-7, 7));
    CHECK(adc::symmetric(adc::range_of_full_scale(-0.5, 0.25)) == adc::range_of_full_scale(-0.5, 0.5));
}

TEST_CASE("a range needs sums that differ") {
    CHECK_THROWS_AS(static_cast<void>(adc::range_of_sums(std::vector<float>{})), error);
    CHECK_THROWS_AS(static_cast<void>(adc::range_of_sums(std::vector<float>{2, 2})), error);
    CHECK_THROWS_AS(
        static_cast<void>(adc::range_of_sums(std::vector<float>{2, std::numeric_limits<float>::infinity()})), error);
    CHECK_THROWS_AS(static_cast<void>(adc::percentile_range(std::vector<float>{2, 3}, 0)), error);
    CHECK_THROWS_AS(static_cast<void>(adc::percentile_range(std::vector<float>{2, 3}, 1.5)), error);
    CHECK_THROWS_AS(static_cast<void>(adc::range_of_sums(analysis::histogram{})), error);
}
