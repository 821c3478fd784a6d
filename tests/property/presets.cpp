/// \file
/// Published macros as compositions: they are valid, they say what they are made of, and what they compute is as far
/// from the product of the codes as their sources let one expect.

#include <doctest/doctest.h>

#include <tests/support/tensors.hpp>
#include <xcim/presets.hpp>
#include <xcim/xcim.hpp>

#include <cmath>

namespace {

using namespace xcim;
using test::random_tensor;
using test::tensor;

/// Root mean square of y - x w over that of x w.
double relative_error(tensor const& y, tensor const& x, tensor const& w) {
    double error_power = 0;
    double power = 0;
    for (std::size_t m = 0; m < x.shape(0); ++m) {
        for (std::size_t n = 0; n < w.shape(1); ++n) {
            double sum = 0;
            for (std::size_t k = 0; k < w.shape(0); ++k) {
                sum += static_cast<double>(x(m, k)) * static_cast<double>(w(k, n));
            }
            error_power += std::pow(static_cast<double>(y(m, n)) - sum, 2);
            power += sum * sum;
        }
    }
    return std::sqrt(error_power / power);
}

}  // namespace

TEST_CASE("every preset is a valid composition that says what it is made of") {
    auto const says = [](auto const& macro, char const* what) {
        CHECK_MESSAGE(!macro.check().has_value(), macro.check().value_or(""));
        CHECK_MESSAGE(describe(macro).find(what) != std::string::npos, describe(macro));
    };
    says(tile::asim(), "SRAM cell");
    says(tile::ibm(), "oscillator");
    says(tile::isaac(), "offset 128x128, 2 bit/cell");
    says(tile::prime(), "differential 256x256");
    says(tile::neurosim(), "uniform ADC 5 bit");
    says(tile::hyflexpim(1), "2 levels");
    says(tile::hyflexpim(2, 0.132), "4 levels");
    says(tile::flare({}).projection, "SRAM cell");
}

TEST_CASE("IBM's tile loses a few percent to wires and devices, and more with time") {
    auto const x = random_tensor({20, 512}, 1);
    auto const w = random_tensor({512, 40}, 2);
    auto const error_of = [&](tile::ibm_options const& o) {
        auto const macro = tile::ibm(o);
        return relative_error(gemm(macro, x, w, {.seed = 1}), x, w);
    };
    // The column line alone: 5.5 to 9.4 % at 0.15 ohm for Gaussian operands, 20 % at 0.35, 27 % at 1 ohm.
    double const wires = error_of({});
    CHECK(wires > 0.05);
    CHECK(wires < 0.2);
    CHECK(error_of({.bit_line_resistance = 0.35}) > 1.5 * wires);
    CHECK(error_of({.bit_line_resistance = 0}) < 0.75 * wires);
    CHECK(error_of({.time = cell::day}) > 1.5 * wires);
}

TEST_CASE("converters that count reach what their sources say") {
    auto const x = random_tensor({10, 200}, 3);
    auto const w = random_tensor({200, 30}, 4);
    // Random operands stay below what ISAAC's converter counts: what is left is quantisation to 16 bits.
    CHECK(relative_error(gemm(tile::isaac(), x, w), x, w) < 1e-3);
    // Five bits of 128 rows of two-bit cells.
    double const neurosim = relative_error(gemm(tile::neurosim(), x, w), x, w);
    CHECK(neurosim > 0.05);
    CHECK(neurosim < 0.8);
    CHECK(relative_error(gemm(tile::neurosim().with(adc::uniform{9}), x, w), x, w) < 0.1);
    // Sixty-four rows of bits hardly ever reach the 63 of HyFlexPIM's converter: quantisation to 8 bits is left.
    CHECK(relative_error(gemm(tile::hyflexpim(1), x, w), x, w) < 0.02);
    // Two-bit cells with levels off by 2.5 %, weights with an offset.
    double const two_bits = relative_error(gemm(tile::hyflexpim(2), x, w), x, w);
    CHECK(two_bits > 0.02);
    CHECK(two_bits < 0.2);
    // PRIME: six bits of inputs and of the converter, over the full range of 256 rows.
    auto const positive = random_tensor({10, 200}, 5, 0, 1);
    double const prime = relative_error(gemm(tile::prime(), positive, w), positive, w);
    CHECK(prime > 0.02);
    CHECK(prime < 0.8);
}
