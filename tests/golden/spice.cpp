/// \file
/// Charge sharing against a circuit simulator (ngspice): capacitive columns with mismatched capacitors and parasitic
/// capacitance, transient voltages after sharing.

#include <tests/support/golden.hpp>
#include <tests/support/shared.hpp>

#include <xcim/cell/capacitor.hpp>

TEST_CASE("cell::charge_shares gives the voltages of a simulated column") {
    using namespace xcim;
    auto const folder = test::shared_or_skip("golden/spice");
    if (!folder) {
        return;
    }
    auto const cases = test::cases_of(*folder, {"cap_column"});
    CHECK(!cases.empty());
    for (auto const& c : cases) {
        CAPTURE(c.folder.filename().string());
        auto const capacitances = io::load_npy<double>(c.folder / "c.npy");  // (N)
        auto const bits = io::load_npy<double>(c.folder / "bits.npy");       // (B, N)
        auto const voltages = io::load_npy<double>(c.folder / "v_end.npy");  // (B)
        auto const shares = cell::charge_shares(capacitances, c.value("c_par_f", 0.0));
        auto const supply = c.value("vdd", 0.0);
        for (std::size_t b = 0; b < voltages.size(); ++b) {
            double sum = 0;
            for (std::size_t i = 0; i < shares.size(); ++i) {
                sum += bits(b, i) * shares[i];
            }
            CHECK(std::abs(supply * sum - voltages(b)) < 1e-6 * supply);
        }

        // The same column as an array: capacitors that deviate by what the case says make the same sums.
        auto const units = c.value("unit_count", shares.size());
        cell::capacitor const cell{.unit_capacitance = c.value("c_unit_f", 0.0),
                                   .matching = 1e-15,
                                   .parasitic_capacitance = c.value("c_par_f", 0.0)};
        std::vector<float> normals;
        for (double const farad : capacitances) {
            normals.push_back(static_cast<float>((farad / cell.unit_capacitance - 1) / cell.deviation()));
        }
        for (std::size_t b = 0; b < voltages.size(); ++b) {
            std::vector<float> states;
            for (std::size_t i = 0; i < units; ++i) {
                states.push_back(static_cast<float>(bits(b, i)));
            }
            cell.program(column_of_cells{states, normals, units, 2});
            double sum = 0;
            for (float const s : states) {
                sum += static_cast<double>(s);
            }
            CHECK(std::abs(supply * sum / static_cast<double>(units) - voltages(b)) < 1e-6 * supply);
        }
    }
}
