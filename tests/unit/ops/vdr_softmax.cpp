#include <doctest/doctest.h>

#include <tests/support/files.hpp>
#include <tests/support/strict_integer.hpp>
#include <xcim/ops/vdr_softmax.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

namespace {

using xcim::rounding;
using xcim::row_reciprocal;
using xcim::vdr_direction;
using xcim::vdr_entry;
using xcim::vdr_options;
using xcim::test::error_of;
using xcim::test::strict_integer;

constexpr auto vdr_directions = {vdr_direction::down, vdr_direction::up};
constexpr auto vdr_roundings = {rounding::floor, rounding::trunc, rounding::half_up, rounding::half_even};

// The table is made by the compiler where its arguments are constants.
constexpr vdr_entry vdr_sixteenth = xcim::make_vdr_entry(1.0 / 16, {});
static_assert(vdr_sixteenth.k == 4 && vdr_sixteenth.l == 177 && vdr_sixteenth.b == 693 && vdr_sixteenth.c == 182856);
static_assert(vdr_sixteenth.scale_in == 0x1p-8 && vdr_sixteenth.clip == 16);
constexpr xcim::vdr_table vdr_constant_table{8.0, {}};
static_assert(vdr_constant_table.at(-7).k == 4 && vdr_constant_table.at(-7).c == 182856);
static_assert(xcim::ibert_paper_coefficients.b == 2.706 && xcim::ibert_paper_coefficients.c == 2.7901626959553694);
static_assert(xcim::reciprocal_table{8}.of(128) == row_reciprocal{510, 16});
static_assert(xcim::reciprocal_table{8}.of(255) == row_reciprocal{257, 16});

vdr_options without_pre_shift() {
    vdr_options o;
    o.fraction_bits = std::nullopt;
    return o;
}

/// The equations as they are printed: with a division and a search for the bits of the row.
struct printed_softmax {
    std::vector<std::int64_t> codes;
    int shift = 0;

    printed_softmax(std::vector<std::int32_t> const& x, vdr_entry const& entry, vdr_options const& o)
        : codes(x.size()) {
        std::int64_t const highest = *std::max_element(x.begin(), x.end());
        std::int64_t const n = 2 * o.in_bits;
        std::vector<std::int64_t> e(x.size());
        std::int64_t bits = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            std::int64_t t = x[i] - highest;
            t = entry.k >= 0 ? t << std::min(entry.k, 40) : t >> std::min(-entry.k, 62);
            t = std::max<std::int64_t>(t, -n * entry.l);
            auto const z = static_cast<int>(-t / entry.l);
            std::int64_t const r = t + z * entry.l;
            std::int64_t const p = std::max<std::int64_t>(0, (r + entry.b) * r + entry.c);
            e[i] = o.direction == vdr_direction::up ? p << (n - z) : p >> z;
            bits |= e[i];
        }
        while (bits >> shift >= std::int64_t{1} << o.out_bits) {
            ++shift;
        }
        for (std::size_t i = 0; i < x.size(); ++i) {
            codes[i] = std::min(rounded(e[i], o.round), (std::int64_t{1} << o.out_bits) - 1);
        }
    }

private:
    [[nodiscard]] std::int64_t rounded(std::int64_t v, rounding how) const {
        std::int64_t const unit = std::int64_t{1} << shift;
        auto const whole = static_cast<std::int64_t>(v / unit);
        std::int64_t const twice = 2 * (v % unit);
        bool const goes_up = how == rounding::half_up     ? twice >= unit
                             : how == rounding::half_even ? twice > unit || (twice == unit && whole % 2 == 1)
                                                          : false;
        return goes_up && shift > 0 ? whole + 1 : whole;
    }
};

/// Every logit of a format, from the highest down or in disorder.
std::vector<std::int32_t> all_logits(int bits) {
    std::vector<std::int32_t> x(std::size_t{1} << bits);
    std::iota(x.begin(), x.end(), -(std::int32_t{1} << (bits - 1)));
    std::shuffle(x.begin(), x.end(), std::mt19937{7});
    return x;
}

