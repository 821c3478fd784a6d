#include <doctest/doctest.h>

#include <tests/support/files.hpp>
#include <xcim/cost/attention.hpp>

#include <cstdint>

namespace {

using xcim::errc;
using xcim::cost::array_need;
using xcim::cost::attention_bits;
using xcim::cost::attention_cycles;
using xcim::cost::attention_extents;
using xcim::cost::tensor_traffic;
using xcim::test::fails;

constexpr attention_extents published_attention{.batch = 1, .tokens = 512, .width = 1024, .heads = 16};

}  // namespace

TEST_CASE("attention traffic: 7.33 times less for 512 tokens of 1024 elements and 16 heads") {
    auto const unfused = xcim::cost::unfused_traffic(published_attention);
    auto const fused = xcim::cost::fused_traffic(published_attention);
    CHECK(unfused.elements() == 11'534'336);
    CHECK(fused.elements() == 1'572'864);
    CHECK(static_cast<double>(unfused.elements()) / static_cast<double>(fused.elements()) ==
          doctest::Approx(7.33).epsilon(1e-3));
    // 6 B N D + 2 B H N^2 and 3 B N D, in bytes of 8 bits.
    CHECK(unfused.bytes() == 11'534'336);
    CHECK(fused.bytes() == 1'572'864);

    auto const flare = xcim::cost::flare_traffic(published_attention);
    CHECK(flare.elements() == fused.elements());
    CHECK(flare.exponents == 3 * 512);
    CHECK(flare.bytes() == 1'572'864 + 3 * 512);
    CHECK(flare.bytes({.exponent = 5}) == 1'572'864 + 3 * 512 * 5 / 8);
}

TEST_CASE("attention traffic: every tensor by itself, and its bits") {
    attention_extents const s{.batch = 3, .tokens = 5, .width = 8, .heads = 2};
    CHECK(xcim::cost::unfused_traffic(s) == tensor_traffic{120, 120, 150, 150, 480, 0});
    CHECK(xcim::cost::fused_traffic(s) == tensor_traffic{240, 120, 0, 0, 0, 0});
    attention_bits const bits{.input = 4, .query = 6, .logit = 32, .softmax = 16, .output = 9};
    CHECK(xcim::cost::unfused_traffic(s).bytes(bits) == (120 * 4 + 120 * 9 + 150 * 32 + 150 * 16 + 480 * 6) / 8);
    CHECK(xcim::cost::flare_traffic({1, 1, 1, 1}).bytes({.input = 1, .output = 1, .exponent = 1}) == 1);  // 6 bits
    CHECK(fails([] { static_cast<void>(xcim::cost::unfused_traffic({1, 0, 8, 2})); }, errc::shape));
    CHECK(fails([] { static_cast<void>(xcim::cost::fused_traffic({1, 5, 9, 2})); }, errc::shape));
    CHECK(fails([] { static_cast<void>(xcim::cost::flare_traffic({1, 5, 8, 0})); }, errc::shape));
}

TEST_CASE("converters: a whole column needs 18 bits, eight word lines nine levels") {
    CHECK(xcim::cost::column_enob(4, 4, 1024) == 18);
    CHECK(xcim::cost::column_enob(8, 8, 1024) == 26);
    CHECK(xcim::cost::column_enob(1, 1, 1) == 2);
    CHECK(xcim::cost::popcount_enob(8) == doctest::Approx(3.1699).epsilon(1e-4));
    CHECK(xcim::cost::popcount_enob(7) == 3);
}

TEST_CASE("attention arrays: word lines, bit lines and dummies of weights, keys and values") {
    auto const a = xcim::cost::arrays_of(published_attention, {.weight = 8, .stored = 8});
    CHECK(a.weights == array_need{4, 1024, 7, 8192});
    CHECK(a.keys == array_need{16, 64, 7, 512 * 8});
    CHECK(a.values == array_need{16, 512, 7, 64 * 8});
    CHECK(a.weights.word_lines() == 1031);
    CHECK(a.keys.cells() == 16ULL * 71 * 4096);
    CHECK(xcim::cost::arrays_of(published_attention).keys.bit_lines == 512 * 16);
    CHECK(xcim::cost::arrays_of(published_attention, {}, 1).keys.dummies == 0);
    // Without dummies keys and values are as many cells.
    auto const bare = xcim::cost::arrays_of(published_attention, {}, 1);
    CHECK(bare.keys.cells() == bare.values.cells());
    CHECK(fails([] { static_cast<void>(xcim::cost::arrays_of(published_attention, {}, 0)); }, errc::range));
    CHECK(fails([] { static_cast<void>(xcim::cost::arrays_of(published_attention, {.stored = 0})); }, errc::bits));
    CHECK(fails([] { static_cast<void>(xcim::cost::arrays_of({1, 5, 9, 2})); }, errc::shape));
}

