#pragma once

/// \file
/// From stored levels to what a column carries per drive of a row: cells that differ from one another, wires, the
/// reference column, noise of single reads.

#include <xcim/concepts/cell_type.hpp>
#include <xcim/concepts/interconnect.hpp>
#include <xcim/core/error.hpp>
#include <xcim/core/normal.hpp>
#include <xcim/core/threads.hpp>
#include <xcim/macro/programmed.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace xcim::inline XCIM_ABI {

namespace detail {

/// Standard normals of the cells of one column: (draws, rows).
class cell_normals {
public:
    cell_normals(std::size_t draws, std::size_t rows)
        : draws_{draws}, rows_{rows}, stride_{(rows + 4 * lanes - 1) / (4 * lanes) * (4 * lanes)}, ids_(stride_),
          drawn_(4 * quads() * stride_), normals_(draws * rows) {
        for (std::size_t r = 0; r < stride_; ++r) {
            ids_[r] = static_cast<std::uint32_t>(r);
        }
    }

    [[nodiscard]] std::span<float const> of(word_pair<> key) {
        for (std::size_t quad = 0; quad < quads(); ++quad) {
            fill_normals(key, ids_.data(), static_cast<std::uint32_t>(quad), rows_, drawn_.data() + 4 * quad * stride_,
                         stride_);
        }
        for (std::size_t d = 0; d < draws_; ++d) {
            std::copy_n(drawn_.data() + d * stride_, rows_, normals_.data() + d * rows_);
        }
        return normals_;
    }

private:
    [[nodiscard]] std::size_t quads() const { return (draws_ + 3) / 4; }

    std::size_t draws_;
    std::size_t rows_;
    std::size_t stride_;
    aligned_vector<std::uint32_t> ids_;
    std::vector<float> drawn_;
    std::vector<float> normals_;
};

}  // namespace detail

/// Lets the cells of every column differ as they do on this chip: a cell's normals are a function of (chip, layer,
/// tile, output, slice, row), those of a reading of its number too.
template <VaryingCell Cell>
void vary_cells(programmed_array& a, Cell const& cell, std::uint32_t reading) {
    auto const rows = static_cast<std::size_t>(a.array.rows);
    detail::cell_normals own{static_cast<std::size_t>(Cell::draws), rows};
    detail::cell_normals of_reading{static_cast<std::size_t>(reading_draws_of<Cell>), rows};
    std::vector<float> column(a.rows_per_tile);
    std::vector<float> opposite(devices_of<Cell> == 2 ? a.rows_per_tile : 0);
    word_pair<> const chip_key = stage_key(a.chip, a.layer, stage::cell);
    word_pair<> const reading_key = derive(stage_key(a.chip, a.layer, stage::reading), reading);
    for (auto& p : a.panels) {
        p.opposite.assign(devices_of<Cell> == 2 ? p.states.size() : 0, 0.0F);
        for (std::size_t t = 0; t < a.tiles(); ++t) {
            for (std::size_t c = 0; c < p.columns; ++c) {
                std::span<float> const used{column.data(), a.rows_of(t)};
                std::span<float> const second{opposite.data(), opposite.empty() ? 0 : used.size()};
                for (std::size_t r = 0; r < used.size(); ++r) {
                    used[r] = p.states[detail::state_position(a, p, t, r, c)];
                }
                auto const key_of = [&](word_pair<> key) { return derive(derive(key, t), p.column_ids[c]); };
                std::span<float const> later;
                if constexpr ((reading_draws_of<Cell>) > 0) {
                    later = of_reading.of(key_of(reading_key));
                }
                cell.program(column_of_cells{used, own.of(key_of(chip_key)), rows, a.cell_levels, second, later});
                for (std::size_t r = 0; r < used.size(); ++r) {
                    p.states[detail::state_position(a, p, t, r, c)] = used[r];
                }
                for (std::size_t r = 0; r < second.size(); ++r) {
                    p.opposite[detail::state_position(a, p, t, r, c)] = second[r];
                }
            }
        }
    }
}

