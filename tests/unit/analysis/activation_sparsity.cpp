#include <doctest/doctest.h>

#include <xcim/analysis/activation_sparsity.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace {

using xcim::analysis::activation_sparsity;
using xcim::analysis::code_bits;

template <class Code>
auto shares_of(std::vector<Code> const& codes, std::size_t depth, xcim::format f, std::size_t run = 2,
               code_bits bits = code_bits::binary) {
    return activation_sparsity(std::span{codes}, depth, f, run, bits);
}

}  // namespace

TEST_CASE("activation_sparsity of codes written down") {
    // Two tokens, runs of two, the fifth element of a token in none.
    std::vector<std::int8_t> const codes{0, 0, 1, 3, -1,  //
                                         2, 0, 0, 0, -4};
    // Three bits: 000 000 | 001 011 | 111 and 010 000 | 000 000 | 100
    auto const s = shares_of(codes, 5, {3, true});
    CHECK(s.bitwise == 22.0 / 30);
    CHECK(s.value_wise == 0.5);
    CHECK(s.run_value_wise == 0.5);
    CHECK(s.run_column_wise == 9.0 / 12);
    // Sign and magnitude: -1 is 101, -4 has no magnitude and keeps its sign: 100
    auto const m = shares_of(codes, 5, {3, true}, 2, code_bits::sign_magnitude);
    CHECK(m.bitwise == 23.0 / 30);
    CHECK(m.value_wise == 0.5);
    CHECK(m.run_column_wise == s.run_column_wise);
    auto const n = shares_of(codes, 5, {3, true}, 5, code_bits::sign_magnitude);
    CHECK(n.run_value_wise == 0);
    CHECK(n.run_column_wise == 1.0 / 6);
}

TEST_CASE("activation_sparsity of unsigned codes, any integer type, and runs of one") {
    std::vector<std::uint64_t> const codes{0, 65'535, 1, 0};
    auto const s = shares_of(codes, 4, {16, false}, 1);
    CHECK(s.bitwise == 47.0 / 64);
    CHECK(s.value_wise == 0.5);
    CHECK(s.run_value_wise == 0.5);
    CHECK(s.run_column_wise == s.bitwise);
    auto const zero = shares_of(std::vector<std::int16_t>(12), 6, {8, true}, 3);
    CHECK(zero.bitwise == 1);
    CHECK(zero.run_column_wise == 1);
}

TEST_CASE("activation_sparsity refuses what it cannot measure") {
    std::vector<int> const codes{0, 1, 2, 3};
    CHECK_THROWS_WITH_AS(
        static_cast<void>(shares_of(codes, 4, {2, true})),
        "xcim: activation_sparsity: code 2 at flat index 2 is outside the 2-bit signed format, -2 to 1", xcim::error);
    CHECK_THROWS_WITH_AS(
        static_cast<void>(shares_of(std::vector<std::int64_t>{-1}, 1, {8, false}, 1)),
        "xcim: activation_sparsity: code -1 at flat index 0 is outside the 8-bit unsigned format, 0 to 255",
        xcim::error);
    CHECK_THROWS_WITH_AS(
        static_cast<void>(shares_of(codes, 3, {8, true})),
        "xcim: activation_sparsity: 4 codes in tokens of 3 and runs of 2; one or more whole tokens of at "
        "least one run are needed",
        xcim::error);
    CHECK_THROWS_AS(static_cast<void>(shares_of(codes, 4, {8, true}, 5)), xcim::error);
    CHECK_THROWS_AS(static_cast<void>(shares_of(codes, 4, {8, true}, 0)), xcim::error);
    CHECK_THROWS_AS(static_cast<void>(shares_of(codes, 0, {8, true}, 0)), xcim::error);
    CHECK_THROWS_AS(static_cast<void>(shares_of(std::vector<int>{}, 4, {8, true})), xcim::error);
    CHECK_THROWS_AS(static_cast<void>(shares_of(codes, 4, {17, true})), xcim::error);
    CHECK_THROWS_AS(static_cast<void>(shares_of(codes, 4, {0, false})), xcim::error);
    CHECK_THROWS_AS(static_cast<void>(shares_of(codes, 4, {8, false}, 2, code_bits::sign_magnitude)), xcim::error);
}
