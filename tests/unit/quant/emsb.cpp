#include <doctest/doctest.h>

#include <xcim/quant/emsb.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace {

using xcim::emsb_format;
using xcim::rounding;

struct emsb_result {
    std::vector<std::int32_t> codes;
    int shift;
    bool operator==(emsb_result const&) const = default;
};

/// Codes and shift of one group, as 32-bit and as 8-bit codes.
emsb_result emsb_of(std::vector<std::int32_t> const& v, emsb_format f = {}) {
    emsb_result wide{std::vector<std::int32_t>(v.size()), 0};
    wide.shift = xcim::emsb_group(std::span{v}, std::span{wide.codes}, f);
    std::vector<std::int16_t> narrow(v.size());
    CHECK(xcim::emsb_group(std::span{v}, std::span{narrow}, f) == wide.shift);
    CHECK(std::vector<std::int32_t>(narrow.begin(), narrow.end()) == wide.codes);
    return wide;
}

int emsb_length_of(std::vector<std::int32_t> const& v, bool is_signed = true) {
    return xcim::significant_bits(std::span{v}, is_signed);
}

constexpr std::int32_t emsb_min = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t emsb_max = std::numeric_limits<std::int32_t>::max();

}  // namespace

TEST_CASE("eMSB: significant bits of a group") {
    CHECK(emsb_length_of({}) == 0);
    CHECK(emsb_length_of({0}) == 0);
    CHECK(emsb_length_of({-1, -1}) == 0);
    CHECK(emsb_length_of({0, -1, 1}) == 1);
    CHECK(emsb_length_of({-2}) == 1);
    CHECK(emsb_length_of({-128, 127}) == 7);
    CHECK(emsb_length_of({-129}) == 8);
    CHECK(emsb_length_of({128}) == 8);
    CHECK(emsb_length_of({emsb_min}) == 31);
    CHECK(emsb_length_of({emsb_max}) == 31);
    CHECK(emsb_length_of({255}, false) == 8);
    std::vector<std::int64_t> const widest{std::numeric_limits<std::int64_t>::min()};
    CHECK(xcim::significant_bits(std::span{widest}, true) == 63);
    std::vector<std::uint64_t> const unsigned_widest{~std::uint64_t{0}};
    CHECK(xcim::significant_bits(std::span{unsigned_widest}, false) == 64);
}

TEST_CASE("eMSB: a group that fits is left as it is") {
    CHECK(emsb_of({}) == emsb_result{{}, 0});
    CHECK(emsb_of({0, 0, 0}) == emsb_result{{0, 0, 0}, 0});
    CHECK(emsb_of({-1, -1}) == emsb_result{{-1, -1}, 0});
    CHECK(emsb_of({-128, 127, 5}) == emsb_result{{-128, 127, 5}, 0});
}

TEST_CASE("eMSB: roundings of one group") {
    std::vector<std::int32_t> const v{-300, 55, 1000, 6, -6, 12, -12};  // L = 10: s = 3
    CHECK(emsb_of(v, {8, true, rounding::floor}) == emsb_result{{-38, 6, 125, 0, -1, 1, -2}, 3});
    CHECK(emsb_of(v, {8, true, rounding::trunc}) == emsb_result{{-37, 6, 125, 0, 0, 1, -1}, 3});
    CHECK(emsb_of(v, {8, true, rounding::half_up}) == emsb_result{{-37, 7, 125, 1, -1, 2, -1}, 3});
    CHECK(emsb_of(v, {8, true, rounding::half_even}) == emsb_result{{-38, 7, 125, 1, -1, 2, -2}, 3});
}

TEST_CASE("eMSB: rounding up is held at the highest code, the lowest is in use") {
    CHECK(emsb_of({255}) == emsb_result{{127}, 1});
    CHECK(emsb_of({-256}) == emsb_result{{-128}, 1});
    CHECK(emsb_of({emsb_max, emsb_min, 1 << 23, 1 << 24}) == emsb_result{{127, -128, 1, 1}, 24});
    CHECK(emsb_of({511}, {8, false}) == emsb_result{{255}, 1});
    CHECK(emsb_of({emsb_max, 1 << 30}, {1, false}) == emsb_result{{1, 1}, 30});
    CHECK(emsb_of({emsb_min, -1, emsb_max}, {2, true, rounding::floor}) == emsb_result{{-2, -1, 1}, 30});
}

