#pragma once

/// \file
/// Rows that are switched off one after the other, each once, and what is to be computed again after each of them: the
/// ladder of a column is cut into leaves of some rows, leaves are joined in pairs to nodes, nodes to larger ones, up to
/// the whole column. The order is that of the rows alone and serves all columns.

#include <xcim/config.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI::wire::detail {

class gated_schedule {
public:
    static constexpr std::size_t most_leaf_rows = 32;

    /// Leaf `node` with these rows closed, the first one in the lowest bit.
    struct leaf {
        std::uint32_t node;
        std::uint32_t closed;
    };

    /// Node `node` is `upper`, the one towards row 0, followed by `lower`.
    struct join {
        std::uint32_t node;
        std::uint32_t upper;
        std::uint32_t lower;
    };

    /// A time in which nothing is switched: before it, leaves and joins behind those of the slot before are computed.
    struct slot {
        double end;
        double duration;
        std::size_t leaves_end;
        std::size_t joins_end;
    };

    /// `durations(i)`: how long row i is closed, from time 0 on.
    template <class Durations>
    void arrange(std::size_t rows, Durations const& durations) {
        slots_.clear();
        leaves_.clear();
        std::size_t const slots = sort(rows, durations);
        // Where a slot switches in about every leaf, large ones are cheaper (measured).
        lay_out(rows, slots * most_leaf_rows / 2 <= rows ? most_leaf_rows : most_leaf_rows / 2);
        if (slots == 0) {
            return;
        }
        close(rows, durations);
        if (slots == 1) {
            slots_.push_back({common_time_, common_time_, leaves_.size(), joins_.size()});
            return;
        }
        double now = 0;
        for (std::size_t next = 0; next < order_.size();) {
            auto const end = static_cast<double>(durations(order_[next]));
            slots_.push_back({end, end - now, leaves_.size(), joins_.size()});
            now = end;
            touched_.clear();
            for (; next < order_.size() && static_cast<double>(durations(order_[next])) == end; ++next) {
                std::size_t const row = order_[next];
                auto const k = static_cast<std::uint32_t>(row / leaf_rows_);
                closed_[k] &= ~(std::uint32_t{1} << (row % leaf_rows_));
                if (touched_.empty() || touched_.back() != k) {
                    touched_.push_back(k);
                }
            }
            if (next < order_.size()) {
                follow_up();
            }
        }
    }

    [[nodiscard]] std::size_t rows() const { return rows_; }
    [[nodiscard]] std::size_t leaf_rows() const { return leaf_rows_; }
    [[nodiscard]] std::size_t nodes() const { return nodes_; }
    [[nodiscard]] std::uint32_t root() const { return levels_.back().front(); }
    [[nodiscard]] std::span<slot const> slots() const { return slots_; }
    [[nodiscard]] leaf const* leaves() const { return leaves_.data(); }
    [[nodiscard]] join const* joins() const { return joins_.data(); }

private:
    /// Writes the rows to order_, by time, then by row, without those that are never closed, and returns the number of
    /// distinct times; where that is 1 only common_time_. What drivers send is small integers: counted into their
    /// places.
    template <class Durations>
    std::size_t sort(std::size_t rows, Durations const& durations) {
        using time = decltype(durations(0));
        constexpr std::int32_t most = 4096;
        counted_.resize(rows);
        std::int32_t longest = 0;
        std::uint32_t shortest = std::numeric_limits<std::uint32_t>::max();  // less 1, where a time is not 0
        bool is_counted = true;
        for (std::size_t i = 0; i < rows; ++i) {
            time const d = durations(i);
            auto const t = d > 0 ? static_cast<std::int32_t>(d < static_cast<time>(most) ? d : static_cast<time>(most))
                                 : std::int32_t{0};
            counted_[i] = t;
            is_counted = is_counted & (static_cast<time>(t) == d);
            longest = std::max(longest, t);
            shortest = std::min(shortest, static_cast<std::uint32_t>(t) - 1U);
        }
        order_.clear();
        if (!is_counted) {
            for (std::size_t i = 0; i < rows; ++i) {
                if (durations(i) > 0) {
                    order_.push_back(static_cast<std::uint32_t>(i));
                }
            }
            if (order_.empty()) {
                return 0;
            }
            std::ranges::sort(order_, [&](std::size_t a, std::size_t b) {
                return durations(a) < durations(b) || (durations(a) == durations(b) && a < b);
            });
            std::size_t slots = 1;
            for (std::size_t k = 1; k < order_.size(); ++k) {
                slots += durations(order_[k]) == durations(order_[k - 1]) ? 0U : 1U;
            }
            common_time_ = static_cast<double>(durations(order_.front()));
            return slots;
        }
        common_time_ = longest;
        if (longest == 0 || static_cast<std::uint32_t>(longest) == shortest + 1) {
            return longest == 0 ? 0 : 1;
        }
        places_.assign(static_cast<std::size_t>(longest) + 1, 0U);
        for (std::int32_t const t : counted_) {
            ++places_[static_cast<std::size_t>(t)];
        }
        std::size_t slots = 0;
        std::uint32_t before = 0;
        std::uint32_t const never = std::exchange(places_[0], 0U);
        for (auto& place : places_) {
            slots += place > 0 ? 1U : 0U;
            before += std::exchange(place, before);
        }
        order_.resize(rows);
        places_[0] = before;  // behind all others, to be cut off
        for (std::size_t i = 0; i < rows; ++i) {
            order_[places_[static_cast<std::size_t>(counted_[i])]++] = static_cast<std::uint32_t>(i);
        }
        order_.resize(rows - never);
        return slots;
    }

