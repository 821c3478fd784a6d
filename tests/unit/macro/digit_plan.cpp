#include <doctest/doctest.h>

#include <tests/support/files.hpp>
#include <xcim/core/digits.hpp>
#include <xcim/macro/digit_plan.hpp>

namespace {

using xcim::errc;
using xcim::format;
using xcim::plan_digits;

/// Binary digits with one fault at a time.
struct faulty_digits {
    format f;
    int level_count = 2;
    int first_weight = 1;
    int first_level = -1;  ///< of code 3, where not negative
    int digits = 8;

    [[nodiscard]] int count() const { return digits; }
    [[nodiscard]] int levels(int) const { return level_count; }
    [[nodiscard]] int level(int code, int i) const {
        return first_level >= 0 && code == 3 && i == 0 ? first_level : (code >> i) & 1;
    }
    [[nodiscard]] int weight(int i) const { return i == 0 ? first_weight : 1 << i; }
    [[nodiscard]] int bias() const { return 0; }
};

xcim::test::caught error_of(faulty_digits const& d) {
    return xcim::test::error_of([&] { static_cast<void>(plan_digits(d, d.f, "Encoder")); });
}

}  // namespace

TEST_CASE("a plan lists digits from the LSB and packs two's complement as it is") {
    format const f{8, true};
    auto const plan = plan_digits(xcim::grouped_digits{f, 3}, f, "Encoder");
    REQUIRE(plan.digits.size() == 4);
    CHECK(plan.digits[0] == xcim::digit{0, 3, 1});
    CHECK(plan.digits[1] == xcim::digit{3, 3, 8});
    CHECK(plan.digits[2] == xcim::digit{6, 1, 64});
    CHECK(plan.digits[3] == xcim::digit{7, 1, -128});
    CHECK(plan.planes == 8);
    CHECK(plan.top_level() == 7);
    CHECK(plan.bias == 0);
    for (int code = f.lowest(); code <= f.highest(); ++code) {
        CHECK(plan.word(code) == static_cast<std::uint16_t>(code & 0xFF));
    }
}

TEST_CASE("a digit code that breaks its law is an error that names role and code") {
    format const f{8, false};
    CHECK_NOTHROW(static_cast<void>(plan_digits(faulty_digits{f}, f, "Encoder")));

    auto const levels = error_of({.f = f, .level_count = 3});
    CHECK(levels.code == errc::composition);
    CHECK(levels.says("Encoder: digit 0 has 3 levels"));
    CHECK(levels.says("power of two"));

    auto const sum = error_of({.f = f, .first_weight = 2});
    CHECK(sum.code == errc::composition);
    CHECK(sum.says("digits of code 1 sum to 2"));

    auto const level = error_of({.f = f, .first_level = 2});
    CHECK(level.code == errc::composition);
    CHECK(level.says("digit 0 of code 3 is level 2"));

    auto const negative = error_of({.f = {8, true}, .digits = 7});
    CHECK(negative.code == errc::composition);
    CHECK(negative.says("sum to"));

    auto const none = error_of({.f = f, .digits = 0});
    CHECK(none.code == errc::bits);
    CHECK(none.says("8-bit code take 0 bits"));

    auto const many = error_of({.f = f, .digits = 17});
    CHECK(many.code == errc::bits);
    CHECK(many.says("17 bits"));
    CHECK(many.says("1 to 16"));
}