TEST_CASE("attention arrays: whether a matrix fits an array, and how many arrays hold it where it does not") {
    auto const a = xcim::cost::arrays_of(published_attention, {.weight = 8, .stored = 8});
    CHECK(a.weights.fits({1031, 8192}));
    CHECK(!a.weights.fits({1030, 8192}));
    CHECK(!a.weights.fits({1031, 8191}));
    CHECK(!a.weights.fits({-5, -5}));
    CHECK(a.weights.arrays({1031, 8192}) == 4);
    CHECK(a.weights.arrays({1024, 8192}) == 8);  // 1017 rows beside the dummies
    CHECK(a.weights.arrays({256 + 7, 1024}) == 4 * 4 * 8);
    CHECK(a.keys.arrays({71, 4095}) == 32);
    CHECK(a.values.arrays({519, 512}) == 16);
    CHECK(a.values.arrays({8, 1}) == 16ULL * 512 * 512);
    CHECK(fails([&] { static_cast<void>(a.values.arrays({7, 512})); }, errc::shape));
    CHECK(fails([&] { static_cast<void>(a.values.arrays({519, 0})); }, errc::shape));
    CHECK(fails([&] { static_cast<void>(a.values.arrays({-519, 512})); }, errc::shape));
}

/// The paper prints 0.5 ms for a projection and 100 ms for those of tens of blocks.
TEST_CASE("attention cycles: a projection takes 524,288 of them and 5.24 ms, four of 24 blocks half a second") {
    auto const fixed = xcim::cost::fixed_attention_cycles(published_attention);
    CHECK(fixed == attention_cycles{524'288, 524'288, 512 * 8 * 8, 512 * 8 * 64, 524'288});
    CHECK(xcim::cost::latency(fixed).keys_values == 5'242'880.0);
    CHECK(24 * 4 * xcim::cost::latency(fixed).keys_values * 1e-9 == doctest::Approx(0.503).epsilon(1e-3));
    CHECK(fixed.total() == 3 * 524'288 + 512 * 8 * 72);

    auto const other = xcim::cost::fixed_attention_cycles({.batch = 2, .tokens = 10, .width = 30, .heads = 3},
                                                          {.input = 4, .query = 5, .softmax = 6, .combined = 7}, 4);
    CHECK(other == attention_cycles{20 * 4 * 8, 20 * 4 * 8, 20 * 5 * 3, 20 * 6 * 3, 20 * 7 * 8});
    CHECK(
        fails([] { static_cast<void>(xcim::cost::fixed_attention_cycles(published_attention, {}, 0)); }, errc::range));
    CHECK(fails([] { static_cast<void>(xcim::cost::fixed_attention_cycles(published_attention, {.query = 65})); },
                errc::bits));
}

TEST_CASE("attention latency: streams, stages in a pipeline, parallel arrays, given cycles") {
    attention_cycles const sifted{1000, 800, 100, 300, 700};
    auto const t = xcim::cost::latency(sifted);
    CHECK(t.keys_values == 10'000.0);
    CHECK(t.sequential == 19'000.0);
    CHECK(t.pipelined == 8'000.0);
    CHECK(t.total() == 29'000.0);
    CHECK(t.pipelined_total() == 18'000.0);
    CHECK(xcim::cost::latency(sifted, 5, 8).total() == 29'000.0 / 16);
    CHECK(sifted + sifted == attention_cycles{2000, 1600, 200, 600, 1400});
    CHECK(fails([&] { static_cast<void>(xcim::cost::latency(sifted, 0)); }, errc::range));
    CHECK(fails([&] { static_cast<void>(xcim::cost::latency(sifted, 10, 0)); }, errc::range));
}
