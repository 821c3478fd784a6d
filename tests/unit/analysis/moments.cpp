#include <doctest/doctest.h>

#include <xcim/analysis/moments.hpp>

using xcim::analysis::moments;

TEST_CASE("moments of a handful of numbers") {
    moments m;
    for (double const v : {1.0, -2.0, 4.0, 5.0}) {
        m.add(v);
    }
    CHECK(m.count == 4);
    CHECK(m.mean() == 2);
    CHECK(m.mean_square() == 11.5);
    CHECK(m.variance() == 7.5);
    CHECK(m.deviation() == doctest::Approx(2.7386128));
    CHECK(m.rms() == doctest::Approx(3.3911650));
    CHECK(m.lowest == -2);
    CHECK(m.highest == 5);
}

TEST_CASE("moments of nothing are zero, of one number exact") {
    moments m;
    CHECK(m.mean() == 0);
    CHECK(m.rms() == 0);
    CHECK(m.variance() == 0);
    m.add(0.1);
    CHECK(m.mean() == 0.1);
    CHECK(m.variance() >= 0);  // never below zero by rounding
}
