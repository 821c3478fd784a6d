#include <doctest/doctest.h>

#include <xcim/macro/count_strip.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <vector>

namespace {

using namespace xcim;

constexpr std::size_t strips_tried = 600;

struct strip_case {
    float sigma;
    float lowest;   // of the sums
    float highest;  // of the sums
    float top;      // of the converter
    std::vector<float> weights;
    std::size_t columns = block_columns;
};

/// Strips that were counted in one pass; those have the partial sums of the two passes, the others are untouched.
std::size_t count_strips(strip_case const& c) {
    std::mt19937 engine{1};
    std::uniform_int_distribution<int> sum(static_cast<int>(c.lowest), static_cast<int>(c.highest));
    counting_converter const converter{rounded_normal::of(c.sigma).value(), c.top};
    strip_normals normals{1};
    phase_weights const weights{c.weights};
    std::size_t done = 0;
    for (std::uint32_t s = 0; s < strips_tried; ++s) {
        strip_site const site{{s, 5}, 64 * s, s % 11};
        std::array<float, strip_phases * block_columns> sums{};
        std::generate(sums.begin(), sums.end(), [&] { return static_cast<float>(sum(engine)); });
        std::array<float, block_columns> partial{};
        std::fill(partial.begin(), partial.end(), 3.0F);
        auto right = partial;
        normals.fill([&](auto... to) { converter.noise.fill(to...); }, 1, site, c.weights.size(), c.columns);
        convert_strip<true>(converter, sums.data(), normals, {}, weights, c.columns, right.data());
        double const largest = std::max(-c.lowest, c.highest);
        bool const counts = count_strip(converter, site, sums.data(), largest, weights, c.columns, partial.data());
        done += counts ? 1 : 0;
        for (std::size_t i = 0; i < c.columns; ++i) {
            CHECK(partial[i] == (counts ? right[i] : 3.0F));
        }
    }
    return done;
}

}  // namespace

TEST_CASE("strips that are counted in one pass have the sums of draws, conversion and shift and add one by one") {
    std::vector<float> const bits{1, 2, 4, 8, 16, 32, 64, 128};
    std::size_t done = 0;
    for (float const sigma : {0.01F, 0.1F, 0.255F, 0.4F, 0.6F, 0.8F}) {
        CAPTURE(sigma);
        done += count_strips({sigma, 0, 255, 255, bits});
        done += count_strips({sigma, 0, 3, 2, bits});
        done += count_strips({sigma, -100, 100, 50, {1, 2, 4, -8}});
    }
    for (std::size_t phases = 1; phases <= strip_phases; ++phases) {
        done +=
            count_strips({0.5F, 0, 30000, 32000, {bits.begin(), bits.begin() + static_cast<std::ptrdiff_t>(phases)}});
    }
    for (std::size_t columns = 1; columns <= block_columns; columns += 7) {
        done += count_strips({0.5F, 0, 1000, 1023, {1, 16, 256}, columns});
    }
#if defined(__AVX512BW__) && !defined(XCIM_NO_WIDE)
    CHECK(done > 9 * (18 + 8 + 10) * strips_tried / 10);
#else
    CHECK(done == 0);
#endif
}

TEST_CASE("what does not fit sixteen bits is left to the two passes") {
    CHECK(count_strips({0.3F, 0, 33000, 65535, {1, 2}}) == 0);
    CHECK(count_strips({0.3F, 0, 100, 40000, {1, 2}}) == 0);
    CHECK(count_strips({0.3F, 0, 15, 15, {1, 65536}}) == 0);
}
