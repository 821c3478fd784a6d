#include <doctest/doctest.h>

#include <xcim/quant/unsigned_range.hpp>

TEST_CASE("quant::unsigned_range: known codes") {
    xcim::quant::unsigned_range<> const q{2, 3.0F};  // codes 0 to 3
    auto const k = q.prepare(q.calibrate({-9, 9}));
    CHECK(k.code(3.0F) == 3.0F);
    CHECK(k.code(0.5F) == 0.0F);
    CHECK(k.code(1.5F) == 2.0F);
    CHECK(k.code(2.5F) == 2.0F);
    CHECK(k.code(-5.0F) == 0.0F);
    CHECK(k.code(50.0F) == 3.0F);
    CHECK(k.value(2.0F) == 2.0F);
}

TEST_CASE("quant::unsigned_range: the largest element maps to the highest code, none at all to zero") {
    xcim::quant::unsigned_range const q{8};
    auto const s = q.calibrate({-5.0F, 2.5F});
    CHECK(s.full_scale == 2.5F + 1e-7F);
    CHECK(q.prepare(s).code(2.5F) == 255.0F);
    auto const none = q.calibrate({-5.0F, -1.0F});
    CHECK(none.full_scale == 1e-7F);
    CHECK(q.prepare(none).code(-1.0F) == 0.0F);
    CHECK(q.calibrated({0, 4}).calibrate({0, 9}).full_scale == 4.0F + 1e-7F);
    CHECK(to_string(q) == "unsigned 8 bit");
}
