#include <xcim/core/column_counts.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <random>

namespace {

using xcim::column_bits;

struct alignas(64) column_words {
    std::array<std::uint64_t, column_bits::words> word{};

    [[nodiscard]] bool bit(std::size_t column) const { return ((word[column / 64] >> (column % 64)) & 1U) != 0; }
    [[nodiscard]] static column_words of(column_bits const& bits) {
        column_words w;
        bits.store(w.word.data());
        return w;
    }
    static column_words random(std::mt19937_64& draw) {
        column_words w;
        for (auto& word : w.word) {
            word = draw();
        }
        return w;
    }
};

}  // namespace

TEST_CASE("column_bits: logic column by column") {
    std::mt19937_64 draw{1};
    auto const a = column_words::random(draw);
    auto const b = column_words::random(draw);
    auto const c = column_words::random(draw);
    column_bits const x{a.word.data()};
    column_bits const y{b.word.data()};
    column_bits carry{c.word.data()};
    auto const all = column_words::of(x & y);
    auto const any = column_words::of(x | y);
    auto const one = column_words::of(x ^ y);
    auto const rest = column_words::of(without(x, y));
    auto const none = column_words::of(column_bits{});
    auto const ones = column_words::of(full_add(x, y, carry, carry));
    auto const twos = column_words::of(carry);
    for (std::size_t i = 0; i < column_bits::columns; ++i) {
        REQUIRE(all.bit(i) == (a.bit(i) && b.bit(i)));
        REQUIRE(any.bit(i) == (a.bit(i) || b.bit(i)));
        REQUIRE(one.bit(i) == (a.bit(i) != b.bit(i)));
        REQUIRE(rest.bit(i) == (a.bit(i) && !b.bit(i)));
        REQUIRE(!none.bit(i));
        REQUIRE(a.bit(i) + b.bit(i) + c.bit(i) == ones.bit(i) + 2 * twos.bit(i));
    }
}

TEST_CASE("column_numbers: rows of bits are counted and numbers added up, column by column") {
    std::mt19937_64 draw{2};
    std::array<std::uint32_t, column_bits::columns> right{};
    xcim::column_numbers totals{12};
    for (int round = 0; round < 200; ++round) {
        std::array<column_words, 8> rows;
        column_bits bits[8];
        for (std::size_t r = 0; r < 8; ++r) {
            rows[r] = column_words::random(draw);
            if (round % 3 == 0) {
                rows[r].word.fill(~std::uint64_t{0});
            }
            bits[r] = column_bits{rows[r].word.data()};
        }
        column_bits ones[4];
        ones_of_eight(bits, ones);
        column_bits doubled[5];
        add_numbers(ones, ones, doubled);
        totals.add([&](std::size_t j) { return ones[j]; }, 4, 0, 12);
        totals.add([&](std::size_t j) { return doubled[j]; }, 5, 1, 12);  // 2 * 2 * ones
        for (std::size_t i = 0; i < right.size(); ++i) {
            for (auto const& row : rows) {
                right[i] += row.bit(i) ? 5U : 0U;
            }
            right[i] %= 1U << 12U;
        }
        if (round % 40 == 39) {
            for (std::size_t first = 0; first < column_bits::columns; first += 64) {
                std::array<float, 64> sums;
                sums.fill(100.0F);
                totals.add_to(first, -2.0F, sums.data());
                for (std::size_t i = 0; i < 64; ++i) {
                    REQUIRE(sums[i] == 100.0F - 2.0F * static_cast<float>(right[first + i]));
                }
            }
        }
    }
    totals.assign_zero(3);
    CHECK(totals.planes() == 3);
    std::array<float, 64> sums{};
    totals.add_to(0, 1, sums.data());
    CHECK(sums == std::array<float, 64>{});
}
