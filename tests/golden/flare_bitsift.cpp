/// \file
/// Word-line schedules, their cycles and the sparsity of activations: cases of bitsift.gemv_cycles, number by number.
/// Definition: FLARE (arXiv 2411.14733, 2024), sections 3.3 and 4.4, Fig. 7.

#include <doctest/doctest.h>

#include <tests/support/golden.hpp>
#include <tests/support/shared.hpp>
#include <xcim/analysis.hpp>
#include <xcim/cost.hpp>

#include <cstdlib>

namespace {

using namespace xcim;
using encoding::bit_sift;
using encoding::negatives;
using integers = xt::xarray<std::int32_t>;

/// The rule at the end of a text, or a failure.
sift_rule rule_of(std::string const& text) {
    for (auto const rule : {sift_rule::next_fit, sift_rule::first_fit, sift_rule::ideal, sift_rule::fixed}) {
        if (text == to_string(rule)) {
            return rule;
        }
    }
    FAIL("no known rule: " << text);
    return {};
}

struct bitsift_case {
    test::golden_case files;
    std::string encoding = files.config.at("encoding");
    format inputs{files.integer("bits"), encoding != "unsigned"};
    sift_controllers controllers{.limit = files.integer("limit"), .slice = files.integer("slice_len")};
    integers v = files.integers("v");  // (tokens, depth)

    [[nodiscard]] std::size_t tokens() const { return v.shape(0); }
    [[nodiscard]] std::size_t depth() const { return v.shape(1); }
    [[nodiscard]] std::span<std::int32_t const> codes() const { return {v.data(), v.size()}; }
    [[nodiscard]] std::span<std::int32_t const> token(std::size_t t) const {
        return codes().subspan(t * depth(), depth());
    }
    [[nodiscard]] sift_controllers with(sift_rule rule) const { return {controllers.limit, controllers.slice, rule}; }

    /// The two's complement (or binary) planes of a token, interleaved.
    [[nodiscard]] std::vector<std::uint32_t> planes(std::size_t t) const {
        std::vector<std::uint16_t> words(words_for(depth()) * 32);
        std::ranges::transform(token(t), words.begin(), [](std::int32_t c) { return static_cast<std::uint16_t>(c); });
        std::vector<std::uint32_t> packed(words_for(depth()) * static_cast<std::size_t>(inputs.bits));
        pack_planes(words.data(), depth(), inputs.bits, packed.data());
        return packed;
    }
    [[nodiscard]] bit_plane_view plane(std::vector<std::uint32_t> const& packed, std::size_t i) const {
        return {packed.data() + i, static_cast<std::size_t>(inputs.bits), depth()};
    }
};

void check_cycles(bitsift_case const& c, integers const& right, sift_rule rule, negatives code) {
    REQUIRE(right.size() == c.tokens());
    for (std::size_t t = 0; t < c.tokens(); ++t) {
        auto const found = cost::gemv_cycles(c.token(t), c.depth(), c.inputs, {c.with(rule), code});
        CHECK(found.sifted == static_cast<std::uint64_t>(right.data()[t]));
        if (rule == sift_rule::fixed && code == negatives::twos_complement) {
            CHECK(found.fixed == found.sifted);
        }
    }
}

void check_plane_cycles(bitsift_case const& c, integers const& right, sift_rule rule) {  // right: (planes, tokens)
    REQUIRE(right.size() == c.tokens() * static_cast<std::size_t>(c.inputs.bits));
    for (std::size_t t = 0; t < c.tokens(); ++t) {
        auto const packed = c.planes(t);
        for (std::size_t i = 0; i < static_cast<std::size_t>(c.inputs.bits); ++i) {
            auto const cycles = count_cycles(c.plane(packed, i), c.with(rule));
            CHECK(cycles == static_cast<std::size_t>(right.data()[i * c.tokens() + t]));
        }
    }
}

/// "<rule> on bit plane <i> of the last row".
void check_schedule(bitsift_case const& c) {
    std::string const words = c.files.config.at("schedule");
    std::string const middle = " on bit plane ";
    auto const at = words.find(middle);
    REQUIRE(at != std::string::npos);
    REQUIRE(words.ends_with(" of the last row"));
    auto const plane = static_cast<std::size_t>(std::atoi(words.c_str() + at + middle.size()));
    auto const packed = c.planes(c.tokens() - 1);
    word_line_schedule schedule;
    schedule.plan(c.plane(packed, plane), c.with(rule_of(words.substr(0, at))));
    auto const lengths = c.files.integers("schedule_lengths");
    auto const indices = c.files.integers("schedule_indices");
    REQUIRE(schedule.cycles() == lengths.size());
    REQUIRE(schedule.rows().size() == indices.size());
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        CHECK(schedule[i].size() == static_cast<std::size_t>(lengths.data()[i]));
    }
    CHECK(std::ranges::equal(schedule.rows(), std::span{indices.data(), indices.size()}));
}

