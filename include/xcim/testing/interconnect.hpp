#pragma once

/// \file
/// Laws of Interconnect: see <xcim/concepts/interconnect.hpp>.

#include <xcim/concepts/interconnect.hpp>
#include <xcim/core/random.hpp>
#include <xcim/testing/batches.hpp>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::testing {

/// One array with the tensors that wires read and write.
struct array_of_states {
    std::size_t rows;
    std::size_t columns;
    std::vector<float> plus;
    std::vector<float> minus;  ///< empty: single devices
    std::vector<float> effective{};
    std::vector<float> attenuation{};
    std::vector<float> offsets{};
    double unit = 1e-6;           ///< siemens of one cell-LSB
    std::size_t unused_rows = 0;  ///< of the array

    /// Pseudo-random states from 1/2 to levels - 1/2, of single devices or pairs.
    [[nodiscard]] static array_of_states random(std::size_t rows, std::size_t columns, std::uint32_t levels,
                                                bool has_pairs) {
        array_of_states a{rows, columns, std::vector<float>(rows * columns),
                          std::vector<float>(has_pairs ? rows * columns : 0)};
        for (std::size_t i = 0; i < a.plus.size(); ++i) {
            a.plus[i] = 0.5F + static_cast<float>(derive({}, i).first % levels);
        }
        for (std::size_t i = 0; i < a.minus.size(); ++i) {
            a.minus[i] = 0.5F + static_cast<float>(derive({}, i).second % levels);
        }
        return a;
    }

    template <Interconnect W>
    void apply(W const& wire) {
        effective = plus;
        for (std::size_t i = 0; i < minus.size(); ++i) {
            effective[i] -= minus[i];
        }
        attenuation.assign(plus.size(), 1.0F);
        offsets.assign(columns, 0.0F);
        wire.apply(wired_array{rows,
                               columns,
                               {static_cast<int>(rows + unused_rows), static_cast<int>(columns)},
                               unit,
                               plus,
                               minus,
                               effective,
                               attenuation,
                               offsets});
    }
};

/// One array of `rows` x `columns` cells with pseudo-random states below `levels`: apply is a function of the states
/// (twice the same), leaves finite states, and is_identity implies that it changes nothing. `has_pairs`: cells are
/// pairs of devices; `unused_rows`: rows of the array beyond those of the cells.
template <Interconnect W>
[[nodiscard]] report check_interconnect(W const& wire, std::size_t rows = 37, std::size_t columns = 64,
                                        std::uint32_t levels = 4, bool has_pairs = false, std::size_t unused_rows = 0) {
    report r;
    auto once = array_of_states::random(rows, columns, levels, has_pairs);
    once.unused_rows = unused_rows;
    auto twice = once;
    once.apply(wire);
    twice.apply(wire);
    for (std::size_t i = 0; i < once.plus.size() && r.ok(); ++i) {
        float const programmed = has_pairs ? once.plus[i] - once.minus[i] : once.plus[i];
        auto const where = [&] {
            return "the cell in row " + std::to_string(i / columns) + " and column " + std::to_string(i % columns) +
                   " with state " + digits_of(programmed) + " is seen as " + digits_of(once.effective[i]) +
                   ", attenuated " + digits_of(once.attenuation[i]);
        };
        r.require(std::isfinite(once.effective[i]) && std::isfinite(once.attenuation[i]), where);
        r.require(bits_of(once.effective[i]) == bits_of(twice.effective[i]),
                  [&] { return where() + " and, for the same states, as " + digits_of(twice.effective[i]); });
        r.require(!W::is_identity || (bits_of(once.effective[i]) == bits_of(programmed) && once.attenuation[i] == 1.0F),
                  [&] { return where() + ": is_identity promises that nothing changes"; });
    }
    for (std::size_t j = 0; j < columns && r.ok(); ++j) {
        r.require(std::isfinite(once.offsets[j]) && (!W::is_identity || once.offsets[j] == 0.0F), [&] {
            return "column " + std::to_string(j) + " carries " + digits_of(once.offsets[j]) + " without any drive";
        });
    }
    return r;
}

/// An interconnect whose resistances are zero, whatever it says of itself, changes nothing beyond rounding: `relative`.
template <Interconnect W>
[[nodiscard]] report check_changes_nothing(W const& wire, bool has_pairs = false, double relative = 0,
                                           std::size_t rows = 37, std::size_t columns = 64) {
    report r;
    auto a = array_of_states::random(rows, columns, 5, has_pairs);
    a.apply(wire);
    for (std::size_t i = 0; i < a.plus.size() && r.ok(); ++i) {
        float const programmed = has_pairs ? a.plus[i] - a.minus[i] : a.plus[i];
        auto const change = static_cast<double>(std::abs(a.effective[i] - programmed));
        r.require(change <= relative * static_cast<double>(a.plus[i]), [&] {
            return "wires without resistance change the states: " + digits_of(programmed) + " to " +
                   digits_of(a.effective[i]);
        });
    }
    return r;
}

/// Wires that are solved for every input: sums are functions of states and drives (twice the same), finite, nothing
/// where no row is driven, and a device that is switched on for longer never takes from its column.
template <SwitchedInterconnect W>
[[nodiscard]] report check_switched(W const& wire, std::size_t rows = 37, int longest = 7) {
    report r;
    constexpr std::size_t columns = 64;
    auto const a = array_of_states::random(rows, columns, 4, false);
    std::vector<float> drives(3 * rows);  // nothing; some durations; the same with one row on for longer
    for (std::size_t i = 0; i < rows; ++i) {
        auto const drive = static_cast<float>(derive({7, 0}, i).first % static_cast<std::uint32_t>(longest));
        drives[rows + i] = drive;
        drives[2 * rows + i] = i == rows / 2 ? drive + 1 : drive;
    }
    auto const solve = [&] {
        std::vector<float> sums(3 * columns, -1.0F);
        wire.sum(switched_columns{rows,
                                  columns,
                                  columns,
                                  {static_cast<int>(rows), columns},
                                  a.unit,
                                  a.plus.data(),
                                  nullptr,
                                  drives.data(),
                                  3,
                                  sums.data()});
        return sums;
    };
    auto const once = solve();
    auto const twice = solve();
    for (std::size_t i = 0; i < once.size() && r.ok(); ++i) {
        auto const where = [&] {
            return "column " + std::to_string(i % columns) + " of phase " + std::to_string(i / columns) + " sums to " +
                   digits_of(once[i]);
        };
        r.require(std::isfinite(once[i]), where);
        r.require(bits_of(once[i]) == bits_of(twice[i]), [&] { return where() + ", then to " + digits_of(twice[i]); });
        r.require(i >= columns || once[i] == 0.0F, [&] { return where() + " although no row is driven"; });
        r.require(i < 2 * columns || once[i] >= once[i - columns], [&] {
            return where() + ", less than " + digits_of(once[i - columns]) + " with a row on for a shorter time";
        });
    }
    return r;
}

}  // namespace xcim::inline XCIM_ABI::testing
