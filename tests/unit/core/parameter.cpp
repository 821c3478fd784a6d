#include <doctest/doctest.h>

#include <xcim/adc/uniform.hpp>
#include <xcim/cell/ideal.hpp>
#include <xcim/core/parameter.hpp>
#include <xcim/encoding/bit_parallel.hpp>
#include <xcim/quant/symmetric.hpp>

#include <string>
#include <type_traits>

using xcim::c;
using xcim::constant;

TEST_CASE("c<8> is accepted where 8 is, converts to it and takes no room") {
    static_assert(xcim::param<int, int> && xcim::param<constant<8>, int> && !xcim::param<std::string, int>);
    static_assert(std::is_empty_v<constant<8>>);
    CHECK(int{c<8>} == 8);

    auto const adc = xcim::adc::uniform{c<8>};
    auto const encoder = xcim::encoding::bit_parallel{c<4>};
    auto const cell = xcim::cell::ideal{c<16>};
    static_assert(std::is_empty_v<decltype(adc)> == std::is_empty_v<xcim::adc::uniform<constant<8>>>);
    static_assert(std::is_empty_v<xcim::adc::uniform<constant<8>>>);
    static_assert(std::is_empty_v<xcim::encoding::bit_parallel<constant<4>>>);
    static_assert(std::is_empty_v<xcim::cell::ideal<constant<16>>>);
    static_assert(sizeof(xcim::quant::symmetric<constant<8>>) == sizeof(std::optional<float>));
    CHECK(adc.resolution({}) == 8);
    CHECK(encoder.digits({8, false}).count() == 2);
    CHECK(int{cell.levels} == 16);
    CHECK(to_string(adc) == to_string(xcim::adc::uniform{8}));
}
