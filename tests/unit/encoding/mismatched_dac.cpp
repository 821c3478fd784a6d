#include <doctest/doctest.h>

#include <xcim/encoding/mismatched_dac.hpp>

#include <vector>

using namespace xcim;

TEST_CASE("encoding::mismatched_dac: ends are exact, levels in between follow their unit elements") {
    std::vector<float> const normals{1, 0, -1, 0};
    std::vector<float> drives(4);
    encoding::mismatched_dac{2, 0.1}.drive(row_driver{drives, normals});
    CHECK(drives[0] == 0.0F);
    CHECK(drives[1] == doctest::Approx(1.1));
    CHECK(drives[2] == doctest::Approx(2.1));
    CHECK(drives[3] == doctest::Approx(3));
    encoding::mismatched_dac{2, 0}.drive(row_driver{drives, normals});
    CHECK(drives == std::vector<float>{0, 1, 2, 3});
    CHECK(encoding::mismatched_dac{9}.wrong() == "encoding::mismatched_dac.bits is 9; 1 to 8 are possible");
}
