/// \file
/// Words of streams in the order in which a macro draws them: sixteen streams of sixteen words for each key, block of
/// columns and strip. Every word counts as a whole here; normals have their own tests.

#include <doctest/doctest.h>

#include <xcim/core/random.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace {

using namespace xcim;

constexpr std::size_t steps = 16;

/// (sites, streams, steps): 2^22 words.
std::vector<std::uint32_t> const& words() {
    static auto const all = [] {
        std::vector<std::uint32_t> w;
        std::array<std::array<std::uint32_t, stream_count>, steps> site;
        for (std::uint64_t row = 0; row < 2048; ++row) {
            auto const key = derive(derive(stage_key(3, 0, stage::column), row), 0);
            for (std::uint32_t block = 0; block < 8; ++block) {
                auto streams = open_streams(key, {32 * 64 * block, 0});
                for (auto& step : site) {
                    auto const random = streams.next();
                    for (std::size_t i = 0; i < stream_count; i += lanes) {
                        random.words[i / lanes].store_unaligned(step.data() + i);
                    }
                }
                for (std::size_t i = 0; i < stream_count; ++i) {
                    for (auto const& step : site) {
                        w.push_back(step[i]);
                    }
                }
            }
        }
        return w;
    }();
    return all;
}

/// Deviations of chi squared of counts from its mean, for so many equally likely cells.
double chi_square_excess(std::vector<std::uint32_t> const& counts) {
    double total = 0;
    for (auto const c : counts) {
        total += c;
    }
    double const expected = total / static_cast<double>(counts.size());
    double chi = 0;
    for (auto const c : counts) {
        chi += (c - expected) * (c - expected) / expected;
    }
    auto const freedom = static_cast<double>(counts.size() - 1);
    return (chi - freedom) / std::sqrt(2 * freedom);
}

/// Of pairs of words (first(i), i + distance): 8 bits of each.
double pair_excess(int shift, int other_shift, std::size_t distance) {
    std::vector<std::uint32_t> counts(65536);
    auto const& w = words();
    for (std::size_t i = 0; i + distance < w.size(); ++i) {
        bool const same_stream = i / steps == (i + distance) / steps;
        if (same_stream == (distance < steps)) {
            ++counts[(w[i] >> shift & 0xFFU) << 8 | (w[i + distance] >> other_shift & 0xFFU)];
        }
    }
    return chi_square_excess(counts);
}

}  // namespace

TEST_CASE("every bit of a word is one half of the time set, alone and with every other bit") {
    auto const& w = words();
    auto const n = static_cast<double>(w.size());
    for (int a = 0; a < 32; ++a) {
        for (int b = 0; b <= a; ++b) {
            double sum = 0;
            for (std::size_t i = 0; i < w.size(); i += 4) {
                std::uint32_t const bit = a == b ? w[i] >> a : w[i] >> a ^ w[i] >> b;
                sum += bit & 1U;
            }
            CHECK(std::abs(sum - n / 8) < 5 * std::sqrt(n / 16));
        }
    }
}

TEST_CASE("bytes of words of one stream and of neighbouring streams are independent in pairs") {
    for (std::size_t const distance : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{4}, std::size_t{5},
                                       std::size_t{8}, std::size_t{13}, steps, 16 * steps, 128 * steps}) {
        CAPTURE(distance);
        for (int const shift : {0, 8, 16, 24}) {
            CHECK(std::abs(pair_excess(shift, shift, distance)) < 5);
        }
        CHECK(std::abs(pair_excess(24, 8, distance)) < 5);
        CHECK(std::abs(pair_excess(8, 24, distance)) < 5);
    }
}

TEST_CASE("top bits of the draws that make one result are independent in fours") {
    // Steps of a stream: the eight phases of one column are four words.
    auto const& w = words();
    for (std::size_t first = 0; first < steps; first += 4) {
        std::vector<std::uint32_t> counts(65536);
        for (std::size_t i = first; i < w.size(); i += steps) {
            std::uint32_t cell = 0;
            for (std::size_t step = 0; step < 4; ++step) {
                cell = cell << 4 | (w[i + step] >> 30) << 2 | (w[i + step] >> 14 & 3U);
            }
            ++counts[cell];
        }
        CHECK(std::abs(chi_square_excess(counts)) < 5);
    }
}

TEST_CASE("numbers of set bits of words of one stream are uncorrelated") {
    auto const& w = words();
    for (std::size_t distance = 1; distance < steps; ++distance) {
        double sum = 0;
        double count = 0;
        for (std::size_t i = 0; i + distance < w.size(); ++i) {
            if (i / steps == (i + distance) / steps) {
                sum += (std::popcount(w[i]) - 16.0) * (std::popcount(w[i + distance]) - 16.0);
                count += 1;
            }
        }
        CAPTURE(distance);
        CHECK(std::abs(sum) < 5 * 8 * std::sqrt(count));
    }
}
