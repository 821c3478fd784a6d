#include <doctest/doctest.h>

#include <xcim/analysis/cycle_table.hpp>

using xcim::analysis::cycle_table;

TEST_CASE("cycle_table keeps its entries while it grows either way") {
    cycle_table<int> t;
    CHECK(t.entries().empty());
    t.make(0, 0) = 1;
    t.make(0, 3) = 2;
    t.make(2, 1) = 3;
    CHECK(t.phases() == 3);
    CHECK(t.slices() == 4);
    CHECK(t.at(0, 0) == 1);
    CHECK(t.at(0, 3) == 2);
    CHECK(t.at(2, 1) == 3);
    CHECK(t.at(1, 1) == 0);
    CHECK(t.entries().size() == 12);
}

TEST_CASE("cycle_table says which cycle it does not have") {
    cycle_table<int> t;
    static_cast<void>(t.make(1, 2));
    CHECK_THROWS_WITH_AS(static_cast<void>(t.at(2, 0)),
                         "xcim: cycle (phase 2, slice 0) was asked for, of 2 phases and 3 slices seen", xcim::error);
    CHECK_THROWS_AS(static_cast<void>(t.at(0, 3)), xcim::error);
}
