#include <doctest/doctest.h>

#include <xcim/analysis/distribution.hpp>
#include <xcim/testing/statistics.hpp>

#include <tests/support/tensors.hpp>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace {

using namespace xcim;
using analysis::sample;
using test::different;
using test::shape_of;

constexpr std::size_t sample_size = 200'000;

template <class D>
std::vector<float> draw_many(D const& d, std::uint64_t seed) {
    auto const t = sample(d, {sample_size}, seed);
    return {t.begin(), t.end()};
}

/// Distance of a sample of that size that a true distribution exceeds once in 10^6 cases.
double const largest_distance = std::sqrt(-0.5 * std::log(0.5e-6) / sample_size);

}  // namespace

TEST_CASE("operands have the distribution they are said to have") {
    CHECK(testing::kolmogorov_smirnov(draw_many(analysis::uniform{-1, 3}, 1),
                                      [](double v) { return std::clamp((v + 1) / 4, 0.0, 1.0); }) < largest_distance);
    CHECK(testing::kolmogorov_smirnov(draw_many(analysis::normal{2, 0.5F}, 2), [](double v) {
              return testing::normal_distribution((v - 2) / 0.5);
          }) < largest_distance);
    auto const rectified = draw_many(analysis::rectified_normal{0.5F, 2}, 3);
    std::vector<float> above;
    std::copy_if(rectified.begin(), rectified.end(), std::back_inserter(above), [](float v) { return v > 0; });
    double const zero = testing::normal_distribution(-0.25);
    CHECK(static_cast<double>(above.size()) / sample_size == doctest::Approx(1 - zero).epsilon(0.01));
    CHECK(*std::min_element(rectified.begin(), rectified.end()) == 0);
    CHECK(testing::kolmogorov_smirnov(above, [&](double v) {
              return (testing::normal_distribution((v - 0.5) / 2) - zero) / (1 - zero);
          }) < 1.5 * largest_distance);  // some 120 000 of them
}

TEST_CASE("sparse keeps a fraction of another distribution") {
    auto const kept = draw_many(analysis::sparse{analysis::uniform{1, 2}, 0.2F}, 4);
    auto const zeros = std::count(kept.begin(), kept.end(), 0.0F);
    CHECK(static_cast<double>(zeros) / sample_size == doctest::Approx(0.8).epsilon(0.01));
    CHECK(std::all_of(kept.begin(), kept.end(), [](float v) { return v == 0 || (v >= 1 && v < 2); }));
    auto const none = draw_many(analysis::sparse{analysis::uniform{1, 2}, 0.0F}, 4);
    CHECK(std::all_of(none.begin(), none.end(), [](float v) { return v == 0; }));
    auto const all = draw_many(analysis::sparse{analysis::uniform{1, 2}, 1.0F}, 4);
    CHECK(std::all_of(all.begin(), all.end(), [](float v) { return v >= 1; }));
}

TEST_CASE("resampled draws every element of a tensor equally often") {
    test::tensor const real{1, -2, 3, 4, -2};
    auto const drawn = draw_many(analysis::resampled{xcim::ref(real)}, 5);
    for (auto const& [v, share] : {std::pair{1.0F, 0.2}, {-2.0F, 0.4}, {3.0F, 0.2}, {4.0F, 0.2}}) {
        CHECK(static_cast<double>(std::count(drawn.begin(), drawn.end(), v)) / sample_size ==
              doctest::Approx(share).epsilon(0.02));
    }
    test::tensor const empty = test::tensor::from_shape({0});
    CHECK_THROWS_AS(static_cast<void>(sample(analysis::resampled{xcim::ref(empty)}, {2}, 1)), error);
}

TEST_CASE("a sample is a function of seed and element alone") {
    auto const t = sample(analysis::normal{}, {3, 40}, 7);
    CHECK(shape_of(t) == std::vector<std::size_t>{3, 40});
    CHECK(different(t, sample(analysis::normal{}, {120}, 7)) == 0);
    CHECK(different(t, sample(analysis::normal{}, {3, 40}, 8)) > 110);
    CHECK(sample(analysis::normal{}, {0, 4}, 7).size() == 0);
    // The same numbers on every target.
    CHECK(t(0, 0) == -0x1.aa2fccp+1F);
    CHECK(t(2, 39) == -0x1.3a3a66p+0F);
    CHECK(sample(analysis::uniform{-1, 3}, {2}, 7)(1) == 0x1.72e66p-1F);
}

TEST_CASE("a lambda is a distribution") {
    auto const laplace = [](analysis::element_draws& draws) {
        float const u = draws.uniform() - 0.5F;
        return u < 0 ? std::log(1 + 2 * u) : -std::log(1 - 2 * u);
    };
    auto const m = testing::moments_of(std::span<float const>{draw_many(laplace, 9)});
    CHECK(std::fabs(m.mean) < 0.02);
    CHECK(m.deviation == doctest::Approx(std::sqrt(2.0)).epsilon(0.02));
}
