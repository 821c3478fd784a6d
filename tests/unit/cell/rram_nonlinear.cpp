#include <doctest/doctest.h>

#include <tests/unit/cell/devices.hpp>
#include <xcim/cell/rram_nonlinear.hpp>

#include <cmath>
#include <vector>

using namespace xcim;

TEST_CASE("cell::milo_2021_current is the published polynomial") {
    // At 100 uS z is -4: a2 = -8.2e-6 A/V^2, a3 = -6e-7 A/V^3.
    CHECK(cell::milo_2021_current(100e-6, 0.2) == test::relative(20e-6 - 8.2e-6 * 0.04 - 6e-7 * 0.008).epsilon(1e-9));
    CHECK(cell::milo_2021_current(100e-6, -0.2) == -cell::milo_2021_current(100e-6, 0.2));
    CHECK(cell::milo_2021_current(100e-6, 0) == 0);
    CHECK(cell::milo_2021_current(0, 0.2) + 0 == test::relative(cell::milo_2021_current(50e-6, 0.2) - 50e-6 * 0.2));
}

TEST_CASE("cell::rram_nonlinear: the kernel adds currents, not conductances") {
    cell::rram_nonlinear const c{.levels = 8, .read_voltage = 0.3};
    double const step = 25e-6;  // 50 to 225 uS
    for (int const drive_levels : {2, 16}) {
        auto const kernel = c.prepare({64, drive_levels});
        double const volts = 0.3 / (drive_levels - 1);
        for (int drive = 1 - drive_levels; drive < drive_levels; ++drive) {
            for (double g = 40e-6; g < 240e-6; g += 7e-6) {
                double const current =
                    cell::milo_2021_current(g, drive * volts) - cell::milo_2021_current(50e-6, drive * volts);
                float const found = kernel(static_cast<float>(g / step), static_cast<float>(drive));
                CHECK(found == test::relative(current / (step * volts)).epsilon(1e-5).scale(1));
                batch<float> const wide =
                    kernel(batch<float>(static_cast<float>(g / step)), batch<float>(static_cast<float>(drive)));
                CHECK(wide.get(0) == found);
            }
        }
    }
    // Proportional it is not.
    auto const kernel = c.prepare({64, 16});
    CHECK(std::abs(kernel(9.0F, 15.0F) - 15 * kernel(9.0F, 1.0F)) > 0.5F);
    CHECK(!is_product<cell::rram_nonlinear::kernel>);
}

TEST_CASE("cell::rram_nonlinear programs all its levels with the noise of the fit") {
    cell::rram_nonlinear const c{.levels = 8};
    std::vector<float> states{0, 7};
    std::vector<float> const normals{1, -2};
    c.program(column_of_cells{states, normals, 2, 8});
    CHECK(states[0] == test::relative((50 + 4.326971) / 25));
    CHECK(states[1] == test::relative((225 - 2 * 2.733246) / 25));
    auto exact = c;
    exact.programming_noise = false;
    states = {0, 7};
    exact.program(column_of_cells{states, normals, 2, 8});
    CHECK(states[1] == test::relative(9));
    CHECK_THROWS_WITH_AS(c.program(column_of_cells{states, normals, 2, 4}),
                         "xcim: cell::rram_nonlinear.levels is 8 and the mapper stores 4 levels in a cell; the same "
                         "number is needed, currents are not proportional to conductances",
                         error);
    states = {-1, 0};
    CHECK_THROWS_AS(c.program(column_of_cells{states, normals, 2, 8}), error);
}

TEST_CASE("cell::rram_nonlinear says what is wrong") {
    CHECK(cell::rram_nonlinear{}.wrong().empty());
    CHECK(cell::rram_nonlinear{.g_max = 300e-6}.wrong().starts_with("cell::rram_nonlinear.g_max is 300.000000 uS; "));
    CHECK(cell::rram_nonlinear{.read_voltage = 0}.wrong() ==
          "cell::rram_nonlinear.read_voltage is 0.000000; a finite number of volts above 0 is needed");
    CHECK(cell::rram_nonlinear{.levels = 300}.wrong() == "cell::rram_nonlinear.levels is 300; 2 to 256 are possible");
    CHECK(to_string(cell::rram_nonlinear{}) ==
          "nonlinear RRAM (Milo 2021), 16 levels, 50.000000 uS to 225.000000 uS, 0.200000 V");
}
