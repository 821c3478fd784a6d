#pragma once

/// \file
/// Laws of Interconnect: see <xcim/concepts/interconnect.hpp>.

#include <xcim/concepts/interconnect.hpp>
#include <xcim/core/random.hpp>
#include <xcim/testing/batches.hpp>

#include <cmath>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI::testing {

/// One array of `rows` x `columns` cells with pseudo-random states below `levels`: apply is a function of the states
/// (twice the same), leaves finite states, and is_identity implies that it changes nothing.
template <Interconnect W>
[[nodiscard]] report check_interconnect(W const& wire, std::size_t rows = 37, std::size_t columns = 64,
                                        std::uint32_t levels = 4) {
    report r;
    std::vector<float> programmed(rows * columns);
    for (std::size_t i = 0; i < programmed.size(); ++i) {
        programmed[i] = static_cast<float>(derive({}, i).first % levels);
    }
    auto once = programmed;
    auto twice = programmed;
    wire.apply(once, rows, columns);
    wire.apply(twice, rows, columns);
    for (std::size_t i = 0; i < programmed.size() && r.ok(); ++i) {
        auto const where = [&] {
            return "the cell in row " + std::to_string(i / columns) + " and column " + std::to_string(i % columns) +
                   " with state " + digits_of(programmed[i]) + " is seen as " + digits_of(once[i]);
        };
        r.require(std::isfinite(once[i]), where);
        r.require(bits_of(once[i]) == bits_of(twice[i]),
                  [&] { return where() + " and, for the same states, as " + digits_of(twice[i]); });
        r.require(!W::is_identity || bits_of(once[i]) == bits_of(programmed[i]),
                  [&] { return where() + ": is_identity promises that nothing changes"; });
    }
    return r;
}

/// An interconnect whose resistances are zero, whatever it says of itself, changes nothing.
template <Interconnect W>
[[nodiscard]] report check_changes_nothing(W const& wire, std::size_t rows = 37, std::size_t columns = 64) {
    report r;
    std::vector<float> states(rows * columns);
    for (std::size_t i = 0; i < states.size(); ++i) {
        states[i] = static_cast<float>(i % 5);
    }
    auto const programmed = states;
    wire.apply(states, rows, columns);
    r.require(states == programmed, [] { return std::string{"wires without resistance change the states"}; });
    return r;
}

}  // namespace xcim::inline XCIM_ABI::testing
