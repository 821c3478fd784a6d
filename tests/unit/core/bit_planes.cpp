#include <doctest/doctest.h>

#include <xcim/core/bit_planes.hpp>

#include <cstdint>
#include <random>
#include <vector>

TEST_CASE("pack_planes puts bit p of code i at bit i of plane p and clears the rest") {
    std::mt19937 random{1};
    for (int planes = 1; planes <= 16; ++planes) {
        for (std::size_t const count : {1U, 5U, 31U, 32U, 33U, 64U, 95U, 100U}) {
            std::vector<std::uint16_t> codes(xcim::words_for(count) * 32);
            for (auto& c : codes) {
                c = static_cast<std::uint16_t>(random());  // beyond `count` too: must not be seen
            }
            std::vector<std::uint32_t> packed(xcim::words_for(count) * static_cast<std::size_t>(planes));
            xcim::pack_planes(codes.data(), count, planes, packed.data());
            std::size_t wrong = 0;
            for (std::size_t i = 0; i < codes.size(); ++i) {
                for (int p = 0; p < planes; ++p) {
                    auto const word = packed[i / 32 * static_cast<std::size_t>(planes) + static_cast<std::size_t>(p)];
                    auto const right = i < count ? (codes[i] >> p) & 1U : 0U;
                    wrong += ((word >> (i % 32)) & 1U) == right ? 0U : 1U;
                }
            }
            CAPTURE(planes);
            CAPTURE(count);
            CHECK(wrong == 0);
        }
    }
    CHECK(xcim::words_for(0) == 0);
    CHECK(xcim::words_for(32) == 1);
    CHECK(xcim::words_for(33) == 2);
}

TEST_CASE("the portable transposition gives the same words as that of the target") {
    std::mt19937 random{2};
    std::vector<std::uint16_t> codes(32);
    for (auto& c : codes) {
        c = static_cast<std::uint16_t>(random());
    }
    for (int planes = 1; planes <= 16; ++planes) {
        std::vector<std::uint32_t> target(16, 0);
        std::vector<std::uint32_t> portable(16, 0);
        xcim::detail::transpose(codes.data(), planes, target.data());
        xcim::detail::transpose_portable(codes.data(), planes, portable.data());
        CHECK(target == portable);
    }
}