/// Elements in which the row functions for logits X and codes P differ from the printed equations.
template <class X, class P>
std::size_t other_codes_of(std::vector<std::int32_t> const& logits, vdr_entry const& entry, vdr_options const& o) {
    printed_softmax const right{logits, entry, o};
    std::vector<X> x(logits.size());
    std::transform(logits.begin(), logits.end(), x.begin(), [](std::int32_t v) { return static_cast<X>(v); });
    std::vector<P> p(x.size());
    int const shift = xcim::vdr_softmax_row<X, P>(x, p, entry, o);
    std::size_t count = shift == right.shift ? 0 : 1;
    for (std::size_t i = 0; i < p.size(); ++i) {
        count += static_cast<std::int64_t>(p[i]) == right.codes[i] ? 0U : 1U;
    }
    return count;
}

}  // namespace

TEST_CASE("vdr table: the pre-shift brings every scale to F fraction bits") {
    std::mt19937 random{1};
    for (int i = 0; i < 4000; ++i) {
        vdr_options o;
        o.fraction_bits = static_cast<int>(random() % 14);
        double const s = std::ldexp(1 + static_cast<double>(random()) * 0x1p-32, static_cast<int>(random() % 60) - 40);
        auto const entry = xcim::make_vdr_entry(s, o);
        CHECK(entry.scale_in <= std::ldexp(1, -*o.fraction_bits));
        CHECK(entry.scale_in > std::ldexp(1, -*o.fraction_bits - 1));
        CHECK(entry.scale_in == std::ldexp(s, -entry.k));
        CHECK(entry.l == std::max(1.0, std::floor(std::log(2.0) / entry.scale_in + 0.5)));
        CHECK(entry.b == std::floor(2.706 / entry.scale_in + 0.5));
        CHECK(entry.c == std::floor(xcim::ibert_paper_coefficients.c / (entry.scale_in * entry.scale_in) + 0.5));
        o.rounds_constants = false;
        auto const floored = xcim::make_vdr_entry(s, o);
        CHECK(floored.b == std::floor(2.706 / entry.scale_in));
        CHECK(floored.c == std::floor(xcim::ibert_paper_coefficients.c / (entry.scale_in * entry.scale_in)));
    }
    // A mantissa that is 1 but for the last bits of a measured scale counts as 1.
    CHECK(xcim::make_vdr_entry(0.0625 * (1 + 1e-13), {}).k == 4);
    CHECK(xcim::make_vdr_entry(0.0625 * (1 + 1e-11), {}).k == 5);
    CHECK(xcim::make_vdr_entry(0.0625 * (1 - 1e-15), {}).k == 4);
    CHECK(xcim::make_vdr_entry(1e-300, {}).k == -988);
    CHECK(xcim::make_vdr_entry(1e300, {}).k == 1005);
}

TEST_CASE("vdr table: the polynomial is the exponential within 0.34 percent, whichever coefficients") {
    for (auto const& coefficients : {xcim::ibert_paper_coefficients, xcim::ibert_source_coefficients}) {
        vdr_options o;
        o.fraction_bits = 13;
        o.coefficients = coefficients;
        auto const entry = xcim::make_vdr_entry(1.0, o);
        double worst = 0;
        for (std::int64_t difference = -entry.l + 1; difference <= 0; ++difference) {
            auto const p = (difference + entry.b) * difference + entry.c;
            double const right = std::exp(static_cast<double>(difference) * entry.scale_in);
            worst = std::max(worst, std::abs(static_cast<double>(p) * entry.scale_exp / right - 1));
        }
        CHECK(worst < 0.0034);
        CHECK(worst > 0.0029);
    }
}

