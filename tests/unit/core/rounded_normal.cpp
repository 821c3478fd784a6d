#include <doctest/doctest.h>

#include <xcim/core/rounded_normal.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace {

constexpr std::array<float, 12> sigmas{1e-6F, 0.01F, 0.1F, 0.125F, 0.13F, 0.2F, 0.255F, 0.4F, 0.5F, 0.6F, 0.7F, 0.8F};

}  // namespace

TEST_CASE("rounded normals are the normals of the same bits, rounded") {
    constexpr std::size_t rows = 8;
    constexpr std::size_t columns = 64;
    constexpr std::size_t grids = 4096;  // 2^21 draws: every magnitude some 60 times, the outermost ones too
    std::array<float, rows * columns> normals{};
    std::array<float, rows * columns> rounded{};
    for (float const sigma : sigmas) {
        auto const draw = xcim::rounded_normal::of(sigma);
        CAPTURE(sigma);
        REQUIRE(draw);
        std::size_t wrong = 0;
        for (std::uint32_t g = 0; g < grids; ++g) {
            xcim::fill_normal_grid({1, 2}, {g, 0}, rows, columns, normals.data(), columns);
            draw->fill({1, 2}, {g, 0}, rows, columns, rounded.data(), columns);
            for (std::size_t i = 0; i < normals.size(); ++i) {
                float const right = std::copysign(std::nearbyint(sigma * std::fabs(normals[i])), normals[i]);
                wrong += rounded[i] == right ? 0U : 1U;
            }
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("draws that are not refined before rounding round to the same wherever refinement would put them") {
    for (float const sigma : sigmas) {
        auto const draw = xcim::rounded_normal::of(sigma);
        REQUIRE(draw);
        CAPTURE(sigma);
        int const comparisons = draw->with_count([]<int Count>() { return Count; });
        for (float f = 1; f < 8; f += 2) {
            bool changes = false;
            for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32); bits += 0xFFFFFFF) {
                float const z = xcim::detail::refined_normal(f, static_cast<std::uint32_t>(bits));
                changes = changes || draw->of_normal(z) != static_cast<float>(comparisons);
            }
            CHECK((f < draw->unsure_below() || !changes));
        }
    }
    CHECK(xcim::rounded_normal::of(0.01F)->unsure_below() == 0);   // always zero
    CHECK(xcim::rounded_normal::of(0.255F)->unsure_below() == 2);  // beyond 5.9 sigma two counts
}

TEST_CASE("rounded normals draw the same for every number of columns") {
    auto const draw = xcim::rounded_normal::of(0.6F);
    REQUIRE(draw);
    std::array<float, 8 * 64> all{};
    std::array<float, 8 * 64> some{};
    draw->fill({7, 8}, {1, 0}, 8, 64, all.data(), 64);
    for (std::size_t count = 1; count <= 64; ++count) {
        draw->fill({7, 8}, {1, 0}, 8, count, some.data(), 64);
        for (std::size_t r = 0; r < 8; ++r) {
            CHECK(std::memcmp(&some[r * 64], &all[r * 64], count * sizeof(float)) == 0);
        }
    }
}

TEST_CASE("a sigma for which four integers are common has no short way") {
    CHECK(xcim::rounded_normal::of(0.8F));
    CHECK_FALSE(xcim::rounded_normal::of(1.0F));
    CHECK_FALSE(xcim::rounded_normal::of(50.0F));
}
