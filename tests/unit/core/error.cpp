#include <doctest/doctest.h>

#include <xcim/config.hpp>
#include <xcim/core/error.hpp>

#include <string>

TEST_CASE("an error carries its code and its sentence") {
    xcim::error const e{xcim::errc::bits, "the ADC has 40 bits"};
    CHECK(e.code() == xcim::errc::bits);
    CHECK(std::string{e.what()} == "xcim: the ADC has 40 bits");
}

TEST_CASE("XCIM_ASSERT throws in tests") {
    CHECK_NOTHROW(XCIM_ASSERT(1 + 1 == 2, "never seen"));
    CHECK_THROWS_WITH_AS(XCIM_ASSERT(1 + 1 == 3, "numbers are off"), "xcim: numbers are off", xcim::error);
}