void check_array(bitsift_case const& c, std::string const& name) {
    auto const starts = [&](std::string const& prefix) { return name.starts_with(prefix); };
    auto const rule_behind = [&](std::string const& prefix) { return rule_of(name.substr(prefix.size())); };
    CAPTURE(name);
    if (starts("cycles_pos_neg_")) {
        check_cycles(c, c.files.integers(name.c_str()), rule_behind("cycles_pos_neg_"), negatives::apart);
    } else if (starts("cycles_")) {
        auto const code = c.encoding == "pos_neg" ? negatives::apart : negatives::twos_complement;
        check_cycles(c, c.files.integers(name.c_str()), rule_behind("cycles_"), code);
    } else if (starts("plane_cycles_")) {
        check_plane_cycles(c, c.files.integers(name.c_str()), rule_behind("plane_cycles_"));
    } else if (name == "schedule_lengths") {
        check_schedule(c);
    } else {
        bool const is_known = name == "v" || name == "schedule_indices";
        CHECK(is_known);
    }
}

/// "sparsity_N<run>" or "sparsity_N<run>_sign_magnitude".
void check_sparsity(bitsift_case const& c, std::string const& name, nlohmann::json const& right) {
    CAPTURE(name);
    auto const run = static_cast<std::size_t>(std::atoi(name.c_str() + std::string("sparsity_N").size()));
    auto const bits =
        name.ends_with("_sign_magnitude") ? analysis::code_bits::sign_magnitude : analysis::code_bits::binary;
    auto const found = analysis::activation_sparsity(c.codes(), c.depth(), c.inputs, run, bits);
    auto const same = [&](double share, char const* of) {
        return std::abs(share - right.at(of).get<double>()) < 1e-15;
    };
    CHECK(right.size() == 4);
    CHECK(same(found.bitwise, "bitwise"));
    CHECK(same(found.value_wise, "value_wise"));
    CHECK(same(found.run_value_wise, "n_value_wise"));
    CHECK(same(found.run_column_wise, "n_column_wise"));
}

}  // namespace

TEST_CASE("BitSift schedules, cycles and sparsity measures of every golden case") {
    auto const folder = test::shared_or_skip("golden/flare");
    if (!folder) {
        return;
    }
    int tested = 0;
    for (auto const& entry : std::filesystem::directory_iterator{*folder}) {
        auto const name = entry.path().filename().string();
        if (!name.starts_with("bitsift")) {
            continue;
        }
        ++tested;
        CAPTURE(name);
        std::ifstream file{entry.path() / "case.json"};
        REQUIRE(file);
        bitsift_case const c{.files = {entry.path(), nlohmann::json::parse(file)}};
        auto const& config = c.files.config;
        REQUIRE(config.at("function") == "bitsift.gemv_cycles");
        bool const is_known = c.encoding == "twos" || c.encoding == "unsigned" || c.encoding == "pos_neg";
        REQUIRE(is_known);
        REQUIRE(c.v.dimension() == 2);
        for (auto const& array : config.at("arrays").items()) {
            check_array(c, array.key());
        }
        for (auto const& item : config.items()) {
            if (item.key().starts_with("sparsity")) {
                check_sparsity(c, item.key(), item.value());
            }
        }
    }
    CHECK(tested > 0);
}
