/// A new interconnect is one line here.

#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/testing/interconnect.hpp>
#include <xcim/wire.hpp>

using xcim::testing::check_changes_nothing;
using xcim::testing::check_interconnect;

TEST_CASE("Interconnect: laws of every model") {
    using namespace xcim;
    CHECK_LAWS(check_interconnect(wire::ideal{}));
    for (bool const has_pairs : {false, true}) {
        CAPTURE(has_pairs);
        CHECK_LAWS(check_interconnect(wire::bit_line{.bit_line_resistance = 20}, 37, 64, 4, has_pairs));
        CHECK_LAWS(check_interconnect(wire::bit_line{.bit_line_resistance = 20}, 37, 64, 4, has_pairs, 27));
        CHECK_LAWS(check_interconnect(wire::crossbar{.word_line_resistance = 20}, 37, 64, 4, has_pairs));
        CHECK_LAWS(check_interconnect(wire::crossbar{.word_line_resistance = 20}, 37, 64, 4, has_pairs, 27));
        CHECK_LAWS(check_interconnect(wire::first_order{}, 37, 64, 4, has_pairs));
    }
    CHECK_LAWS(check_interconnect(wire::paired{.bit_line_resistance = 20, .sense_voltage = 0.41}, 37, 64, 4, true));
    CHECK_LAWS(check_interconnect(wire::lumped{wire::paired{.bit_line_resistance = 20}}, 37, 64, 4, true));
    CHECK_LAWS(check_interconnect(wire::paired{.bit_line_resistance = 20}, 37, 64, 4, true, 27));
}

TEST_CASE("Interconnect: laws of wires that are solved for every input") {
    using namespace xcim;
    for (auto const fed_at : {wire::feed::opposite_end, wire::feed::same_end}) {
        CHECK_LAWS(testing::check_switched(wire::gated{.bit_line_resistance = 20, .fed_at = fed_at}));
        CHECK_LAWS(testing::check_switched(wire::gated{.driver_resistance = 1000, .fed_at = fed_at}, 128, 2));
    }
}

TEST_CASE("Interconnect: wires without resistance") {
    using namespace xcim;
    CHECK_LAWS(check_changes_nothing(wire::ideal{}));
    for (bool const has_pairs : {false, true}) {
        CAPTURE(has_pairs);
        CHECK_LAWS(check_changes_nothing(wire::bit_line{.bit_line_resistance = 0}, has_pairs));
        CHECK_LAWS(check_changes_nothing(wire::crossbar{0, 0}, has_pairs));
    }
    CHECK_LAWS(check_changes_nothing(wire::paired{.bit_line_resistance = 0}, true));
    CHECK_LAWS(check_changes_nothing(wire::lumped{wire::paired{.bit_line_resistance = 0}}, true));
}
