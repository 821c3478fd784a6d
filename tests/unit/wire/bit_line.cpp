#include <doctest/doctest.h>

#include <xcim/wire/bit_line.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

using namespace xcim;

static_assert(Interconnect<wire::bit_line> && !SwitchedInterconnect<wire::bit_line>);

namespace {

/// An array with its tensors.
struct bit_line_array {
    std::size_t rows;
    std::size_t columns;
    std::vector<float> plus;
    std::vector<float> minus;
    std::vector<float> effective = std::vector<float>(rows * columns);
    std::vector<float> attenuation = std::vector<float>(rows * columns, 1.0F);
    std::vector<float> offsets = std::vector<float>(columns);
    double unit = 1e-5;

    bit_line_array(std::size_t r, std::size_t c, bool pairs)
        : rows{r}, columns{c}, plus(r * c), minus(pairs ? r * c : 0) {
        std::mt19937 random{7};
        for (auto* states : {&plus, &minus}) {
            for (float& s : *states) {
                s = static_cast<float>(random() % 5);
            }
        }
    }

    void apply(wire::bit_line const& w, geometry array) {
        w.apply({rows, columns, array, unit, plus, minus, effective, attenuation, offsets});
    }

    /// Norton equivalent of one column, sources of 1 V at row `on` and `idle` at the others: current in cell-LSB * V.
    [[nodiscard]] double current(std::vector<float> const& states, std::size_t j, std::size_t on, double idle,
                                 double sense, double r, double behind) const {
        double y = 0;
        double norton = 0;
        for (std::size_t i = 0; i < rows; ++i) {
            double const above = 1 + (i == 0 ? 0.0 : r) * y;
            double const g = unit * static_cast<double>(states[i * columns + j]);
            y = y / above + g;
            norton = norton / above + g * (i == on ? 1.0 : idle);
        }
        return (norton - y * sense) / (1 + behind * y) / unit;
    }
};

}  // namespace

TEST_CASE("wire::bit_line: effective states are the currents of single driven rows") {
    double const ohm = 90;
    wire::bit_line const w{.bit_line_resistance = ohm, .sense_resistance = 40};
    bit_line_array a{13, 35, false};
    a.apply(w, {13, 35});
    bit_line_array pairs{13, 35, true};
    pairs.apply(w, {20, 40});  // unused rows carry nothing
    for (std::size_t i = 0; i < a.rows; ++i) {
        for (std::size_t j = 0; j < a.columns; ++j) {
            std::size_t const c = i * a.columns + j;
            double const current = a.current(a.plus, j, i, 0, 0, ohm, ohm + 40);
            CHECK(static_cast<double>(a.effective[c]) == doctest::Approx(current).epsilon(1e-6));
            CHECK(static_cast<double>(a.attenuation[c] * a.plus[c]) == doctest::Approx(current).epsilon(1e-6));
            double const p = pairs.current(pairs.plus, j, i, 0, 0, ohm, ohm + 40);
            double const m = pairs.current(pairs.minus, j, i, 0, 0, ohm, ohm + 40);
            CHECK(std::abs(static_cast<double>(pairs.effective[c]) - (p - m)) < 1e-6 * (p + m) + 1e-12);
            CHECK(std::abs(static_cast<double>(pairs.attenuation[c] * (pairs.plus[c] + pairs.minus[c])) - (p + m)) <
                  1e-6 * (p + m) + 1e-12);
        }
    }
    CHECK(std::ranges::all_of(a.offsets, [](float o) { return o == 0.0F; }));
}

TEST_CASE("wire::bit_line: unused cells between the matrix and the sense node are wire; so is temperature") {
    bit_line_array near{6, 3, false};
    bit_line_array far = near;
    bit_line_array longer = near;
    near.apply({.bit_line_resistance = 20}, {30, 3});
    far.apply({.bit_line_resistance = 20, .used = wire::end_of_line::far}, {30, 3});
    longer.apply({.bit_line_resistance = 20, .sense_resistance = 24 * 20}, {6, 3});
    CHECK(far.attenuation[0] < near.attenuation[0]);
    for (std::size_t c = 0; c < far.effective.size(); ++c) {
        CHECK(far.effective[c] == doctest::Approx(longer.effective[c]).epsilon(1e-6));
    }
    bit_line_array warm = near;
    bit_line_array thick = near;
    warm.apply({.bit_line_resistance = 20, .sense_resistance = 5, .temperature = 358}, {6, 3});
    thick.apply({.bit_line_resistance = 20 * (1 + 0.00451 * 58), .sense_resistance = 5}, {6, 3});
    for (std::size_t c = 0; c < warm.effective.size(); ++c) {
        CHECK(warm.effective[c] == doctest::Approx(thick.effective[c]).epsilon(1e-6));
    }
}

TEST_CASE("wire::bit_line: an idle voltage that is not the sense voltage makes offsets") {
    double const ohm = 70;
    wire::bit_line const w{.bit_line_resistance = ohm, .read_voltage = 1, .idle_voltage = 0.3, .sense_voltage = 0.25};
    bit_line_array a{9, 4, true};
    a.apply(w, {9, 4});
    for (std::size_t j = 0; j < a.columns; ++j) {
        double const idle = a.current(a.plus, j, a.rows, 0.3, 0.25, ohm, ohm) -
                            a.current(a.minus, j, a.rows, 0.3, 0.25, ohm, ohm);  // cell-LSB * V
        double const driven =
            a.current(a.plus, j, 2, 0.3, 0.25, ohm, ohm) - a.current(a.minus, j, 2, 0.3, 0.25, ohm, ohm);
        CHECK(static_cast<double>(a.offsets[j]) == doctest::Approx(idle / 0.7).epsilon(1e-5));
        CHECK(static_cast<double>(a.offsets[j] + a.effective[2 * a.columns + j]) ==
              doctest::Approx(driven / 0.7).epsilon(1e-5));
    }
}

TEST_CASE("wire::bit_line: no resistance changes nothing; what it cannot solve is an error that says why") {
    bit_line_array a{5, 6, true};
    a.apply({.bit_line_resistance = 0}, {5, 6});
    for (std::size_t c = 0; c < a.plus.size(); ++c) {
        CHECK(a.effective[c] == a.plus[c] - a.minus[c]);
        CHECK(a.attenuation[c] == 1.0F);
    }
    a.unit = 0;
    CHECK_THROWS_WITH_AS(a.apply({}, {5, 6}),
                         "xcim: wire::bit_line needs a cell with conductances: its conductance_step(levels) gives the "
                         "siemens of one cell-LSB, found 0.000000",
                         error);
    a.unit = 1;
    CHECK_THROWS_WITH_AS(a.apply({}, {4, 6}), "xcim: wire::bit_line: rows used are 5, the array has 4", error);
    a.offsets.clear();
    CHECK_THROWS_AS(a.apply({}, {5, 6}), error);

    CHECK(wire::bit_line{}.wrong().empty());
    CHECK(wire::bit_line{.bit_line_resistance = -1}.wrong() ==
          "wire::bit_line.bit_line_resistance is -1.000000; a finite number of ohms from 0 on is needed");
    CHECK(wire::bit_line{.temperature = 4}.wrong() ==
          "wire::bit_line.temperature_coefficient is 0.004510; a finite number of 1/K that leaves no resistance below "
          "0 is needed");
    CHECK(wire::bit_line{.read_voltage = 0}.wrong() ==
          "wire::bit_line.read_voltage is 0.000000; a finite number of volts other than idle_voltage is needed");
    CHECK(to_string(wire::bit_line{}) == "column lines of 1.000000 ohm a cell");
}
