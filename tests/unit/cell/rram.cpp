#include <doctest/doctest.h>

#include <tests/unit/cell/devices.hpp>
#include <xcim/cell/rram.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace xcim;

namespace {

std::vector<float> rram_states(cell::rram const& c, std::vector<float> states, std::vector<float> const& normals,
                               int levels) {
    c.program(column_of_cells{states, normals, normals.size(), levels});
    return states;
}

}  // namespace

TEST_CASE("cell::rram: levels are equally spaced conductances, one step apart") {
    cell::rram const c{.levels = 4, .on_resistance = 10e3, .on_off_ratio = 5};  // 20 to 100 uS
    CHECK(c.conductance_step(4) == test::relative(80e-6 / 3));
    CHECK(c.conductance_step(2) == test::relative(80e-6));  // fewer levels in use
    CHECK(c.off_state(4) == test::relative(0.75));
    auto const states = rram_states(c, {0, 1, 2, 3}, {1, -1, 2, 0.5F}, 4);
    for (std::size_t k = 0; k < 4; ++k) {
        CHECK(states[k] == test::relative(0.75 + static_cast<double>(k)));
    }
    CHECK(rram_states(c, {0, 1}, {0, 0}, 2)[1] == test::relative(1.25));
    CHECK(c.prepare({64, 2})(0.75F, 1.0F) == 0.75F);
}

TEST_CASE("cell::rram: multiplicative noise on cells that switch off is HyFlexPIM's, W (1 + eta)") {
    cell::rram const c{.levels = 4,
                       .on_off_ratio = std::numeric_limits<double>::infinity(),
                       .programming = cell::spread::proportional(0.1)};
    CHECK(c.wrong().empty());
    CHECK(c.off_state(4) == 0);
    auto const states = rram_states(c, {0, 1, 2, 3}, {1, -1, 2, 0.5F}, 4);
    CHECK(states[0] == 0.0F);
    CHECK(states[1] == test::relative(0.9));
    CHECK(states[2] == test::relative(2.4));
    CHECK(states[3] == test::relative(3.15));
}

TEST_CASE("cell::rram: no conductance is negative") {
    cell::rram const c{.programming = cell::spread::constant(0.1)};
    CHECK(rram_states(c, {0, 1}, {-3, -11}, 2) == std::vector<float>{0, 0});
    CHECK(rram_states(c, {0, 1}, {3, -3}, 2)[0] == test::relative(c.off_state(2) + 0.3 * 150 / 149));
}

TEST_CASE("cell::rram: noise of a single read is constant or grows with the conductance") {
    cell::rram const c{.on_resistance = 10e3, .on_off_ratio = 5, .read_noise = 0.01, .proportional_read_noise = 0.02};
    // At 60 uS: 1 % of 100 uS and 2 % of 60 uS in steps of 80 uS.
    auto const variance = [&](float state, int level) {
        return c.read_terms_of(state, 2)[0] * c.read_drives_of(level)[0];
    };
    CHECK(variance(0.75F, 1) == test::relative((1.0 + 1.44) / 6400));
    CHECK(variance(0.75F, 3) == test::relative(9 * (1.0 + 1.44) / 6400));
    CHECK(variance(0.75F, -3) == variance(0.75F, 3));
    CHECK(variance(0.75F, 0) == 0.0F);
    CHECK(cell::rram{}.read_terms_of(1.0F, 2)[0] == 0.0F);
}

TEST_CASE("cell::rram: activated conduction changes with temperature, devices stay in order") {
    // 0.1 eV, 300 K to 350 K: exp(0.1 / 8.617e-5 * (1/300 - 1/350)) = 1.7379.
    CHECK(cell::arrhenius(0.1, 350, 300) == test::relative(1.73791).epsilon(1e-4));
    CHECK(cell::arrhenius(0.1, 300, 300) == 1);
    cell::rram const cold{.programming = cell::spread::proportional(0.1), .activation_energy = 0.1};
    auto hot = cold;
    hot.temperature = 350;
    auto const before = rram_states(cold, {1, 0}, {1, -1}, 2);
    auto const after = rram_states(hot, {1, 0}, {1, -1}, 2);
    CHECK(after[0] / before[0] == test::relative(1.73791).epsilon(1e-4));
    CHECK(after[1] / before[1] == test::relative(1.73791).epsilon(1e-4));
    CHECK(hot.off_state(2) / cold.off_state(2) == test::relative(1.73791).epsilon(1e-4));
    CHECK(hot.conductance_step(2) == cold.conductance_step(2));
    auto metal = hot;
    metal.activation_energy = 0;
    CHECK(rram_states(metal, {1, 0}, {1, -1}, 2) == before);
}

TEST_CASE("cell::rram says what is wrong") {
    CHECK(cell::rram{}.wrong().empty());
    CHECK(cell::rram{.levels = 1}.wrong() == "cell::rram.levels is 1; 2 to 256 are possible");
    CHECK(cell::rram{.on_resistance = 0}.wrong() ==
          "cell::rram.on_resistance is 0.000000; a finite number of ohms above 0 is needed");
    CHECK(cell::rram{.on_off_ratio = 1}.wrong() ==
          "cell::rram.on_off_ratio is 1.000000; a number above 1, possibly infinite, is needed");
    CHECK(cell::rram{.on_off_ratio = std::nan("")}.wrong().starts_with("cell::rram.on_off_ratio"));
    CHECK(cell::rram{.programming = cell::spread::constant(-0.1)}.wrong().starts_with("cell::rram.programming.size"));
    CHECK(cell::rram{.read_noise = -1}.wrong().starts_with("cell::rram.read_noise"));
    CHECK(cell::rram{.temperature = 0}.wrong().starts_with("cell::rram.temperature"));
    CHECK(to_string(cell::rram{.on_resistance = 10e3, .on_off_ratio = 10}) ==
          "RRAM cell, 2 levels, 10.000000 uS to 100.000000 uS, no spread");
}
