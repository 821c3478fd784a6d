/// \file
/// What stays with a chip: the same in every conversion, different from chip to chip, with the distribution its model
/// states.

#include <doctest/doctest.h>

#include <tests/support/tensors.hpp>
#include <xcim/testing/statistics.hpp>
#include <xcim/xcim.hpp>

#include <cmath>
#include <span>
#include <vector>

namespace {

using namespace xcim;
using test::different;
using test::tensor;

tensor filled(std::vector<std::size_t> const& shape, float value) {
    tensor t = tensor::from_shape(shape);
    std::fill_n(t.data(), t.size(), value);
    return t;
}

/// One-bit weights and inputs of scale one: every element of the result is one conversion in cell-LSB.
auto chip_macro(int rows) {
    return CimMacro{quant::unsigned_range<>{1, 1.0F},
                    mapping::bit_slice{.array = {rows, 64}},
                    encoding::bit_serial{},
                    cell::sram{},
                    noise::none{},
                    adc::ideal{}};
}

/// Results of many chips and outputs follow a normal distribution of this mean and deviation.
void check_normal(std::vector<float> const& y, double mean, double deviation) {
    auto const n = static_cast<double>(y.size());
    auto const found = testing::moments_of(std::span<float const>{y});
    CHECK(std::abs(found.mean - mean) < 5 * deviation / std::sqrt(n));
    CHECK(std::abs(found.deviation - deviation) < 5 * deviation / std::sqrt(2 * n));
    CHECK(testing::kolmogorov_smirnov(
              y, [&](double v) { return testing::normal_distribution((v - mean) / deviation); }) < 2.2 / std::sqrt(n));
}

template <class Macro>
std::vector<float> over_chips(Macro const& macro, tensor const& x, tensor const& w, int chips) {
    std::vector<float> all;
    for (int chip = 0; chip < chips; ++chip) {
        auto const y = linear(macro, x, macro.program(w, {.chip = static_cast<std::uint64_t>(chip)}));
        all.insert(all.end(), y.begin(), y.end());
    }
    return all;
}

/// The result stays with the chip: no seed changes it, another chip or layer does.
template <class Macro>
void check_static(Macro const& macro, tensor const& x, tensor const& w) {
    auto const on = [&](program_options const& chip, std::uint64_t seed) {
        return linear(macro, x, macro.program(w, chip), {.seed = seed});
    };
    auto const y = on({.chip = 1}, 1);
    CHECK(different(y, on({.chip = 1}, 2)) == 0);
    CHECK(different(y, on({.chip = 2}, 1)) > y.size() / 2);
    CHECK(different(y, on({.chip = 1, .layer = 1}, 1)) > y.size() / 2);
    // Equal inputs are read alike, equal weights of different outputs are not.
    auto const twice = [&](std::size_t row) {
        return std::vector<float>(y.begin() + static_cast<std::ptrdiff_t>(row * w.shape()[0]),
                                  y.begin() + static_cast<std::ptrdiff_t>((row + 1) * w.shape()[0]));
    };
    CHECK(different(twice(0), twice(1)) == 0);
    CHECK(y.data()[0] != y.data()[1]);
}

}  // namespace

TEST_CASE("currents vary from cell to cell and stay with the chip") {
    auto const macro = chip_macro(64).with(cell::current{.variation = 0.1, .off_variation = 0.02});
    auto const x = filled({2, 64}, 1);
    check_static(macro, x, filled({30, 64}, 1));
    auto const one = filled({1, 64}, 1);
    check_normal(over_chips(macro, one, filled({300, 64}, 1), 40), 64, 0.1 * 8);
    check_normal(over_chips(macro, one, filled({300, 64}, 0), 40), 0, 0.02 * 8);
}

TEST_CASE("capacitors vary; what a column gains in a cell it loses in its total") {
    auto const macro = chip_macro(64).with(cell::capacitor{.unit_capacitance = 1e-15, .matching = 0.05});
    check_static(macro, filled({2, 64}, 1), [] {
        auto w = filled({30, 64}, 1);
        for (std::size_t n = 0; n < 30; ++n) {
            w(n, 5) = 0;
        }
        return w;
    }());
    // All cells driven: the full scale exactly. k of N driven: variance sigma^2 k (N - k) / N to first order.
    tensor half = filled({1, 64}, 1);
    std::fill_n(half.data() + 16, 48, 0.0F);
    for (float const v : over_chips(macro, filled({1, 64}, 1), filled({10, 64}, 1), 2)) {
        CHECK(v == doctest::Approx(64).epsilon(1e-6));
    }
    check_normal(over_chips(macro, half, filled({300, 64}, 1), 40), 16, 0.05 * std::sqrt(16 * 48 / 64.0));
}

TEST_CASE("comparator offsets stay with their column") {
    auto const macro = chip_macro(64).with(noise::comparator_offset{in_cell_lsb(1.5)});
    check_static(macro, filled({2, 64}, 1), filled({30, 64}, 1));
    check_normal(over_chips(macro, filled({1, 64}, 1), filled({300, 64}, 1), 40), 64, 1.5);
}

TEST_CASE("row DACs vary from row to row and serve all columns alike") {
    // One row driven at level 8 of 15: deviation sigma sqrt(8 * 7 / 15).
    auto const macro = chip_macro(1)
                           .with(quant::operands{quant::unsigned_range<>{1, 1.0F}, quant::unsigned_range<>{4, 15.0F}})
                           .with(encoding::mismatched_dac{4, 0.02});
    std::vector<float> all;
    for (std::uint64_t chip = 0; chip < 6000; ++chip) {
        auto const y = linear(macro, filled({1, 1}, 8), macro.program(filled({2, 1}, 1), {.chip = chip}));
        CHECK(y(0, 0) == y(0, 1));
        all.push_back(y(0, 0));
    }
    check_normal(all, 8, 0.02 * std::sqrt(8 * 7 / 15.0));
    // The ends are the rails.
    auto const top = linear(macro, filled({1, 1}, 15), macro.program(filled({2, 1}, 1)));
    CHECK(top(0, 0) == 15.0F);
}

TEST_CASE("kT/C noise and noise that falls with the count leave the macro with their distributions") {
    auto const x = filled({400, 64}, 1);
    auto const w = filled({50, 64}, 1);
    auto const readings = [&](auto const& noise) {
        auto const y = linear(chip_macro(64).with(noise), x, w, {.seed = 3});
        return std::vector<float>(y.begin(), y.end());
    };
    check_normal(readings(noise::non_linearity{in_cell_lsb(4)}), 64, 4 / std::sqrt(65.0));
    noise::thermal const thermal{.unit_capacitance = 1e-17, .supply = 0.5, .temperature = 350};
    double const total = 64 * 1e-17;
    check_normal(readings(thermal), 64, std::sqrt(1.380649e-23 * 350 / total) / (0.5 / 64));
    check_normal(readings(noise::stack{thermal, noise::non_linearity{in_cell_lsb(30)}}), 64,
                 std::hypot(std::sqrt(1.380649e-23 * 350 / total) / (0.5 / 64), 30 / std::sqrt(65.0)));
}
