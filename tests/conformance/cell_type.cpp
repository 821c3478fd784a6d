/// A new cell is one line here.

#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/cell.hpp>
#include <xcim/testing/cell_type.hpp>

using xcim::testing::check_cell_type;
using xcim::testing::check_programming;

TEST_CASE("CellType: laws of every model") {
    CHECK_LAWS(check_cell_type(xcim::cell::sram{}));
    CHECK_LAWS(check_cell_type(xcim::cell::ideal{}));
    CHECK_LAWS(check_cell_type(xcim::cell::ideal{xcim::c<4>}));
    CHECK_LAWS(check_cell_type(xcim::cell::capacitor{}));
    CHECK_LAWS(check_cell_type(xcim::cell::current{.levels = 4}));
    CHECK_LAWS(check_cell_type(xcim::cell::rram{.levels = 4}));
    CHECK_LAWS(check_cell_type(xcim::cell::rram_nonlinear{}));
    CHECK_LAWS(check_cell_type(xcim::cell::pcm{.levels = 16}));
    CHECK_LAWS(check_cell_type(xcim::cell::measured{xcim::cell::cmo_hfox{}}));
    CHECK_LAWS(check_cell_type(xcim::cell::pair{xcim::cell::pcm{.levels = 8}}));
}

TEST_CASE("CellType: programming of every cell that varies") {
    using namespace xcim;
    CHECK_LAWS(check_programming(cell::capacitor{}, 2));
    CHECK_LAWS(check_programming(cell::current{.levels = 4}, 4));
    CHECK_LAWS(check_programming(cell::rram{.levels = 4, .programming = cell::spread::constant(0.5)}, 4));
    CHECK_LAWS(check_programming(cell::rram_nonlinear{}, 16));
    CHECK_LAWS(check_programming(cell::pcm{.time = cell::day}, 128));
    CHECK_LAWS(check_programming(cell::pair{cell::pcm{.time = cell::day}}, 128));
    CHECK_LAWS(check_programming(cell::measured{cell::cmo_hfox{.time = cell::day}}, 16));
    CHECK_LAWS(check_programming(cell::measured{cell::sonos_2022{}}, 16));
}
