#include <doctest/doctest.h>

#include <xcim/core/error.hpp>
#include <xcim/core/word_line_schedule.hpp>

#include <cstdint>
#include <random>
#include <vector>

namespace {

using xcim::sift_controllers;
using xcim::sift_rule;
using sift_lists = std::vector<std::vector<int>>;

constexpr sift_rule all_sift_rules[] = {sift_rule::next_fit, sift_rule::first_fit, sift_rule::ideal, sift_rule::fixed};

/// A plane that owns its words, as the second of three interleaved planes; its neighbours are full of ones.
struct sift_plane {
    std::size_t rows;
    std::vector<std::uint32_t> words;

    sift_plane(std::size_t count, std::vector<int> const& ones)
        : rows{count}, words(3 * xcim::words_for(count), ~std::uint32_t{0}) {
        for (std::size_t k = 1; k < words.size(); k += 3) {
            words[k] = 0;
        }
        for (int const row : ones) {
            words[static_cast<std::size_t>(row) / 32 * 3 + 1] |= std::uint32_t{1} << (row % 32);
        }
    }
    [[nodiscard]] xcim::bit_plane_view view() const { return {words.data() + 1, 3, rows}; }
};

sift_lists cycles_of_sift(sift_plane const& plane, sift_controllers const& c) {
    sift_lists lists;
    xcim::for_each_cycle(plane.view(), c,
                         [&](std::span<std::uint16_t const> rows) { lists.emplace_back(rows.begin(), rows.end()); });
    CHECK(xcim::count_cycles(plane.view(), c) == lists.size());
    return lists;
}

/// The definition, row by row.
sift_lists plain_sift(std::size_t rows, std::vector<int> const& ones, sift_controllers const& c) {
    auto const limit = static_cast<std::size_t>(c.limit);
    bool const is_fixed = c.rule == sift_rule::fixed;
    auto const length = is_fixed ? limit : c.rule == sift_rule::ideal ? rows : static_cast<std::size_t>(c.slice);
    sift_lists full;
    sift_lists merged;
    for (std::size_t first = 0; first < rows; first += length) {
        std::vector<int> inside;
        for (int const row : ones) {
            if (static_cast<std::size_t>(row) >= first && static_cast<std::size_t>(row) < first + length) {
                inside.push_back(row);
            }
        }
        if (is_fixed) {
            full.push_back(inside);
            continue;
        }
        while (inside.size() >= limit) {
            auto const end = inside.begin() + static_cast<std::ptrdiff_t>(limit);
            full.emplace_back(inside.begin(), end);
            inside.erase(inside.begin(), end);
        }
        std::size_t to = c.rule == sift_rule::first_fit || merged.empty() ? 0 : merged.size() - 1;
        while (to < merged.size() && merged[to].size() + inside.size() > limit) {
            ++to;
        }
        if (!inside.empty()) {
            merged.resize(std::max(merged.size(), to + 1));
            merged[to].insert(merged[to].end(), inside.begin(), inside.end());
        }
    }
    full.insert(full.end(), merged.begin(), merged.end());
    return full;
}

}  // namespace

TEST_CASE("word_line_schedule: the rules on one plane, written down") {
    // Slices of 4 rows hold 3, 2, 1, 4 and, ragged, 2 ones.
    std::vector<int> const ones{0, 1, 3, 4, 6, 9, 12, 13, 14, 15, 16, 17};
    sift_plane const plane{18, ones};
    auto const with = [](sift_rule rule) { return sift_controllers{.limit = 4, .slice = 4, .rule = rule}; };
    CHECK(cycles_of_sift(plane, with(sift_rule::ideal)) == sift_lists{{0, 1, 3, 4}, {6, 9, 12, 13}, {14, 15, 16, 17}});
    CHECK(cycles_of_sift(plane, with(sift_rule::next_fit)) ==
          sift_lists{{12, 13, 14, 15}, {0, 1, 3}, {4, 6, 9}, {16, 17}});
    CHECK(cycles_of_sift(plane, with(sift_rule::first_fit)) ==
          sift_lists{{12, 13, 14, 15}, {0, 1, 3, 9}, {4, 6, 16, 17}});
    CHECK(cycles_of_sift(plane, with(sift_rule::fixed)) ==
          sift_lists{{0, 1, 3}, {4, 6}, {9}, {12, 13, 14, 15}, {16, 17}});
}

