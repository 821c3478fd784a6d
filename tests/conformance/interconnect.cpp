/// A new interconnect is one line here.

#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/testing/interconnect.hpp>
#include <xcim/wire.hpp>

TEST_CASE("Interconnect: laws of every model") {
    CHECK_LAWS(xcim::testing::check_interconnect(xcim::wire::ideal{}));
    CHECK_LAWS(xcim::testing::check_changes_nothing(xcim::wire::ideal{}));
}
