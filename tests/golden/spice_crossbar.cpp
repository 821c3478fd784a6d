/// \file
/// Passive arrays with resistance in word lines and column lines against a circuit simulator (ngspice): direct currents
/// of several input vectors, equal and different resistances of the two kinds of line, and pulse-width inputs.

#include <tests/support/golden.hpp>
#include <tests/support/shared.hpp>

#include <xcim/wire/bit_line.hpp>
#include <xcim/wire/crossbar.hpp>
#include <xcim/wire/first_order.hpp>

#include <array>

namespace {

using spice_values = xt::xarray<double>;

/// The circuits of a case, one for each of its resistances.
std::vector<xcim::wire::crossbar_circuit> crossbar_circuits_of(xcim::test::golden_case const& c) {
    auto const g = xcim::io::load_npy<double>(c.folder / "g.npy");  // (R, C)
    std::vector<double> const siemens(g.begin(), g.end());
    bool const differ = c.config.contains("r_wl_ohm");
    auto const word = c.config.at(differ ? "r_wl_ohm" : "r_wire_ohm").get<std::vector<double>>();
    auto const bit = c.config.at(differ ? "r_bl_ohm" : "r_wire_ohm").get<std::vector<double>>();
    auto const& drivers = c.config.at("r_drv_ohm");
    std::vector<xcim::wire::crossbar_circuit> circuits;
    for (std::size_t k = 0; k < word.size(); ++k) {
        double const driver = drivers.is_array() ? drivers.at(k).get<double>() : drivers.get<double>();
        // Without resistance of word lines these cases have no drivers either.
        circuits.emplace_back(siemens, g.shape()[0], g.shape()[1],
                              xcim::wire::line_resistances{.word_line = word[k],
                                                           .bit_line = bit[k],
                                                           .driver = word[k] > 0 ? driver : 0.0,
                                                           .sense = c.value("r_sense_ohm", 0.0)});
    }
    return circuits;
}

std::vector<double> crossbar_product(std::vector<double> const& matrix, double const* v, std::size_t rows,
                                     std::size_t columns) {
    std::vector<double> currents(columns);
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < columns; ++j) {
            currents[j] += v[i] * matrix[i * columns + j];
        }
    }
    return currents;
}

double largest_current_of(spice_values const& values) {
    double largest = 0;
    for (double const x : values) {
        largest = std::max(largest, std::abs(x));
    }
    return largest;
}

/// Largest difference from `right`, over the largest current.
double crossbar_error(std::vector<double> const& currents, double const* right, double largest) {
    double worst = 0;
    for (std::size_t j = 0; j < currents.size(); ++j) {
        worst = std::max(worst, std::abs(currents[j] - right[j]));
    }
    return worst / largest;
}

}  // namespace

TEST_CASE("wire::effective_matrix and wire::solve give the currents of a circuit simulator") {
    using namespace xcim;
    auto const folder = test::shared_or_skip("golden/spice");
    if (!folder) {
        return;
    }
    auto const cases = test::cases_of(*folder, {"dc_wlbl", "dc_aniso"});
    CHECK(!cases.empty());
    for (auto const& c : cases) {
        CAPTURE(c.folder.filename().string());
        auto const v = io::load_npy<double>(c.folder / "v.npy");      // (B, R)
        auto const right = io::load_npy<double>(c.folder / "i.npy");  // (K, B, C)
        double const largest = largest_current_of(right);
        std::size_t const vectors = v.shape()[0];
        auto const circuits = crossbar_circuits_of(c);
        REQUIRE(circuits.size() == right.shape()[0]);
        for (std::size_t k = 0; k < circuits.size(); ++k) {
            CAPTURE(k);
            std::size_t const rows = circuits[k].rows();
            std::size_t const columns = circuits[k].columns();
            auto const matrix = wire::effective_matrix(circuits[k]);
            CHECK(matrix.deviation < 1e-9);
            for (std::size_t b = 0; b < vectors; ++b) {
                double const* const currents = right.data() + (k * vectors + b) * columns;
                double const* const voltages = v.data() + b * rows;
                CHECK(crossbar_error(crossbar_product(matrix.values, voltages, rows, columns), currents, largest) <
                      1e-8);
                if (b == k % vectors) {
                    auto const solved = wire::solve(circuits[k], std::span{voltages, rows});
                    CHECK(crossbar_error(solved.currents, currents, largest) < 1e-8);
                }
            }
        }
    }
}

