#include <doctest/doctest.h>

#include <xcim/wire/bit_line.hpp>
#include <xcim/wire/lumped.hpp>
#include <xcim/wire/paired.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

using namespace xcim;

static_assert(Interconnect<wire::lumped<wire::paired>> && Interconnect<wire::lumped<wire::bit_line>>);

namespace {

/// A sum of uniform numbers, close to normal; the same on every machine.
double lumped_normal(std::mt19937& random) {
    double sum = -6;
    for (int k = 0; k < 12; ++k) {
        sum += static_cast<double>(random() >> 8) * 0x1p-24;
    }
    return sum;
}

/// Pairs of devices with normal weights, 0.1 to 15 uS.
struct lumped_array {
    std::size_t rows;
    std::size_t columns;
    double lowest = 0.1e-6;
    double highest = 15e-6;
    double unit = (highest - lowest) / 127;
    std::vector<float> plus = std::vector<float>(rows * columns);
    std::vector<float> minus = std::vector<float>(rows * columns);
    std::vector<float> effective = std::vector<float>(rows * columns);
    std::vector<float> attenuation = std::vector<float>(rows * columns);
    std::vector<float> offsets = std::vector<float>(columns);

    lumped_array(std::size_t r, std::size_t c) : rows{r}, columns{c} {
        std::mt19937 random{1};
        for (std::size_t i = 0; i < rows * columns; ++i) {
            double const weight = std::clamp(0.33 * lumped_normal(random), -1.0, 1.0);
            plus[i] = static_cast<float>((lowest + (highest - lowest) * std::max(weight, 0.0)) / unit);
            minus[i] = static_cast<float>((lowest + (highest - lowest) * std::max(-weight, 0.0)) / unit);
        }
    }

    template <class Wires>
    std::vector<float> const& apply(Wires const& w, int array_rows = 0) {
        w.apply(wired_array{rows,
                            columns,
                            {array_rows == 0 ? static_cast<int>(rows) : array_rows, static_cast<int>(columns)},
                            unit,
                            plus,
                            minus,
                            effective,
                            attenuation,
                            offsets});
        return effective;
    }
};

}  // namespace

TEST_CASE("wire::lumped: 8 segments on 512 rows leave the error that is known of them, 32 about a quarter of it") {
    lumped_array a{512, 16};
    std::mt19937 random{2};
    std::size_t const inputs = 16;
    std::vector<double> x(inputs * a.rows);
    for (double& d : x) {
        d = std::clamp(std::rint(127 * 0.33 * lumped_normal(random)), -127.0, 127.0);
    }
    auto const outputs = [&](auto const& wires) {
        auto const& states = a.apply(wires);
        std::vector<double> y(inputs * a.columns);
        for (std::size_t b = 0; b < inputs; ++b) {
            for (std::size_t i = 0; i < a.rows; ++i) {
                for (std::size_t j = 0; j < a.columns; ++j) {
                    y[b * a.columns + j] += x[b * a.rows + i] * static_cast<double>(states[i * a.columns + j]);
                }
            }
        }
        return y;
    };
    auto const ideal = outputs(wire::paired{.bit_line_resistance = 0});
    auto const error = [&](std::vector<double> const& y, std::vector<double> const& right) {
        double squares = 0;
        for (std::size_t k = 0; k < y.size(); ++k) {
            squares += (y[k] - right[k]) * (y[k] - right[k]);
        }
        return std::sqrt(squares / std::inner_product(ideal.begin(), ideal.end(), ideal.begin(), 0.0));
    };
    wire::paired const thick{.bit_line_resistance = 0.15};
    auto const exact = outputs(thick);
    CHECK(error(exact, ideal) > 0.05);
    CHECK(error(exact, ideal) < 0.095);
    double const eight = error(outputs(wire::lumped{thick}), exact);
    double const many = error(outputs(wire::lumped{thick, 32}), exact);
    CHECK(eight > 0.003);
    CHECK(eight < 0.007);
    CHECK(many > 0.2 * eight);
    CHECK(many < eight / 3);

    wire::paired const thin{.bit_line_resistance = 1};
    CHECK(error(outputs(wire::lumped{thin, 8}), outputs(thin)) == doctest::Approx(0.016).epsilon(0.1));
}

TEST_CASE("wire::lumped: as many segments as rows are the exact lines, bit by bit") {
    lumped_array a{21, 3};
    wire::paired const pairs{.bit_line_resistance = 200, .sense_resistance = 3, .sense_voltage = 0.41};
    auto const exact = a.apply(pairs, 30);
    auto const offsets = a.offsets;
    CHECK(a.apply(wire::lumped{pairs, 30}, 30) == exact);
    CHECK(a.offsets == offsets);
    CHECK(a.apply(wire::lumped{pairs, 1000}, 30) == exact);
    CHECK(a.apply(wire::lumped{pairs, 29}, 30) != exact);

    wire::bit_line const lines{.bit_line_resistance = 200, .sense_resistance = 3};
    auto const apart = a.apply(lines, 30);
    CHECK(a.apply(wire::lumped{lines, 30}, 30) == apart);
    a.minus.clear();
    auto const single = a.apply(lines, 21);
    CHECK(a.apply(wire::lumped{lines, 21}, 21) == single);
    CHECK(a.apply(wire::lumped{lines, 5}, 21) != single);
}

TEST_CASE("wire::lumped: a node for every lump, a lump of wire between them and half of one at the end") {
    lumped_array a{12, 1};
    double const r = 5000;
    a.apply(wire::lumped{wire::paired{.bit_line_resistance = r}, 3});
    std::vector<double> seen(3);
    double above = 0;
    for (std::size_t lump = 0; lump < 3; ++lump) {
        for (std::size_t i = 4 * lump; i < 4 * lump + 4; ++i) {
            above += a.unit * (static_cast<double>(a.plus[i]) + static_cast<double>(a.minus[i]));
        }
        seen[lump] = above;
        above = 1 / (1 / above + 4 * r);
    }
    double const last = 1 / (1 + 2 * r * seen[2]);
    double const middle = last / (1 + 4 * r * seen[1]);
    double const first = middle / (1 + 4 * r * seen[0]);
    for (std::size_t i = 0; i < 12; ++i) {
        double const share = i < 4 ? first : i < 8 ? middle : last;
        CHECK(static_cast<double>(a.attenuation[i]) == doctest::Approx(share).epsilon(1e-6));
    }
    CHECK(wire::lumped{wire::paired{}, 0}.wrong() == "wire::lumped.segments is 0; 1 to 65536 are possible");
    CHECK(wire::lumped{wire::paired{.bit_line_resistance = -1}}.wrong().starts_with("wire::paired.bit_line_resistance"));
    CHECK(to_string(wire::lumped{wire::paired{}}) ==
          "pairs on one column line of 0.150000 ohm a cell, lumped into 8 segments");
}