TEST_CASE("vdr table: at() is make_vdr_entry, and clamping changes no code") {
    for (double const s0 : {8.0, 0.37, 3e-5, 1.0, 7e11}) {
        for (int const fraction_bits : {0, 8, 13}) {
            vdr_options o;
            o.in_bits = 16;
            o.out_bits = 16;
            o.fraction_bits = fraction_bits;
            o.round = rounding::floor;
            xcim::vdr_table const table{s0, o};
            std::vector<std::int32_t> const x{-32768, -32767, -12345, 0, 1, 32765, 32766, 32767};
            for (int exponent = -120; exponent <= 80; ++exponent) {
                auto const exact = xcim::make_vdr_entry(std::ldexp(s0, exponent), o);
                auto const& entry = table.at(exponent);
                CHECK(entry.l == exact.l);
                CHECK(entry.c == exact.c);
                CHECK(entry.scale_in == exact.scale_in);
                CHECK(printed_softmax{x, entry, o}.codes == printed_softmax{x, exact, o}.codes);
                CHECK(other_codes_of<std::int16_t, std::uint16_t>(x, entry, o) == 0);
                if (double const s = std::ldexp(s0, exponent); s > 0x1p-40 && s < 0x1p10) {
                    CHECK(entry.k == exact.k);
                }
            }
            CHECK(&table.at(std::numeric_limits<int>::min()) == &table.at(-1000));
            CHECK(&table.at(std::numeric_limits<int>::max()) == &table.at(1000));
        }
    }
}

TEST_CASE("vdr table without pre-shift: l stays above 0, and what does not fit is refused") {
    xcim::vdr_table const table{1.0, without_pre_shift()};
    CHECK(table.at(0).l == 1);
    CHECK(table.at(0).c == 3);
    CHECK(table.at(3).l == 1);
    CHECK(table.at(3).c == 0);
    CHECK(table.at(1000).l == 1);
    CHECK(table.at(-29).c == 804209643379690240);
    CHECK(error_of([&] { static_cast<void>(table.at(-31)); }).says("-31"));
    CHECK(error_of([&] { static_cast<void>(xcim::make_vdr_entry(0x1p-31, without_pre_shift())); }).code ==
          xcim::errc::range);
    auto up = without_pre_shift();
    up.direction = vdr_direction::up;
    xcim::vdr_table const shifted{1.0, up};
    CHECK(shifted.at(-22).c == 49085061241436);
    CHECK(error_of([&] { static_cast<void>(shifted.at(-23)); }).code == xcim::errc::range);
}

TEST_CASE("vdr quotient: the multiplication is the floor of the division for every difference that occurs") {
    std::mt19937 random{2};
    for (int const in_bits : {4, 8, 16}) {
        for (int fraction_bits = 0; fraction_bits <= 13; ++fraction_bits) {
            for (int i = 0; i < 12; ++i) {
                vdr_options o;
                o.in_bits = in_bits;
                o.fraction_bits = fraction_bits;
                auto const entry = xcim::make_vdr_entry(1 - static_cast<double>(random() % 500) / 1000, o);
                std::size_t wrong = 0;
                for (std::int64_t u = 0; u <= entry.clip * entry.l; ++u) {
                    wrong += (u * entry.reciprocal) >> entry.reciprocal_shift == u / entry.l ? 0U : 1U;
                }
                CHECK(wrong == 0);
                CHECK((fraction_bits > 10 || xcim::detail::fits_lanes(entry)));
            }
        }
    }
    for (int exponent = -29; exponent <= 3; ++exponent) {
        for (double const mantissa : {1.0, 1.3, 1.9}) {
            auto o = without_pre_shift();
            o.in_bits = 16;
            auto const entry = xcim::make_vdr_entry(std::ldexp(mantissa, exponent), o);
            std::size_t wrong = 0;
            for (std::int64_t u = 0; u < 65536 && u <= entry.clip * entry.l; ++u) {
                wrong += (u * entry.reciprocal) >> entry.reciprocal_shift == u / entry.l ? 0U : 1U;
            }
            CHECK(wrong == 0);
        }
    }
}