TEST_CASE("wire::effective_matrix: pulse-width inputs are one product with the durations") {
    using namespace xcim;
    auto const folder = test::shared_or_skip("golden/spice");
    if (!folder) {
        return;
    }
    auto const cases = test::cases_of(*folder, {"pwm_wlbl"});
    CHECK(!cases.empty());
    for (auto const& c : cases) {
        CAPTURE(c.folder.filename().string());
        auto const duration = io::load_npy<double>(c.folder / "dur.npy");     // (R)
        auto const right = io::load_npy<double>(c.folder / "q.npy");          // (K, C)
        auto const slots = io::load_npy<double>(c.folder / "slot_end.npy");   // (S)
        auto const slot_currents = io::load_npy<double>(c.folder / "i.npy");  // (K, S, C)
        double const read = c.value("v_read", 0.0);
        auto const circuits = crossbar_circuits_of(c);
        REQUIRE(circuits.size() == right.shape()[0]);
        for (std::size_t k = 0; k < circuits.size(); ++k) {
            CAPTURE(k);
            std::size_t const rows = circuits[k].rows();
            std::size_t const columns = circuits[k].columns();
            auto const matrix = wire::effective_matrix(circuits[k]).values;
            std::vector<double> v;
            for (double const d : duration) {
                v.push_back(read * d);
            }
            CHECK(crossbar_error(crossbar_product(matrix, v.data(), rows, columns), right.data() + k * columns,
                                 largest_current_of(right)) < 1e-8);
            for (std::size_t s = 0; s < slots.size(); ++s) {
                for (std::size_t i = 0; i < rows; ++i) {
                    v[i] = duration(i) >= slots(s) ? read : 0.0;
                }
                CHECK(crossbar_error(crossbar_product(matrix, v.data(), rows, columns),
                                     slot_currents.data() + (k * slots.size() + s) * columns,
                                     largest_current_of(slot_currents)) < 1e-8);
            }
        }
    }
}

TEST_CASE("wire::crossbar as a macro applies it; wire::first_order is as wrong as the reference says") {
    using namespace xcim;
    auto const folder = test::shared_or_skip("golden/spice");
    if (!folder) {
        return;
    }
    std::size_t compared = 0;
    for (auto const& c : test::cases_of(*folder, {"dc_wlbl"})) {
        CAPTURE(c.folder.filename().string());
        auto const g = io::load_npy<double>(c.folder / "g.npy");
        auto const v = io::load_npy<double>(c.folder / "v.npy");
        auto const right = io::load_npy<double>(c.folder / "i.npy");
        auto const resistances = c.config.at("r_wire_ohm").get<std::vector<double>>();
        std::size_t const rows = g.shape()[0];
        std::size_t const columns = g.shape()[1];
        std::size_t const vectors = v.shape()[0];
        double const unit = 3e-6;
        std::vector<float> states;
        for (double const siemens : g) {
            states.push_back(static_cast<float>(siemens / unit));
        }
        // Errors over the largest current of what wires make of the states, all vectors at one resistance.
        auto const error_of = [&](auto const& wires, std::size_t k) {
            auto effective = states;
            std::vector<float> attenuation(states.size(), 1.0F);
            std::vector<float> offsets(columns);
            wires.apply(wired_array{rows,
                                    columns,
                                    {static_cast<int>(rows), static_cast<int>(columns)},
                                    unit,
                                    states,
                                    {},
                                    effective,
                                    attenuation,
                                    offsets});
            std::vector<double> matrix;
            for (float const s : effective) {
                matrix.push_back(unit * static_cast<double>(s));
            }
            double worst = 0;
            double largest = 0;
            for (std::size_t b = 0; b < vectors; ++b) {
                double const* const currents = right.data() + (k * vectors + b) * columns;
                for (std::size_t j = 0; j < columns; ++j) {
                    largest = std::max(largest, std::abs(currents[j]));
                }
                worst = std::max(
                    worst, crossbar_error(crossbar_product(matrix, v.data() + b * rows, rows, columns), currents, 1));
            }
            return worst / largest;
        };
        std::size_t const last = resistances.size() - 1;
        wire::crossbar const wires{.word_line_resistance = resistances[last],
                                   .bit_line_resistance = resistances[last],
                                   .driver_resistance = c.value("r_drv_ohm", 0.0),
                                   .sense_resistance = c.value("r_sense_ohm", 0.0)};
        CHECK(error_of(wires, last) < 5e-7);  // states are float32
        for (std::size_t k = 0; k < resistances.size(); ++k) {
            if (!c.config.contains("approximation_error")) {
                break;
            }
            for (auto const& item : c.config.at("approximation_error").items()) {
                auto const& errors = item.value();
                if (std::abs(std::stod(item.key()) - resistances[k]) > 1e-12) {
                    continue;
                }
                // Three digits are known, and states are float32.
                auto const check = [&](char const* approximation, double found) {
                    if (errors.contains(approximation)) {
                        double const expected = errors.at(approximation).get<double>();
                        CAPTURE(approximation);
                        CHECK(std::abs(found - expected) < 0.006 * expected + 5e-7);
                        ++compared;
                    }
                };
                auto cheap = wires;
                cheap.word_line_resistance = resistances[k];
                cheap.bit_line_resistance = resistances[k];
                check("first_order", error_of(wire::first_order{cheap}, k));
                check("bl_only", error_of(wire::bit_line{.bit_line_resistance = resistances[k],
                                                         .sense_resistance = cheap.sense_resistance},
                                          k));
                check("ideal", error_of(wire::crossbar{0, 0}, k));
            }
        }
    }
    CHECK(compared > 0);
}
