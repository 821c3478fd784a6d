#include <doctest/doctest.h>

#include <xcim/core/rounded_normal.hpp>

#include <array>
#include <cmath>
#include <cstring>
#include <vector>

namespace {

constexpr std::array<float, 12> sigmas{1e-6F, 0.01F, 0.1F, 0.125F, 0.13F, 0.2F, 0.255F, 0.4F, 0.5F, 0.6F, 0.7F, 0.8F};

}  // namespace

TEST_CASE("rounded normals are the normals of the same bits, rounded") {
    std::size_t const count = 1 << 16;  // 2^18 draws: every magnitude about eight times, the outermost ones too
    std::vector<std::uint32_t> ids(count);
    for (std::size_t i = 0; i < count; ++i) {
        ids[i] = static_cast<std::uint32_t>(3 * i);
    }
    std::vector<float> normals(4 * count);
    std::vector<float> rounded(4 * count);
    xcim::fill_normals({1, 2}, ids.data(), 5, count, normals.data(), count);
    for (float const sigma : sigmas) {
        auto const draw = xcim::rounded_normal::of(sigma);
        CAPTURE(sigma);
        REQUIRE(draw);
        draw->fill({1, 2}, ids.data(), 5, count, rounded.data(), count);
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < 4 * count; ++i) {
            float const right = std::copysign(std::nearbyint(sigma * std::fabs(normals[i])), normals[i]);
            wrong += rounded[i] == right ? 0U : 1U;
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("rounded normals draw the same for every count around the lanes") {
    auto const draw = xcim::rounded_normal::of(0.6F);
    REQUIRE(draw);
    std::vector<std::uint32_t> ids(64 * xcim::lanes);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        ids[i] = static_cast<std::uint32_t>(i);
    }
    std::vector<float> all(4 * ids.size());
    draw->fill({7, 8}, ids.data(), 1, ids.size(), all.data(), ids.size());
    for (std::size_t count = 1; count <= 8 * xcim::lanes + 1; ++count) {
        std::vector<float> some(4 * ids.size());
        draw->fill({7, 8}, ids.data(), 1, count, some.data(), ids.size());
        std::size_t wrong = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            wrong += std::memcmp(&some[j * ids.size()], &all[j * ids.size()], count * sizeof(float)) == 0 ? 0U : 1U;
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("a sigma for which four integers are common has no short way") {
    CHECK(xcim::rounded_normal::of(0.8F));
    CHECK_FALSE(xcim::rounded_normal::of(1.0F));
    CHECK_FALSE(xcim::rounded_normal::of(50.0F));
}