TEST_CASE("vdr lanes: no intermediate of the 32-bit path leaves 32 bits") {
    auto const fits = [](std::int64_t v) { return std::int32_t(v) == v; };
    for (int const in_bits : {8, 16}) {
        for (auto const direction : vdr_directions) {
            vdr_options o;
            o.in_bits = in_bits;
            o.fraction_bits = 10;
            o.direction = direction;
            for (double const mantissa : {1.0, 1.0001, 1.41, 1.99}) {
                xcim::vdr_table const table{mantissa, o};
                for (int exponent = -30; exponent <= 18; ++exponent) {
                    auto const& entry = table.at(exponent);
                    REQUIRE(xcim::detail::fits_lanes(entry));
                    xcim::detail::vdr_lanes const row{entry, o, xcim::vdr_row_shift(entry, o)};
                    bool fit = true;
                    for (std::int64_t d = 0; d < std::int64_t{1} << in_bits; d += in_bits == 16 ? 7 : 1) {
                        std::int64_t u = d;
                        if (entry.k >= 0) {
                            u = std::min<std::int64_t>(u, row.first_clip) << row.left;
                        } else {
                            u += (std::int64_t{1} << row.right) - 1;
                        }
                        fit = fit && fits(u);
                        u = std::min<std::int64_t>(entry.k >= 0 ? u : u >> row.right, row.last_clip);
                        std::int64_t const z = (u * row.reciprocal) >> 26;
                        std::int64_t const r = u - z * row.l;
                        std::int64_t const p = row.c - (row.b - r) * r;
                        fit = fit && fits(u * row.reciprocal) && fits(z * row.l) && fits((row.b - r) * r) && p > 0 &&
                              p <= row.c && z == u / row.l;
                        std::int64_t const by = direction == vdr_direction::up ? z + row.shift : row.shift;
                        fit = fit && by <= 30 && fits((p << row.before) + ((std::int64_t{1} << by) >> 1));
                    }
                    CHECK(fit);
                }
            }
        }
    }
}

TEST_CASE("vdr rows equal the printed equations for every logit, format, direction, rounding and scale") {
    for (int in_bits = 4; in_bits <= 10; ++in_bits) {
        auto const x = all_logits(in_bits);
        for (int const out_bits : {4, 7, 8, 12, 16}) {
            for (int const fraction_bits : {0, 3, 8, 10, 11, 13}) {
                for (auto const direction : vdr_directions) {
                    for (auto const how : vdr_roundings) {
                        vdr_options const o{in_bits, out_bits, fraction_bits, direction, out_bits != 7, how, {}};
                        std::size_t wrong = 0;
                        for (double const s : {300.0, 0.7, 0.05, 0x1p-7, 1e-4, 1e-9}) {
                            auto const entry = xcim::make_vdr_entry(s, o);
                            wrong += other_codes_of<std::int16_t, std::uint16_t>(x, entry, o);
                            if (in_bits <= 8 && out_bits <= 8) {
                                wrong += other_codes_of<std::int8_t, std::uint8_t>(x, entry, o);
                            }
                        }
                        CHECK(wrong == 0);
                    }
                }
            }
        }
    }
}

TEST_CASE("vdr rows equal the printed equations for 16-bit logits") {
    auto const x = all_logits(16);
    for (int const fraction_bits : {8, 10, 13}) {
        for (auto const direction : vdr_directions) {
            for (double const s : {100.0, 0.4, 1.0 / 1000, 1e-5}) {
                vdr_options const o{16, 16, fraction_bits, direction, true, rounding::half_even, {}};
                auto const entry = xcim::make_vdr_entry(s, o);
                CHECK(other_codes_of<std::int16_t, std::uint16_t>(x, entry, o) == 0);
                CHECK(other_codes_of<std::int32_t, std::int32_t>(x, entry, o) == 0);
            }
        }
    }
}

