#pragma once

/// \file
/// The symmetric system 1 + S D S of a passive array, S = diag(sqrt g), and the vector operations of its solver.

#include <xcim/core/aligned.hpp>
#include <xcim/wire/crossbar_circuit.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI::wire::detail {

/// A number for every cell, arranged so that word lines are summed in SIMD lanes without moving data between them: a
/// word line is cut into eight parts of equal length, the last ones filled up with cells without conductance, and the
/// k-th cells of all parts lie side by side. Column lines do not mind the order of the columns.
using cell_values = aligned_vector<double>;

/// Sums are taken in an order that does not depend on the width of SIMD registers.
class crossbar_system {
public:
    explicit crossbar_system(crossbar_circuit const& circuit)
        : circuit_{circuit}, rows_{circuit.rows()}, columns_{circuit.columns()},
          length_{(columns_ + parts - 1) / parts}, stride_{length_ * parts}, through_(rows_ * stride_), below_(stride_),
          offsets_(rows_ * parts) {
        std::vector<double> roots(circuit.conductances().begin(), circuit.conductances().end());
        std::vector<double> sums(columns_);
        for (std::size_t first = 0; first < roots.size(); first += columns_) {
            for (std::size_t j = 0; j < columns_; ++j) {
                sums[j] += roots[first + j];
                roots[first + j] = std::sqrt(roots[first + j]);
            }
        }
        largest_column_ = *std::max_element(sums.begin(), sums.end());
        roots_ = arranged(roots);
    }

    /// sqrt g.
    [[nodiscard]] cell_values const& roots() const { return roots_; }
    [[nodiscard]] double largest_column_conductance() const { return largest_column_; }

    /// From (rows, columns); what is filled up is 0.
    [[nodiscard]] cell_values arranged(std::span<double const> values) const {
        cell_values result(rows_ * stride_);
        arrange(values, result);
        return result;
    }

    void arrange(std::span<double const> values, cell_values& result) const {
        for_cells([&](std::size_t here, std::size_t there) { result[here] = values[there]; });
    }

    /// To (rows, columns).
    [[nodiscard]] std::vector<double> in_order(cell_values const& values) const {
        std::vector<double> result(rows_ * columns_);
        for_cells([&](std::size_t here, std::size_t there) { result[there] = values[here]; });
        return result;
    }

    /// Currents of the column lines for y = S u, and the sums of the magnitudes of their cells' currents.
    void read_currents(cell_values const& y, std::vector<double>& currents, std::vector<double>& magnitudes) const {
        cell_values sums(2 * stride_);
        for (std::size_t first = 0; first < y.size(); first += stride_) {
            for (std::size_t j = 0; j < stride_; ++j) {
                double const current = roots_[first + j] * y[first + j];
                sums[j] += current;
                sums[stride_ + j] += std::abs(current);
            }
        }
        for (std::size_t j = 0; j < columns_; ++j) {
            currents[j] = sums[place(j)];
            magnitudes[j] = sums[stride_ + place(j)];
        }
    }

    /// p = r + factor p, q = (1 + S D S) p; returns p q.
    double turn_and_apply(cell_values& p, cell_values const& r, double factor, cell_values& q) {
        double const* const roots = roots_.data();
        double const* const from = r.data();
        double* const to = p.data();
        return spread(
            [=](std::size_t k) {
                auto const turned = number(factor) * take(to + k) + take(from + k);
                turned.store_unaligned(to + k);
                return take(roots + k) * turned;
            },
            q.data(), [=](std::size_t k, number drop) { return take(to + k) + take(roots + k) * drop; },
            [=](std::size_t k, number v) { return take(to + k) * v; });
    }

    /// r = b - (1 + S D S) y; returns r r.
    double residual(cell_values const& b, cell_values const& y, cell_values& r) {
        double const* const roots = roots_.data();
        double const* const right = b.data();
        double const* const from = y.data();
        return spread(
            [=](std::size_t k) { return take(roots + k) * take(from + k); }, r.data(),
            [=](std::size_t k, number drop) { return take(right + k) - take(from + k) - take(roots + k) * drop; },
            [=](std::size_t /*k*/, number v) { return v * v; });
    }

    /// u = (right side) - D S y.
    void cell_voltages(cell_values const& right_side, cell_values const& y, cell_values& u) {
        double const* const roots = roots_.data();
        double const* const right = right_side.data();
        double const* const from = y.data();
        spread([=](std::size_t k) { return take(roots + k) * take(from + k); }, u.data(),
               [=](std::size_t k, number drop) { return take(right + k) - drop; },
               [](std::size_t /*k*/, number v) { return v; });
    }

    /// y += step p, r -= step q; returns r r.
    static double advance(cell_values& y, cell_values const& p, cell_values& r, cell_values const& q, double step) {
        double* const to_y = y.data();
        double* const to_r = r.data();
        double const* const from_p = p.data();
        double const* const from_q = q.data();
        lane_sums total;
        total.add(p.size(), [=](std::size_t k) {
            (take(to_y + k) + number(step) * take(from_p + k)).store_unaligned(to_y + k);
            auto const rest = take(to_r + k) - number(step) * take(from_q + k);
            rest.store_unaligned(to_r + k);
            return rest * rest;
        });
        return total.value();
    }

    static double square_of(cell_values const& a) {
        double const* const from = a.data();
        lane_sums total;
        total.add(a.size(), [=](std::size_t k) { return take(from + k) * take(from + k); });
        return total.value();
    }

private:
    using number = batch<double>;
    static constexpr std::size_t parts = 8;  // a multiple of the lanes of every target
    static constexpr std::size_t batches = parts / number::size;
    static_assert(batches * number::size == parts);

