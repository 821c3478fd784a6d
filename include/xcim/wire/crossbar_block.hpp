#pragma once

/// \file
/// Blocks of a passive array as seen from their ports.

#include <xcim/core/dense.hpp>
#include <xcim/core/error.hpp>

#include <array>
#include <cstddef>
#include <vector>

namespace xcim::inline XCIM_ABI::wire::detail {

/// What is given at the ports of a block, and what follows. A group is empty where the lines end with the array or
/// nothing asks for it: no current is drawn at the right edge or enters at the upper one, the lower one is at 0 V.
enum class source { left_voltage, right_current, top_current, bottom_voltage };
enum class response { right_voltage, left_current, top_voltage, bottom_current };

inline constexpr std::size_t port_groups = 4;

/// Offsets of the groups, and the total behind them.
using port_offsets = std::array<std::size_t, port_groups + 1>;

inline port_offsets offsets_of(std::array<std::size_t, port_groups> const& counts) {
    port_offsets offsets{};
    for (std::size_t k = 0; k < port_groups; ++k) {
        offsets[k + 1] = offsets[k] + counts[k];
    }
    return offsets;
}

/// The linear map from the sources of a block to its responses.
struct port_block {
    port_block(std::array<std::size_t, port_groups> const& source_counts,
               std::array<std::size_t, port_groups> const& response_counts)
        : sources{offsets_of(source_counts)}, responses{offsets_of(response_counts)},
          values(sources.back() * responses.back()) {}

    [[nodiscard]] std::size_t count(source s) const { return width(sources, static_cast<std::size_t>(s)); }
    [[nodiscard]] std::size_t count(response r) const { return width(responses, static_cast<std::size_t>(r)); }

    [[nodiscard]] dense_view<double const> map(response r, source s) const { return part<double const>(*this, r, s); }
    [[nodiscard]] dense_view<double> map(response r, source s) { return part<double>(*this, r, s); }

    /// All sources.
    [[nodiscard]] dense_view<double> map(response r) {
        return {values.data() + responses[static_cast<std::size_t>(r)] * sources.back(), count(r), sources.back(),
                sources.back()};
    }

    port_offsets sources;
    port_offsets responses;
    aligned_vector<double> values;  // (responses, sources)

private:
    static std::size_t width(port_offsets const& offsets, std::size_t k) { return offsets[k + 1] - offsets[k]; }

    template <class T, class Block>
    static dense_view<T> part(Block& block, response r, source s) {
        return {block.values.data() + block.responses[static_cast<std::size_t>(r)] * block.sources.back() +
                    block.sources[static_cast<std::size_t>(s)],
                block.count(r), block.count(s), block.sources.back()};
    }
};

/// Memory that joins use again.
struct port_scratch {
    dense_view<double> zeros(std::size_t which, std::size_t rows, std::size_t columns) {
        memory[which].assign(rows * columns, 0.0);
        return {memory[which].data(), rows, columns, columns};
    }