TEST_CASE("vdr rows without pre-shift equal the printed equations, up to the widest that fits") {
    for (int const in_bits : {4, 8, 12}) {
        auto const x = all_logits(in_bits);
        for (auto const direction : vdr_directions) {
            auto o = without_pre_shift();
            o.in_bits = in_bits;
            o.direction = direction;
            for (auto const how : vdr_roundings) {
                o.round = how;
                std::size_t wrong = 0;
                for (int exponent = direction == vdr_direction::up ? in_bits - 29 : -29; exponent <= 4; ++exponent) {
                    for (double const mantissa : {1.0, 1.1, 1.7}) {
                        auto const entry = xcim::make_vdr_entry(std::ldexp(mantissa, exponent), o);
                        wrong += other_codes_of<std::int16_t, std::uint8_t>(x, entry, o);
                    }
                }
                CHECK(wrong == 0);
            }
        }
    }
}

TEST_CASE("vdr rows: every pair of types, every length, aligned or not, in place") {
    std::mt19937 random{3};
    vdr_options o;
    o.out_bits = 7;
    auto const entry = xcim::make_vdr_entry(0.03, o);
    for (std::size_t length = 1; length <= 300; length += length < 70 ? 1 : 23) {
        std::vector<std::int32_t> x(length);
        std::generate(x.begin(), x.end(), [&] { return static_cast<std::int32_t>(random() % 256) - 128; });
        CHECK(other_codes_of<std::int8_t, std::uint8_t>(x, entry, o) == 0);
        CHECK(other_codes_of<std::int8_t, std::int8_t>(x, entry, o) == 0);
        CHECK(other_codes_of<std::int8_t, std::uint16_t>(x, entry, o) == 0);
        CHECK(other_codes_of<std::int8_t, std::int32_t>(x, entry, o) == 0);
        CHECK(other_codes_of<std::int16_t, std::uint8_t>(x, entry, o) == 0);
        CHECK(other_codes_of<std::int16_t, std::int16_t>(x, entry, o) == 0);
        CHECK(other_codes_of<std::int16_t, std::uint32_t>(x, entry, o) == 0);
        CHECK(other_codes_of<std::int32_t, std::uint8_t>(x, entry, o) == 0);
        CHECK(other_codes_of<std::int32_t, std::uint16_t>(x, entry, o) == 0);
        CHECK(other_codes_of<std::int32_t, std::int32_t>(x, entry, o) == 0);
        CHECK(other_codes_of<std::int64_t, std::int64_t>(x, entry, o) == 0);
        CHECK(other_codes_of<strict_integer, strict_integer>(x, entry, o) == 0);
        CHECK(other_codes_of<strict_integer, std::uint8_t>(x, entry, o) == 0);

        printed_softmax const right{x, entry, o};
        std::vector<std::int8_t> bytes(length + 1);
        std::transform(x.begin(), x.end(), bytes.begin() + 1, [](std::int32_t v) { return std::int8_t(v); });
        std::span<std::int8_t> const row{bytes.data() + 1, length};
        xcim::vdr_softmax_row<std::int8_t, std::int8_t>(row, row, entry, o);
        CHECK(std::equal(row.begin(), row.end(), right.codes.begin()));
        CHECK(bytes[0] == 0);
    }
}

TEST_CASE("vdr rows of extreme shape") {
    vdr_options const o;
    auto const entry = xcim::make_vdr_entry(0.1, o);
    auto const codes_of = [&](std::vector<std::int32_t> const& x) {
        CHECK(other_codes_of<std::int8_t, std::uint8_t>(x, entry, o) == 0);
        return printed_softmax{x, entry, o}.codes;
    };
    auto const top = codes_of({0})[0];
    CHECK(top >= 128);
    for (int const value : {-128, -1, 0, 127}) {
        CHECK(codes_of(std::vector<std::int32_t>(197, value)) == std::vector<std::int64_t>(197, top));
    }
    std::vector<std::int32_t> x(8192, -128);
    x[4097] = 127;
    auto const outlier = codes_of(x);
    CHECK(outlier[4097] == top);
    CHECK(std::accumulate(outlier.begin(), outlier.end(), std::int64_t{0}) == top);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = i % 2 == 0 ? 127 : -128;
    }
    auto const alternating = codes_of(x);
    CHECK(std::accumulate(alternating.begin(), alternating.end(), std::int64_t{0}) == 4096 * top);
}

