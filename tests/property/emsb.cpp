/// \file
/// eMSB-Q against its definition: every width, rounding, type and length, extremes included; and what FLARE (arXiv
/// 2411.14733, 2024) says of its steps and errors.

#include <doctest/doctest.h>

#include <tests/support/integer_rows.hpp>
#include <tests/support/strict_integer.hpp>
#include <xcim/quant/emsb.hpp>

#include <cmath>
#include <random>

namespace {

using namespace xcim;
using test::integer_source;
using test::strict_integer;

/// Long enough for two registers of bytes and the rest of one.
constexpr std::size_t most_group = 2 * 64 + 1;

/// Whether a group's codes and shift are those of the definition.
template <class To, class From>
bool is_right_group(std::vector<From> const& v, emsb_format f) {
    std::vector<To> q(v.size());
    int const s = emsb_group(std::span<From const>{v}, std::span<To>{q}, f);
    int const length = test::smallest_length(std::span<From const>{v});
    bool is_right = significant_bits(std::span<From const>{v}, f.is_signed) == length &&
                    s == std::max(0, length - f.magnitude_bits());
    for (std::size_t i = 0; i < v.size(); ++i) {
        is_right = is_right &&
                   static_cast<std::int64_t>(q[i]) == test::code_by_division(static_cast<std::int64_t>(v[i]), s, f);
    }
    return is_right;
}

/// Formats whose codes To holds, for which some group of some length is wrong.
template <class From, class To>
int wrong_formats(std::uint64_t seed, int most_bits) {
    integer_source<From> source{seed};
    int wrong = 0;
    for (int bits = 1; bits <= most_bits; ++bits) {
        for (auto const how : test::every_rounding) {
            for (bool const is_signed : {true, false}) {
                emsb_format const f{bits, is_signed, how};
                if ((is_signed && bits < 2) || !xcim::detail::holds_codes<To>(f)) {
                    continue;
                }
                bool is_right = true;
                for (std::size_t length = 0; length <= most_group; ++length) {
                    is_right = is_right && is_right_group<To>(source.group(length, is_signed), f);
                }
                wrong += is_right ? 0 : 1;
            }
        }
    }
    return wrong;
}

/// Shifts other than the group's for which some code is wrong.
template <class From, class To>
int wrong_shifts(std::uint64_t seed, emsb_format f) {
    integer_source<From> source{seed};
    int wrong = 0;
    for (f.round = rounding::floor; f.round <= rounding::half_even;
         f.round = static_cast<rounding>(static_cast<int>(f.round) + 1)) {
        for (int s = 0; s <= 62; ++s) {
            auto const v = source.group(1 + source.below(most_group), f.is_signed || s % 2 == 0);
            std::vector<To> q(v.size());
            emsb_codes(std::span<From const>{v}, std::span<To>{q}, s, f);
            bool is_right = true;
            for (std::size_t i = 0; i < v.size(); ++i) {
                is_right = is_right && q[i] == test::code_by_division(v[i], s, f);
            }
            wrong += is_right ? 0 : 1;
        }
    }
    return wrong;
}

/// A matrix of rows of all kinds, with gaps between them where `gap` is not 0.
struct integer_matrix {
    std::size_t rows;
    std::size_t columns;
    std::size_t stride;
    std::vector<std::int32_t> v;