TEST_CASE("eMSB: codes at a shift that is not the group's saturate") {
    std::vector<std::int32_t> const v{1000, -1000, 3, emsb_max, emsb_min};
    std::vector<std::int8_t> q(5);
    xcim::emsb_codes(std::span{v}, std::span{q}, 2, {});
    CHECK(q == std::vector<std::int8_t>{127, -128, 1, 127, -128});
    xcim::emsb_codes(std::span{v}, std::span{q}, 0, {});
    CHECK(q == std::vector<std::int8_t>{127, -128, 3, 127, -128});
    xcim::emsb_codes(std::span{v}, std::span{q}, 31, {});  // beyond what 32-bit lanes round
    CHECK(q == std::vector<std::int8_t>{0, 0, 0, 1, -1});
    xcim::emsb_codes(std::span{v}, std::span{q}, 62, {8, true, rounding::floor});
    CHECK(q == std::vector<std::int8_t>{0, -1, 0, 0, -1});
    std::vector<std::uint8_t> u(5);
    xcim::emsb_codes(std::span{v}, std::span{u}, 1, {6, false});
    CHECK(u == std::vector<std::uint8_t>{63, 0, 2, 63, 0});
}

TEST_CASE("eMSB: codes may take the place of their values") {
    std::vector<std::int32_t> v{-300, 55, 1000};
    CHECK(xcim::emsb_group<std::int32_t, std::int32_t>(v, v, {}) == 3);
    CHECK(v == std::vector<std::int32_t>{-37, 7, 125});
}

TEST_CASE("eMSB: a negative integer in an unsigned group is an error, in a long and a short one") {
    for (std::size_t const size : {std::size_t{1}, std::size_t{70}}) {
        std::vector<std::int32_t> v(size, 1);
        v.back() = -1;
        std::vector<std::uint8_t> q(size);
        CHECK_THROWS_WITH(static_cast<void>(xcim::emsb_group(std::span{std::as_const(v)}, std::span{q}, {8, false})),
                          "xcim: a group of unsigned integers holds a negative one; 0 and above are needed");
        std::vector<std::int64_t> const wide(v.begin(), v.end());
        CHECK_THROWS_AS(static_cast<void>(xcim::significant_bits(std::span{wide}, false)), xcim::error);
    }
    std::vector<std::int32_t> v(40 * 8, 1);
    v[77] = emsb_min;
    std::vector<std::uint8_t> q(v.size());
    std::vector<int> shifts(40);
    CHECK_THROWS_AS(xcim::emsb_rows(xcim::strided_rows<std::int32_t const>{v.data(), 40, 8, 8},
                                    xcim::strided_rows<std::uint8_t>{q.data(), 40, 8, 8}, shifts, {8, false}),
                    xcim::error);
}

TEST_CASE("eMSB: codes need room") {
    std::vector<std::int32_t> const v{1};
    std::vector<std::int8_t> q(1);
    CHECK_THROWS_AS(static_cast<void>(xcim::emsb_group(std::span{v}, std::span{q}, {9})), xcim::error);
    CHECK_THROWS_AS(static_cast<void>(xcim::emsb_group(std::span{v}, std::span{q}, {8, false})), xcim::error);
}

TEST_CASE("eMSB: widths of accumulators and the window at their top") {
    CHECK(xcim::accumulator_bits(4, 4, 1024) == 18);
    CHECK(xcim::accumulator_bits(8, 8, 1) == 16);
    CHECK(xcim::accumulator_bits(8, 8, 0) == 16);
    CHECK(xcim::accumulator_bits(8, 8, 768) == 26);
    CHECK(xcim::accumulator_bits(8, 8, 1025) == 27);
    CHECK(xcim::register_shift(26, 16) == 10);
    CHECK(xcim::register_shift(12, 16) == 0);
    static_assert(xcim::emsb_shift(10, {8, true}) == 3);
    static_assert(xcim::emsb_shift(10, {8, false}) == 2);
    static_assert(xcim::emsb_shift(3, {8, true}) == 0);
}