namespace detail {

/// Terms of the variance of single reads.
template <class Cell>
inline constexpr std::size_t read_terms_of = 0;

template <ReadNoisyCell Cell>
inline constexpr std::size_t read_terms_of<Cell> = static_cast<std::size_t>(Cell::read_terms);

/// The columns of one array, gathered from panels: row-major tensors (rows, columns).
template <CellType Cell, Interconnect Wire>
class array_states {
public:
    array_states(programmed_array& a, Cell const& cell, Wire const& wire) : a_{a}, cell_{cell}, wire_{wire} {}

    /// Columns [first, last) of the group, tile `tile`.
    void connect(std::size_t group, std::size_t tile, std::size_t first, std::size_t last) {
        rows_ = a_.rows_of(tile);
        columns_ = last - first;
        find_columns(group, first, last);
        plus_.resize(rows_ * columns_);
        minus_.resize(devices_of<Cell> == 2 ? rows_ * columns_ : 0);
        each_cell(tile, [&](panel const& p, std::size_t from, std::size_t i) {
            plus_[i] = p.states[from];
            if constexpr (devices_of<Cell> == 2) {
                minus_[i] = p.opposite[from];
            }
        });
        effective_ = plus_;
        for (std::size_t i = 0; i < minus_.size(); ++i) {
            effective_[i] -= minus_[i];
        }
        attenuation_.assign(rows_ * columns_, 1.0F);
        offsets_.assign(columns_, 0.0F);
        if constexpr (!Wire::is_identity && !SwitchedInterconnect<Wire>) {
            wire_.apply(wired_array{rows_, columns_, a_.array, a_.conductance_step, plus_, minus_, effective_,
                                    attenuation_, offsets_});
        }
        float const off = SwitchedInterconnect<Wire> || devices_of<Cell> == 2 ? 0.0F : static_cast<float>(a_.off_state);
        each_cell(tile, [&](panel& p, std::size_t to, std::size_t i) {
            if constexpr (!SwitchedInterconnect<Wire>) {
                p.states[to] = effective_[i] - off;
            }
            if constexpr ((read_terms_of<Cell>) > 0) {
                store_read_terms(p, to, i);
            }
        });
        for (std::size_t j = 0; j < columns_; ++j) {
            auto const& [p, column] = places_[j];
            if (!p->offsets.empty()) {
                p->offsets[tile * p->stride() + column] = offsets_[j];
            }
        }
    }

private:
    struct place {
        panel* of = nullptr;
        std::size_t column = 0;
    };

    void find_columns(std::size_t group, std::size_t first, std::size_t last) {
        places_.assign(columns_, {});
        for (auto& p : a_.panels) {
            for (std::size_t c = 0; p.group == group && c < p.columns; ++c) {
                std::size_t const at = a_.place_of(p, c);
                if (at >= first && at < last) {
                    places_[at - first] = {&p, c};
                }
            }
        }
    }

    /// Calls f(panel, position of the state in it, position in the array).
    template <class F>
    void each_cell(std::size_t tile, F const& f) {
        for (std::size_t r = 0; r < rows_; ++r) {
            for (std::size_t j = 0; j < columns_; ++j) {
                f(*places_[j].of, state_position(a_, *places_[j].of, tile, r, places_[j].column), r * columns_ + j);
            }
        }
    }

    /// A device's noise reaches the end of the column line as its current does.
    void store_read_terms(panel& p, std::size_t to, std::size_t i) {
        auto terms = cell_.read_terms_of(plus_[i], a_.cell_levels);
        if constexpr (devices_of<Cell> == 2) {
            auto const second = cell_.read_terms_of(minus_[i], a_.cell_levels);
            for (std::size_t k = 0; k < terms.size(); ++k) {
                terms[k] += second[k];
            }
        }
        for (std::size_t k = 0; k < terms.size(); ++k) {
            p.read_terms[k][to] = terms[k] * attenuation_[i] * attenuation_[i];
        }
    }

