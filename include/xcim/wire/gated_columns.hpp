#pragma once

/// \file
/// Columns of a gated array side by side, a group of batches of them at a time: chain matrices of sections of the
/// ladder, after a gated_schedule. T is float or double; a lane is a column, so numbers do not depend on their count.

#include <xcim/core/aligned.hpp>
#include <xcim/wire/gated_path.hpp>
#include <xcim/wire/gated_schedule.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace xcim::inline XCIM_ABI::wire::detail {

/// One conductance or the path of the columns, (rows, stride) of T; `columns` of them, rounded up to batches, are read.
template <class T>
struct gated_states {
    T const* conductances = nullptr;
    std::size_t stride = 0;
    std::size_t columns = 0;
};

/// Where the currents go: both may be nothing.
template <class T>
struct gated_results {
    T* charges = nullptr;   ///< (columns rounded up to batches)
    T* currents = nullptr;  ///< (slots, stride)
    std::size_t stride = 0;
};

template <class T>
class gated_columns {
public:
    static constexpr std::size_t width = batch<T>::size;
    /// Batches that hide each other's latency; as many as the registers hold.
    static constexpr std::size_t group = lanes >= 16 ? 4 : 2;

    gated_columns(gated_path const& path, gated_schedule const& schedule, aligned_vector<T>& nodes)
        : path_{path}, schedule_{schedule}, nodes_{nodes} {
        for (std::size_t k = 0; k < resistances_.size(); ++k) {
            resistances_[k] = static_cast<T>(static_cast<double>(k) * path.segment);
        }
    }

    void solve(gated_states<T> const& states, gated_results<T> const& results) const {
        nodes_.resize(schedule_.nodes() * 4 * group * width);
        std::size_t j = 0;
        for (; j + (group - 1) * width < states.columns; j += group * width) {
            solve_group<group>(states, results, j);
        }
        for (; j < states.columns; j += width) {
            solve_group<1>(states, results, j);
        }
    }

private:
    using lane_type = batch<T>;
    /// Beyond it (a ladder of thousands of cells with little of the current arriving) products of sections may
    /// overflow.
    static constexpr T largest = static_cast<T>(sizeof(T) == 4 ? 0x1p100 : 0x1p900);

    template <std::size_t G>
    struct section {
        lane_type a[G];
        lane_type b[G];
        lane_type c[G];
        lane_type d[G];

        static XCIM_INLINE section load(T const* from) {
            section s;
            for (std::size_t k = 0; k < G; ++k) {
                s.a[k] = lane_type::load_aligned(from + k * width);
                s.b[k] = lane_type::load_aligned(from + (G + k) * width);
                s.c[k] = lane_type::load_aligned(from + (2 * G + k) * width);
                s.d[k] = lane_type::load_aligned(from + (3 * G + k) * width);
            }
            return s;
        }

        XCIM_INLINE void store(T* to) const {
            for (std::size_t k = 0; k < G; ++k) {
                a[k].store_aligned(to + k * width);
                b[k].store_aligned(to + (G + k) * width);
                c[k].store_aligned(to + (2 * G + k) * width);
                d[k].store_aligned(to + (3 * G + k) * width);
            }
        }

        XCIM_INLINE void follow(lane_type const& r) {
            for (std::size_t k = 0; k < G; ++k) {
                b[k] = fused_multiply_add(r, a[k], b[k]);
                d[k] = fused_multiply_add(r, c[k], d[k]);
            }
        }
    };

    template <std::size_t G>
    [[nodiscard]] XCIM_INLINE T* node(std::size_t k) const {
        return nodes_.data() + k * 4 * G * width;
    }

    template <std::size_t G>
    XCIM_INLINE void compute(gated_schedule::leaf const& leaf, gated_states<T> const& states, std::size_t j) const {
        std::size_t const first = leaf.node * schedule_.leaf_rows();
        std::size_t const left = schedule_.rows() - first;
        // A leaf ends where the next one begins, the last one at its last row.
        std::size_t const end = left > schedule_.leaf_rows() ? schedule_.leaf_rows() : left - 1;
        T const* const cells = states.conductances + first * states.stride + j;
        section<G> s;
        if (leaf.closed == 0) {
            for (std::size_t k = 0; k < G; ++k) {
                s.a[k] = s.d[k] = lane_type(T{1});
                s.b[k] = lane_type(resistances_[end]);
                s.c[k] = lane_type(T{0});
            }
            s.store(node<G>(leaf.node));
            return;
        }
        auto at = static_cast<std::size_t>(std::countr_zero(leaf.closed));
        for (std::size_t k = 0; k < G; ++k) {
            auto const g = lane_type::load_unaligned(cells + at * states.stride + k * width);
            s.b[k] = lane_type(resistances_[at]);
            s.a[k] = fused_multiply_add(g, s.b[k], lane_type(T{1}));
            s.c[k] = g;
            s.d[k] = lane_type(T{1});
        }
        for (std::uint32_t rest = leaf.closed & (leaf.closed - 1); rest != 0; rest &= rest - 1) {
            auto const row = static_cast<std::size_t>(std::countr_zero(rest));
            s.follow(lane_type(resistances_[row - at]));
            at = row;
            for (std::size_t k = 0; k < G; ++k) {
                auto const g = lane_type::load_unaligned(cells + at * states.stride + k * width);
                s.a[k] = fused_multiply_add(g, s.b[k], s.a[k]);
                s.c[k] = fused_multiply_add(g, s.d[k], s.c[k]);
            }
        }
        s.follow(lane_type(resistances_[end - at]));
        s.store(node<G>(leaf.node));
    }