    XCIM_INLINE static number take(double const* from) { return number::load_unaligned(from); }

    /// Sums of terms that belong to `count` numbers; the n-th number adds to sum n modulo 4 parts.
    class lane_sums {
    public:
        template <class Term>
        XCIM_INLINE void add(std::size_t count, Term const& term) {
            std::size_t k = 0;
            for (; k + width <= count; k += width) {
                for (std::size_t b = 0; b < 4 * batches; ++b) {
                    sums_[b] += term(k + b * number::size);
                }
            }
            for (std::size_t b = 0; k < count; ++b, k += number::size) {
                sums_[b] += term(k);
            }
        }

        [[nodiscard]] double value() const {
            std::array<double, width> all{};
            for (std::size_t b = 0; b < 4 * batches; ++b) {
                sums_[b].store_unaligned(all.data() + b * number::size);
            }
            double sum = 0;
            for (double const s : all) {
                sum += s;
            }
            return sum;
        }

    private:
        static constexpr std::size_t width = 4 * parts;
        std::array<number, 4 * batches> sums_ = zeros(std::make_index_sequence<4 * batches>{});

        template <std::size_t... I>
        static std::array<number, sizeof...(I)> zeros(std::index_sequence<I...> /*indices*/) {
            return {((void)I, number(0.0))...};
        }
    };

    [[nodiscard]] std::size_t place(std::size_t column) const { return column % length_ * parts + column / length_; }

    template <class F>
    void for_cells(F const& f) const {
        std::vector<std::size_t> places(columns_);
        for (std::size_t j = 0; j < columns_; ++j) {
            places[j] = place(j);
        }
        for (std::size_t i = 0; i < rows_; ++i) {
            for (std::size_t j = 0; j < columns_; ++j) {
                f(i * stride_ + places[j], i * columns_ + j);
            }
        }
    }

    /// out[k] = value(k, (D c)[k]) with c[k] = current(k); returns the sum of term(k, out[k]).
    template <class Current, class Value, class Term>
    double spread(Current const& current, double* out, Value const& value, Term const& term) {
        // Down: currents of the cells, of the bit lines below them, and what the word lines lose.
        std::fill(below_.begin(), below_.end(), 0.0);
        double* const below = below_.data();
        for (std::size_t row = 0; row < rows_; ++row) {
            std::size_t const first = row * stride_;
            double* const through = through_.data() + first;
            for (std::size_t j = 0; j < stride_; j += number::size) {
                number const c = current(first + j);
                number const sum = take(below + j) + c;
                sum.store_unaligned(below + j);
                sum.store_unaligned(through + j);
                c.store_unaligned(out + first + j);
            }
            sum_word_line(out + first, offsets_.data() + row * parts);
        }
        // Up: what the bit lines lose.
        std::fill(below_.begin(), below_.end(), 0.0);
        lane_sums total;
        number const word(circuit_.resistances().word_line);
        for (std::size_t row = rows_; row-- > 0;) {
            std::size_t const first = row * stride_;
            number const segment(circuit_.bit_segment(row));
            double const* const through = through_.data() + first;
            double const* const offsets = offsets_.data() + row * parts;
            total.add(stride_, [&](std::size_t j) {
                number const drop = take(below + j) + segment * take(through + j);
                drop.store_unaligned(below + j);
                number const result = value(first + j, drop + word * take(out + first + j) + take(offsets + j % parts));
                result.store_unaligned(out + first + j);
                return term(first + j, result);
            });
        }
        return total.value();
    }

    /// Currents of one word line become sums of the currents through all segments up to a cell, within its part;
    /// `offsets` V (parts): what is lost before each part begins.
    void sum_word_line(double* cells, double* offsets) const {
        std::array<double, parts> buffer{};
        for (std::size_t b = 0; b < batches; ++b) {
            double* const from = cells + b * number::size;
            number sum(0.0);
            for (std::size_t k = length_; k-- > 0;) {
                sum += take(from + k * parts);
                sum.store_unaligned(from + k * parts);
            }
            sum.store_unaligned(buffer.data() + b * number::size);
        }
        double behind = 0;  // current into the parts further right
        for (std::size_t l = parts; l-- > 0;) {
            double const here = buffer[l];
            buffer[l] = behind;
            behind += here;
        }
        for (std::size_t b = 0; b < batches; ++b) {
            double* const from = cells + b * number::size;
            number const current = take(buffer.data() + b * number::size);
            number sum(0.0);
            for (std::size_t k = 0; k < length_; ++k) {
                sum += take(from + k * parts) + current;
                sum.store_unaligned(from + k * parts);
            }
            sum.store_unaligned(buffer.data() + b * number::size);
        }
        double lost = circuit_.resistances().driver * behind;
        for (std::size_t l = 0; l < parts; ++l) {
            offsets[l] = lost;
            lost += circuit_.resistances().word_line * buffer[l];
        }
    }

    crossbar_circuit const& circuit_;
    std::size_t rows_;
    std::size_t columns_;
    std::size_t length_;  // of a part
    std::size_t stride_;
    cell_values roots_;    // sqrt g
    cell_values through_;  // current of the bit line below a cell
    cell_values below_;    // (stride) running sums of the bit lines
    cell_values offsets_;  // (rows, parts)
    double largest_column_ = 0;
};

}  // namespace xcim::inline XCIM_ABI::wire::detail
