/// \file
/// VDR-Softmax (FLARE, arXiv 2024, algorithm 1) and its table against an independent implementation of the
/// specification: the same integers. Every array of a case is compared; cases and arrays that are not known here fail.

#include <doctest/doctest.h>

#include <tests/support/shared.hpp>

#include <xcim/io/npy.hpp>
#include <xcim/ops/vdr_softmax.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace xcim;

struct vdr_case {
    std::filesystem::path folder;
    nlohmann::json config;

    [[nodiscard]] double number(char const* name) const { return config.at(name).get<double>(); }
    [[nodiscard]] std::int64_t integer(char const* name) const { return config.at(name).get<std::int64_t>(); }
    template <class T>
    [[nodiscard]] std::vector<T> load(std::string const& name) const {
        auto const t = io::load_npy<T>(folder / (name + ".npy"));
        return {t.begin(), t.end()};
    }
    [[nodiscard]] std::set<std::string> arrays() const {
        std::set<std::string> names;
        for (auto const& [name, description] : config.at("arrays").items()) {
            names.insert(name);
        }
        return names;
    }
};

/// The choice of this name; a name that is not among `choices` fails.
template <class T>
T vdr_choice(std::map<std::string, T> const& choices, std::string const& name) {
    CAPTURE(name);
    REQUIRE(choices.count(name) == 1);
    return choices.at(name);
}

/// What tables and rows say alike.
vdr_options vdr_constants_of(vdr_case const& c) {
    vdr_options o;
    o.fraction_bits =
        c.config.at("frac_bits").is_null() ? std::nullopt : std::optional{c.config.at("frac_bits").get<int>()};
    o.rounds_constants = vdr_choice<bool>({{"round", true}, {"floor", false}}, c.config.value("const", "round"));
    if (c.config.contains("coefficients")) {
        auto const abc = c.config.at("coefficients").get<std::vector<double>>();
        REQUIRE(abc.size() == 3);
        o.coefficients = {abc[0], abc[1], abc[2]};
    }
    return o;
}

void check_vdr_table(vdr_case const& c) {
    CHECK(c.arrays() == std::set<std::string>{"n_e", "k", "l", "b", "c", "scale_in", "scale_exp"});
    vdr_table const table{c.number("S0"), vdr_constants_of(c)};
    auto const n_e = c.load<std::int64_t>("n_e");
    auto const k = c.load<std::int64_t>("k");
    auto const l = c.load<std::int64_t>("l");
    auto const b = c.load<std::int64_t>("b");
    auto const constant = c.load<std::int64_t>("c");
    auto const scale_in = c.load<double>("scale_in");
    auto const scale_exp = c.load<double>("scale_exp");
    CHECK(n_e.size() > 1);
    for (std::size_t i = 0; i < n_e.size(); ++i) {
        auto const& entry = table.at(-static_cast<int>(n_e[i]));
        CAPTURE(n_e[i]);
        CHECK(entry.k == k[i]);
        CHECK(entry.l == l[i]);
        CHECK(entry.b == b[i]);
        CHECK(entry.c == constant[i]);
        CHECK(entry.scale_in == scale_in[i]);
        CHECK(entry.scale_exp == scale_exp[i]);
    }
}

/// Reciprocals of the row sums of the codes `q`.
void check_vdr_reciprocals(vdr_case const& c, std::size_t extent) {
    auto const q = c.load<std::int64_t>("q8_half_up");
    auto const factors = c.load<std::int64_t>("recip");
    auto const lengths = c.load<std::int64_t>("sum_bits");
    REQUIRE(factors.size() * extent == q.size());
    reciprocal_table const table;
    for (std::size_t row = 0; row < factors.size(); ++row) {
        auto const from = q.begin() + static_cast<std::ptrdiff_t>(row * extent);
        auto const sum = std::accumulate(from, from + static_cast<std::ptrdiff_t>(extent), std::int64_t{0});
        CHECK(table.of(sum).factor == factors[row]);
        CHECK(table.of(sum).shift == lengths[row] + 8);
        CHECK(power_of_two_reciprocal(sum).shift == lengths[row]);
    }
}

