/// A new quantiser is one line here.

#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/quant.hpp>
#include <xcim/testing/quantizer.hpp>

#include <algorithm>

using xcim::testing::check_quantizer;

TEST_CASE("Quantizer: laws of every model") {
    for (int bits = 1; bits <= 12; ++bits) {
        CAPTURE(bits);
        CHECK_LAWS(check_quantizer(xcim::quant::unsigned_range{bits}));
        CHECK_LAWS(check_quantizer(xcim::quant::unsigned_range<>{bits, 0.7F}));
        for (auto const how : {xcim::rounding::half_up, xcim::rounding::half_even}) {
            CHECK_LAWS(check_quantizer(xcim::quant::unsigned_emsb{bits, how}));
            CHECK_LAWS(check_quantizer(xcim::quant::emsb{std::max(bits, 2), how}));
        }
        CHECK_LAWS(check_quantizer(xcim::quant::affine{bits}));
        CHECK_LAWS(check_quantizer(xcim::quant::affine{bits, xcim::quant::affine_step{0.25F, 1}}));
        if (bits > 1) {
            CHECK_LAWS(check_quantizer(xcim::quant::symmetric{bits}));
            CHECK_LAWS(check_quantizer(xcim::quant::symmetric<>{bits, 0.7F}));
            CHECK_LAWS(check_quantizer(xcim::quant::emsb{bits, xcim::rounding::half_up, -3}));
        }
    }
    CHECK_LAWS(check_quantizer(xcim::quant::symmetric{xcim::c<8>}));
    CHECK_LAWS(check_quantizer(xcim::quant::unsigned_range{xcim::c<8>}));
    CHECK_LAWS(check_quantizer(xcim::quant::emsb{xcim::c<8>}));
}
