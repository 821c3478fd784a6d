#include <doctest/doctest.h>

#include <xcim/adc/uniform.hpp>
#include <xcim/noise/gaussian.hpp>
#include <xcim/readout/hybrid.hpp>
#include <xcim/readout/majority.hpp>

using namespace xcim;

namespace {

int top_count(int levels, int slices, int phases) {
    int count = 0;
    for (int q = 0; q < slices; ++q) {
        for (int p = 0; p < phases; ++p) {
            count += cycle{q, slices, p, phases}.is_top(levels) ? 1 : 0;
        }
    }
    return count;
}

}  // namespace

TEST_CASE("top cycles are a triangle at the most significant end") {
    for (int levels = 0; levels <= 8; ++levels) {
        CHECK(top_count(levels, 8, 8) == levels * (levels + 1) / 2);
    }
    CHECK(top_count(15, 8, 8) == 64);
    CHECK(top_count(3, 8, 3) == 6);
    CHECK(top_count(2, 1, 4) == 2);
    CHECK(cycle{7, 8, 7, 8}.is_top(1));
    CHECK_FALSE(cycle{7, 8, 6, 8}.is_top(1));
}

TEST_CASE("readout::hybrid: digital cycles read the sum, ASiM's keep the converter without noise") {
    column_context context;
    context.full_scale = 30;
    auto const adc = adc::uniform{2}.prepare(context);  // steps of 10
    column_stages const stages{noise::gaussian{in_cell_lsb(10)}.prepare(context), adc, adc};
    auto const [analog, digital, quiet] = readout::hybrid{2}.kernels(stages);
    float const z = 1.0F;
    lane<float> const l{&z, 1};
    CHECK(analog(12.0F, l) * analog.step == 20.0);
    CHECK(digital(12.0F, l) * digital.step == 12.0);
    CHECK(quiet(12.0F, l) * quiet.step == 10.0);
    CHECK(digital.draws == 0);
    CHECK(quiet.draws == 0);
    CHECK(is_digital<std::remove_cvref_t<decltype(digital)>>);
    CHECK_FALSE(is_digital<std::remove_cvref_t<decltype(quiet)>>);
}

TEST_CASE("readout::hybrid: ways and conversions of cycles") {
    cycle const top{7, 8, 7, 8};
    cycle const low{0, 8, 0, 8};
    CHECK(readout::hybrid{3}.way_of(low) == 0);
    CHECK(readout::hybrid{3}.way_of(top) == 1);
    CHECK(readout::hybrid{3}.conversions_of(top) == 0);
    CHECK(readout::hybrid{3}.conversions_of(low) == 1);
    readout::hybrid const asim{3, readout::top_cycles::without_noise};
    CHECK(asim.way_of(top) == 2);
    CHECK(asim.conversions_of(top) == 1);
    readout::hybrid const voting{2, readout::top_cycles::digital, readout::majority{4, 7}};
    CHECK(voting.way_of(top) == 2);
    CHECK(voting.way_of({5, 8, 7, 8}) == 1);
    CHECK(voting.conversions_of({5, 8, 7, 8}) == 7);
    CHECK(voting.way_of(low) == 0);
    CHECK(readout::hybrid{-1}.wrong() == "readout::hybrid.levels is -1; 0 to 32 are possible");
    CHECK(readout::hybrid{1, readout::top_cycles::digital, readout::majority{3, 0}}.wrong() ==
          "readout::majority.samples is 0; 1 to 15 are possible");
    CHECK(to_string(voting) == "hybrid, 2 levels digital, rest majority, 4 levels, mode of 7");
}
