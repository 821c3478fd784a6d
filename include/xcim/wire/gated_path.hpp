#pragma once

/// \file
/// A column with a source line beside its bit line, brought down to one ladder.
///
/// What leaves the source line comes back on the bit line: between two cells the two lines carry S and B with S + B = I
/// where they are fed and sensed at opposite ends, S = B at the same end. The voltages u_i across the cells then obey
///
///     (2 u_i - u_{i-1} - u_{i+1}) / r + g_i u_i = 0,     r = r_source + r_bit
///
/// which is a single line of resistance r with the conductances g_i of the closed cells to ground. The column's current
/// I enters it at both ends, the share alpha at row 0 and 1 - alpha at the last row; alpha = r_source / r for opposite
/// ends, 0 for the same end. Once around the loop gives
///
///     V = I R_0 + alpha u_0 + (1 - alpha) u_{R-1}
///     R_0 = r_driver + r_sense + r_source + r_bit + wire of unused rows [ + (R - 1) r_source r_bit / r ]
///
/// (the bracket for opposite ends only), and with the chain matrix of the ladder, (u_0, i_0) = (a b; c d) (u_{R-1}, i),
///
///     I / V = c / (alpha^2 a + 2 alpha (1 - alpha) + (1 - alpha)^2 d + R_0 c)
///
/// All of a, b, c, d are sums of products of numbers that are not negative: nothing cancels, so float keeps its
/// precision. An open cell is no part of the ladder at all: its row is one more segment of the same resistor.
/// Used by wire::gated. Tests: tests/unit/wire/gated.cpp, tests/golden/spice_gated.cpp.

#include <xcim/core/simd.hpp>

#include <cstddef>

namespace xcim::inline XCIM_ABI::wire {

/// The resistors of a column of a gated array, in any unit: the conductances are in its inverse.
struct gated_path {
    double segment = 0;    ///< of the ladder, r_source + r_bit
    double top_share = 0;  ///< alpha: enters the ladder at row 0
    double series = 0;     ///< R_0: carries the whole current

    /// The same with conductances in another unit: resistances times `unit`.
    [[nodiscard]] gated_path scaled(double unit) const { return {segment * unit, top_share, series * unit}; }
};

/// The definition: what one column of closed and open cells carries per volt. `conductances(i)` and `is_closed(i)` of
/// row i; row 0 is the far end of the bit line.
template <class Conductances, class Closed>
[[nodiscard]] double gated_column_current(gated_path const& path, std::size_t rows, Conductances const& conductances,
                                          Closed const& is_closed) {
    double a = 1;
    double b = 0;
    double c = 0;
    double d = 1;
    double one = 1;  // a d - b c, but for the scale of all five
    auto const follow = [&](std::size_t segments) {
        double const r = static_cast<double>(segments) * path.segment;
        b += unfused(r * a);
        d += unfused(r * c);
    };
    std::size_t at = 0;
    for (std::size_t i = 0; i < rows; ++i) {
        if (!is_closed(i)) {
            continue;
        }
        follow(i - at);
        at = i;
        double const g = conductances(i);
        a += unfused(g * b);
        c += unfused(g * d);
        // A long line of good conductors and bad wires: e^(rows sqrt(r g)) is too large for a double.
        if (constexpr double large = 0x1p300; a > large || d > large) {
            for (double* const x : {&a, &b, &c, &d, &one}) {
                *x /= large;
            }
        }
    }
    if (rows > 0) {
        follow(rows - 1 - at);
    }
    double const top = path.top_share;
    double const bottom = 1 - top;
    double const ladder = unfused(top * top * a) + unfused(2 * top * bottom * one) + unfused(bottom * bottom * d);
    return c / (ladder + unfused(path.series * c));
}

}  // namespace xcim::inline XCIM_ABI::wire