TEST_CASE("word_line_schedule: a local controller sends off its ones while it has enough, the rest joins the others'") {
    std::vector<int> ones(19);  // of the first slice; then 5 and 8 ones
    for (int i = 0; i < 19; ++i) {
        ones[static_cast<std::size_t>(i)] = i;
    }
    for (int const row : {32, 40, 50, 60, 63, 64, 65, 66, 67, 68, 69, 70, 71}) {
        ones.push_back(row);
    }
    CHECK(cycles_of_sift({96, ones}, {}) == sift_lists{{0, 1, 2, 3, 4, 5, 6, 7},
                                                       {8, 9, 10, 11, 12, 13, 14, 15},
                                                       {64, 65, 66, 67, 68, 69, 70, 71},
                                                       {16, 17, 18, 32, 40, 50, 60, 63}});
}

TEST_CASE("word_line_schedule: zeros cost nothing but where groups are fixed") {
    for (auto const rule : all_sift_rules) {
        sift_controllers const c{.rule = rule};
        CHECK(cycles_of_sift({100, {}}, c).size() == (rule == sift_rule::fixed ? 13 : 0));
        CHECK(cycles_of_sift({0, {}}, c).empty());
        CHECK(cycles_of_sift({1, {0}}, c) == sift_lists{{0}});
    }
}

TEST_CASE("word_line_schedule: any limit, slice and number of rows follows the definition") {
    std::mt19937 random{20};
    xcim::word_line_schedule reused;
    for (int trial = 0; trial < 2000; ++trial) {
        auto const below = [&](unsigned count) { return static_cast<int>(random() % count); };
        auto const rows = static_cast<std::size_t>(below(trial % 10 == 0 ? 2000 : 300));
        sift_controllers c{.limit = 1 + below(trial % 2 == 0 ? 64 : 10),
                           .slice = 1 + below(trial % 3 == 0 ? 4096 : 80)};
        if (trial % 5 == 0) {
            c.slice = 8 << (trial % 4);
        }
        int const density = below(101);
        std::vector<int> ones;
        for (std::size_t row = 0; row < rows; ++row) {
            if (below(100) < density) {
                ones.push_back(static_cast<int>(row));
            }
        }
        sift_plane const plane{rows, ones};
        for (auto const rule : all_sift_rules) {
            c.rule = rule;
            CAPTURE(rows);
            CAPTURE(c.limit);
            CAPTURE(c.slice);
            CAPTURE(to_string(rule));
            auto const right = plain_sift(rows, ones, c);
            REQUIRE(cycles_of_sift(plane, c) == right);
            CHECK(right.size() <= xcim::most_cycles(rows, c));
            reused.plan(plane.view(), c);
            REQUIRE(reused.cycles() == right.size());
            CHECK(reused.rows().size() == ones.size());
            for (std::size_t i = 0; i < right.size(); ++i) {
                CHECK(std::vector<int>(reused[i].begin(), reused[i].end()) == right[i]);
            }
        }
    }
}