    integer_matrix(integer_source<std::int32_t>& source, std::size_t rows_, std::size_t columns_, std::size_t gap,
                   bool is_signed, bool is_small)
        : rows{rows_}, columns{columns_}, stride{columns_ + gap}, v(rows_ * stride, -7) {
        for (std::size_t r = 0; r < rows; ++r) {
            auto row = source.group(columns, is_signed);
            for (std::size_t i = 0; i < columns && !is_small; ++i) {
                row[i] |= i == 0 ? 1 << 20 : 0;  // no row that fits as it is
            }
            std::ranges::copy(row, v.begin() + static_cast<std::ptrdiff_t>(r * stride));
        }
    }
};

template <class To>
bool is_right_matrix(integer_matrix const& m, std::size_t gap, emsb_format f) {
    std::size_t const stride = m.columns + gap;
    std::vector<To> q(m.rows * stride, static_cast<To>(77));
    auto right = q;
    std::vector<int> shifts(m.rows, -1);
    emsb_rows(strided_rows<std::int32_t const>{m.v.data(), m.rows, m.columns, m.stride},
              strided_rows<To>{q.data(), m.rows, m.columns, stride}, std::span{shifts}, f);
    bool is_right = true;
    for (std::size_t r = 0; r < m.rows; ++r) {
        std::span<std::int32_t const> const row{m.v.data() + r * m.stride, m.columns};
        is_right = is_right && shifts[r] == emsb_shift(test::smallest_length(row), f);
        for (std::size_t i = 0; i < m.columns; ++i) {
            right[r * stride + i] = static_cast<To>(test::code_by_division(row[i], shifts[r], f));
        }
    }
    return is_right && q == right;
}

/// Shapes for which a matrix is wrong, in all roundings, with and without gaps and small rows.
template <class To>
int wrong_matrices(std::uint64_t seed, bool is_signed) {
    integer_source<std::int32_t> source{seed};
    int wrong = 0;
    for (std::size_t columns = 0; columns <= 300; columns += columns < 140 ? 1 : 13) {
        std::size_t const rows = source.below(40);
        std::size_t const gap = source.below(2) * source.below(5);
        std::size_t const code_gap = source.below(2) * source.below(5);
        bool is_right = true;
        for (auto const how : test::every_rounding) {
            int const most = std::min(16, std::numeric_limits<To>::digits + (is_signed ? 1 : 0));
            int const bits =
                source.below(2) == 0 ? most : 2 + static_cast<int>(source.below(static_cast<std::size_t>(most) - 1));
            integer_matrix const m{source, rows, columns, gap, is_signed, source.below(3) == 0};
            is_right = is_right && is_right_matrix<To>(m, code_gap, {bits, is_signed, how});
        }
        wrong += is_right ? 0 : 1;
    }
    return wrong;
}

/// 10 log10 of the power of values over that of their errors: tokens of normals, of all sizes within an octave.
double sqnr_of(emsb_format f) {
    std::mt19937_64 engine{20};
    std::normal_distribution<double> normal;
    double signal = 0;
    double noise = 0;
    for (int token = 0; token < 256; ++token) {
        std::vector<std::int32_t> v(768);
        double const sigma = std::exp2(20 + token / 256.0);
        std::ranges::generate(v, [&] { return static_cast<std::int32_t>(std::lround(sigma * normal(engine))); });
        std::vector<std::int16_t> q(v.size());
        int const s = emsb_group(std::span<std::int32_t const>{v}, std::span<std::int16_t>{q}, f);
        for (std::size_t i = 0; i < v.size(); ++i) {
            double const e = std::ldexp(q[i], s) - v[i];
            signal += static_cast<double>(v[i]) * v[i];
            noise += e * e;
        }
    }
    return 10 * std::log10(signal / noise);
}

}  // namespace

TEST_CASE("eMSB: codes of 32-bit integers are those of the definition, in every type of code") {
    CHECK(wrong_formats<std::int32_t, std::int8_t>(1, 8) == 0);
    CHECK(wrong_formats<std::int32_t, std::uint8_t>(2, 8) == 0);
    CHECK(wrong_formats<std::int32_t, std::int16_t>(3, 16) == 0);
    CHECK(wrong_formats<std::int32_t, std::uint16_t>(4, 16) == 0);
    CHECK(wrong_formats<std::int32_t, std::int32_t>(5, 30) == 0);
}

TEST_CASE("eMSB: codes of other integers are those of the definition") {
    CHECK(wrong_formats<std::int64_t, std::int8_t>(6, 8) == 0);
    CHECK(wrong_formats<std::int64_t, std::int32_t>(7, 30) == 0);
    CHECK(wrong_formats<std::int16_t, std::int8_t>(8, 8) == 0);
    CHECK(wrong_formats<std::int16_t, std::int16_t>(9, 16) == 0);
    CHECK(wrong_formats<std::int8_t, std::int8_t>(10, 8) == 0);
    CHECK(wrong_formats<std::int8_t, std::int32_t>(11, 30) == 0);
    CHECK(wrong_formats<std::uint8_t, std::uint8_t>(12, 8) == 0);
    CHECK(wrong_formats<std::uint32_t, std::int16_t>(13, 16) == 0);
}

TEST_CASE("eMSB: codes at any shift are those of the definition, saturated") {
    CHECK(wrong_shifts<std::int32_t, std::int8_t>(1, {8}) == 0);
    CHECK(wrong_shifts<std::int32_t, std::int8_t>(2, {3}) == 0);
    CHECK(wrong_shifts<std::int32_t, std::uint8_t>(3, {8, false}) == 0);
    CHECK(wrong_shifts<std::int32_t, std::int16_t>(4, {16}) == 0);
    CHECK(wrong_shifts<std::int32_t, std::int32_t>(5, {16}) == 0);
    CHECK(wrong_shifts<std::int64_t, std::int16_t>(6, {16}) == 0);
}

TEST_CASE("eMSB: rows of a matrix are groups, however short and far apart") {
    CHECK(wrong_matrices<std::int8_t>(1, true) == 0);
    CHECK(wrong_matrices<std::uint8_t>(2, false) == 0);
    CHECK(wrong_matrices<std::int16_t>(3, true) == 0);
    CHECK(wrong_matrices<std::int16_t>(4, false) == 0);
    CHECK(wrong_matrices<std::int32_t>(5, true) == 0);
}