TEST_CASE("vdr rows: the strict integer meets every option and overflows nowhere") {
    for (int const in_bits : {4, 8, 16}) {
        std::mt19937 random{4};
        std::vector<std::int32_t> x(512);
        std::generate(x.begin(), x.end(), [&] {
            return static_cast<std::int32_t>(random() >> (32 - in_bits)) - (std::int32_t{1} << (in_bits - 1));
        });
        x[0] = -(std::int32_t{1} << (in_bits - 1));
        x[1] = -x[0] - 1;
        for (auto const direction : vdr_directions) {
            for (auto const how : vdr_roundings) {
                for (int const fraction_bits : {-1, 0, 8, 13}) {
                    vdr_options o{in_bits, 8, fraction_bits, direction, true, how, {}};
                    if (fraction_bits < 0) {
                        o.fraction_bits = std::nullopt;
                    }
                    xcim::vdr_table const table{1.7, o};
                    for (int exponent = fraction_bits < 0 ? -13 : -50; exponent <= 20; ++exponent) {
                        CHECK(other_codes_of<strict_integer, strict_integer>(x, table.at(exponent), o) == 0);
                    }
                }
            }
        }
    }
}

TEST_CASE("vdr exponentials are what the codes are cut from, with their scale") {
    std::vector<std::int8_t> const x{-100, -30, -3, 0, 5, 40, 90};
    for (auto const direction : vdr_directions) {
        vdr_options o;
        o.direction = direction;
        auto const entry = xcim::make_vdr_entry(0.05, o);
        std::vector<std::int64_t> e(x.size());
        xcim::vdr_exponentials<std::int8_t, std::int64_t>(x, e, entry, o);
        double const unit = xcim::vdr_exponential_scale(entry, direction);
        std::vector<std::uint8_t> p(x.size());
        int const shift = xcim::vdr_softmax_row<std::int8_t, std::uint8_t>(x, p, entry, o);
        for (std::size_t i = 0; i < x.size(); ++i) {
            double const right = std::exp(0.05 * (x[i] - 90));
            CHECK(static_cast<double>(e[i]) * unit == doctest::Approx(right).epsilon(0.005));
            CHECK(p[i] == xcim::shift_round(e[i], shift, o.round));
        }
    }
}

TEST_CASE("row reciprocals: the table for every number of bits and sum") {
    for (int bits = 1; bits <= 12; ++bits) {
        xcim::reciprocal_table const table{bits};
        double sum_of_errors = 0;
        int count = 0;
        for (std::int64_t sum = 1; sum < 70000; sum += sum < 5000 ? 1 : 13) {
            auto const [factor, shift] = table.of(sum);
            auto const length = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(sum)));
            CHECK(shift == length + bits);
            double const cell = std::floor(std::ldexp(static_cast<double>(sum), bits - length)) + 0.5;
            CHECK(factor == std::floor(std::ldexp(1.0, 2 * bits) / cell + 0.5));
            double const error = std::ldexp(static_cast<double>(factor * sum), -shift) - 1;
            CHECK(std::abs(error) <= std::ldexp(1.5, -bits));
            if (sum >= 8192) {  // smaller sums do not fill their cells
                sum_of_errors += error;
                ++count;
            }
        }
        CHECK(std::abs(sum_of_errors / count) < std::ldexp(0.2, -bits));
    }
    xcim::reciprocal_table const table;
    CHECK(table.bits() == 8);
    CHECK(table.of(strict_integer{1000}) == table.of(1000));
    CHECK(table.of(std::int64_t{8192} * 65535).shift == 29 + 8);
    CHECK(xcim::power_of_two_reciprocal(1000) == row_reciprocal{1, 10});
    CHECK(xcim::power_of_two_reciprocal(1024) == row_reciprocal{1, 11});
}

