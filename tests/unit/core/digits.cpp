#include <doctest/doctest.h>

#include <xcim/core/digits.hpp>

#include <vector>

namespace {

std::vector<int> levels_of(xcim::grouped_digits const& d, int code) {
    std::vector<int> levels;
    for (int i = 0; i < d.count(); ++i) {
        levels.push_back(d.level(code, i));
    }
    return levels;
}

}  // namespace

TEST_CASE("grouped_digits cuts from the LSB, leaves the remainder on top and the sign bit alone") {
    xcim::grouped_digits const d{{8, true}, 3};  // 3, 3, 1 magnitude bits and the sign
    CHECK(d.count() == 4);
    CHECK(d.levels(0) == 8);
    CHECK(d.levels(1) == 8);
    CHECK(d.levels(2) == 2);
    CHECK(d.levels(3) == 2);
    CHECK(d.weight(0) == 1);
    CHECK(d.weight(1) == 8);
    CHECK(d.weight(2) == 64);
    CHECK(d.weight(3) == -128);
    CHECK(d.bias() == 0);
    CHECK(levels_of(d, 0b0'1'010'110) == std::vector{6, 2, 1, 0});
    CHECK(levels_of(d, -1) == std::vector{7, 7, 1, 1});
    CHECK(levels_of(d, -128) == std::vector{0, 0, 0, 1});
}

TEST_CASE("grouped_digits of an unsigned code has no sign digit") {
    xcim::grouped_digits const d{{8, false}, 3};
    CHECK(d.count() == 3);
    CHECK(d.levels(2) == 4);
    CHECK(levels_of(d, 255) == std::vector{7, 7, 3});
    CHECK(xcim::grouped_digits{{5, false}, 16}.count() == 1);
    CHECK(xcim::grouped_digits{{5, false}, 16}.levels(0) == 32);
}
