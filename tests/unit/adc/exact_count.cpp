#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/adc/exact_count.hpp>
#include <xcim/testing/adc.hpp>

TEST_CASE("adc::exact_count has as many bits as the largest sum needs") {
    xcim::adc::exact_count const a;
    CHECK(a.resolution(xcim::testing::context_for(255, 1)) == 8);
    CHECK(a.resolution(xcim::testing::context_for(256, 1)) == 9);
    CHECK(a.resolution(xcim::testing::context_for(1, 1)) == 1);
    CHECK(a.resolution(xcim::testing::context_for(256, 4)) == 12);
}

TEST_CASE("adc::exact_count rounds real sums and clips them to its codes") {
    auto const k = xcim::adc::exact_count{}.prepare(xcim::testing::context_for(100, 1, 1, false));  // 7 bits
    xcim::lane<float> const l;
    CHECK(k(41.4F, l) == 41.0F);
    CHECK(k(41.5F, l) == 42.0F);
    CHECK(k(42.5F, l) == 42.0F);
    CHECK(k(-3.0F, l) == 0.0F);
    CHECK(k(500.0F, l) == 127.0F);
    CHECK(k.step == 1);
}

TEST_CASE("adc::exact_count is lossless for every number of rows and drive bits") {
    for (int const rows : {1, 2, 33, 255, 256, 300}) {
        for (int drive_bits = 1; drive_bits <= 8; ++drive_bits) {
            CHECK_LAWS(
                xcim::testing::check_lossless(xcim::adc::exact_count{}, xcim::testing::context_for(rows, drive_bits)));
        }
    }
    CHECK(to_string(xcim::adc::exact_count{}) == "exact-count ADC");
}

TEST_CASE("adc::exact_count with thresholds between counts only has no code above the full scale") {
    xcim::adc::exact_count const a{.counts_only = true};
    auto const k = a.prepare(xcim::testing::context_for(8, 1));
    xcim::lane<float> const l;
    CHECK(k(8.4F, l) == 8.0F);
    CHECK(k(30.0F, l) == 8.0F);
    CHECK(xcim::adc::exact_count{}.prepare(xcim::testing::context_for(8, 1, 1, false))(30.0F, l) == 15.0F);
    CHECK_LAWS(xcim::testing::check_lossless(a, xcim::testing::context_for(8, 1)));
    CHECK(to_string(a) == "exact-count ADC, no level above the full scale");
}
