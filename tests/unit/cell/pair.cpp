#include <doctest/doctest.h>

#include <tests/unit/cell/devices.hpp>
#include <xcim/cell/capacitor.hpp>
#include <xcim/cell/current.hpp>
#include <xcim/cell/device_fits.hpp>
#include <xcim/cell/ideal.hpp>
#include <xcim/cell/pair.hpp>
#include <xcim/cell/pcm.hpp>
#include <xcim/cell/rram.hpp>

#include <cmath>
#include <vector>

using namespace xcim;

TEST_CASE("cell::pair stores a level in one device, the lowest conductance in the other") {
    cell::pair const c{cell::rram{.levels = 4, .on_resistance = 10e3, .on_off_ratio = 5}};  // off is 0.75 steps
    CHECK(c.levels == 8);
    CHECK(c.conductance_step(4) == c.device.conductance_step(4));
    std::vector<float> plus{-3, -1, 0, 2};
    std::vector<float> minus(4, -1.0F);
    std::vector<float> const normals(8);
    c.program(column_of_cells{plus, normals, 4, 4, minus});
    std::vector<double> const right_plus{0.75, 0.75, 0.75, 2.75};
    std::vector<double> const right_minus{3.75, 1.75, 0.75, 0.75};
    for (std::size_t r = 0; r < 4; ++r) {
        CHECK(plus[r] == test::relative(right_plus[r]));
        CHECK(minus[r] == test::relative(right_minus[r]));
    }
    // A weight of zero still has two devices, and their difference is nothing.
    CHECK(plus[2] == minus[2]);
    CHECK(plus[2] > 0.7F);
}

TEST_CASE("cell::pair: both devices draw their own normals, of the chip and of the reading") {
    cell::pair const c{cell::pcm{.time = cell::hour}};
    static_assert(decltype(c)::draws == 4 && decltype(c)::reading_draws == 2 && decltype(c)::devices == 2);
    std::size_t const rows = 3;
    auto const own = test::normals_of({1, 1}, 4, rows);
    auto const reading = test::normals_of({2, 2}, 2, rows);
    std::vector<float> plus{5, -5, 0};
    std::vector<float> minus(3);
    c.program(column_of_cells{plus, own, rows, 26, minus, reading});
    auto const alone = [&](std::vector<float> states, std::size_t which) {
        c.device.program(column_of_cells{states,
                                         std::span<float const>{own}.subspan(which * 2 * rows, 2 * rows),
                                         rows,
                                         26,
                                         {},
                                         std::span<float const>{reading}.subspan(which * rows, rows)});
        return states;
    };
    CHECK(plus == alone({5, 0, 0}, 0));
    CHECK(minus == alone({0, 5, 0}, 1));
}

TEST_CASE("cell::pair hands on what its device offers and nothing else") {
    cell::pcm const device{.pulse_unit = 1e-9};
    cell::pair const c{device};
    CHECK(c.read_terms_of(3, 128) == device.read_terms_of(3, 128));
    CHECK(c.read_drives_of(7) == device.read_drives_of(7));
    static_assert(ReadNoisyCell<cell::pair<cell::rram>>);
    static_assert(!ReadNoisyCell<cell::pair<cell::current>>);
    static_assert(!ReadNoisyCell<cell::pair<cell::measured<cell::milo_2021>>>);
    CHECK(conductance_step_of(cell::pair{cell::current{}}, 2) == 0);
    CHECK(conductance_step_of(c, 128) == device.conductance_step(128));
    CHECK(off_state_of(cell::pair{cell::rram{}}, 2) == 0);  // the other device is the reference
    CHECK(devices_of<cell::pair<cell::pcm>> == 2);
    // A pair of ideal cells is a signed ideal cell.
    cell::pair const ideal{cell::ideal{8}};
    std::vector<float> plus{-3, 0, 7};
    std::vector<float> minus(3);
    ideal.program(column_of_cells{plus, {}, 3, 8, minus});
    CHECK(plus == std::vector<float>{0, 0, 7});
    CHECK(!std::signbit(minus[1]));
    CHECK(minus == std::vector<float>{3, 0, 0});
}

TEST_CASE("cell::pair says what is wrong") {
    CHECK(cell::pair{cell::pcm{}}.wrong().empty());
    CHECK(cell::pair{cell::capacitor{}}.wrong().empty());
    CHECK(cell::pair{cell::pcm{.levels = 1}}.wrong() == "cell::pcm.levels is 1; 2 to 256 are possible");
    cell::pair c{cell::rram{}};
    c.device.levels = 4;
    CHECK(c.wrong() == "cell::pair.levels is 4; twice those of its device, 8, are needed");
    CHECK(to_string(cell::pair{cell::ideal{4}}) == "pair of ideal cell, 4 levels");
}
