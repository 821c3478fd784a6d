#include <doctest/doctest.h>

#include <xcim/noise/thermal.hpp>
#include <xcim/testing/column_contexts.hpp>

#include <cmath>

using namespace xcim;

TEST_CASE("noise::thermal: kT/C in units of one cell") {
    // 256 cells of 1 fF at 300 K: sqrt(kT/C) = sqrt(4.1419e-21 / 2.56e-13) = 127.2 uV; one cell of 1 V is 3906 uV.
    auto const k = noise::thermal{.unit_capacitance = 1e-15, .supply = 1.0}.prepare(testing::context_for(256, 1));
    CHECK(k.additive_sigma() == doctest::Approx(127.198e-6 / 3906.25e-6).epsilon(1e-4));
    // Four drive bits: one cell-LSB is a fifteenth of the swing.
    auto const parallel =
        noise::thermal{.unit_capacitance = 1e-15, .supply = 1.0}.prepare(testing::context_for(256, 4));
    CHECK(parallel.additive_sigma() == doctest::Approx(15 * 127.198e-6 / 3906.25e-6).epsilon(1e-4));
    // Twice the capacitance: less noise against the supply, less signal still against what the cells reach.
    noise::thermal loaded{.unit_capacitance = 1e-15, .parasitic_capacitance = 256e-15, .supply = 1.0};
    CHECK(loaded.prepare(testing::context_for(256, 1)).additive_sigma() ==
          doctest::Approx(std::sqrt(0.5) * 127.198e-6 / 3906.25e-6).epsilon(1e-4));
    loaded.attenuated_reference = true;
    CHECK(loaded.prepare(testing::context_for(256, 1)).additive_sigma() ==
          doctest::Approx(std::sqrt(2.0) * 127.198e-6 / 3906.25e-6).epsilon(1e-4));
    // Cells of two bits: the same noise in LSBs a third the size.
    CHECK(noise::thermal{.unit_capacitance = 1e-15, .supply = 1.0}
              .prepare(testing::context_for(256, 1, 2))
              .additive_sigma() == doctest::Approx(3 * 127.198e-6 / 3906.25e-6).epsilon(1e-4));
    CHECK(noise::thermal{.temperature = 0}.prepare(testing::context_for(256, 1)).is_off());
}

TEST_CASE("noise::thermal names what is out of range") {
    CHECK(noise::thermal{}.wrong().empty());
    CHECK(noise::thermal{.unit_capacitance = 0}.wrong() ==
          "noise::thermal.unit_capacitance is 0.000000; a finite number of farads above 0 is needed");
    CHECK(noise::thermal{.parasitic_capacitance = -1}.wrong() ==
          "noise::thermal.parasitic_capacitance is -1.000000; a finite number of farads from 0 on is needed");
    CHECK(noise::thermal{.supply = -1}.wrong() ==
          "noise::thermal.supply is -1.000000; a finite number of volts above 0 is needed");
    CHECK(noise::thermal{.temperature = -1}.wrong() ==
          "noise::thermal.temperature is -1.000000; a finite number of kelvins from 0 on is needed");
}
