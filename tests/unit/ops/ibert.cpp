#include <doctest/doctest.h>

#include <tests/support/files.hpp>
#include <xcim/ops/ibert.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace {

using xcim::errc;
using xcim::test::fails;
namespace ibert = xcim::ibert;

using ibert_row = std::vector<std::int32_t>;
using ibert_wide_row = std::vector<std::int64_t>;

constexpr auto ibert_lowest = std::numeric_limits<std::int32_t>::min();
constexpr auto ibert_highest = std::numeric_limits<std::int32_t>::max();

ibert_row ibert_softmax(ibert_row const& x, ibert::softmax_constants const& constants) {
    ibert_row q(x.size());
    ibert::softmax_row(std::span<std::int32_t const>{x}, std::span{q}, constants);
    return q;
}

ibert_wide_row ibert_normal(ibert_row const& x, int shift = 0) {
    ibert_wide_row y(x.size());
    static_cast<void>(ibert::normalise(std::span<std::int32_t const>{x}, std::span{y}, shift));
    return y;
}

int ibert_shift(ibert_row const& x) { return ibert::layer_norm_shift(std::span<std::int32_t const>{x}); }

/// (x - mean) / standard deviation in double.
std::vector<double> ibert_real_normal(ibert_row const& x) {
    double mean = 0;
    for (auto const v : x) {
        mean += static_cast<double>(v) / static_cast<double>(x.size());
    }
    double variance = 0;
    for (auto const v : x) {
        variance += (v - mean) * (v - mean) / static_cast<double>(x.size());
    }
    std::vector<double> y;
    for (auto const v : x) {
        y.push_back((v - mean) / std::sqrt(variance));
    }
    return y;
}

}  // namespace

TEST_CASE("ibert::exponential: constants and values of one scale by hand") {
    ibert::exp_constants const k{0.0625};
    CHECK(k.linear == 43);
    CHECK(k.constant == 714);
    CHECK(k.ln2 == 12);
    CHECK(ibert::polynomial(0, k) == 714);
    CHECK(ibert::polynomial(-5, k) == 714 - 5 * 38);
    CHECK(ibert::exponential(0, k) == std::int64_t{714} << 30);
    CHECK(ibert::exponential(-5, k) == std::int64_t{524} << 30);
    CHECK(ibert::exponential(-12, k) == std::int64_t{714} << 29);
    CHECK(ibert::exponential(-29, k) == std::int64_t{524} << 28);
    CHECK(ibert::exponential(-360, k) == 714);
    for (std::int64_t const far : {std::int64_t{-361}, std::int64_t{ibert_lowest}, INT64_MIN}) {
        CHECK(ibert::exponential(far, k) == 714);
    }
}

TEST_CASE("ibert::exponential is the exponential within 1.2 % of the larger of it and 2^-30") {
    for (double const scale : {1.0 / 1024, 1.0 / 300}) {
        ibert::exp_constants const k{scale};
        for (std::int64_t x = 0; static_cast<double>(x) * scale > -20; --x) {
            double const right = std::exp(static_cast<double>(x) * scale);
            double const found = static_cast<double>(ibert::exponential(x, k)) * k.scale;
            CHECK(std::abs(found / right - 1) < 0.003 + scale * static_cast<double>(1 - x) * 0.001 + 3 * scale);
        }
    }
}

