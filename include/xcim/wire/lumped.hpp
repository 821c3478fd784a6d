#pragma once

#include <xcim/wire/ladder.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI::wire {

/// The cells of a line in `segments` lumps, each hung on one node at the mean place of its cells.
struct several_cells {
    int segments = 8;

    template <class Conductances>
    [[nodiscard]] ladders operator()(std::size_t rows, std::size_t columns, line const& l,
                                     Conductances const& conductances) const {
        std::size_t const lumps = std::min(static_cast<std::size_t>(segments), rows);
        auto const begin_of = [&](std::size_t lump) { return lump * rows / lumps; };
        auto const cells_of = [&](std::size_t lump) {
            return static_cast<double>(begin_of(lump + 1) - begin_of(lump));
        };
        std::vector<double> one(columns);
        auto const solved = solve_ladders(
            lumps, columns,
            [&](std::size_t lump, std::span<double> siemens) {
                conductances(begin_of(lump), siemens);
                for (std::size_t i = begin_of(lump) + 1; i < begin_of(lump + 1); ++i) {
                    conductances(i, std::span<double>{one});
                    for (std::size_t j = 0; j < columns; ++j) {
                        siemens[j] += one[j];
                    }
                }
            },
            [&](std::size_t lump) {
                return lump + 1 < lumps ? l.segment * (cells_of(lump) + cells_of(lump + 1)) / 2
                                        : l.segment * (cells_of(lump) - 1) / 2 + l.end;
            });
        ladders spread{columns, std::vector<double>(rows * columns), solved.seen};
        for (std::size_t lump = 0; lump < lumps; ++lump) {
            for (std::size_t i = begin_of(lump); i < begin_of(lump + 1); ++i) {
                std::copy_n(solved.row(lump), columns, spread.shares.data() + i * columns);
            }
        }
        return spread;
    }
};

/// The column lines of wire::bit_line or wire::paired with the rows of the array lumped into segments, the usual saving
/// of simulators that solve a line in every time step. To be compared with the exact lines, which cost about the same.
/// Models Interconnect.
///
///     lumped{paired{.bit_line_resistance = 0.35}, 8}
///
/// Each lump has the wire of a whole lump to the next one and hangs at the mean place of its cells: behind the last one
/// there is half a lump of wire, less half a cell, plus what wires has behind the last cell.
/// Parameters: `wires` the lines, a bit_line or paired; `segments` lumps per line, >= 1, default 8; as many
/// as rows or more are the exact answer. Rows that do not divide evenly make lumps that differ by one cell.
/// Sees/returns: as `wires`.
/// Not modelled: see `wires`; the positions of cells within a lump.
/// Reference: IBM/aihwkit 1.1.0, time-dependent IR drop (8 segments of 64 cells on 512 rows).
/// Tests: tests/unit/wire/lumped.cpp. Benchmark: benchmarks/kernels/ladders.cpp.
template <class Wires>
struct lumped {
    static constexpr bool is_identity = false;

    Wires wires{};
    int segments = 8;

    void apply(wired_array const& a) const { wires.apply(a, several_cells{segments}); }

    [[nodiscard]] std::string wrong() const {
        auto sentence = outside("wire::lumped.segments", segments, 1, 65536);
        return sentence.empty() ? wires.wrong() : sentence;
    }

    friend std::string to_string(lumped const& w) {
        return to_string(w.wires) + ", lumped into " + std::to_string(w.segments) + " segments";
    }
};

template <class Wires>
lumped(Wires) -> lumped<Wires>;
template <class Wires>
lumped(Wires, int) -> lumped<Wires>;

}  // namespace xcim::inline XCIM_ABI::wire