    programmed_array& a_;
    Cell const& cell_;
    Wire const& wire_;
    std::size_t rows_ = 0;
    std::size_t columns_ = 0;
    std::vector<place> places_;
    std::vector<float> plus_;   // (rows, columns), like all that follow
    std::vector<float> minus_;  // or empty
    std::vector<float> effective_;
    std::vector<float> attenuation_;
    std::vector<float> offsets_;  // (columns)
};

/// Drops planes that are zero everywhere.
inline void drop_zeros(programmed_array& a) {
    auto const is_zero = [](aligned_vector<float> const& v) {
        return std::all_of(v.begin(), v.end(), [](float x) { return x == 0.0F; });
    };
    bool no_terms = true;
    bool no_offsets = true;
    for (auto const& p : a.panels) {
        no_terms = no_terms && std::all_of(p.read_terms.begin(), p.read_terms.end(), is_zero);
        no_offsets = no_offsets && is_zero(p.offsets);
    }
    for (auto& p : a.panels) {
        if (no_terms) {
            p.read_terms.clear();
        }
        if (no_offsets) {
            p.offsets.clear();
        }
    }
}

/// Cycles of a schedule last one unit of time and drive some of the rows: what does not belong to a driven cell is not
/// modelled there.
inline void require_plain_columns(programmed_array const& a) {
    for (auto const& p : a.panels) {
        if (!p.read_terms.empty() || !p.offsets.empty()) {
            throw error(errc::composition,
                        "the encoder has a schedule, and cells or wires add noise of single reads or "
                        "currents of idle rows to the columns, which is not modelled together");
        }
    }
}

}  // namespace detail

/// Turns the states of devices into what the columns carry: wires, pairs, the reference column, noise of single reads.
/// Arrays are independent; `threads` share them.
template <CellType Cell, Interconnect Wire>
void connect_cells(programmed_array& a, Cell const& cell, Wire const& wire, int threads) {
    a.is_switched = SwitchedInterconnect<Wire> && !Wire::is_identity;
    a.conductance_step = conductance_step_of(cell, a.cell_levels);
    a.off_state = off_state_of(cell, a.cell_levels);
    if (a.is_switched && !(a.conductance_step > 0)) {
        throw error(errc::composition, "the wires are solved for every input and the cells have no conductance: cells "
                                       "with conductance_step(levels) are needed, such as cell::rram or cell::pcm");
    }
    constexpr std::size_t terms = detail::read_terms_of<Cell>;
    if (Wire::is_identity && devices_of<Cell> == 1 && terms == 0 && a.off_state == 0) {
        return;
    }
    for (auto& p : a.panels) {
        p.read_terms.assign(terms, aligned_vector<float>(p.states.size()));
        if constexpr (!Wire::is_identity && !SwitchedInterconnect<Wire>) {
            p.offsets.assign(a.tiles() * p.stride(), 0.0F);
        }
    }
    std::size_t const columns = a.shape.outputs * a.slices.digits.size();
    std::size_t const width = a.columns_per_array();
    std::size_t const arrays = (columns + width - 1) / width;
    for_each_task(a.groups * a.tiles() * arrays, threads, [&](std::size_t task) {
        std::size_t const first = task % arrays * width;
        detail::array_states<Cell, Wire>{a, cell, wire}.connect(task / arrays / a.tiles(), task / arrays % a.tiles(),
                                                                first, std::min(columns, first + width));
    });
    detail::drop_zeros(a);
    if constexpr (!SwitchedInterconnect<Wire>) {
        for (auto& p : a.panels) {
            p.opposite = {};
        }
    } else if (!a.panels.empty() && !a.panels[0].read_terms.empty()) {
        throw error(errc::composition, "the cells' single reads are noisy and the wires are solved for every input; "
                                       "noise of single reads is modelled for wires that act linearly only: switch it "
                                       "off or use other wires");
    }
}

}  // namespace xcim::inline XCIM_ABI