TEST_CASE("ibert::exponential of a row: any integer type, in place, and what it refuses") {
    ibert::exp_constants const k{0.0625};
    std::vector<std::int8_t> const bytes{0, -5, -128};
    ibert_wide_row e(3);
    ibert::exponential(std::span<std::int8_t const>{bytes}, std::span{e}, k);
    CHECK(e == ibert_wide_row{std::int64_t{714} << 30, std::int64_t{524} << 30, ibert::exponential(-128, k)});
    ibert_wide_row same{0, -5, -128};
    ibert::exponential(std::span<std::int64_t const>{same}, std::span{same}, k);
    CHECK(same == e);
    ibert_wide_row const above{0, 1};
    CHECK(fails([&] { ibert::exponential(std::span{above}, std::span{e}.first(2), k); }, errc::value));
    CHECK(fails([&] { ibert::exponential(std::span{above}, std::span{e}, k); }, errc::shape));
    CHECK(fails([&] { ibert::exponential(std::span{above}.first(0), std::span{e}.first(0), k); }, errc::shape));
    CHECK(fails([&] { static_cast<void>(ibert::exponential(1, k)); }, errc::precondition));
}

TEST_CASE("ibert: scales at the ends of their range work, scales beyond are refused with the range") {
    CHECK(ibert::exponential(0, ibert::exp_constants{1.81e-5}) > INT64_MAX / 2);
    CHECK(ibert::exponential(0, ibert::exp_constants{1.68}) == 0);
    CHECK(ibert_softmax({0, -1}, ibert::softmax_constants{1.67}) == ibert_row{170, 85});
    CHECK(ibert_softmax({0, 0}, ibert::softmax_constants{3.61e-5}) == ibert_row{127, 127});
    CHECK(ibert::gelu(ibert_lowest, ibert::gelu_constants{1e-6}) == -std::int64_t{ibert_lowest});
    CHECK(std::abs(ibert::erf(INT64_MAX, ibert::erf_constants{1e-9})) > 0);
    for (double const bad : {0.0, -0.1, 1e-10, 1e7, std::numeric_limits<double>::infinity(), std::nan("")}) {
        CAPTURE(bad);
        CHECK(fails([&] { ibert::exp_constants{bad}; }, errc::range));
        CHECK(fails([&] { ibert::softmax_constants{bad}; }, errc::range));
        CHECK(fails([&] { ibert::erf_constants{bad}; }, errc::range));
        CHECK(fails([&] { ibert::gelu_constants{bad}; }, errc::range));
    }
    auto const e = xcim::test::error_of([] { ibert::softmax_constants{2}; });
    CHECK(e.sentence == "xcim: ibert::softmax_constants: the input's scale is 2; a number from 3.61e-05 to 1.67 is "
                        "needed");
}

TEST_CASE("ibert::softmax_row of known rows") {
    ibert::softmax_constants const k{0.0625};
    CHECK(k.scale() == 1.0 / 256);
    CHECK(ibert_softmax({7}, k) == ibert_row{255});  // floor: the largest code is one less than 1
    CHECK(ibert_softmax({-3, -3, -3, -3}, k) == ibert_row{63, 63, 63, 63});
    CHECK(ibert_softmax({12, 0, 0}, k) == ibert_row{127, 64, 64});  // 12 is ln 2
    CHECK(ibert_softmax({100000, 0}, k) == ibert_row{255, 0});
    CHECK(ibert_softmax({ibert_lowest, ibert_highest, ibert_lowest}, k) == ibert_row{0, 255, 0});
    CHECK(ibert_softmax({ibert_lowest, ibert_lowest}, k) == ibert_row{127, 127});
    ibert_wide_row const wide{INT64_MIN, INT64_MAX};
    ibert_row q(2);
    ibert::softmax_row(std::span{wide}, std::span{q}, k);
    CHECK(q == ibert_row{0, 255});
}

TEST_CASE("ibert::softmax_row is near the softmax, with 16 bits of output") {
    double const scale = 1.0 / 512;
    ibert::softmax_constants const k{scale, 16};
    ibert_row x;
    for (int i = 0; i < 100; ++i) {
        x.push_back((i * i * 37) % 2048);
    }
    double sum = 0;
    for (auto const v : x) {
        sum += std::exp(v * scale);
    }
    auto const q = ibert_softmax(x, k);
    for (std::size_t i = 0; i < x.size(); ++i) {
        CHECK(std::abs(q[i] * k.scale() / (std::exp(x[i] * scale) / sum) - 1) < 0.012);
    }
}

