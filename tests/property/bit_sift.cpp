/// \file
/// Word-line schedules on random planes, the sparsity they live on, and the gains stated for activations.
/// Figures: FLARE (arXiv 2411.14733, 2024), section 4.4 and Fig. 7.

#include <doctest/doctest.h>

#include <xcim/analysis.hpp>
#include <xcim/core/normal.hpp>
#include <xcim/cost.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <span>
#include <vector>

namespace {

using namespace xcim;
using encoding::bit_sift;
using encoding::negatives;

constexpr std::size_t depth = 1024;

/// A plane of independent bits.
std::vector<std::uint32_t> random_plane(std::mt19937& random, std::size_t rows, double density) {
    std::vector<std::uint32_t> words(words_for(rows));
    for (std::size_t row = 0; row < rows; ++row) {
        auto const drawn = static_cast<std::uint32_t>(random());
        words[row / 32] |= std::uint32_t{drawn < density * 0x1p32} << (row % 32);
    }
    return words;
}

/// Cycles of a number of planes with a rule, over those of `ideal`.
double ratio_to_ideal(double density, sift_controllers const& c) {
    std::mt19937 random{4};
    double cycles = 0;
    double ideal = 0;
    for (int i = 0; i < 2000; ++i) {
        auto const words = random_plane(random, depth, density);
        bit_plane_view const plane{words.data(), 1, depth};
        cycles += static_cast<double>(count_cycles(plane, c));
        ideal += static_cast<double>(count_cycles(plane, {c.limit, c.slice, sift_rule::ideal}));
    }
    return cycles / ideal;
}

/// Tokens of integers from `draw`, quantised to 8 bits each by the shift that makes its largest magnitude fit, rounded
/// half up; -128 becomes -127.
template <class Draw>
std::vector<std::int32_t> token_codes(std::size_t tokens, Draw const& draw) {
    analysis::element_draws draws{7, 0};
    std::vector<std::int32_t> codes;
    for (std::size_t t = 0; t < tokens; ++t) {
        std::vector<double> token(depth);
        std::ranges::generate(token, [&] { return std::round(draw(draws)); });
        double largest = 0;
        for (double const v : token) {
            largest = std::max(largest, v < 0 ? -v - 1 : v);
        }
        double step = 1;
        while (largest >= 128 * step) {
            step *= 2;
        }
        for (double const v : token) {
            codes.push_back(static_cast<std::int32_t>(std::clamp(std::floor(v / step + 0.5), -127.0, 127.0)));
        }
    }
    return codes;
}

double gauss(analysis::element_draws& draws) { return 2000.0 * static_cast<double>(draws.normal()); }

double laplace(analysis::element_draws& draws) {
    double const u = static_cast<double>(draws.uniform()) - 0.5;
    return 1000 * std::copysign(std::log(1 - 2 * std::abs(u) + 1e-9), -u);
}

double boost(std::vector<std::int32_t> const& codes, bit_sift const& e) {
    return cost::gemv_cycles(std::span<std::int32_t const>{codes}, depth, {8, true}, e).boost();
}

/// Boost where sign and magnitude planes go to the array as if they were the code's.
double sign_magnitude_boost(std::vector<std::int32_t> codes) {
    for (auto& code : codes) {
        code = code < 0 ? 128 - code : code;
    }
    return cost::gemv_cycles(std::span<std::int32_t const>{codes}, depth, {8, false}).boost();
}

}  // namespace

TEST_CASE("every one is in exactly one cycle, cycles keep to the limit, and rules to their order") {
    std::mt19937 random{1};
    word_line_schedule schedule;
    for (int trial = 0; trial < 1500; ++trial) {
        auto const below = [&](unsigned count) { return static_cast<int>(random() % count); };
        auto const rows = static_cast<std::size_t>(1 + below(1500));
        sift_controllers c{.limit = 1 + below(64), .slice = 1 + below(trial % 2 == 0 ? 100 : 4096)};
        auto const words = random_plane(random, rows, std::pow(below(1001) * 1e-3, 3));
        bit_plane_view const plane{words.data(), 1, rows};
        std::size_t ones = 0;
        for (auto const word : words) {
            ones += static_cast<std::size_t>(std::popcount(word));
        }
        std::size_t cycles[4] = {};
        for (auto const rule : {sift_rule::next_fit, sift_rule::first_fit, sift_rule::ideal, sift_rule::fixed}) {
            c.rule = rule;
            auto& count = cycles[static_cast<std::size_t>(rule)];
            count = count_cycles(plane, c);
            CHECK(count <= most_cycles(rows, c));
            schedule.plan(plane, c);
            REQUIRE(schedule.cycles() == count);
            std::vector<std::uint32_t> seen(words.size());
            std::size_t repeated = 0;
            for (std::size_t i = 0; i < count; ++i) {
                CHECK(schedule[i].size() <= static_cast<std::size_t>(c.limit));
                CHECK((rule == sift_rule::fixed || !schedule[i].empty()));
                CHECK(std::ranges::is_sorted(schedule[i]));
                for (auto const row : schedule[i]) {
                    auto const bit = std::uint32_t{1} << (row % 32U);
                    repeated += (seen[row / 32U] & bit) != 0 ? 1U : 0U;
                    seen[row / 32U] |= bit;
                }
            }
            CHECK(repeated == 0);
            CHECK(seen == words);
        }
        auto const of = [&](sift_rule rule) { return cycles[static_cast<std::size_t>(rule)]; };
        auto const limit = static_cast<std::size_t>(c.limit);
        CHECK(of(sift_rule::ideal) == (ones + limit - 1) / limit);
        CHECK(of(sift_rule::ideal) <= of(sift_rule::first_fit));
        CHECK(of(sift_rule::first_fit) <= of(sift_rule::next_fit));
        CHECK(of(sift_rule::fixed) == (rows + limit - 1) / limit);
        CHECK(static_cast<double>(of(sift_rule::ideal)) ==
              cost::cycles_at_sparsity(rows, 1 - static_cast<double>(ones) / static_cast<double>(rows), c.limit));
    }
}

