#include <doctest/doctest.h>

#include <xcim/core/normal.hpp>
#include <xcim/testing/statistics.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace {

using xcim::lanes;

/// P(Z > z), from the C library.
double upper_tail(double z) { return 0.5 * std::erfc(z / std::sqrt(2.0)); }

/// The z >= 0 with P(Z > z) = u, by bisection of erfc: independent of how the library finds it.
double inverse_tail(double u) {
    double low = 0;
    double high = 40;
    for (int i = 0; i < 80; ++i) {
        double const middle = (low + high) / 2;
        (upper_tail(middle) > u ? low : high) = middle;
    }
    return (low + high) / 2;
}

constexpr int magnitudes = 1 << 15;

double magnitude(int k) { return static_cast<double>(xcim::detail::normal_magnitude(static_cast<float>(2 * k + 1))); }

/// `count` normals from counters (0, second), (1, second), ...
std::vector<float> draw(std::size_t count, std::uint64_t seed, std::uint32_t second = 0) {
    std::size_t const columns = count / 4;
    std::vector<std::uint32_t> ids(columns);
    for (std::size_t i = 0; i < columns; ++i) {
        ids[i] = static_cast<std::uint32_t>(i);
    }
    std::vector<float> z(count);
    xcim::fill_normals(xcim::derive({}, seed), ids.data(), second, columns, z.data(), columns);
    return z;
}

double correlation(std::span<float const> a, std::span<float const> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    }
    return sum / static_cast<double>(a.size());
}

}  // namespace

TEST_CASE("every magnitude is the inverse normal distribution function within 2.3e-5") {
    double worst = 0;
    for (int k = 0; k < magnitudes; ++k) {
        worst = std::max(worst, std::abs(magnitude(k) - inverse_tail((k + 0.5) / 65536)));
    }
    CHECK(worst < 2.3e-5);
}

TEST_CASE("magnitudes fall with k, by 4e-5 in the middle and 0.06 where the refinement begins") {
    int wrong = 0;
    for (int k = 1; k < magnitudes; ++k) {
        wrong += magnitude(k) < magnitude(k - 1) ? 0 : 1;
    }
    CHECK(wrong == 0);
    CHECK(magnitude(magnitudes - 1) > 0);
    CHECK(magnitude(magnitudes - 2) - magnitude(magnitudes - 1) == doctest::Approx(4e-5).epsilon(0.1));
    CHECK(magnitude(4) == doctest::Approx(3.8).epsilon(0.01));
    CHECK(magnitude(4) - magnitude(5) == doctest::Approx(0.06).epsilon(0.2));
}

TEST_CASE("the distribution function is the normal one within 1.7e-5") {
    // A draw exceeds magnitude k with probability k / 2^16 and reaches it with (k + 1) / 2^16.
    double worst = 0;
    for (int k = 4; k < magnitudes; ++k) {
        double const right = upper_tail(magnitude(k));
        worst = std::max({worst, std::abs(k / 65536.0 - right), std::abs((k + 1) / 65536.0 - right)});
    }
    CHECK(worst < 1.7e-5);
}

TEST_CASE("refined tails are continuous") {
    double worst = 0;
    double last = 1e9;
    bool falls = true;
    for (int k = 0; k < 4; ++k) {
        for (int step = 0; step <= 256; ++step) {
            auto const bits = step == 256 ? 0xFFFFFFFFU : static_cast<std::uint32_t>(step) << 24;
            auto const z = static_cast<double>(xcim::detail::refined_normal(static_cast<float>(2 * k + 1), bits));
            worst = std::max(worst, std::abs(z - inverse_tail((k + (bits + 0.5) / 4294967296.0) / 65536)));
            falls = falls && z <= last;
            last = z;
        }
    }
    CHECK(worst < 1e-6);
    CHECK(falls);
    // The outermost value of all: 2^-49 of probability beyond it.
    CHECK(xcim::detail::refined_normal(1, 0) == doctest::Approx(inverse_tail(0x1p-49)));
    // The refinement begins where the grid ends.
    CHECK(last == doctest::Approx(inverse_tail(4.0 / 65536)).epsilon(1e-6));
    CHECK(last > magnitude(4));
}