TEST_CASE("ibert::softmax_constants: the range of the exponentials, as a trained module has it") {
    double const scale = 0.0625;
    ibert::softmax_constants const fresh{scale};
    CHECK(fresh.fresh_act_scale() == doctest::Approx(714 * 0.35815147 / 256 / 32767));
    auto const with = [&](double factor) {
        return ibert::softmax_constants{scale, 8, factor * fresh.fresh_act_scale()};
    };
    ibert_row const x{0, 0, -12};
    CHECK(ibert_softmax(x, with(1)) == ibert_softmax(x, fresh));
    CHECK(ibert_softmax(x, with(1.0 / 2)) == ibert_row{85, 85, 85});  // all saturate, but for the last one's rounding
    CHECK(ibert_softmax(x, with(1e-30)) == ibert_row{85, 85, 85});
    CHECK(ibert_softmax(x, with(32767)) == ibert_row{128, 128, 0});    // 1, 1, round half to even of 1 / 2
    CHECK(ibert_softmax({0, -12}, with(32767)) == ibert_row{256, 0});  // one exponential of 1 alone: 2^32 / 1
    CHECK(ibert_softmax({0, -12}, with(32767 / 2.0)) == ibert_row{170, 85});
    for (double const bad : {0.0, -1.0, 10 * 32767.0, 1e300, std::nan(""), std::numeric_limits<double>::infinity()}) {
        CAPTURE(bad);
        CHECK(fails([&] { static_cast<void>(with(bad)); }, errc::range));
    }
}

TEST_CASE("ibert::softmax_constants: exponentials are rounded half to even") {
    // A scale whose exponentials have a scale that float32 holds: then a range of 2^31 of it divides by 2^31 exactly.
    double scale = 0;
    for (float target = 0.0014F; scale == 0; target = std::nextafter(target, 1.0F)) {
        double const candidate = std::sqrt(static_cast<double>(target) / ibert::exp_constants::a);
        scale = ibert::exp_constants::a * (candidate * candidate) == static_cast<double>(target) ? candidate : 0;
    }
    double const unit = ibert::exp_constants{scale}.scale;
    ibert::softmax_constants const halves{scale, 8, unit * 0x1p31};
    std::vector<std::uint64_t> found;
    for (std::uint64_t mantissa = 1; mantissa <= 9; ++mantissa) {
        found.push_back(halves.requantised({mantissa, 0}));
    }
    CHECK(found == std::vector<std::uint64_t>{0, 1, 2, 2, 2, 3, 4, 4, 4});
    CHECK(halves.requantised({6, 1}) == 2);   // 1.5
    CHECK(halves.requantised({10, 1}) == 2);  // 2.5
    CHECK(halves.requantised({11, 1}) == 3);
    CHECK(halves.requantised({7, 3}) == 0);
    CHECK(halves.requantised({9, 3}) == 1);
    CHECK(halves.requantised({714, 30}) == 0);
}

TEST_CASE("ibert::softmax_rows: rows of their own, shapes and bits are checked") {
    ibert::softmax_constants const k{0.1};
    ibert_row const x{3, -9, 4, 12, 0, -2};
    ibert_row both(6);
    ibert::softmax_rows(std::span{x}, 3, std::span{both}, k);
    auto const first = ibert_softmax({3, -9, 4}, k);
    auto const second = ibert_softmax({12, 0, -2}, k);
    CHECK(std::equal(first.begin(), first.end(), both.begin()));
    CHECK(std::equal(second.begin(), second.end(), both.begin() + 3));
    auto same = x;
    ibert::softmax_rows(std::span<std::int32_t const>{same}, 3, std::span{same}, k);
    CHECK(same == both);
    CHECK(fails([&] { ibert::softmax_rows(std::span{x}, 4, std::span{both}, k); }, errc::shape));
    CHECK(fails([&] { ibert::softmax_rows(std::span{x}, 0, std::span{both}, k); }, errc::shape));
    CHECK(fails([&] { ibert_softmax({}, k); }, errc::shape));
    CHECK(fails([&] { ibert::softmax_row(std::span{x}, std::span{both}.first(2), k); }, errc::shape));
    CHECK(fails([] { ibert::softmax_constants(0.1, 0); }, errc::bits));
    CHECK(fails([] { ibert::softmax_constants(0.1, 31); }, errc::bits));
}

