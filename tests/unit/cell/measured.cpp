#include <doctest/doctest.h>

#include <tests/unit/cell/devices.hpp>
#include <xcim/cell/measured.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace xcim;

namespace {

cell::device_table own_table() {
    return {.targets = {10e-6, 20e-6, 50e-6},
            .means = {11e-6, 19e-6, 49e-6},
            .deviations = {1e-6, 3e-6, 3e-6},
            .read_deviations = {0.1e-6, 0.2e-6, 0.5e-6}};
}

}  // namespace

TEST_CASE("cell::device_table interpolates linearly") {
    auto const t = own_table();
    CHECK(t.wrong().empty());
    CHECK(t.mean(10e-6) == test::relative(11e-6));
    CHECK(t.mean(15e-6) == test::relative(15e-6));
    CHECK(t.mean(20e-6) == test::relative(19e-6));
    CHECK(t.mean(35e-6) == test::relative(34e-6));
    CHECK(t.mean(50e-6) == test::relative(49e-6));
    CHECK(t.deviation(12e-6) == test::relative(1.4e-6));
    CHECK(t.read_deviation(5e-6) == test::relative(0.1e-6));  // a device outside the table: its nearest end
    CHECK(t.read_deviation(90e-6) == test::relative(0.5e-6));
    CHECK(t.read_deviation(30e-6) == test::relative(0.3e-6));
}

TEST_CASE("cell::measured programs devices as the table says") {
    cell::measured const c{own_table(), 5};  // 10, 20, 30, 40, 50 uS
    CHECK(c.wrong().empty());
    CHECK(c.conductance_step(5) == test::relative(10e-6));
    CHECK(c.off_state(5) == test::relative(1.1));  // the mean of level 0
    std::vector<float> states{0, 1, 2, 4, 0};
    std::vector<float> const normals{2, -1, 0.5F, 1, -12};
    c.program(column_of_cells{states, normals, 5, 5});
    CHECK(states[0] == test::relative(1.3));
    CHECK(states[1] == test::relative(1.6));
    CHECK(states[2] == test::relative(2.9 + 0.15));
    CHECK(states[3] == test::relative(5.2));
    CHECK(states[4] == 0.0F);  // never negative
    // 0.2 uS at 20 uS, in steps of 10 uS.
    CHECK(c.read_terms_of(2, 5)[0] * c.read_drives_of(-3)[0] == test::relative(9 * 0.02 * 0.02));
    auto quiet = own_table();
    quiet.read_deviations.clear();
    CHECK(quiet.wrong().empty());
    CHECK(cell::measured{quiet}.read_terms_of(2, 5)[0] == 0.0F);
    cell::measured const part{own_table(), 2, 20e-6, 40e-6};
    CHECK(part.conductance_step(2) == test::relative(20e-6));
    CHECK(to_string(part) == "device table of 3 entries, 2 levels, 20.000000 uS to 40.000000 uS");
}

TEST_CASE("cell::measured says what is wrong with a table") {
    auto const wrong = [](auto const& spoil) {
        auto t = own_table();
        spoil(t);
        return cell::measured{t}.wrong();
    };
    using table = cell::device_table;
    CHECK(wrong([](table& t) { t.targets[1] = 60e-6; }) ==
          "cell::device_table.targets[2] is 50.000000 uS behind 60.000000 uS; ascending conductances are needed");
    CHECK(wrong([](table& t) { t.targets[1] = t.targets[0]; }).starts_with("cell::device_table.targets[1]"));
    CHECK(wrong([](table& t) { t.means.pop_back(); }) ==
          "cell::device_table.means has 2 entries; as many as targets, 3, are needed");
    CHECK(wrong([](table& t) { t.read_deviations.pop_back(); }) ==
          "cell::device_table.read_deviations has 2 entries; as many as targets, 3, are needed");
    CHECK(wrong([](table& t) { t.deviations[2] = -1e-6; }) ==
          "cell::device_table.deviations[2] is -1.000000 uS; a finite number of siemens from 0 on is needed");
    CHECK(wrong([](table& t) { t.means[0] = std::nan(""); }).starts_with("cell::device_table.means[0] is "));
    CHECK(wrong([](table& t) { t.targets.clear(); }) ==
          "cell::device_table.targets has 0 entries; at least 2 are needed");
    CHECK(cell::measured{own_table(), 4, 5e-6, 40e-6}.wrong() ==
          "cell::measured.g_min is 5.000000 uS; the device (device table of 3 entries) was measured from 10.000000 uS "
          "to 50.000000 uS");
    CHECK(cell::measured{own_table(), 4, 10e-6, 51e-6}.wrong().starts_with("cell::measured.g_max is 51.000000 uS"));
    CHECK(cell::measured{own_table(), 4, 20e-6, 20e-6}.wrong().starts_with("cell::measured.g_min is 20.000000 uS and"));
    CHECK(cell::measured{own_table(), 257}.wrong() == "cell::measured.levels is 257; 2 to 256 are possible");
}
