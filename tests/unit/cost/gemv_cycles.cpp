#include <doctest/doctest.h>

#include <xcim/cost/gemv_cycles.hpp>

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace {

using xcim::cost::sift_cycles;
using xcim::encoding::bit_sift;
using xcim::encoding::negatives;

template <class Code>
sift_cycles sifted(std::vector<Code> const& codes, std::size_t depth, xcim::format f, bit_sift const& e = {}) {
    return xcim::cost::gemv_cycles(std::span{codes}, depth, f, e);
}

}  // namespace

/// The paper prints 0.5 ms for these cycles of 10 ns.
TEST_CASE("gemv_cycles: 512 tokens of 1024 8-bit inputs take 524,288 cycles and 5.24288 ms") {
    auto const cycles = xcim::cost::fixed_cycles(512, 1024, 8);
    CHECK(cycles == 524'288);
    CHECK(xcim::cost::latency_ns(cycles) == 5'242'880.0);
    CHECK(xcim::cost::latency_ns(cycles, 10, 8) == 655'360.0);
    CHECK(xcim::cost::latency_ns(cycles, 2.5) == 1'310'720.0);
    CHECK(xcim::cost::conversions_of(cycles, 1024, 8) == std::uint64_t{524'288} * 8192);
    CHECK(sifted(std::vector<std::int8_t>(512 * 1024), 1024, {8, true}).fixed == cycles);
}

TEST_CASE("gemv_cycles of codes written down") {
    // 20 codes of -1 have 20 ones in each of 8 planes, in slices of 16: a full cycle and 4 + 4 left.
    bit_sift const e{.controllers = {.slice = 16}};
    auto const all = sifted(std::vector<int>(20, -1), 20, {8, true}, e);
    CHECK(all == sift_cycles{8 * 3, 8 * 3, 8 * 20});
    // As magnitudes: one plane.
    auto const apart = sifted(std::vector<int>(20, -1), 20, {8, true}, {e.controllers, negatives::apart});
    CHECK(apart == sift_cycles{8 * 3, 3, 20});
    CHECK(apart.boost() == 8);
    // Positive and negative codes are never in one cycle.
    std::vector<int> const mixed{1, -1, 1, -1};
    CHECK(sifted(mixed, 4, {8, true}) == sift_cycles{8, 8, 2 + 8 * 2});
    CHECK(sifted(mixed, 4, {8, true}, {{}, negatives::apart}) == sift_cycles{8, 2, 4});
    // -128 costs the plane of its own that it needs, other codes do not.
    CHECK(sifted(std::vector<int>{-128, 1}, 2, {8, true}, {{}, negatives::apart}).sifted == 2);
    CHECK(sifted(std::vector<std::uint16_t>{0, 255}, 2, {8, false}) == sift_cycles{8, 8, 8});
    CHECK(sifted(std::vector<std::uint16_t>{0, 255}, 1, {8, false}) == sift_cycles{16, 8, 8});
}

TEST_CASE("gemv_cycles: tiles have controllers of their own") {
    std::vector<std::uint8_t> const codes(2 * 40, 1);  // two tokens: tiles of 17, 17 and 6 rows
    auto const cut = xcim::cost::gemv_cycles(std::span{codes}, 40, {1, false}, {}, 17);
    CHECK(cut == sift_cycles{2 * (3 + 3 + 1), 2 * (3 + 3 + 1), 80});
    CHECK(sifted(codes, 40, {1, false}) == sift_cycles{2 * 5, 2 * 5, 80});
    CHECK(xcim::cost::gemv_cycles(std::span{codes}, 40, {1, false}, {}, 40) == sifted(codes, 40, {1, false}));
}

TEST_CASE("gemv_cycles: boosts at the ends, and sums of layers") {
    CHECK(sift_cycles{}.boost() == 1);
    CHECK(std::isinf(sifted(std::vector<int>(8), 8, {8, true}).boost()));
    CHECK(sifted(std::vector<int>{}, 8, {8, true}) == sift_cycles{});
    CHECK(sift_cycles{3, 2, 1} + sift_cycles{30, 20, 10} == sift_cycles{33, 22, 11});
    bit_sift const fixed{.controllers = {.limit = 5, .rule = xcim::sift_rule::fixed}};
    auto const same = sifted(std::vector<int>(36, 7), 12, {4, true}, fixed);
    CHECK(same.fixed == 3 * 4 * 3);
    CHECK(same.sifted == same.fixed);
}

TEST_CASE("cycles_at_sparsity rounds up, but not the error of a share") {
    using xcim::cost::cycles_at_sparsity;
    CHECK(cycles_at_sparsity(1024, 0) == 128);
    CHECK(cycles_at_sparsity(1024, 1) == 0);
    CHECK(cycles_at_sparsity(1024, 0.5) == 64);
    CHECK(cycles_at_sparsity(1000, 0.9) == 13);
    CHECK(cycles_at_sparsity(1024, 0.5, 16) == 32);
    for (int ones = 0; ones <= 1000; ++ones) {
        CHECK(cycles_at_sparsity(1000, 1 - ones / 1000.0) == (ones + 7) / 8);
    }
    CHECK_THROWS_AS(static_cast<void>(cycles_at_sparsity(1024, 1.5)), xcim::error);
    CHECK_THROWS_AS(static_cast<void>(cycles_at_sparsity(1024, std::nan(""))), xcim::error);
}

TEST_CASE("gemv_cycles refuses what it cannot count") {
    std::vector<int> const codes{0, 1, 2, 300};
    CHECK_THROWS_WITH_AS(static_cast<void>(sifted(codes, 4, {8, true})),
                         "xcim: gemv_cycles: code 300 at flat index 3 is outside the 8-bit signed format, -128 to 127",
                         xcim::error);
    CHECK_THROWS_WITH_AS(
        static_cast<void>(sifted(codes, 3, {16, true})),
        "xcim: gemv_cycles: 4 codes in tokens of 3 and tiles of 18446744073709551615 rows; whole tokens "
        "and tiles of one row or more are needed",
        xcim::error);
    CHECK_THROWS_AS(static_cast<void>(xcim::cost::gemv_cycles(std::span<int const>{codes}, 4, {16, true}, {}, 0)),
                    xcim::error);
    CHECK_THROWS_AS(static_cast<void>(sifted(codes, 0, {16, true})), xcim::error);
    CHECK_THROWS_WITH_AS(static_cast<void>(sifted(codes, 4, {17, true})),
                         "xcim: gemv_cycles: the format has 17 bits; 1 to 16 are possible", xcim::error);
    CHECK_THROWS_AS(static_cast<void>(sifted(codes, 4, {10, true}, {{}, negatives::apart})), xcim::error);
    CHECK_THROWS_AS(static_cast<void>(sifted(codes, 4, {16, true}, {.controllers = {.limit = 0}})), xcim::error);
    CHECK_THROWS_AS(static_cast<void>(xcim::cost::latency_ns(1, 0)), xcim::error);
    CHECK_THROWS_AS(static_cast<void>(xcim::cost::latency_ns(1, INFINITY)), xcim::error);
    CHECK_THROWS_AS(static_cast<void>(xcim::cost::latency_ns(1, 10, 0)), xcim::error);
}