TEST_CASE("ibert::gelu and erf are near the functions at fine scales") {
    double const scale = 1.0 / 1024;
    ibert::gelu_constants const k{scale};
    CHECK(k.scale < 0);
    CHECK(k.error_function.scale < 0);
    double worst = 0;
    double worst_erf = 0;
    for (int x = -6 * 1024; x <= 6 * 1024; ++x) {
        double const v = x * scale;
        double const right = v / 2 * (1 + std::erf(v / std::sqrt(2.0)));
        worst = std::max(worst, std::abs(static_cast<double>(ibert::gelu(x, k)) * k.scale - right));
        double const found = static_cast<double>(ibert::erf(x, k.error_function)) * k.error_function.scale;
        worst_erf = std::max(worst_erf, std::abs(found - std::erf(v / std::sqrt(2.0))));
    }
    // 0.018 is the largest error of the polynomial itself (I-BERT, table 1); 2^14 in the scale and 1 / scale cost
    // more.
    CHECK(worst < 0.025);
    CHECK(worst > 0.01);
    CHECK(worst_erf < 0.1);  // a (b^2 + c) = 0.096 at 0, where the function is 0
}

TEST_CASE("ibert::erf is odd but for its floor, and constant from its limit on") {
    ibert::erf_constants const k{0.01};
    CHECK(k.limit == 177);
    CHECK(k.constant == -34627);
    CHECK(ibert::erf(0, k) == 0);
    for (std::int64_t x = 1; x < 400; ++x) {
        auto const sum = ibert::erf(x, k) + ibert::erf(-x, k);
        CHECK((sum == 0 || sum == -1));
    }
    CHECK(ibert::erf(177, k) == ibert::erf(INT64_MAX, k));
    CHECK(ibert::erf(-177, k) == ibert::erf(INT64_MIN, k));
}

TEST_CASE("ibert::gelu of a row: types, in place, extremes") {
    ibert::gelu_constants const k{0.01};
    CHECK(k.one == -5);
    ibert_row const x{0, 1, -1, 100, ibert_lowest, ibert_highest};
    ibert_wide_row y(x.size());
    ibert::gelu(std::span{x}, std::span{y}, k);
    for (std::size_t i = 0; i < x.size(); ++i) {
        CHECK(y[i] == ibert::gelu(x[i], k));
    }
    CHECK(y[4] == std::int64_t{ibert_lowest} * (4 - 5));
    CHECK(y[5] == std::int64_t{ibert_highest} * (-5 - 5));
    ibert_wide_row same{x.begin(), x.end()};
    ibert::gelu(std::span<std::int64_t const>{same}, std::span{same}, k);
    CHECK(same == y);
    for (auto const large : {std::int64_t{1} << 31, -(std::int64_t{1} << 31) - 1, INT64_MIN}) {
        ibert_wide_row const wide{1, large};
        CHECK(fails([&] { ibert::gelu(std::span{wide}, std::span{y}.first(2), k); }, errc::value));
    }
    CHECK(fails([&] { ibert::gelu(std::span{x}, std::span{y}.first(2), k); }, errc::shape));
}