    /// Everything as it is at time 0.
    template <class Durations>
    void close(std::size_t rows, Durations const& durations) {
        for (std::size_t k = 0; k < closed_.size(); ++k) {
            std::size_t const first = k * leaf_rows_;
            std::size_t const here = std::min(leaf_rows_, rows - first);
            std::uint32_t word = 0;
            for (std::size_t i = 0; i < here; ++i) {
                word |= (durations(first + i) > 0 ? std::uint32_t{1} : std::uint32_t{0}) << i;
            }
            closed_[k] = word;
            leaves_.push_back({static_cast<std::uint32_t>(k), word});
        }
        joins_ = all_joins_;
    }

    /// The leaves in touched_ and the nodes above them are no longer what they were.
    void follow_up() {
        for (std::uint32_t const k : touched_) {
            leaves_.push_back({k, closed_[k]});
        }
        for (std::size_t l = 0; l + 1 < levels_.size(); ++l) {
            std::size_t kept = 0;
            for (std::uint32_t const place : touched_) {
                std::uint32_t const above = place / 2;
                if (kept == 0 || touched_[kept - 1] != above) {
                    touched_[kept++] = above;
                    add_join(l, above, joins_);
                }
            }
            touched_.resize(kept);
        }
    }

    /// A last node without a neighbour stands in the level above as it is.
    void add_join(std::size_t level, std::size_t above, std::vector<join>& to) const {
        auto const& below = levels_[level];
        if (2 * above + 1 < below.size()) {
            to.push_back({levels_[level + 1][above], below[2 * above], below[2 * above + 1]});
        }
    }

    void lay_out(std::size_t rows, std::size_t leaf_rows) {
        if (rows == rows_ && leaf_rows == leaf_rows_) {
            return;
        }
        rows_ = rows;
        leaf_rows_ = leaf_rows;
        closed_.assign((std::max<std::size_t>(rows, 1) + leaf_rows - 1) / leaf_rows, 0U);
        nodes_ = 0;
        levels_.assign(1, {});
        all_joins_.clear();
        for (std::size_t k = 0; k < closed_.size(); ++k) {
            levels_[0].push_back(static_cast<std::uint32_t>(nodes_++));
        }
        while (levels_.back().size() > 1) {
            std::size_t const below = levels_.size() - 1;
            levels_.emplace_back();
            for (std::size_t k = 0; 2 * k < levels_[below].size(); ++k) {
                bool const is_pair = 2 * k + 1 < levels_[below].size();
                levels_[below + 1].push_back(is_pair ? static_cast<std::uint32_t>(nodes_++) : levels_[below][2 * k]);
                add_join(below, k, all_joins_);
            }
        }
    }

    std::size_t rows_ = 0;
    std::size_t leaf_rows_ = 0;
    std::size_t nodes_ = 0;
    std::vector<std::vector<std::uint32_t>> levels_;  // nodes by place, from the leaves up
    std::vector<join> all_joins_;

    double common_time_ = 0;
    std::vector<std::int32_t> counted_;
    std::vector<std::uint32_t> places_;
    std::vector<std::uint32_t> order_;
    std::vector<std::uint32_t> closed_;
    std::vector<std::uint32_t> touched_;
    std::vector<slot> slots_;
    std::vector<leaf> leaves_;
    std::vector<join> joins_;
};

}  // namespace xcim::inline XCIM_ABI::wire::detail
