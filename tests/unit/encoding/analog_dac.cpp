#include <doctest/doctest.h>

#include <tests/support/laws.hpp>
#include <xcim/encoding/analog_dac.hpp>
#include <xcim/testing/digit_code.hpp>

#include <cmath>
#include <vector>

namespace {

using xcim::encoding::analog_dac;

/// What every level of a format drives.
std::vector<float> dac_drives(analog_dac const& e, xcim::format f, std::vector<float> const& normals = {}) {
    auto const d = e.digits(f);
    std::vector<float> drives(static_cast<std::size_t>(d.levels(0)));
    e.drive(xcim::row_driver{drives, normals, d.is_signed(0) ? -d.levels(0) / 2 : 0});
    return drives;
}

}  // namespace

TEST_CASE("encoding::analog_dac: one phase, the whole code") {
    auto const d = analog_dac{}.digits({6, true});
    CHECK(d.count() == 1);
    CHECK(d.levels(0) == 64);
    CHECK(d.level(-31, 0) == -31);
    CHECK_LAWS(xcim::testing::check_digit_code(analog_dac{}, 16));
    CHECK_LAWS(xcim::testing::check_digit_code(analog_dac{2}, 8));
}

TEST_CASE("encoding::analog_dac with as many bits as the input drives its levels exactly") {
    for (int bits = 2; bits <= 10; ++bits) {
        for (bool const is_signed : {false, true}) {
            for (int const dac_bits : {bits, bits + 1, 16}) {
                auto const drives = dac_drives({dac_bits}, {bits, is_signed});
                int const lowest = is_signed ? -(1 << (bits - 1)) : 0;
                std::size_t wrong = 0;
                for (std::size_t i = is_signed ? 1 : 0; i < drives.size(); ++i) {
                    wrong += drives[i] == static_cast<float>(lowest + static_cast<int>(i)) ? 0U : 1U;
                }
                CHECK(wrong == 0);
            }
        }
    }
}

TEST_CASE("encoding::analog_dac with fewer bits drives the nearest of its levels") {
    // Magnitudes 0 to 127 on 8 levels, 127 / 7 apart.
    auto const drives = dac_drives({4}, {8, true});
    for (int code = -127; code <= 127; ++code) {
        double const level = std::nearbyint(std::abs(code) * 7 / 127.0);
        double const right = std::copysign(level * 127 / 7, code);
        CHECK(static_cast<double>(drives[static_cast<std::size_t>(code + 128)]) == doctest::Approx(right));
    }
    CHECK(drives[128] == 0.0F);
    CHECK(drives[255] == 127.0F);
    CHECK(drives[1] == -127.0F);
    // One bit of an unsigned input: the rails. Ties go to the even level: 7.5 of 15 to 0 is below, 8 of 15 above.
    auto const rails = dac_drives({1}, {4, false});
    CHECK(rails[7] == 0.0F);
    CHECK(rails[8] == 15.0F);
    // 0.5, 1.5 and 2.5 of three elements for six steps.
    std::vector<float> six(7);
    analog_dac{2}.drive(xcim::row_driver{six, {}, 0});
    CHECK(six == std::vector<float>{0, 0, 2, 4, 4, 4, 6});
}

TEST_CASE("encoding::analog_dac: elements that differ move the middle, not the ends") {
    std::vector<float> const normals{1, 0, -1};
    auto const plain = dac_drives({2, 0.1}, {2, false}, normals);
    CHECK(plain[0] == 0.0F);
    CHECK(plain[1] == doctest::Approx(1.1));
    CHECK(plain[2] == doctest::Approx(2.1));
    CHECK(plain[3] == doctest::Approx(3));
    // The switch for the sign stands behind the elements.
    auto const both = dac_drives({3, 0.1}, {3, true}, normals);
    for (std::size_t l = 0; l <= 3; ++l) {
        CHECK(both[4 + l] == plain[l]);
        CHECK(both[4 - l] == -plain[l]);
    }
    // An element that would be negative is a tenth of the nominal one.
    CHECK(dac_drives({2, 2}, {2, false}, {-3, 0, 0})[1] == doctest::Approx(3 * 0.1 / 2.1));
}

TEST_CASE("encoding::analog_dac: compression and the negative rail") {
    auto const compressed = dac_drives({.bits = 5, .compression = 0.2}, {5, true});
    for (int code = -15; code <= 15; ++code) {
        double const v = code / 15.0;
        CHECK(static_cast<double>(compressed[static_cast<std::size_t>(code + 16)]) ==
              doctest::Approx(15 * v * (1 - 0.2 * v * v)));
    }
    auto const asymmetric = dac_drives({.bits = 5, .asymmetry = 0.1}, {5, true});
    CHECK(asymmetric[31] == 15.0F);
    CHECK(asymmetric[1] == doctest::Approx(-13.5));
    // The largest compression is still monotone.
    auto const steep = dac_drives({.bits = 8, .compression = 1.0 / 3}, {8, false});
    for (std::size_t i = 1; i < steep.size(); ++i) {
        CHECK(steep[i] > steep[i - 1]);
    }
}

TEST_CASE("encoding::analog_dac says its name and which numbers are possible") {
    CHECK(analog_dac{}.wrong().empty());
    CHECK(analog_dac{17}.wrong() == "encoding::analog_dac.bits is 17; 1 to 16 are possible");
    CHECK(analog_dac{8, -0.1}.wrong().find("unit_deviation is -0.1") != std::string::npos);
    CHECK(analog_dac{8, 0, 0.4}.wrong().find("compression is 0.4") != std::string::npos);
    CHECK(analog_dac{8, 0, 0, 1}.wrong().find("asymmetry is 1") != std::string::npos);
    CHECK(analog_dac{8, 0, 0, NAN}.wrong().find("asymmetry is nan") != std::string::npos);
    CHECK(analog_dac{9, 0.01}.wrong().find("DACs of at most 8 bits") != std::string::npos);
    CHECK_THROWS_WITH_AS(
        static_cast<void>(analog_dac{1}.digits({4, true})),
        "xcim: encoding::analog_dac.bits is 1; signed inputs need at least 2, one of them for the sign", xcim::error);
    CHECK(to_string(analog_dac{6}) == "analog DAC 6 bit");
    CHECK(to_string(analog_dac{6, 0.01}) == "analog DAC 6 bit, elements 1.000000 %");
}