/// Rows of logits X to codes P.
template <class X, class P>
void check_vdr_codes(vdr_case const& c, vdr_entry const& entry, vdr_options const& o, std::string const& name) {
    auto const x = c.load<X>("x");
    auto const right = c.load<std::int64_t>("q" + name);
    auto const shifts = c.load<std::int64_t>("s" + name);
    std::size_t const extent = x.size() / shifts.size();
    std::vector<P> p(x.size());
    for (std::size_t row = 0; row < shifts.size(); ++row) {
        CHECK(shifts[row] == vdr_softmax_row(std::span{x}.subspan(row * extent, extent),
                                             std::span{p}.subspan(row * extent, extent), entry, o));
    }
    CHECK(std::equal(p.begin(), p.end(), right.begin(), right.end()));
}

void check_vdr_rows(vdr_case const& c) {
    auto o = vdr_constants_of(c);
    o.in_bits = static_cast<int>(c.integer("in_bits"));
    o.direction = vdr_choice<vdr_direction>({{"down", vdr_direction::down}, {"up", vdr_direction::up}},
                                            c.config.at("mode").get<std::string>());
    auto const entry = make_vdr_entry(c.number("S"), o);
    CHECK(entry.clip == c.integer("n"));
    CHECK(entry.k == c.integer("k"));
    CHECK(entry.l == c.integer("l"));
    CHECK(entry.b == c.integer("b"));
    CHECK(entry.c == c.integer("c"));
    CHECK(vdr_exponential_scale(entry, o.direction) == c.number("exp_scale"));

    auto const x = c.load<std::int32_t>("x");
    std::size_t const extent = c.config.at("arrays").at("x").at("shape").back();
    std::vector<std::int64_t> e(x.size());
    for (std::size_t at = 0; at < x.size(); at += extent) {
        vdr_exponentials(std::span{x}.subspan(at, extent), std::span{e}.subspan(at, extent), entry, o);
    }
    CHECK(e == c.load<std::int64_t>("exp"));
    check_vdr_reciprocals(c, extent);

    std::map<std::string, rounding> const roundings{{"floor", rounding::floor},
                                                    {"trunc", rounding::trunc},
                                                    {"half_up", rounding::half_up},
                                                    {"half_even", rounding::half_even}};
    auto names = c.arrays();
    for (auto const* const known : {"x", "exp", "recip", "sum_bits", "float_softmax"}) {
        CHECK(names.erase(known) == 1);
    }
    CHECK(names.size() >= 4);
    for (auto const& array : names) {  // q8_floor, s8_floor, ...
        CAPTURE(array);
        auto const name = array.substr(1);
        REQUIRE((array[0] == 'q' || array[0] == 's'));
        o.out_bits = std::stoi(name);
        o.round = vdr_choice(roundings, name.substr(name.find('_') + 1));
        check_vdr_codes<std::int32_t, std::int32_t>(c, entry, o, name);
        check_vdr_codes<std::int64_t, std::int64_t>(c, entry, o, name);
        if (o.in_bits <= 8 && o.out_bits <= 8) {
            check_vdr_codes<std::int8_t, std::uint8_t>(c, entry, o, name);
        }
    }
}

}  // namespace

TEST_CASE("VDR-Softmax equals the golden cases of FLARE, integer by integer") {
    auto const folder = test::shared_or_skip("golden/flare");
    if (!folder) {
        return;
    }
    int tables = 0;
    int rows = 0;
    for (auto const& entry : std::filesystem::directory_iterator{*folder}) {
        auto const name = entry.path().filename().string();
        std::ifstream file{entry.path() / "case.json"};
        if (!name.starts_with("vdr") || !file) {
            continue;
        }
        vdr_case const c{entry.path(), nlohmann::json::parse(file)};
        CAPTURE(name);
        auto const function = c.config.at("function").get<std::string>();
        if (function == "vdr_softmax.make_entry") {
            check_vdr_table(c);
            ++tables;
        } else {
            REQUIRE(function == "vdr_softmax.softmax_row");
            check_vdr_rows(c);
            ++rows;
        }
    }
    CHECK(tables > 0);
    CHECK(rows > 0);
}
