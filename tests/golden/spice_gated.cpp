/// \file
/// Gated arrays against a circuit simulator (ngspice): currents for sets of closed rows, currents and charges while
/// rows are switched off one after the other.

#include <tests/support/golden.hpp>
#include <tests/support/shared.hpp>

#include <xcim/wire/gated.hpp>

namespace {

using gated_tensor = xt::xarray<double>;

std::span<double const> gated_span(gated_tensor const& t, std::size_t first, std::size_t size) {
    return {t.data() + first, size};
}

/// Wires of a case: one resistance for both lines.
xcim::wire::gated gated_wires(xcim::test::golden_case const& c, double ohm) {
    return {.source_line_resistance = ohm,
            .bit_line_resistance = ohm,
            .driver_resistance = c.value("r_drv_ohm", 0.0),
            .sense_resistance = c.value("r_sense_ohm", 0.0)};
}

/// Largest difference over the largest right number.
double gated_error(std::vector<double> const& found, std::span<double const> right) {
    REQUIRE(found.size() == right.size());
    double worst = 0;
    double largest = 0;
    for (std::size_t i = 0; i < right.size(); ++i) {
        worst = std::max(worst, std::abs(found[i] - right[i]));
        largest = std::max(largest, std::abs(right[i]));
    }
    return worst / largest;
}

/// The same in the units of the engine and in its precision: over all columns, for one vector of drives.
double gated_engine_error(xcim::wire::gated const& wires, gated_tensor const& g, double read_voltage,
                          std::span<double const> drives, std::span<double const> right) {
    std::size_t const rows = g.shape(0);
    std::size_t const columns = g.shape(1);
    std::size_t const stride = (columns + xcim::lanes - 1) / xcim::lanes * xcim::lanes;
    double const unit = 1e-6;
    std::vector<float> states(rows * stride);
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < columns; ++j) {
            states[i * stride + j] = static_cast<float>(g(i, j) / unit);
        }
    }
    std::vector<float> const times(drives.begin(), drives.end());
    std::vector<float> sums(stride);
    wires.sum({rows,
               columns,
               stride,
               {static_cast<int>(rows), static_cast<int>(columns)},
               unit,
               states.data(),
               nullptr,
               times.data(),
               1,
               sums.data()});
    std::vector<double> amperes;
    for (std::size_t j = 0; j < columns; ++j) {
        amperes.push_back(static_cast<double>(sums[j]) * unit * read_voltage);
    }
    return gated_error(amperes, right);
}

}  // namespace

TEST_CASE("wire::gated: currents of a simulated array") {
    using namespace xcim;
    auto const folder = test::shared_or_skip("golden/spice");
    if (!folder) {
        return;
    }
    auto const cases = test::cases_of(*folder, {"dc_gated"});
    CHECK(!cases.empty());
    for (auto const& c : cases) {
        CAPTURE(c.folder.filename().string());
        auto const g = io::load_npy<double>(c.folder / "g.npy");    // (R, C)
        auto const on = io::load_npy<double>(c.folder / "on.npy");  // (B, R)
        auto const i = io::load_npy<double>(c.folder / "i.npy");    // (K, B, C)
        auto const ohms = c.config.at("r_wire_ohm").get<std::vector<double>>();
        auto const volts = c.config.at("v_read").get<double>();
        std::size_t const rows = g.shape(0);
        std::size_t const columns = g.shape(1);
        std::size_t const vectors = on.shape(0);
        wire::gated_cells const cells{gated_span(g, 0, g.size()), rows, columns};
        std::vector<double> found;
        double float_error = 0;
        for (std::size_t k = 0; k < ohms.size(); ++k) {
            auto const wires = gated_wires(c, ohms[k]);
            for (std::size_t b = 0; b < vectors; ++b) {
                auto const closed = gated_span(on, b * rows, rows);
                auto const currents = wire::gated_currents(wires, cells, closed, volts);
                found.insert(found.end(), currents.begin(), currents.end());
                float_error =
                    std::max(float_error, gated_engine_error(wires, g, volts, closed,
                                                             gated_span(i, (k * vectors + b) * columns, columns)));
            }
        }
        CHECK(gated_error(found, gated_span(i, 0, i.size())) < 1e-8);
        CHECK(float_error < 1e-5);
    }
}

TEST_CASE("wire::gated: slots and charges of a simulated array with pulse widths") {
    using namespace xcim;
    auto const folder = test::shared_or_skip("golden/spice");
    if (!folder) {
        return;
    }
    auto const cases = test::cases_of(*folder, {"pwm_gated"});
    CHECK(!cases.empty());
    for (auto const& c : cases) {
        CAPTURE(c.folder.filename().string());
        auto const g = io::load_npy<double>(c.folder / "g.npy");            // (R, C)
        auto const durations = io::load_npy<double>(c.folder / "dur.npy");  // (R)
        auto const ends = io::load_npy<double>(c.folder / "slot_end.npy");  // (S)
        auto const i = io::load_npy<double>(c.folder / "i.npy");            // (K, S, C)
        auto const q = io::load_npy<double>(c.folder / "q.npy");            // (K, C)
        auto const ohms = c.config.at("r_wire_ohm").get<std::vector<double>>();
        auto const volts = c.config.at("v_read").get<double>();
        std::size_t const columns = g.shape(1);
        wire::gated_cells const cells{gated_span(g, 0, g.size()), g.shape(0), columns};
        auto const times = gated_span(durations, 0, durations.size());
        for (std::size_t k = 0; k < ohms.size(); ++k) {
            auto const wires = gated_wires(c, ohms[k]);
            auto const slots = wire::gated_slot_currents(wires, cells, times, volts);
            CHECK(std::ranges::equal(slots.ends, gated_span(ends, 0, ends.size())));
            std::size_t const currents = ends.size() * columns;
            CHECK(gated_error(slots.currents, gated_span(i, k * currents, currents)) < 1e-8);
            CHECK(gated_error(slots.charges, gated_span(q, k * columns, columns)) < 1e-8);
            CHECK(gated_engine_error(wires, g, volts, times, gated_span(q, k * columns, columns)) < 1e-5);
        }
    }
}
