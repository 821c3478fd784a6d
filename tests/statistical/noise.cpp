/// \file
/// Noise as it leaves a whole macro, at fixed seeds: moments, distribution, units, independence, clipping.
///
/// With 1-bit weights and inputs of scale one, every element of the result is one conversion in cell-LSB.

#include <doctest/doctest.h>

#include <tests/support/tensors.hpp>
#include <xcim/testing/statistics.hpp>
#include <xcim/xcim.hpp>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace {

using namespace xcim;
using test::tensor;
using testing::moments_of;
using testing::normal_distribution;

constexpr std::size_t rows = 100;
constexpr std::size_t batch_size = 600;
constexpr std::size_t outputs = 200;
constexpr auto conversions = static_cast<double>(batch_size * outputs);

template <class Noise, class Converter>
auto one_conversion(Noise const& noise, Converter const& adc) {
    return CimMacro{quant::unsigned_range<>{1, 1.0F},
                    mapping::bit_slice{.array = {rows, 64}},
                    encoding::bit_serial{},
                    cell::sram{},
                    noise,
                    adc};
}

/// (batch_size, rows): each row of inputs drives the first `count` cells.
tensor inputs(std::size_t count) {
    tensor x = tensor::from_shape({batch_size, rows});
    for (std::size_t i = 0; i < x.size(); ++i) {
        x.data()[i] = i % rows < count ? 1.0F : 0.0F;
    }
    return x;
}

tensor ones(std::vector<std::size_t> const& shape) {
    tensor t = tensor::from_shape(shape);
    std::fill_n(t.data(), t.size(), 1.0F);
    return t;
}

/// What the macro reads for column sums of `count`, (batch_size, outputs).
template <class Macro>
std::vector<float> readings(Macro const& macro, std::size_t count, run_options const& options = {.seed = 1}) {
    auto const y = linear(macro, inputs(count), ones({outputs, rows}), options);
    return {y.begin(), y.end()};
}

void check_moments(std::vector<float> const& y, double mean, double deviation) {
    auto const n = static_cast<double>(y.size());
    auto const found = moments_of(std::span<float const>{y});
    CHECK(std::abs(found.mean - mean) < 5 * deviation / std::sqrt(n));
    CHECK(std::abs(found.deviation - deviation) < 5 * deviation / std::sqrt(2 * n));
}

/// Correlation of the deviations from `mean`, over all pairs (i, i + shift).
double correlation(std::vector<float> const& a, std::vector<float> const& b, double mean, std::size_t shift = 0) {
    double sum = 0;
    double squares = 0;
    for (std::size_t i = 0; i + shift < a.size(); ++i) {
        double const u = static_cast<double>(a[i]) - mean;
        double const v = static_cast<double>(b[i + shift]) - mean;
        sum += u * v;
        squares += (u * u + v * v) / 2;
    }
    return sum / squares;
}

}  // namespace

TEST_CASE("gaussian noise leaves the macro with its moments and distribution") {
    for (std::uint64_t const seed : {1U, 2U, 3U}) {
        auto const y = readings(one_conversion(noise::gaussian{in_cell_lsb(2)}, adc::ideal{}), 50, {.seed = seed});
        check_moments(y, 50, 2);
        double const distance =
            testing::kolmogorov_smirnov(y, [](double v) { return normal_distribution((v - 50) / 2); });
        CHECK(distance < 2.2 / std::sqrt(conversions));
    }
}

TEST_CASE("sigma means the same whatever its unit") {
    check_moments(readings(one_conversion(noise::gaussian{of_full_scale(0.03)}, adc::ideal{}), 40), 40, 3);
    // Steps of 100 / 4095: 200 of them are 4.884 cells. The converter adds a twelfth of its step squared, 4e-6 of this.
    auto const fine = one_conversion(noise::gaussian{in_adc_lsb(200)}, adc::uniform{12});
    check_moments(readings(fine, 50), 50, 200 * 100 / 4095.0);
    auto const both = noise::stack{noise::gaussian{of_full_scale(0.03)}, noise::gaussian{in_cell_lsb(4)}};
    check_moments(readings(one_conversion(both, adc::ideal{}), 40), 40, 5);
}