TEST_CASE("ibert::square_root of small numbers, of the largest, of every type") {
    for (int root = 0, n = 0; n < 1000; ++n) {
        root += (root + 1) * (root + 1) == n ? 1 : 0;
        CHECK(ibert::square_root(n) == root);
    }
    static_assert(ibert::square_root(std::int64_t{1} << 62) == std::int64_t{1} << 31);
    static_assert(ibert::square_root((std::int64_t{1} << 62) - 1) == (std::int64_t{1} << 31) - 1);
    CHECK(ibert::square_root(INT64_MAX) == 3037000499);
    CHECK(ibert::square_root(UINT64_MAX) == 0xFFFFFFFFU);
    CHECK(ibert::square_root(std::int8_t{127}) == 11);
    CHECK(ibert::square_root(std::uint8_t{255}) == 15);
    CHECK(fails([] { static_cast<void>(ibert::square_root(-1)); }, errc::value));
    CHECK(fails([] { static_cast<void>(ibert::square_root(INT64_MIN)); }, errc::value));
}

TEST_CASE("ibert::normalise of known rows") {
    ibert_wide_row y(4);
    ibert_row const x{1, 2, 3, 5};  // mean 2.75 -> 3; differences -2 -1 0 2; 9; 3
    auto const spread = ibert::normalise(std::span{x}, std::span{y});
    CHECK(spread.mean == 3);
    CHECK(spread.variance == 9);
    CHECK(spread.deviation == 3);
    std::int64_t const factor = (std::int64_t{1} << 31) / 3;
    CHECK(y == ibert_wide_row{-factor, -(factor + 1) / 2, 0, factor});

    // Half to even, of either sign.
    auto const mean = [](ibert_row const& row) { return ibert::detail::rounded_mean(std::span{row}); };
    CHECK(mean({0, 1}) == 0);
    CHECK(mean({1, 2}) == 2);
    CHECK(mean({-1, 0}) == 0);
    CHECK(mean({-1, -2}) == -2);
    CHECK(mean({-2, -3}) == -2);
    CHECK(mean({-1, -1, 0}) == -1);
    CHECK(mean({ibert_lowest, ibert_lowest}) == ibert_lowest);
}

TEST_CASE("ibert::normalise is near the normalisation") {
    ibert_row x;
    for (int i = 0; i < 300; ++i) {
        x.push_back((i * i * 7919) % 4001 - 1500);
    }
    auto const right = ibert_real_normal(x);
    for (int const shift : {0, 1, 3}) {
        auto const y = ibert_normal(x, shift);
        double const scale = std::sqrt(300.0) * 0x1p-30;
        for (std::size_t i = 0; i < x.size(); ++i) {
            CHECK(std::abs(static_cast<double>(y[i]) * scale - right[i]) < (shift == 0 ? 0.002 : 0.01));
        }
    }
}

TEST_CASE("ibert::normalise: rows without spread are 0, extremes need a shift") {
    CHECK(ibert_normal({5}) == ibert_wide_row{0});
    CHECK(ibert_normal({ibert_lowest, ibert_lowest, ibert_lowest}) == ibert_wide_row{0, 0, 0});
    CHECK(ibert_normal({ibert_highest}, 31) == ibert_wide_row{0});

    ibert_row const extreme{ibert_lowest, ibert_highest, ibert_lowest, ibert_highest};
    auto const e = xcim::test::error_of([&] { static_cast<void>(ibert_normal(extreme)); });
    CHECK(e.code == errc::range);
    CHECK(e.says("shift above 0"));
    int const shift = ibert_shift(extreme);
    CHECK(shift == 16);  // each square is 2^62: variance 2^64 / 2^32 = 2^(2 16)
    // A deviation above 2^31 leaves no factor.
    CHECK(ibert_normal(extreme, shift) == ibert_wide_row{0, 0, 0, 0});
    auto const half = ibert_normal({ibert_lowest / 4, ibert_highest / 4}, 16);
    CHECK(static_cast<double>(half[0]) * std::sqrt(2.0) * 0x1p-30 == doctest::Approx(-0.7).epsilon(0.01));

    ibert_wide_row const wide{0, std::int64_t{1} << 40};
    ibert_wide_row out(2);
    CHECK(fails([&] { static_cast<void>(ibert::normalise(std::span{wide}, std::span{out})); }, errc::value));
    CHECK(fails([&] { ibert_normal({}); }, errc::shape));
    CHECK(fails([&] { ibert_normal({1, 2}, -1); }, errc::range));
    CHECK(fails([&] { ibert_normal({1, 2}, 32); }, errc::range));
}