/// Of independent bits; the figures are of a simulation with fewer planes, good to two hundredths.
TEST_CASE("what slices cost: cycles over those of runs of eight ones") {
    struct row {
        double density;
        double next_fit[5];
        double first_fit_32;
    };
    for (auto const& r :
         {row{.02, {1.01, 1.02, 1.03, 1.05, 1.10}, 1.00}, row{.05, {1.01, 1.04, 1.09, 1.19, 1.14}, 1.01},
          row{.10, {1.04, 1.09, 1.20, 1.16, 1.05}, 1.03}, row{.20, {1.09, 1.21, 1.18, 1.07, 1.02}, 1.10},
          row{.50, {1.29, 1.10, 1.05, 1.03, 1.01}, 1.02}}) {
        CAPTURE(r.density);
        for (int i = 0; i < 5; ++i) {
            int const slice = 8 << i;
            CAPTURE(slice);
            CHECK(std::abs(ratio_to_ideal(r.density, {.slice = slice}) - r.next_fit[i]) < 0.02);
        }
        CHECK(std::abs(ratio_to_ideal(r.density, {.rule = sift_rule::first_fit}) - r.first_fit_32) < 0.02);
    }
}

TEST_CASE("symmetric activations gain less than two in two's complement, more as magnitudes") {
    auto const normal = token_codes(64, gauss);
    auto const exponential = token_codes(64, laplace);
    CHECK(boost(normal, {}) == doctest::Approx(1.89).epsilon(0.02));
    CHECK(boost(exponential, {}) == doctest::Approx(1.91).epsilon(0.02));
    CHECK(sign_magnitude_boost(normal) == doctest::Approx(2.37).epsilon(0.03));
    CHECK(sign_magnitude_boost(exponential) == doctest::Approx(2.83).epsilon(0.03));
    // Apart, the signs themselves cost nothing.
    bit_sift const apart{.code = negatives::apart};
    CHECK(boost(normal, apart) > sign_magnitude_boost(normal));
    CHECK(boost(exponential, apart) > sign_magnitude_boost(exponential));

    auto const share = [](std::vector<std::int32_t> const& codes, analysis::code_bits bits) {
        return analysis::activation_sparsity(std::span<std::int32_t const>{codes}, depth, {8, true}, 8, bits);
    };
    auto const twos = share(normal, analysis::code_bits::binary);
    CHECK(twos.bitwise == doctest::Approx(0.502).epsilon(0.01));
    CHECK(twos.value_wise == doctest::Approx(0.013).epsilon(0.1));
    CHECK(twos.run_column_wise == doctest::Approx(0.004).epsilon(0.2));
    auto const magnitudes = share(normal, analysis::code_bits::sign_magnitude);
    CHECK(magnitudes.bitwise == doctest::Approx(0.608).epsilon(0.01));
    CHECK(magnitudes.run_column_wise == doctest::Approx(0.10).epsilon(0.1));
}

TEST_CASE("shares of zeros keep their order at every grain") {
    std::mt19937 random{3};
    for (int trial = 0; trial < 300; ++trial) {
        auto const below = [&](unsigned count) { return static_cast<int>(random() % count); };
        format const f{2 + below(15), trial % 2 == 0};
        auto const run = static_cast<std::size_t>(1 + below(16));
        std::size_t const width = run * static_cast<std::size_t>(1 + below(20));
        std::vector<std::int32_t> codes(5 * width);
        int const zeros = below(101);
        for (std::size_t i = 0; i < codes.size(); ++i) {
            bool const is_zero = below(100) < zeros || (i / 16) % 3 == 0;
            codes[i] = is_zero ? 0 : f.lowest() + static_cast<int>(random() % (std::uint32_t{1} << f.bits));
        }
        auto const s = analysis::activation_sparsity(std::span<std::int32_t const>{codes}, width, f, run);
        CHECK(s.bitwise >= s.run_column_wise);
        CHECK(s.run_column_wise >= s.run_value_wise);
        CHECK(s.bitwise >= s.value_wise);
        CHECK(s.value_wise >= s.run_value_wise);
        CHECK(s.run_value_wise >= 0);
        CHECK(s.bitwise <= 1);
    }
}