TEST_CASE("vdr softmax says what is wrong with its arguments") {
    using xcim::errc;
    auto const refused = [](vdr_options const& o, errc code, char const* word) {
        for (bool const as_table : {false, true}) {
            auto const e = error_of([&] {
                as_table ? static_cast<void>(xcim::vdr_table{1.0, o}) : static_cast<void>(xcim::make_vdr_entry(1.0, o));
            });
            CHECK(e.code == code);
            CHECK(e.says(word));
        }
    };
    refused({.in_bits = 1}, errc::bits, "in_bits is 1");
    refused({.in_bits = 17}, errc::bits, "in_bits is 17");
    refused({.out_bits = 1}, errc::bits, "out_bits is 1");
    refused({.out_bits = 17}, errc::bits, "out_bits is 17");
    refused({.fraction_bits = -1}, errc::bits, "fraction_bits is -1");
    refused({.fraction_bits = 14}, errc::bits, "fraction_bits is 14");
    refused({.coefficients = {0.3, -1, 2}}, errc::range, "coefficients");
    refused({.coefficients = {0.3, std::nan(""), 2}}, errc::range, "coefficients");
    refused({.coefficients = {0.3, 0.5, 2}}, errc::range, "polynomial");
    refused({.coefficients = {0.3, 9, 2}}, errc::range, "polynomial");
    for (double const s : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity(), 1e-305, 1e305}) {
        CHECK(error_of([&] { static_cast<void>(xcim::make_vdr_entry(s, {})); }).code == errc::range);
        CHECK(error_of([&] { static_cast<void>(xcim::vdr_table{s, {}}); }).says("scale of the logits"));
    }

    vdr_options const o;
    auto const entry = xcim::make_vdr_entry(0.1, o);
    std::vector<std::int8_t> const x(5);
    auto const row = [&](std::size_t size, vdr_entry const& with, vdr_options const& options) {
        std::vector<std::uint8_t> p(size);
        return error_of([&] {
            xcim::vdr_softmax_row<std::int8_t, std::uint8_t>(std::span{x}.first(std::min(size, x.size())), p, with,
                                                             options);
        });
    };
    CHECK(row(0, entry, o).code == errc::shape);
    CHECK(row(6, entry, o).says("6"));
    CHECK(row(5, entry, {.out_bits = 9}).says("8 bits"));
    CHECK(row(5, entry, {.out_bits = 99}).code == errc::bits);
    CHECK(row(5, entry, {.in_bits = 7}).says("other options"));
    CHECK(row(5, vdr_entry{}, o).says("other options"));
    auto up = without_pre_shift();
    auto const tiny = xcim::make_vdr_entry(0x1p-29, up);
    up.direction = vdr_direction::up;
    CHECK(row(5, tiny, up).says("other options"));
    std::vector<std::int32_t> const wide{0, 128};
    std::vector<std::int32_t> p(2);
    CHECK(error_of([&] { xcim::vdr_softmax_row<std::int32_t, std::int32_t>(wide, p, entry, o); }).code ==
          errc::precondition);

    CHECK(error_of([] { static_cast<void>(xcim::reciprocal_table{0}); }).says("bits is 0"));
    CHECK(error_of([] { static_cast<void>(xcim::reciprocal_table{13}); }).says("bits is 13"));
    CHECK(error_of([] { static_cast<void>(xcim::reciprocal_table{}.of(0)); }).code == errc::value);
    CHECK(error_of([] { static_cast<void>(xcim::power_of_two_reciprocal(std::int64_t{-3})); }).says("-3"));
}
