#include <doctest/doctest.h>

#include <xcim/analysis/error_powers.hpp>

using namespace xcim;
using analysis::csnr;
using analysis::csnr_as_printed;
using analysis::decibel;
using analysis::error_powers;
using analysis::sqnr;
using analysis::sqnr_as_printed;

TEST_CASE("ratios of independent errors: noise powers add") {
    error_powers const p{100, 1, 4, 15};
    CHECK(sqnr(p) == 20);
    CHECK(csnr(p) == 5);
    CHECK(1 / csnr(p) == doctest::Approx(1.0 / 100 + 4.0 / 100 + 15.0 / 100));
    CHECK(decibel(csnr(p)) == doctest::Approx(6.9897));
}

TEST_CASE("ratios as printed: the ratios add, and more noise makes them better") {
    error_powers const p{100, 1, 4, 15};
    CHECK(sqnr_as_printed(p) == 125);
    CHECK(csnr_as_printed(p) == doctest::Approx(125 + 100.0 / 15));
    CHECK(csnr_as_printed(p) > sqnr_as_printed(p));
    CHECK(csnr(p) < sqnr(p));
}