TEST_CASE("word_line_schedule: planes counted together are the sum of the planes") {
    std::mt19937 random{21};
    for (int trial = 0; trial < 300; ++trial) {
        std::size_t const planes = 1 + random() % 20;
        std::size_t const stride = planes + random() % 3;
        std::size_t const rows = random() % 500;
        std::vector<std::uint32_t> words(xcim::words_for(rows) * stride + xcim::lanes);
        for (auto& word : words) {
            word = static_cast<std::uint32_t>(random() & (trial % 2 == 0 ? random() : ~0UL));
        }
        sift_controllers c{.limit = 1 + static_cast<int>(random() % 64), .slice = 1 + static_cast<int>(random() % 100)};
        for (auto const rule : all_sift_rules) {
            c.rule = rule;
            std::size_t sum = 0;
            for (std::size_t p = 0; p < planes; ++p) {
                sum += xcim::count_cycles({words.data() + p, stride, rows}, c);
            }
            CHECK(xcim::count_cycles({words.data(), stride, rows}, planes, c) == sum);
        }
    }
    std::vector<std::uint32_t> const full(4096 / 32 * 3 + xcim::lanes, ~std::uint32_t{0});
    for (int limit = 1; limit <= 64; ++limit) {
        auto const cycles = xcim::count_cycles({full.data(), 3, 4096}, 3, {.limit = limit, .slice = 4096});
        CHECK(cycles == static_cast<std::size_t>(3 * ((4096 + limit - 1) / limit)));
    }
}

TEST_CASE("word_line_schedule: most_cycles is reached where slices are wide or packed full") {
    auto const reached = [](std::size_t rows, sift_controllers const& c, int ones_a_slice) {
        std::vector<int> ones;
        for (int row = 0; row < static_cast<int>(rows); ++row) {
            if (row % c.slice < ones_a_slice) {
                ones.push_back(row);
            }
        }
        return xcim::count_cycles(sift_plane{rows, ones}.view(), c) == xcim::most_cycles(rows, c);
    };
    CHECK(xcim::most_cycles(1024, {}) == 128);
    CHECK(xcim::most_cycles(1025, {}) == 129);
    CHECK(reached(1024, {}, 32));
    CHECK(reached(1024, {}, 29));  // three full cycles and five ones that find no room
    CHECK(reached(1024, {.slice = 3}, 3));
    CHECK(reached(1024, {.slice = 8}, 5));
    CHECK(xcim::most_cycles(1024, {.slice = 3}) == 171);
    CHECK(xcim::most_cycles(1024, {.slice = 3, .rule = sift_rule::ideal}) == 128);
    CHECK(xcim::most_cycles(0, {}) == 0);
}

TEST_CASE("word_line_schedule: rows to the last that 16 bits can name") {
    std::vector<int> const ones{0, 65535};
    CHECK(cycles_of_sift({65536, ones}, {}) == sift_lists{ones});
    CHECK_THROWS_AS(xcim::word_line_schedule{}.plan(sift_plane{65537, ones}.view(), {}), xcim::error);
}

TEST_CASE("word_line_schedule: controllers outside their range are named") {
    CHECK(sift_controllers{}.wrong().empty());
    CHECK(sift_controllers{.limit = 64, .slice = 4096}.wrong().empty());
    CHECK(sift_controllers{.limit = 0}.wrong() == "sift_controllers.limit is 0; 1 to 64 are possible");
    CHECK(sift_controllers{.limit = 65}.wrong() == "sift_controllers.limit is 65; 1 to 64 are possible");
    CHECK(sift_controllers{.slice = 0}.wrong() == "sift_controllers.slice is 0; 1 to 4096 are possible");
    CHECK(sift_controllers{.slice = 4097}.wrong() == "sift_controllers.slice is 4097; 1 to 4096 are possible");
    CHECK_THROWS_AS(static_cast<void>(xcim::count_cycles(sift_plane{8, {1}}.view(), {.limit = 0})), xcim::error);
}

TEST_CASE("word_line_schedule: dummy rows fill a cycle up") {
    static_assert(xcim::dummy_rows(8) == 7);
    for (int ones = 1; ones <= 8; ++ones) {
        CHECK(ones + xcim::active_dummy_rows(ones, 8) == 8);
        CHECK(xcim::active_dummy_rows(ones, 8) <= xcim::dummy_rows(8));
    }
}
