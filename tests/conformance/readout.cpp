/// A new readout is one line here.

#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/adc.hpp>
#include <xcim/readout.hpp>
#include <xcim/testing/readout.hpp>

TEST_CASE("Readout: laws of every model") {
    CHECK_LAWS(xcim::testing::check_readout(xcim::readout::single{}, xcim::adc::uniform{7}));
    CHECK_LAWS(xcim::testing::check_readout(xcim::readout::single{}, xcim::adc::ideal{}));
}