    template <std::size_t G>
    XCIM_INLINE void compute(gated_schedule::join const& join) const {
        auto const u = section<G>::load(node<G>(join.upper));
        auto const l = section<G>::load(node<G>(join.lower));
        section<G> s;
        for (std::size_t k = 0; k < G; ++k) {
            s.a[k] = fused_multiply_add(u.a[k], l.a[k], u.b[k] * l.c[k]);
            s.b[k] = fused_multiply_add(u.a[k], l.b[k], u.b[k] * l.d[k]);
            s.c[k] = fused_multiply_add(u.c[k], l.a[k], u.d[k] * l.c[k]);
            s.d[k] = fused_multiply_add(u.c[k], l.b[k], u.d[k] * l.d[k]);
        }
        s.store(node<G>(join.node));
    }

    template <std::size_t G>
    void solve_group(gated_states<T> const& states, gated_results<T> const& results, std::size_t j) const {
        double const top = path_.top_share;
        lane_type const of_a(static_cast<T>(top * top));
        lane_type const of_one(static_cast<T>(2 * top * (1 - top)));
        lane_type const of_d(static_cast<T>((1 - top) * (1 - top)));
        lane_type const series(static_cast<T>(path_.series));
        alignas(64) T first[G * width] = {};
        lane_type charge[G];
        for (auto& q : charge) {
            q = lane_type(T{0});
        }
        auto const* leaf = schedule_.leaves();
        auto const* join = schedule_.joins();
        auto const slots = schedule_.slots();
        for (std::size_t n = 0; n < slots.size(); ++n) {
            for (auto const* const end = schedule_.leaves() + slots[n].leaves_end; leaf != end; ++leaf) {
                compute<G>(*leaf, states, j);
            }
            for (auto const* const end = schedule_.joins() + slots[n].joins_end; join != end; ++join) {
                compute<G>(*join);
            }
            auto const s = section<G>::load(node<G>(schedule_.root()));
            lane_type const duration(static_cast<T>(slots[n].duration));
            for (std::size_t k = 0; k < G; ++k) {
                lane_type const ladder = fused_multiply_add(
                    of_a, s.a[k], fused_multiply_add(of_d, s.d[k], fused_multiply_add(series, s.c[k], of_one)));
                lane_type const current = s.c[k] / ladder;
                charge[k] = fused_multiply_add(duration, current, charge[k]);
                if (n == 0) {
                    ladder.store_aligned(first + k * width);
                }
                if (results.currents != nullptr) {
                    current.store_unaligned(results.currents + n * results.stride + j + k * width);
                }
            }
        }
        if (results.charges != nullptr) {
            for (std::size_t k = 0; k < G; ++k) {
                charge[k].store_unaligned(results.charges + j + k * width);
            }
        }
        // The first slot has the most closed cells, and all numbers grow with every one of them.
        for (std::size_t k = 0; k < G * width && j + k < states.columns && !slots.empty(); ++k) {
            if (!(first[k] < largest)) {
                define(states, results, j + k);
            }
        }
    }

    /// One column after the definition.
    void define(gated_states<T> const& states, gated_results<T> const& results, std::size_t j) const {
        std::vector<char> closed(schedule_.rows());
        auto const* leaf = schedule_.leaves();
        double charge = 0;
        for (std::size_t n = 0; n < schedule_.slots().size(); ++n) {
            auto const& slot = schedule_.slots()[n];
            for (auto const* const end = schedule_.leaves() + slot.leaves_end; leaf != end; ++leaf) {
                for (std::size_t i = 0; i < schedule_.leaf_rows(); ++i) {
                    if (std::size_t const row = leaf->node * schedule_.leaf_rows() + i; row < closed.size()) {
                        closed[row] = static_cast<char>((leaf->closed >> i) & 1U);
                    }
                }
            }
            double const current = gated_column_current(
                path_, closed.size(),
                [&](std::size_t i) { return static_cast<double>(states.conductances[i * states.stride + j]); },
                [&](std::size_t i) { return closed[i] != 0; });
            charge += unfused(slot.duration * current);
            if (results.currents != nullptr) {
                results.currents[n * results.stride + j] = static_cast<T>(current);
            }
        }
        if (results.charges != nullptr) {
            results.charges[j] = static_cast<T>(charge);
        }
    }

    gated_path path_;
    gated_schedule const& schedule_;
    aligned_vector<T>& nodes_;
    std::array<T, gated_schedule::most_leaf_rows + 1> resistances_{};
};

}  // namespace xcim::inline XCIM_ABI::wire::detail
