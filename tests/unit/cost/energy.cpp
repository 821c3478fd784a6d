#include <doctest/doctest.h>

#include <xcim/cost/energy.hpp>

#include <limits>

using namespace xcim;
using cost::counts;
using cost::technology;

TEST_CASE("the default table: one more bit costs at most 30 % up to 11 bits") {
    technology const table;
    CHECK(table.conversion(8) == 1);
    for (int bits = 1; bits < 11; ++bits) {
        double const growth = table.conversion(bits + 1) / table.conversion(bits);
        CHECK(growth > 1);
        CHECK(growth <= 1.3 + 1e-12);
    }
    CHECK(table.conversion(12) / table.conversion(11) == doctest::Approx(4));
    CHECK(table.conversion(13) / table.conversion(12) == doctest::Approx(4));
}

TEST_CASE("four input bits at once pay even with three more bits of the converter") {
    counts serial;  // 9-bit signed inputs: 9 cycles, or the sign and two groups
    serial.conversions = {{8, 9}};
    counts parallel;
    parallel.conversions = {{11, 3}};
    auto const ratio = [&](double growth) {
        technology const table{.conversion = cost::energy_per_bit{.growth = growth}};
        return cost::energy(parallel, table).total() / cost::energy(serial, table).total();
    };
    CHECK(ratio(1.3) == doctest::Approx(0.73).epsilon(0.01));
    CHECK(ratio(1.216) == doctest::Approx(0.60).epsilon(0.01));
}

TEST_CASE("beyond what is known the growth is the user's choice") {
    cost::energy_per_bit const table{.reference = 2e-12, .reference_bits = 6, .growth = 1.2, .growth_beyond = 2};
    CHECK(table(6) == 2e-12);
    CHECK(table(11) == doctest::Approx(2e-12 * 1.2 * 1.2 * 1.2 * 1.2 * 1.2));
    CHECK(table(13) / table(11) == doctest::Approx(4));
    // A reference above the known range is still the reference.
    CHECK(cost::energy_per_bit{.reference_bits = 11}(11) == 1);
}

TEST_CASE("energy is numbers times table, part by part") {
    counts c;
    c.conversions = {{8, 10}, {10, 3}};
    c.row_drives = {{1, 7}, {4, 2}};
    c.cell_reads = 1000;
    c.digital_adds = 13;
    technology const table{.conversion = [](int bits) { return 1.0 * bits; },
                           .row_drive = [](int bits) { return 0.5 * bits; },
                           .cell_read = 0.001,
                           .digital_add = 0.1};
    auto const e = cost::energy(c, table);
    CHECK(e.adc == 110);
    CHECK(e.array == doctest::Approx(3.5 + 4 + 1));
    CHECK(e.digital == doctest::Approx(1.3));
    CHECK(e.total() == doctest::Approx(119.8));
    CHECK(cost::energy(c).total() == doctest::Approx(10 + 3 * 1.69));
    CHECK(cost::energy(counts{}).total() == 0);
}

TEST_CASE("latency: arrays at work at once, or one after the other") {
    counts c;
    c.steps = 64;
    c.activations = 640;
    auto const t = cost::latency(c, {.cycle_time = 2e-9});
    CHECK(t.arrays_at_once == doctest::Approx(128e-9));
    CHECK(t.one_array_at_a_time == doctest::Approx(1280e-9));
    CHECK_THROWS_AS(static_cast<void>(cost::latency(c, {.cycle_time = -1})), error);
}

TEST_CASE("a table with impossible entries and a converter without bits are errors") {
    counts c;
    c.conversions = {{8, 10}};
    CHECK_THROWS_WITH_AS(static_cast<void>(cost::energy(c, {.cell_read = -1})),
                         "xcim: the technology table has -1.000000 for cell_read; a finite number from 0 on is needed",
                         error);
    CHECK_THROWS_AS(static_cast<void>(
                        cost::energy(c, {.conversion = [](int) { return std::numeric_limits<double>::quiet_NaN(); }})),
                    error);
    c.conversions = {{0, 10}};
    CHECK_THROWS_AS(static_cast<void>(cost::energy(c)), error);
}
