/// \file
/// eMSB-Q of integer groups and the window from a register's top bit: cases of emsb.quantise and emsb.parse_msb, number
/// by number. Definition: FLARE (arXiv 2411.14733, 2024), section 4.2, Fig. 10.

#include <doctest/doctest.h>

#include <tests/support/golden.hpp>
#include <tests/support/shared.hpp>
#include <tests/support/strict_integer.hpp>
#include <xcim/quant/emsb.hpp>

#include <span>
#include <vector>

namespace {

using namespace xcim;
using wide_codes = xt::xarray<std::int64_t>;

rounding rounding_of(std::string const& name) {
    for (auto const& [known, how] :
         {std::pair{"floor", rounding::floor}, std::pair{"trunc", rounding::trunc},
          std::pair{"half_up", rounding::half_up}, std::pair{"half_even", rounding::half_even}}) {
        if (name == known) {
            return how;
        }
    }
    FAIL("no known rounding: " << name);
    return {};
}

/// One case: groups are the last axis of v.
struct emsb_case {
    test::golden_case files;
    wide_codes v = io::load_npy<std::int64_t>(files.folder / "v.npy");

    [[nodiscard]] std::size_t length() const { return v.shape(v.dimension() - 1); }
    [[nodiscard]] std::size_t groups() const { return v.size() / length(); }
    [[nodiscard]] wide_codes load(std::string const& name) const {
        return io::load_npy<std::int64_t>(files.folder / (name + ".npy"));
    }
    [[nodiscard]] bool fits(std::int64_t lowest, std::int64_t highest) const {
        return std::ranges::all_of(v, [&](std::int64_t x) { return lowest <= x && x <= highest; });
    }
};

/// Elements of type T.
template <class T>
std::vector<T> as(wide_codes const& from) {
    std::vector<T> to;
    for (std::int64_t const x : from) {
        to.push_back(static_cast<T>(x));
    }
    return to;
}

/// quantise(c, From, To): codes and shifts of all groups with values of type From, in a type that holds the codes.
template <class From, class To>
void check_groups(emsb_case const& c, std::string const& array, emsb_format f) {
    auto const v = as<From>(c.v);
    std::vector<To> q(v.size());
    std::vector<To> rows(v.size());
    std::vector<int> shifts(c.groups());
    emsb_rows(strided_rows<From const>{v.data(), c.groups(), c.length(), c.length()},
              strided_rows<To>{rows.data(), c.groups(), c.length(), c.length()}, std::span{shifts}, f);
    auto const right_shifts = c.load("s");
    auto const right_lengths = c.load("L");
    REQUIRE(right_shifts.size() == c.groups());
    REQUIRE(right_lengths.size() == c.groups());
    for (std::size_t g = 0; g < c.groups(); ++g) {
        std::span<From const> const group{v.data() + g * c.length(), c.length()};
        CHECK(significant_bits(group, f.is_signed) == right_lengths.data()[g]);
        CHECK(emsb_group(group, std::span<To>{q}.subspan(g * c.length(), c.length()), f) == right_shifts.data()[g]);
        CHECK(shifts[g] == right_shifts.data()[g]);
    }
    auto const right = as<To>(c.load(array));
    CHECK(q == right);
    CHECK(rows == right);
}

template <class From, class To>
void check_window(emsb_case const& c, std::string const& array, int s, emsb_format f) {
    auto const v = as<From>(c.v);
    std::vector<To> q(v.size());
    emsb_codes(std::span<From const>{v}, std::span<To>{q}, s, f);
    CHECK(q == as<To>(c.load(array)));
}

/// Calls check(From{}, To{}) for every type of value and of code that holds the case.
template <class Check>
void for_types(emsb_case const& c, emsb_format f, Check const& check) {
    auto const codes = [&]<class From>(From const& from) {
        check(from, std::int64_t{});
        check(from, std::int32_t{});
        if (f.bits <= 8) {
            f.is_signed ? check(from, std::int8_t{}) : check(from, std::uint8_t{});
        }
        if (f.bits <= 16) {
            f.is_signed ? check(from, std::int16_t{}) : check(from, std::uint16_t{});
        }
        check(from, test::strict_integer{});
    };
    codes(std::int64_t{});
    codes(test::strict_integer{});
    if (c.fits(INT32_MIN, INT32_MAX)) {
        codes(std::int32_t{});
    }
    if (c.fits(INT16_MIN, INT16_MAX)) {
        codes(std::int16_t{});
    }
    if (c.fits(INT8_MIN, INT8_MAX)) {
        codes(std::int8_t{});
    }
}

void check_case(emsb_case const& c) {
    auto const& config = c.files.config;
    bool const is_window = config.at("function") == "emsb.parse_msb";
    emsb_format f{c.files.integer("out_bits"), c.files.value("signed", true), {}};
    for (auto const& item : config.at("arrays").items()) {
        auto const& array = item.key();
        CAPTURE(array);
        if (!array.starts_with("q_")) {
            bool const is_known = array == "v" || (!is_window && (array == "s" || array == "L"));
            CHECK(is_known);
            continue;
        }
        f.round = rounding_of(array.substr(2));
        if (is_window) {
            int const s = register_shift(c.files.integer("acc_bits"), f.bits);
            CHECK(s == c.files.integer("shift"));
            for_types(c, f, [&]<class From, class To>(From, To) { check_window<From, To>(c, array, s, f); });
        } else {
            for_types(c, f, [&]<class From, class To>(From, To) { check_groups<From, To>(c, array, f); });
        }
    }
}

}  // namespace

TEST_CASE("eMSB codes, shifts and significant bits of every golden case") {
    auto const folder = test::shared_or_skip("golden/flare");
    if (!folder) {
        return;
    }
    int tested = 0;
    for (auto const& entry : std::filesystem::directory_iterator{*folder}) {
        auto const name = entry.path().filename().string();
        if (!name.starts_with("emsb") && !name.starts_with("parse_msb")) {
            continue;
        }
        ++tested;
        CAPTURE(name);
        std::ifstream file{entry.path() / "case.json"};
        REQUIRE(file);
        emsb_case const c{.files = {entry.path(), nlohmann::json::parse(file)}};
        auto const& config = c.files.config;
        bool const is_known = config.at("function") == "emsb.parse_msb" ||
                              (config.at("function") == "emsb.quantise" && config.at("groups") == "rows of v");
        REQUIRE(is_known);
        REQUIRE(c.v.dimension() >= 1);
        REQUIRE(c.v.size() > 0);
        check_case(c);
    }
    CHECK(tested > 0);
}
