#include <doctest/doctest.h>

#include <xcim/core/code_range.hpp>

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace {

template <class Code>
void check_code_range(std::vector<Code> const& codes, xcim::format f) {
    xcim::check_codes(std::span<Code const>{codes}, f, "f");
}

}  // namespace

TEST_CASE("check_codes: every code of a format passes, the next ones do not") {
    for (int bits = 1; bits <= 16; ++bits) {
        for (bool const is_signed : {false, true}) {
            xcim::format const f{bits, is_signed};
            CHECK_NOTHROW(check_code_range<std::int32_t>({f.lowest(), f.highest()}, f));
            CHECK_THROWS_AS(check_code_range<std::int32_t>({0, f.lowest() - 1, 0}, f), xcim::error);
            CHECK_THROWS_AS(check_code_range<std::int32_t>({0, 0, f.highest() + 1}, f), xcim::error);
        }
    }
    CHECK_NOTHROW(check_code_range<int>({}, {8, true}));
}

TEST_CASE("check_codes: any integer type, and sentences") {
    CHECK_NOTHROW(check_code_range<std::int8_t>({-128, 127}, {8, true}));
    CHECK_THROWS_WITH_AS(check_code_range<std::uint8_t>({1, 200}, {8, true}),
                         "xcim: f: code 200 at flat index 1 is outside the 8-bit signed format, -128 to 127", xcim::error);
    CHECK_THROWS_WITH_AS(check_code_range<std::int64_t>({std::numeric_limits<std::int64_t>::min()}, {8, false}),
                         "xcim: f: code -9223372036854775808 at flat index 0 is outside the 8-bit unsigned format, 0 to 255", xcim::error);
    CHECK_THROWS_AS(check_code_range<std::uint64_t>({~std::uint64_t{0}}, {16, false}), xcim::error);
    CHECK_THROWS_WITH_AS(check_code_range<int>({}, {17, true}), "xcim: f: the format has 17 bits; 1 to 16 are possible",
                         xcim::error);
    CHECK_THROWS_AS(check_code_range<int>({}, {0, true}), xcim::error);
}
