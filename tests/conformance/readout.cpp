/// A new readout is one line here.

#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/adc.hpp>
#include <xcim/readout.hpp>
#include <xcim/testing/readout.hpp>

TEST_CASE("Readout: laws of every model") {
    using namespace xcim::readout;
    auto const check = [](auto const& readout) {
        CHECK_LAWS(xcim::testing::check_readout(readout, xcim::adc::uniform{7}));
        CHECK_LAWS(xcim::testing::check_readout(readout, xcim::adc::ideal{}));
    };
    check(single{});
    check(hybrid{3});
    check(hybrid{2, top_cycles::without_noise});
    check(majority{3, 5, vote::mode});
    check(majority{3, 4, vote::median});
    check(majority{3, 3, vote::mean});
    check(hybrid{1, top_cycles::digital, majority{3, 5, vote::mode}});
}
