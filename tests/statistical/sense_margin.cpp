/// \file
/// Reading errors by popcount, at fixed seeds: the Monte Carlo of cells against the formula, and the noise models made
/// from either against it as they leave a macro.

#include <doctest/doctest.h>

#include <tests/support/tensors.hpp>
#include <xcim/analysis/sense_margin.hpp>
#include <xcim/xcim.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace {

using namespace xcim;
using analysis::misread_probability;
using analysis::sense_levels;
using analysis::simulate_sense;
using noise::cell_sense;
using test::tensor;

double normal_between(double from, double to, double sigma) {
    double const root = sigma * std::sqrt(2.0);
    return 0.5 * (std::erfc(from / root) - std::erfc(to / root));
}

/// P(code | ones) of normal levels with boundaries midway.
double read_as(cell_sense const& cells, int limit, int ones, int code) {
    double const sigma = std::sqrt(cells.variance(ones, limit)) / cells.step();
    double const from = code > 0 ? code - 0.5 - ones : -1e9;
    double const to = code < limit ? code + 0.5 - ones : 1e9;
    return normal_between(from, to, sigma);
}

constexpr std::size_t sense_batch = 500;
constexpr std::size_t sense_outputs = 200;

/// How often a macro of `limit` rows reads `code` where `ones` of them carry a one. Its converter has codes above the
/// limit, which count as the limit.
template <class Noise>
double macro_reads(Noise const& model, int limit, int ones, int code) {
    auto const macro = CimMacro{quant::unsigned_range<>{1, 1.0F},
                                mapping::bit_slice{.array = {limit, 64}},
                                encoding::bit_serial{},
                                cell::sram{},
                                model,
                                adc::exact_count{}};
    auto const rows = static_cast<std::size_t>(limit);
    tensor x = tensor::from_shape({sense_batch, rows});
    for (std::size_t i = 0; i < x.size(); ++i) {
        x.data()[i] = i % rows < static_cast<std::size_t>(ones) ? 1.0F : 0.0F;
    }
    tensor w = tensor::from_shape({sense_outputs, rows});
    w.fill(1.0F);
    auto const y = linear(macro, x, w, {.seed = 5});
    std::size_t count = 0;
    for (float const v : y) {
        count += std::min(v, static_cast<float>(limit)) == static_cast<float>(code) ? 1U : 0U;
    }
    return static_cast<double>(count) / static_cast<double>(y.size());
}

/// Five deviations of a count; the draws are 1.7e-5 from normal at each of two thresholds.
bool is_probability(double found, double p, double samples) {
    return std::abs(found - p) <= 5 * std::sqrt(p * (1 - p) / samples) + 2 * 1.7e-5 + 1 / samples;
}

}  // namespace

TEST_CASE("simulate_sense estimates the margin within 2 % of the formula, with 1e5 samples a level") {
    for (cell_sense const& cells :
         {cell_sense{.on = 0.0295}, cell_sense{.on = 0.025, .ratio = 3, .off = 0.05, .converter = 0.02},
          cell_sense{.on = 0.01, .ratio = 2, .off = 0.1}, cell_sense{.converter = 0.1}}) {
        for (int const limit : {1, 4, 8, 16}) {
            CAPTURE(limit);
            double const right = analysis::sense_margin(cells, limit);
            auto const found = simulate_sense(cells, limit);
            CHECK(std::abs(found.margin() / right - 1) < 0.02);
            for (int k = 0; k <= limit; ++k) {
                double const sigma = std::sqrt(cells.variance(k, limit)) / cells.step();
                auto const& e = found.errors[static_cast<std::size_t>(k)];
                CHECK(std::abs(e.shift) <= 5 * sigma / std::sqrt(1e5) + 1e-5);
                CHECK(std::abs(e.sigma - sigma) <= 5 * sigma / std::sqrt(2e5) + 1e-5);
            }
        }
    }
}

TEST_CASE("simulate_sense counts the codes that the normal distributions give") {
    cell_sense const cells{.on = 0.12, .ratio = 4, .off = 0.3, .converter = 0.1};
    int const limit = 6;
    auto const found = simulate_sense(cells, limit, {.seed = 3});
    for (int ones = 0; ones <= limit; ++ones) {
        for (int code = 0; code <= limit; ++code) {
            CAPTURE(ones);
            CAPTURE(code);
            CHECK(is_probability(found.probability(ones, code), read_as(cells, limit, ones, code), 1e5));
        }
        CHECK(is_probability(1 - found.probability(ones, ones), misread_probability(cells, limit, ones), 1e5));
    }
}

TEST_CASE("noise::sense_variation makes a macro misread each popcount as often as the formula says") {
    cell_sense const cells{.on = 0.12, .ratio = 4, .off = 0.3, .converter = 0.1};
    int const limit = 8;
    double const samples = sense_batch * sense_outputs;
    auto const fitted = noise::popcount_errors{simulate_sense(cells, limit, {.samples = 400000}).errors};
    for (int ones = 0; ones <= limit; ++ones) {
        for (int code = std::max(0, ones - 1); code <= std::min(limit, ones + 1); ++code) {
            CAPTURE(ones);
            CAPTURE(code);
            double const p = read_as(cells, limit, ones, code);
            CHECK(is_probability(macro_reads(noise::sense_variation{cells}, limit, ones, code), p, samples));
            // The table's mean and sigma are off by at most 0.8 % of sigma (five deviations): a threshold at t moves
            // by 0.008 (1 + |t|) sigma, and the density times that is below 0.0043.
            double const slack = 2 * 0.0043;
            CHECK(std::abs(macro_reads(fitted, limit, ones, code) - p) <= 5 * std::sqrt(p * (1 - p) / samples) + slack);
        }
    }
}

TEST_CASE("noise::sense_variation at 6 sigma leaves every popcount of a macro right") {
    int const limit = 8;
    noise::sense_variation const model{{.on = *analysis::largest_on_deviation(limit)}};
    for (int ones = 0; ones <= limit; ++ones) {
        CHECK(macro_reads(model, limit, ones, ones) == 1.0);
    }
    // The same cells at four times the word lines have 3 sigma.
    int const many = 4 * limit;
    double const right = 1 - misread_probability(model.cells, many, many - 1);
    CHECK(right < 0.998);
    CHECK(is_probability(macro_reads(model, many, many - 1, many - 1), right, sense_batch * sense_outputs));
}
