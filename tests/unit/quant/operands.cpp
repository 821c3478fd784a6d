#include <doctest/doctest.h>

#include <xcim/quant.hpp>

TEST_CASE("quant::operands pairs a quantiser for weights with one for inputs") {
    xcim::quant::operands const both{xcim::quant::symmetric{4}, xcim::quant::unsigned_range{6}};
    static_assert(xcim::OperandQuantizers<std::remove_const_t<decltype(both)>>);
    static_assert(!xcim::Quantizer<std::remove_const_t<decltype(both)>>);
    CHECK(xcim::format_of(both.weights) == xcim::format{4, true});
    CHECK(xcim::format_of(both.inputs) == xcim::format{6, false});
    CHECK(to_string(both) == "weights symmetric 4 bit, inputs unsigned 6 bit");
}
