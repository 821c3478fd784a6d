#include <doctest/doctest.h>

#include <xcim/quant/affine.hpp>

using namespace xcim;

TEST_CASE("quant::affine: zero has a code of its own, the range is covered") {
    quant::affine const q{8};
    scale const s = q.calibrate({-1.0F, 3.0F});
    CHECK(s.zero_point == 64);
    auto const k = q.prepare(s);
    CHECK(k.code(0.0F) == 64.0F);
    CHECK(k.code(3.0F) == 255.0F);
    CHECK(k.code(-1.0F) == 0.0F);
    CHECK(k.code(-7.0F) == 0.0F);
    CHECK(q.calibrate({2.0F, 3.0F}).zero_point == 0);
    CHECK(q.calibrate({-2.0F, -1.0F}).zero_point == 255);
}

TEST_CASE("quant::affine with a step of 1 passes integers") {
    quant::affine const q{8, quant::affine_step{1.0F, 100}};
    scale const s = q.calibrate({-5.0F, 9.0F});
    CHECK(s.step() == 1.0);
    for (int v = -100; v <= 155; ++v) {
        CHECK(q.prepare(s).code(static_cast<float>(v)) == static_cast<float>(v + 100));
    }
    CHECK(quant::affine{8, quant::affine_step{0.0F, 1}}.wrong() ==
          "quant::affine.fixed.step is 0.000000; a number above 0 whose range is finite is needed");
    CHECK(quant::affine{4, quant::affine_step{1.0F, 16}}.wrong() ==
          "quant::affine.fixed.zero_point is 16; 0 to 15 are possible");
}