TEST_CASE("quant::emsb: known steps and codes") {
    xcim::quant::emsb const q{8};
    CHECK(q.calibrate({-1.0F, 0.99F}).step() == std::ldexp(1.0, -7));
    CHECK(q.calibrate({-1.0F, 1.0F}).step() == std::ldexp(1.0, -6));
    CHECK(q.calibrate({-1.01F, 0.0F}).step() == std::ldexp(1.0, -6));
    CHECK(q.calibrate({0.0F, 127.5F}).step() == 1.0);
    CHECK(q.calibrate({0.0F, 0.0F}).step() == 1.0);
    CHECK(q.calibrate({0.3F, 0.4F}).step() == std::ldexp(1.0, -8));
    CHECK(q.calibrate({-1e-44F, 1e-44F}).step() == std::ldexp(1.0, -126));
    CHECK(std::isfinite(q.calibrate({-3e38F, 3e38F}).full_scale));
    auto const k = q.prepare(q.calibrate({-1.0F, 0.99F}));
    CHECK(k.code(0.5F) == 64.0F);
    CHECK(k.code(-1.0F) == -128.0F);
    CHECK(k.code(1.0F) == 127.0F);
    CHECK(k.code(0.5F / 128) == 1.0F);
    CHECK(k.code(-0.5F / 128) == 0.0F);
    CHECK(k.code(std::nextafter(0.5F / 128, 0.0F)) == 0.0F);
    CHECK(k.value(-128.0F) == -1.0F);
}

TEST_CASE("quant::unsigned_emsb: known steps and codes") {
    xcim::quant::unsigned_emsb const q{4};
    CHECK(q.calibrate({0.0F, 0.99F}).step() == std::ldexp(1.0, -4));
    CHECK(q.calibrate({0.0F, 1.0F}).step() == std::ldexp(1.0, -3));
    CHECK(q.calibrate({0.0F, 0.0F}).step() == 1.0);
    auto const k = q.prepare(q.calibrate({0.0F, 0.99F}));
    CHECK(k.code(0.99F) == 15.0F);
    CHECK(k.code(-3.0F) == 0.0F);
    CHECK(q.wrong({0, 1}).empty());
    CHECK(q.wrong({-0.5F, 1}) == "holds -0.500000; quant::unsigned_emsb takes 0 and above: use quant::emsb");
}

TEST_CASE("quant::emsb: roundings of reals") {
    std::array<float, 6> const reals{-2.5F, -1.5F, -0.5F, 0.5F, 1.5F, 2.75F};
    auto const codes = [&](rounding how) {
        xcim::quant::emsb<> const q{8, how, 0};
        auto const k = q.prepare(q.calibrate({}));
        std::array<int, 6> found{};
        for (std::size_t i = 0; i < found.size(); ++i) {
            found[i] = static_cast<int>(k.code(reals[i]));
        }
        return found;
    };
    CHECK(codes(rounding::floor) == std::array{-3, -2, -1, 0, 1, 2});
    CHECK(codes(rounding::trunc) == std::array{-2, -1, 0, 0, 1, 2});
    CHECK(codes(rounding::half_up) == std::array{-2, -1, 0, 1, 2, 3});
    CHECK(codes(rounding::half_even) == std::array{-2, -2, 0, 0, 2, 3});
}

TEST_CASE("quant::emsb: a fixed exponent, compile-time bits, text") {
    auto const fixed = xcim::quant::emsb{8}.calibrated({-3.0F, 2.0F});
    CHECK(fixed.exponent == -5);
    CHECK(fixed.calibrate({-100, 100}) == xcim::quant::emsb{8}.calibrate({-3.0F, 2.0F}));
    CHECK(xcim::quant::unsigned_emsb{8}.calibrated({0.0F, 2.0F}).exponent == -6);
    CHECK(xcim::quant::emsb{xcim::c<8>}.calibrate({-1, 1}) == xcim::quant::emsb{8}.calibrate({-1, 1}));
    CHECK(to_string(xcim::quant::emsb{6}) == "eMSB 6 bit");
    CHECK(to_string(xcim::quant::unsigned_emsb{6}) == "unsigned eMSB 6 bit");
    CHECK(fixed.wrong().empty());
    CHECK(xcim::quant::emsb<>{8, rounding::half_up, 200}.wrong() ==
          "quant::emsb.exponent is 200; -126 to 111 are possible");
    static_assert(xcim::quant::emsb<>::is_per_token && xcim::quant::unsigned_emsb<>::is_per_token);
}