TEST_CASE("batches draw the numbers of the scalar definition, for every count around the lanes") {
    xcim::word_pair<> const key{123, 456};
    std::size_t refined = 0;
    auto const compare = [&](std::size_t count, std::uint32_t second, std::uint32_t factor) {
        std::size_t const padded = (count + 4 * lanes - 1) / (4 * lanes) * (4 * lanes);
        std::vector<std::uint32_t> ids(padded, 0xDEADBEEFU);
        for (std::size_t i = 0; i < count; ++i) {
            ids[i] = static_cast<std::uint32_t>(i) * factor + 5;
        }
        std::vector<float> z(4 * padded);
        xcim::fill_normals(key, ids.data(), second, count, z.data(), padded);
        std::size_t different = 0;
        for (std::size_t i = 0; i < count; ++i) {
            auto const four = xcim::four_normals(key, {ids[i], second});
            for (std::size_t j = 0; j < 4; ++j) {
                different += std::memcmp(&four[j], &z[j * padded + i], sizeof(float)) != 0 ? 1U : 0U;
                refined += std::fabs(four[j]) > 3.85F ? 1U : 0U;
            }
        }
        CAPTURE(count);
        CHECK(different == 0);
    };
    for (std::size_t count = 1; count <= 8 * lanes + 1; ++count) {
        compare(count, 3, 1);
        compare(count, 0x10002, 0x9E3779B9U);
    }
    compare(200000, 9, 1);
    CHECK(refined > 20);  // the rare branch has been taken
}

TEST_CASE("moments and distribution of two million draws") {
    std::size_t const count = std::size_t{1} << 21;
    auto const n = static_cast<double>(count);
    for (std::uint64_t const seed : {1U, 2U}) {
        auto const z = draw(count, seed);
        double mean = 0;
        double square = 0;
        double cube = 0;
        double fourth = 0;
        for (float const f : z) {
            auto const v = static_cast<double>(f);
            mean += v;
            square += v * v;
            cube += v * v * v;
            fourth += v * v * v * v;
        }
        // Five standard errors each: sqrt(1/n), sqrt(2/n), sqrt(15/n), sqrt(96/n).
        CHECK(std::abs(mean / n) < 5 * std::sqrt(1 / n));
        CHECK(std::abs(square / n - 1) < 5 * std::sqrt(2 / n));
        CHECK(std::abs(cube / n) < 5 * std::sqrt(15 / n));
        CHECK(std::abs(fourth / n - 3) < 5 * std::sqrt(96 / n));
        double const distance = xcim::testing::kolmogorov_smirnov(z, xcim::testing::normal_distribution);
        CHECK(distance < 2.2 / std::sqrt(n));
    }
}

TEST_CASE("tails beyond three, four and five sigma hold as many draws as they should") {
    std::array<double, 3> found{};
    std::size_t const count = std::size_t{1} << 21;
    std::size_t const calls = 64;
    float farthest = 0;
    for (std::uint32_t call = 0; call < calls; ++call) {
        for (float const z : draw(count, 3, call)) {
            float const size = std::fabs(z);
            if (size > 3) {
                found[0] += 1;
                found[1] += size > 4 ? 1 : 0;
                found[2] += size > 5 ? 1 : 0;
                farthest = std::max(farthest, size);
            }
        }
    }
    for (std::size_t i = 0; i < 3; ++i) {
        double const expected = static_cast<double>(count * calls) * 2 * upper_tail(3.0 + static_cast<double>(i));
        CAPTURE(expected);
        // Five deviations of the count; for the three-sigma count also what the distribution function may be off by.
        CHECK(std::abs(found[i] - expected) <
              5 * std::sqrt(expected) + (i == 0 ? 2 * 1.7e-5 * static_cast<double>(count * calls) * 0.05 : 0.0));
    }
    CHECK(farthest > 5.3F);
    CHECK(farthest < 7.9F);
}

TEST_CASE("draws of one counter, of neighbouring counters, of other streams and of other keys are uncorrelated") {
    std::size_t const columns = std::size_t{1} << 18;
    auto const z = draw(4 * columns, 5);
    auto const row = [&](std::size_t j) { return std::span{z}.subspan(j * columns, columns); };
    double const limit = 5 / std::sqrt(static_cast<double>(columns));
    for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            CHECK(std::abs(correlation(row(i), row(j))) < limit);
        }
        CHECK(std::abs(correlation(row(i).subspan(1), row(i).first(columns - 1))) < limit);
    }
    auto const other_stream = draw(4 * columns, 5, 1);
    auto const other_key = draw(4 * columns, 6);
    CHECK(std::abs(correlation(z, other_stream)) < limit / 2);
    CHECK(std::abs(correlation(z, other_key)) < limit / 2);
}
