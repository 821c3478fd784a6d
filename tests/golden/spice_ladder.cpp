/// \file
/// Column lines with resistance against a circuit simulator (ngspice): passive arrays with ideal word lines, and tiles
/// with pairs of devices on one line whose rows are on for a time.

#include <tests/support/golden.hpp>
#include <tests/support/shared.hpp>

#include <xcim/wire/bit_line.hpp>
#include <xcim/wire/paired.hpp>

namespace {

using matrix = xt::xarray<double>;

/// Ladders of the columns of `siemens` (rows, columns).
xcim::wire::ladders ladders_of(matrix const& siemens, xcim::wire::line const& resistors) {
    std::size_t const columns = siemens.shape()[1];
    return xcim::wire::every_cell{}(siemens.shape()[0], columns, resistors, [&](std::size_t i, std::span<double> row) {
        std::copy_n(siemens.data() + i * columns, columns, row.begin());
    });
}

/// What wires make of an array with these devices, in float32.
struct wired {
    std::size_t columns;
    std::vector<float> plus;
    std::vector<float> minus;
    std::vector<float> effective = std::vector<float>(plus.size());
    std::vector<float> attenuation = std::vector<float>(plus.size());
    std::vector<float> offsets = std::vector<float>(columns);

    static constexpr double unit = 3e-6;

    static std::vector<float> states(matrix const& siemens) {
        std::vector<float> result;
        for (double const g : siemens) {
            result.push_back(static_cast<float>(g / unit));
        }
        return result;
    }

    template <class Wires>
    wired(Wires const& wires, matrix const& g, matrix const* opposite)
        : columns{g.shape()[1]}, plus{states(g)}, minus{opposite != nullptr ? states(*opposite)
                                                                            : std::vector<float>{}} {
        std::size_t const rows = g.shape()[0];
        REQUIRE(wires.wrong().empty());
        wires.apply(xcim::wired_array{rows,
                                      columns,
                                      {static_cast<int>(rows), static_cast<int>(columns)},
                                      unit,
                                      plus,
                                      minus,
                                      effective,
                                      attenuation,
                                      offsets});
    }

    /// Siemens that column j shows to row i, to all rows at rest.
    [[nodiscard]] double siemens(std::size_t i, std::size_t j) const {
        return unit * static_cast<double>(effective[i * columns + j]);
    }
    [[nodiscard]] double offset(std::size_t j) const { return unit * static_cast<double>(offsets[j]); }
};

double largest_of(matrix const& m) {
    double largest = 0;
    for (double const x : m) {
        largest = std::max(largest, std::abs(x));
    }
    return largest;
}

}  // namespace

TEST_CASE("wire::bit_line gives the currents of a circuit simulator") {
    using namespace xcim;
    auto const folder = test::shared_or_skip("golden/spice");
    if (!folder) {
        return;
    }
    std::size_t compared = 0;
    for (auto const& c : test::cases_of(*folder, {"dc_aniso"})) {
        CAPTURE(c.folder.filename().string());
        matrix const g = io::load_npy<double>(c.folder / "g.npy");  // (R, C)
        matrix const v = io::load_npy<double>(c.folder / "v.npy");  // (B, R)
        matrix const i = io::load_npy<double>(c.folder / "i.npy");  // (K, B, C)
        std::size_t const rows = g.shape()[0];
        std::size_t const columns = g.shape()[1];
        auto const word_lines = c.config.at("r_wl_ohm").get<std::vector<double>>();
        auto const bit_lines = c.config.at("r_bl_ohm").get<std::vector<double>>();
        double const tolerance = 1e-8 * largest_of(i);
        for (std::size_t k = 0; k < word_lines.size(); ++k) {
            if (word_lines[k] != 0) {
                continue;
            }
            wire::bit_line const wires{.bit_line_resistance = bit_lines[k],
                                       .sense_resistance = c.value("r_sense_ohm", 0.0)};
            auto const exact = ladders_of(g, wires.resistors());
            wired const array{wires, g, nullptr};
            // Neighbouring columns as the devices of pairs, each with a line of its own.
            matrix plus = matrix::from_shape({rows, columns / 2});
            matrix minus = plus;
            for (std::size_t r = 0; r < rows; ++r) {
                for (std::size_t j = 0; j < columns / 2; ++j) {
                    plus(r, j) = g(r, 2 * j);
                    minus(r, j) = g(r, 2 * j + 1);
                }
            }
            wired const pairs{wires, plus, &minus};
            for (std::size_t b = 0; b < v.shape()[0]; ++b) {
                for (std::size_t j = 0; j < columns; ++j) {
                    bool const is_pair = j % 2 == 0 && j + 1 < columns;
                    double current = 0;
                    double in_floats = 0;
                    double of_pairs = 0;
                    for (std::size_t r = 0; r < rows; ++r) {
                        current += g(r, j) * exact.row(r)[j] * v(b, r);
                        in_floats += array.siemens(r, j) * v(b, r);
                        of_pairs += is_pair ? pairs.siemens(r, j / 2) * v(b, r) : 0.0;
                    }
                    CHECK(std::abs(current - i(k, b, j)) < tolerance);
                    CHECK(std::abs(in_floats - i(k, b, j)) < 100 * tolerance);
                    if (is_pair) {
                        CHECK(std::abs(of_pairs - (i(k, b, j) - i(k, b, j + 1))) < 100 * tolerance);
                    }
                }
            }
            ++compared;
        }
    }
    CHECK(compared > 0);
}