TEST_CASE("eMSB: a data path without division or real numbers gives the same codes") {
    integer_source<std::int64_t> source{1};
    for (int i = 0; i < 2000; ++i) {
        bool const is_signed = i % 2 == 0;
        auto const v = source.group(1 + source.below(20), is_signed);
        emsb_format const f{2 + static_cast<int>(source.below(15)), is_signed,
                            static_cast<rounding>(source.below(test::every_rounding.size()))};
        std::vector<strict_integer> strict;
        for (std::int64_t const x : v) {
            strict.emplace_back(x);
        }
        std::vector<std::int32_t> q(v.size());
        std::vector<strict_integer> strict_q(v.size());
        int const s = emsb_group(std::span<std::int64_t const>{v}, std::span{q}, f);
        CHECK(emsb_group(std::span<strict_integer const>{strict}, std::span{strict_q}, f) == s);
        bool is_same = true;
        for (std::size_t k = 0; k < q.size(); ++k) {
            is_same = is_same && strict_q[k] == strict_integer{q[k]};
        }
        CHECK(is_same);
    }
}

TEST_CASE("eMSB: the step is less than two steps of max-abs quantisation, with one more bit less than one") {
    integer_source<std::int32_t> source{2};
    for (int i = 0; i < 2000; ++i) {
        auto const v = source.group(1 + source.below(50), true);
        double largest = 0;
        for (std::int32_t const x : v) {
            largest = std::max(largest, std::abs(static_cast<double>(x)));
        }
        int const length = significant_bits(std::span<std::int32_t const>{v}, true);
        for (int bits = 2; bits <= 16; ++bits) {
            double const step = largest / ((1 << (bits - 1)) - 1);
            int const s = emsb_shift(length, {bits});
            int const one_more = emsb_shift(length, {bits + 1});
            // No shift, no loss: the claim is about groups that are shifted.
            bool const is_close = s == 0 || std::ldexp(1.0, s) < 2 * step;
            bool const is_lossless = one_more == 0 || std::ldexp(1.0, one_more) < step;
            CHECK(is_close);
            CHECK(is_lossless);
        }
    }
}

TEST_CASE("quant::emsb: the same claim for reals, where the step is never larger than needed") {
    std::mt19937_64 engine{3};
    for (int i = 0; i < 3000; ++i) {
        auto const real = [&] {
            return static_cast<float>(
                std::ldexp(static_cast<double>(engine()) * 0x1p-64, static_cast<int>(engine() % 60) - 30));
        };
        range const r = i % 3 == 0 ? range{-real(), real()} : i % 3 == 1 ? range{0, real()} : range{-real(), 0};
        for (int bits = 2; bits <= 16; ++bits) {
            double const step = static_cast<double>(std::max(r.highest, -r.lowest)) / ((1 << (bits - 1)) - 1);
            double const found = quant::emsb{bits}.calibrate(r).step();
            double const half_range = std::ldexp(found, bits - 1);
            bool const holds_range = -half_range <= r.lowest && r.highest < half_range;
            bool const is_smallest = r.lowest < -half_range / 2 || r.highest >= half_range / 2;
            CHECK(holds_range);
            CHECK(is_smallest);
            CHECK(found < 2 * step);
            CHECK(quant::emsb{bits + 1}.calibrate(r).step() < step);
        }
    }
}

TEST_CASE("quant::emsb: of integers it gives the codes and the shift of emsb_group") {
    integer_source<std::int32_t> source{4};
    for (int i = 0; i < 3000; ++i) {
        int const bits = 2 + static_cast<int>(source.below(15));
        for (auto const how : test::every_rounding) {
            std::vector<std::int32_t> v(1 + source.below(20));
            std::ranges::generate(v, [&] { return source.one(24, true); });  // what a float holds
            v[0] |= 1 << 20;                                                 // and what has to be shifted
            std::vector<std::int32_t> q(v.size());
            int const s = emsb_group(std::span<std::int32_t const>{v}, std::span{q}, {bits, true, how});
            auto const [lowest, highest] = std::ranges::minmax(v);
            quant::emsb<> const quantiser{bits, how};
            auto const kernel =
                quantiser.prepare(quantiser.calibrate({static_cast<float>(lowest), static_cast<float>(highest)}));
            CHECK(static_cast<double>(kernel.step) == std::ldexp(1.0, s));
            bool is_same = true;
            for (std::size_t k = 0; k < v.size(); ++k) {
                is_same = is_same && kernel.code(static_cast<float>(v[k])) == static_cast<float>(q[k]);
            }
            CHECK(is_same);
        }
    }
}

TEST_CASE("eMSB: rounding to nearest is worth a bit, and a bit 6 dB") {
    double const floor_8 = sqnr_of({8, true, rounding::floor});
    double const nearest_8 = sqnr_of({8, true, rounding::half_up});
    CHECK(nearest_8 - floor_8 > 5);
    CHECK(std::abs(sqnr_of({9, true, rounding::floor}) - nearest_8) < 0.5);
    CHECK(std::abs(sqnr_of({9, true, rounding::half_up}) - nearest_8 - 6.02) < 0.2);
    CHECK(std::abs(nearest_8 - 39.0) < 0.5);
    CHECK(std::abs(floor_8 - 33.0) < 0.5);
    CHECK(std::abs(sqnr_of({8, true, rounding::trunc}) - 33.1) < 0.5);
    CHECK(std::abs(sqnr_of({8, true, rounding::half_even}) - nearest_8) < 0.1);
}
