#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/adc/uniform.hpp>
#include <xcim/testing/adc.hpp>

#include <array>
#include <cstdint>
#include <vector>

namespace {

using V = xcim::batch<float>;
using xcim::lanes;

/// Half even of sum * highest / full_scale, in integers.
std::int64_t exact_code(std::int64_t sum, std::int64_t highest, std::int64_t full_scale) {
    std::int64_t const below = sum * highest / full_scale;
    std::int64_t const twice_rest = 2 * (sum * highest % full_scale);
    return below + (twice_rest > full_scale || (twice_rest == full_scale && below % 2 == 1) ? 1 : 0);
}

/// Sums 0 to full scale whose code is not the exact one, through batches.
std::int64_t wrong_codes(int rows, int drive_bits, int adc_bits) {
    auto const kernel = xcim::adc::uniform{adc_bits}.prepare(xcim::testing::context_for(rows, drive_bits));
    std::int64_t const full_scale = std::int64_t{rows} * ((1 << drive_bits) - 1);
    std::int64_t const highest = (std::int64_t{1} << adc_bits) - 1;
    std::int64_t wrong = 0;
    std::array<float, lanes> sums{};
    std::array<float, lanes> codes{};
    for (std::int64_t first = 0; first <= full_scale; first += static_cast<std::int64_t>(lanes)) {
        for (std::size_t l = 0; l < lanes; ++l) {
            sums[l] = static_cast<float>(std::min(first + static_cast<std::int64_t>(l), full_scale));
        }
        xcim::store(codes.data(), V(kernel(xcim::load<V>(sums.data()), xcim::lane<V>{})));
        for (std::size_t l = 0; l < lanes; ++l) {
            auto const right = exact_code(static_cast<std::int64_t>(sums[l]), highest, full_scale);
            wrong += codes[l] == static_cast<float>(right) ? 0 : 1;
        }
    }
    return wrong;
}

}  // namespace

TEST_CASE("adc::uniform: every integer sum has the code of exact arithmetic") {
    for (int const rows : {32, 64, 100, 127, 128, 200, 255, 256, 512}) {
        for (int adc_bits = 1; adc_bits <= 12; ++adc_bits) {
            for (int drive_bits = 1; drive_bits <= 8; ++drive_bits) {
                CAPTURE(rows);
                CAPTURE(adc_bits);
                CAPTURE(drive_bits);
                CHECK(wrong_codes(rows, drive_bits, adc_bits) == 0);
            }
        }
    }
}

TEST_CASE("adc::uniform: so it is at the ends of the parameters") {
    for (int const adc_bits : {1, 13, 15, 16}) {
        CHECK(wrong_codes(1, 1, adc_bits) == 0);
        CHECK(wrong_codes(3, 2, adc_bits) == 0);
        CHECK(wrong_codes(65536, 1, adc_bits) == 0);
        CHECK(wrong_codes(255, 8, adc_bits) == 0);
    }
}

TEST_CASE("adc::uniform: known codes, ties and clipping of real sums") {
    auto const k = xcim::adc::uniform{2}.prepare(xcim::testing::context_for(6, 1, 1, false));  // step 2
    xcim::lane<float> const l;
    CHECK(k.step == 2);
    CHECK(k(0.9F, l) == 0.0F);
    CHECK(k(1.0F, l) == 0.0F);  // half of a step: to the even code
    CHECK(k(3.0F, l) == 2.0F);
    CHECK(k(5.0F, l) == 2.0F);
    CHECK(k(5.1F, l) == 3.0F);
    CHECK(k(-4.0F, l) == 0.0F);
    CHECK(k(600.0F, l) == 3.0F);
    CHECK(xcim::adc::uniform{2}.resolution({}) == 2);
    CHECK(to_string(xcim::adc::uniform{6}) == "uniform ADC 6 bit");
}

TEST_CASE("adc::uniform is lossless exactly where its steps divide the counts") {
    using xcim::testing::check_lossless;
    using xcim::testing::context_for;
    CHECK_LAWS(check_lossless(xcim::adc::uniform{8}, context_for(255, 1)));
    CHECK_LAWS(check_lossless(xcim::adc::uniform{8}, context_for(85, 2)));  // 85 * 3
    CHECK_FALSE(check_lossless(xcim::adc::uniform{8}, context_for(256, 1)).ok());
    CHECK_FALSE(check_lossless(xcim::adc::uniform{7}, context_for(255, 1)).ok());
}