    std::array<aligned_vector<double>, 3> memory;
};

/// `to` += `from`, element by element.
inline void add(dense_view<double> const& to, dense_view<double const> const& from) {
    for (std::size_t i = 0; i < from.rows; ++i) {
        for (std::size_t j = 0; j < from.columns; ++j) {
            to.row(i)[j] += from.row(i)[j];
        }
    }
}

/// Two blocks where a response of each is a source of the other: x = response rx of X is source sy of Y, and y =
/// response ry of Y is source sx of X. With x = P y + (other sources of X) and y = Q x + (other sources of Y),
///
///     (1 - P Q) x = (other sources of X) + P (other sources of Y).
///
/// P is minus an impedance and Q an admittance or the other way round, so 1 - P Q has eigenvalues from 1 on.
class port_join {
public:
    port_join(port_block const& first, response first_response, source first_source, port_block const& second,
              response second_response, source second_source, port_scratch& scratch)
        : x_{first}, y_{second}, rx_{first_response}, ry_{second_response}, sx_{first_source}, sy_{second_source},
          joined_{source_counts(), response_counts()}, scratch_{scratch} {
        std::size_t const n = x_.count(rx_);
        auto const p = x_.map(rx_, sx_);
        auto const q = y_.map(ry_, sy_);

        auto const system = scratch_.zeros(0, n, n);
        add_product(system, p, q, -1);
        for (std::size_t i = 0; i < n; ++i) {
            system.row(i)[i] += 1;
        }
        lu_factors const factors{system};
        if (!factors.is_regular()) {
            throw error(errc::value, "effective_matrix: two parts of the array cannot be joined");
        }
        auto const x = scratch_.zeros(1, n, joined_.sources.back());  // source sy of Y
        auto const y = scratch_.zeros(2, n, joined_.sources.back());  // source sx of X
        for_sources_of_x([&](source s) { add(columns_of(x, at_x(s), x_.count(s)), x_.map(rx_, s)); });
        for_sources_of_y([&](source s) {
            add(columns_of(y, at_y(s), y_.count(s)), y_.map(ry_, s));
            add_product(columns_of(x, at_y(s), y_.count(s)), p, y_.map(ry_, s));
        });
        factors.solve(x);
        add_product(y, q, x);
        for (std::size_t k = 0; k < port_groups; ++k) {
            auto const r = static_cast<response>(k);
            auto const rows = joined_.map(r);
            std::size_t const from_x = r == rx_ ? 0 : x_.count(r);
            if (from_x > 0) {
                auto const mine = rows.part(0, from_x, 0, rows.columns);
                for_sources_of_x([&](source s) { add(columns_of(mine, at_x(s), x_.count(s)), x_.map(r, s)); });
                add_product(mine, x_.map(r, sx_), y);
            }
            if (r != ry_ && y_.count(r) > 0) {
                auto const mine = rows.part(from_x, y_.count(r), 0, rows.columns);
                for_sources_of_y([&](source s) { add(columns_of(mine, at_y(s), y_.count(s)), y_.map(r, s)); });
                add_product(mine, y_.map(r, sy_), x);
            }
        }
    }

    [[nodiscard]] port_block take() && { return std::move(joined_); }

private:
    [[nodiscard]] std::array<std::size_t, port_groups> source_counts() const {
        std::array<std::size_t, port_groups> counts{};
        for (std::size_t k = 0; k < port_groups; ++k) {
            auto const s = static_cast<source>(k);
            counts[k] = (s == sx_ ? 0 : x_.count(s)) + (s == sy_ ? 0 : y_.count(s));
        }
        return counts;
    }

    [[nodiscard]] std::array<std::size_t, port_groups> response_counts() const {
        std::array<std::size_t, port_groups> counts{};
        for (std::size_t k = 0; k < port_groups; ++k) {
            auto const r = static_cast<response>(k);
            counts[k] = (r == rx_ ? 0 : x_.count(r)) + (r == ry_ ? 0 : y_.count(r));
        }
        return counts;
    }

    /// Where a group of X or of Y begins among the sources of the joined block.
    [[nodiscard]] std::size_t at_x(source s) const { return joined_.sources[static_cast<std::size_t>(s)]; }
    [[nodiscard]] std::size_t at_y(source s) const { return at_x(s) + (s == sx_ ? 0 : x_.count(s)); }

    template <class F>
    void for_sources_of_x(F const& f) const {
        for (std::size_t k = 0; k < port_groups; ++k) {
            if (static_cast<source>(k) != sx_) {
                f(static_cast<source>(k));
            }
        }
    }

    template <class F>
    void for_sources_of_y(F const& f) const {
        for (std::size_t k = 0; k < port_groups; ++k) {
            if (static_cast<source>(k) != sy_) {
                f(static_cast<source>(k));
            }
        }
    }

    static dense_view<double> columns_of(dense_view<double> const& m, std::size_t first, std::size_t count) {
        return m.part(0, m.rows, first, count);
    }

    port_block const& x_;
    port_block const& y_;
    response rx_;
    response ry_;
    source sx_;
    source sy_;
    port_block joined_;
    port_scratch& scratch_;
};

inline port_block join_along_rows(port_block const& left, port_block const& right, port_scratch& scratch) {
    return port_join{left,   response::right_voltage, source::right_current,
                     right,  response::left_current,  source::left_voltage,
                     scratch}
        .take();
}

inline port_block join_along_columns(port_block const& top, port_block const& bottom, port_scratch& scratch) {
    return port_join{top,    response::bottom_current, source::bottom_voltage,
                     bottom, response::top_voltage,    source::top_current,
                     scratch}
        .take();
}

}  // namespace xcim::inline XCIM_ABI::wire::detail