TEST_CASE("wire::paired gives the currents and charges of a circuit simulator, slot by slot, from one solution") {
    using namespace xcim;
    auto const folder = test::shared_or_skip("golden/spice");
    if (!folder) {
        return;
    }
    auto const cases = test::cases_of(*folder, {"pwm_pair"});
    CHECK(!cases.empty());
    for (auto const& c : cases) {
        CAPTURE(c.folder.filename().string());
        matrix const gp = io::load_npy<double>(c.folder / "gp.npy");         // (R, C)
        matrix const gm = io::load_npy<double>(c.folder / "gm.npy");         // (R, C)
        matrix const duration = io::load_npy<double>(c.folder / "dur.npy");  // (R)
        matrix const slot_end = io::load_npy<double>(c.folder / "slot_end.npy");
        matrix const i = io::load_npy<double>(c.folder / "i.npy");  // (K, S, C)
        matrix const q = io::load_npy<double>(c.folder / "q.npy");  // (K, C)
        std::size_t const rows = gp.shape()[0];
        std::size_t const columns = gp.shape()[1];
        std::size_t const slots = slot_end.size();
        auto const resistances = c.config.at("r_wire_ohm").get<std::vector<double>>();
        for (std::size_t k = 0; k < resistances.size(); ++k) {
            wire::paired const wires{.bit_line_resistance = resistances[k],
                                     .positive_voltage = c.value("v_pos", 0.0),
                                     .negative_voltage = c.value("v_neg", 0.0),
                                     .idle_voltage = c.value("v_idle", 0.0),
                                     .sense_voltage = c.value("v_sense", 0.0),
                                     .both_ends = false};
            auto const exact = ladders_of(gp + gm, wires.resistors());
            wired const array{wires, gp, &gm};
            double const unit_voltage = wires.unit_voltage();
            double const current_tolerance = 1e-8 * largest_of(i);
            double const charge_tolerance = 1e-8 * largest_of(q);
            for (std::size_t j = 0; j < columns; ++j) {
                double const rest = (wires.idle_voltage - wires.sense_voltage) * exact.seen[j];
                double charge = slot_end(slots - 1) * rest;
                double in_floats = slot_end(slots - 1) * array.offset(j);
                for (std::size_t r = 0; r < rows; ++r) {
                    charge += duration(r) * unit_voltage * (gp(r, j) - gm(r, j)) * exact.row(r)[j];
                    in_floats += duration(r) * array.siemens(r, j);
                }
                CHECK(std::abs(charge - q(k, j)) < charge_tolerance);
                CHECK(std::abs(in_floats * unit_voltage - q(k, j)) < 100 * charge_tolerance);
                for (std::size_t s = 0; s < slots; ++s) {
                    double current = rest;
                    double of_array = array.offset(j);
                    for (std::size_t r = 0; r < rows; ++r) {
                        if (std::abs(duration(r)) >= slot_end(s)) {
                            double const sign = duration(r) < 0 ? -1 : 1;
                            current += sign * unit_voltage * (gp(r, j) - gm(r, j)) * exact.row(r)[j];
                            of_array += sign * array.siemens(r, j);
                        }
                    }
                    CHECK(std::abs(current - i(k, s, j)) < current_tolerance);
                    CHECK(std::abs(of_array * unit_voltage - i(k, s, j)) < 100 * current_tolerance);
                }
            }
        }
    }
}