TEST_CASE("noise of seeds, layers, inputs and columns is independent") {
    auto const macro = one_conversion(noise::gaussian{in_cell_lsb(2)}, adc::ideal{});
    auto const y = readings(macro, 50);
    double const limit = 5 / std::sqrt(conversions);
    CHECK(std::abs(correlation(y, readings(macro, 50, {.seed = 2}), 50)) < limit);
    CHECK(std::abs(correlation(y, readings(macro, 50, {.seed = 1, .layer = 1}), 50)) < limit);
    CHECK(std::abs(correlation(y, readings(macro, 50, {.seed = 1, .first_item = batch_size}), 50)) < limit);
    for (std::size_t const shift :
         {std::size_t{1}, std::size_t{2}, std::size_t{63}, std::size_t{64}, outputs, 2 * outputs, 8 * outputs}) {
        CAPTURE(shift);
        CHECK(std::abs(correlation(y, y, 50, shift)) < limit);
    }
    // The check can fail: the same numbers are correlated.
    CHECK(correlation(y, readings(macro, 50), 50) > 0.999);
}

TEST_CASE("noise of phases, slices and tiles is independent: variances add, amplitudes do not") {
    auto const deviation = [](auto const& macro, std::size_t inputs_count) {
        auto const y =
            linear(macro, ones({batch_size, inputs_count}) * 0.0F, ones({outputs, inputs_count}), {.seed = 4});
        auto const m = moments_of(std::span<float const>{y.data(), y.size()});
        CHECK(std::abs(m.mean) < 5 * m.deviation / std::sqrt(conversions));
        return m.deviation;
    };
    auto const within = [](double found, double expected) {
        CHECK(std::abs(found - expected) < 5 * expected / std::sqrt(2 * conversions));
    };
    auto const base = one_conversion(noise::gaussian{in_cell_lsb(1)}, adc::ideal{});
    // Digits of b bits weigh 1, 2, 4, ...: squares sum to (4^b - 1) / 3. Fixed scales of the highest code: steps of 1.
    auto const phases = base.with(quant::operands{quant::unsigned_range<>{1, 1.0F}, quant::unsigned_range<>{4, 15.0F}});
    within(deviation(phases, rows), std::sqrt(85.0));
    auto const slices = base.with(quant::operands{quant::unsigned_range<>{3, 7.0F}, quant::unsigned_range<>{1, 1.0F}});
    within(deviation(slices, rows), std::sqrt(21.0));
    within(deviation(base, 5 * rows), std::sqrt(5.0));
    auto const all = base.with(quant::operands{quant::symmetric<>{3, 3.0F}, quant::unsigned_range<>{4, 15.0F}});
    within(deviation(all, 3 * rows), std::sqrt(3.0 * 21.0 * 85.0));
}

TEST_CASE("a converter that clips at zero turns noise without mean into a positive bias") {
    for (double const sigma : {0.3, 0.5, 0.8, 3.0}) {
        auto const y = readings(one_conversion(noise::gaussian{in_cell_lsb(sigma)}, adc::exact_count{}), 0);
        // Codes are rounded: E = sum over j of P(sigma z > j - 1/2), E n^2 = sum of (2 j - 1) P.
        double mean = 0;
        double square = 0;
        for (int j = 1; j < 100; ++j) {
            double const p = normal_distribution(-(j - 0.5) / sigma);
            mean += p;
            square += (2 * j - 1) * p;
        }
        auto const found = moments_of(std::span<float const>{y});
        double const deviation = std::sqrt(square - mean * mean);
        CAPTURE(sigma);
        CHECK(found.mean > 0);
        CHECK(std::abs(found.mean - mean) < 5 * deviation / std::sqrt(conversions));
        CHECK(*std::min_element(y.begin(), y.end()) >= 0);
    }
}

TEST_CASE("codes behind a converter that counts have the probabilities of rounded normals") {
    for (double const sigma : {0.2, 0.45, 0.7, 0.85, 1.5}) {
        for (bool const exact : {true, false}) {
            auto const noise = noise::gaussian{in_cell_lsb(sigma)};
            // 100 counts of 7 bits, or 127 counts in 127 steps.
            auto const y =
                exact
                    ? readings(one_conversion(noise, adc::exact_count{}), 50)
                    : readings(one_conversion(noise, adc::uniform{7}).with(mapping::bit_slice{.array = {127, 64}}), 50);
            for (int n = -3; n <= 3; ++n) {
                double const p = normal_distribution((n + 0.5) / sigma) - normal_distribution((n - 0.5) / sigma);
                double count = 0;
                for (float const v : y) {
                    count += std::nearbyint(v) == static_cast<float>(50 + n) ? 1 : 0;
                }
                CAPTURE(sigma);
                CAPTURE(n);
                // Five deviations; the draws themselves are 1.7e-5 from normal at each of two thresholds.
                CHECK(std::abs(count - conversions * p) <
                      5 * std::sqrt(conversions * p * (1 - p)) + 2 * 1.7e-5 * conversions + 1);
            }
        }
    }
}