TEST_CASE("ibert::layer_norm_shift: the smallest with which the variance has 32 bits") {
    CHECK(ibert_shift({3}) == 0);
    CHECK(ibert_shift({-32767, 32767, -32767, 32767}) == 0);  // 4 * 32767^2 < 2^32
    CHECK(ibert_shift({-32768, 32768, -32768, 32768}) == 1);  // 2^32
    CHECK(ibert_shift({-32769, 32769, -32769, 32769}) == 1);
    CHECK(ibert_shift({-65536, 65536, -65536, 65536}) == 2);  // 2^34 / 2^2 is 2^32 still
    for (int bits = 10; bits < 31; ++bits) {
        ibert_row const x{0, 1 << bits, -(1 << bits) + 7, 12345};
        ibert_wide_row y(4);
        int const shift = ibert_shift(x);
        CHECK(ibert::normalise(std::span{x}, std::span{y}, shift).variance < std::int64_t{1} << 32);
        if (shift > 1) {
            CHECK(ibert::normalise(std::span{x}, std::span{y}, shift - 2).variance >= std::int64_t{1} << 32);
        }
    }
}

TEST_CASE("ibert::layer_norm adds the bias in output LSB") {
    std::vector<double> const weights{1, 2, -0.5, 1};
    std::vector<double> const biases{0, 0.25, 0.25, -3};
    ibert::layer_norm_constants const k{weights, biases};
    double const unit = 2 * 0x1p-30;
    CHECK(k.bias == ibert_wide_row{0, 1 << 26, -(1 << 28), -3 * (1 << 29)});
    CHECK(k.scale == std::vector<double>{unit, 2 * unit, -unit / 2, unit});
    ibert_row const x{1, 2, 3, 5};
    ibert_wide_row y(4);
    auto const spread = ibert::layer_norm(std::span{x}, std::span{y}, k);
    CHECK(spread.deviation == 3);
    auto const normal = ibert_normal(x);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(y[i] == normal[i] + k.bias[i]);
    }
    ibert_row const equal{9, 9, 9, 9};
    static_cast<void>(ibert::layer_norm(std::span{equal}, std::span{y}, k));
    CHECK(y == k.bias);
    ibert_wide_row same{1, 2, 3, 5};
    static_cast<void>(ibert::layer_norm(std::span<std::int64_t const>{same}, std::span{same}, k));
    CHECK(same[3] == normal[3] + k.bias[3]);

    ibert_row const other{1, 2, 3};
    CHECK(
        fails([&] { static_cast<void>(ibert::layer_norm(std::span{other}, std::span{y}.first(3), k)); }, errc::shape));
    for (double const bad : {0.0, std::nan(""), std::numeric_limits<double>::infinity(), 1e-300}) {
        std::vector<double> const one{bad};
        std::vector<double> const bias{1};
        CHECK(fails([&] { ibert::layer_norm_constants(one, bias); }, errc::value));
    }
    std::vector<double> const one{1};
    std::vector<double> const endless{std::numeric_limits<double>::infinity()};
    CHECK(fails([&] { ibert::layer_norm_constants(one, endless); }, errc::value));
    CHECK(fails([&] { ibert::layer_norm_constants(one, weights); }, errc::shape));
    CHECK(fails([&] { ibert::layer_norm_constants(one, one, 40); }, errc::range));
}
