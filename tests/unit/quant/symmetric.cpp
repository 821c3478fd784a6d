#include <doctest/doctest.h>

#include <xcim/quant/symmetric.hpp>

TEST_CASE("quant::symmetric: known codes") {
    xcim::quant::symmetric const q{4};  // codes -7 to 7
    auto const s = q.calibrate({-2.0F, 1.0F});
    CHECK(s.full_scale == 2.0F + 1e-7F);
    CHECK(s.highest_code == 7);
    auto const k = q.prepare(s);
    CHECK(k.code(2.0F) == 7.0F);
    CHECK(k.code(-2.0F) == -7.0F);
    CHECK(k.code(0.0F) == 0.0F);
    CHECK(k.code(1.0F) == 4.0F);    // 3.5 rounds to even
    CHECK(k.code(-1.0F) == -4.0F);  // symmetric
    CHECK(k.code(100.0F) == 7.0F);
    CHECK(k.code(-100.0F) == -7.0F);
    CHECK(k.value(7.0F) == doctest::Approx(2.0));
}

TEST_CASE("quant::symmetric: ties go to even codes") {
    xcim::quant::symmetric<> const q{4, 7.0F};
    auto const k = q.prepare(q.calibrate({}));
    CHECK(k.code(0.5F) == 0.0F);
    CHECK(k.code(1.5F) == 2.0F);
    CHECK(k.code(-2.5F) == -2.0F);
}

TEST_CASE("quant::symmetric: a tensor of zeros has a scale, a fixed range keeps its own") {
    xcim::quant::symmetric const q{8};
    CHECK(q.calibrate({0, 0}).full_scale == 1e-7F);
    auto const fixed = q.calibrated({-3.0F, 2.0F});
    CHECK(fixed.calibrate({-100, 100}) == q.calibrate({-3.0F, 2.0F}));
    CHECK(to_string(q) == "symmetric 8 bit");
}
