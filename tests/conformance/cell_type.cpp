/// A new cell is one line here.

#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/cell.hpp>
#include <xcim/testing/cell_type.hpp>

using xcim::testing::check_cell_type;

TEST_CASE("CellType: laws of every model") {
    CHECK_LAWS(check_cell_type(xcim::cell::sram{}));
    CHECK_LAWS(check_cell_type(xcim::cell::ideal{}));
    CHECK_LAWS(check_cell_type(xcim::cell::ideal{xcim::c<4>}));
    CHECK_LAWS(check_cell_type(xcim::cell::capacitor{}));
    CHECK_LAWS(check_cell_type(xcim::cell::current{.levels = 4}));
}
