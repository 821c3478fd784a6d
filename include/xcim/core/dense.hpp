#pragma once

/// \file
/// Small dense linear algebra in double: products and the solution of linear systems.
///
/// Matrices are row-major views with a stride, so that parts of matrices are matrices. Every element of a product is
/// summed in the order of its index, so results depend neither on SIMD width nor on threads; targets with fused
/// multiply-add round less often than others and differ from them in the last digits of a double.

#include <xcim/core/aligned.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// `rows` x `columns` elements, row i at data + i * stride. T: double or double const.
template <class T>
struct dense_view {
    T* data = nullptr;
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::size_t stride = 0;

    [[nodiscard]] XCIM_INLINE T* row(std::size_t i) const { return data + i * stride; }

    [[nodiscard]] dense_view part(std::size_t first_row, std::size_t count, std::size_t first_column,
                                  std::size_t width) const {
        return {data + first_row * stride + first_column, count, width, stride};
    }

    operator dense_view<T const>() const requires(!std::is_const_v<T>) { return {data, rows, columns, stride}; }
};

namespace dense_detail {

using double_batch = batch<double>;
inline constexpr std::size_t double_lanes = double_batch::size;

/// a * b + c, rounded once where the target can.
XCIM_INLINE double_batch multiply_add(double_batch const& a, double_batch const& b, double_batch const& c) {
#if defined(__AVX512F__)
    return double_batch(_mm512_fmadd_pd(a.data, b.data, c.data));  // xsimd 8.1 multiplies, then adds
#else
    return xsimd::fma(a, b, c);
#endif
}

/// Tile of the product kept in registers: rows x batches of columns.
#if defined(__AVX512F__)
inline constexpr std::size_t tile_rows = 8;
#else
inline constexpr std::size_t tile_rows = 4;
#endif
inline constexpr std::size_t tile_batches = 3;
inline constexpr std::size_t tile_depth = 192;   ///< rows of the right factor copied at a time: they stay in L1
inline constexpr std::size_t tile_height = 256;  ///< rows of the left factor at a time: they stay in L2

template <std::size_t... I, class F>
XCIM_INLINE void unrolled(std::index_sequence<I...> /*indices*/, F const& f) {
    (f(std::integral_constant<std::size_t, I>{}), ...);
}

/// c (Rows, Batches * lanes) += a (Rows, depth) * panel (depth, Batches * lanes), panel packed.
template <std::size_t Rows, std::size_t Batches>
void multiply_tile(double* c, std::size_t c_stride, double const* a, std::size_t a_stride, double const* panel,
                   std::size_t depth) {
    constexpr auto rows = std::make_index_sequence<Rows>{};
    constexpr auto batches = std::make_index_sequence<Batches>{};
    double_batch sums[Rows][Batches];
    unrolled(rows, [&](auto r) {
        unrolled(batches,
                 [&](auto b) { sums[r][b] = double_batch::load_unaligned(c + r * c_stride + b * double_lanes); });
    });
    for (std::size_t k = 0; k < depth; ++k) {
        double_batch right[Batches];
        unrolled(batches,
                 [&](auto b) { right[b] = double_batch::load_unaligned(panel + (k * Batches + b) * double_lanes); });
        unrolled(rows, [&](auto r) {
            double_batch const left(a[r * a_stride + k]);
            unrolled(batches, [&](auto b) { sums[r][b] = multiply_add(left, right[b], sums[r][b]); });
        });
    }
    unrolled(rows, [&](auto r) {
        unrolled(batches, [&](auto b) { sums[r][b].store_unaligned(c + r * c_stride + b * double_lanes); });
    });
}

/// c += sign * a * b, no wider than `Batches` batches; `panel` is room for a copy of b.
template <std::size_t Batches>
void multiply_panel(dense_view<double> const& c, dense_view<double const> const& a, dense_view<double const> const& b,
                    double sign, double* panel) {
    constexpr std::size_t width = Batches * double_lanes;
    for (std::size_t r = 0; r < b.rows; ++r) {
        double const* const from = b.row(r);
        double* const to = panel + r * width;
        if (b.columns == width) {
            for (std::size_t l = 0; l < width; ++l) {
                to[l] = sign * from[l];
            }
            continue;
        }
        for (std::size_t l = 0; l < width; ++l) {
            to[l] = l < b.columns ? sign * from[l] : 0.0;
        }
    }
    auto const tile = [&]<std::size_t Rows>(std::size_t i, std::integral_constant<std::size_t, Rows>) {
        if (c.columns == width) {
            multiply_tile<Rows, Batches>(c.row(i), c.stride, a.row(i), a.stride, panel, a.columns);
            return;
        }
        double edge[Rows * width] = {};
        for (std::size_t r = 0; r < Rows; ++r) {
            std::copy_n(c.row(i + r), c.columns, edge + r * width);
        }
        multiply_tile<Rows, Batches>(edge, width, a.row(i), a.stride, panel, a.columns);
        for (std::size_t r = 0; r < Rows; ++r) {
            std::copy_n(edge + r * width, c.columns, c.row(i + r));
        }
    };
    std::size_t i = 0;
    for (; i + tile_rows <= c.rows; i += tile_rows) {
        tile(i, std::integral_constant<std::size_t, tile_rows>{});
    }
    for (; i + 2 <= c.rows; i += 2) {
        tile(i, std::integral_constant<std::size_t, 2>{});
    }
    if (i < c.rows) {
        tile(i, std::integral_constant<std::size_t, 1>{});
    }
}

}  // namespace dense_detail

/// c += sign * a * b.
inline void add_product(dense_view<double> const& c, dense_view<double const> const& a,
                        dense_view<double const> const& b, double sign = 1) {
    constexpr std::size_t width = dense_detail::tile_batches * dense_detail::double_lanes;
    alignas(64) double panel[dense_detail::tile_depth * width];
    for (std::size_t k = 0; k < b.rows; k += dense_detail::tile_depth) {
        std::size_t const depth = std::min(dense_detail::tile_depth, b.rows - k);
        for (std::size_t i = 0; i < a.rows; i += dense_detail::tile_height) {
            std::size_t const height = std::min(dense_detail::tile_height, a.rows - i);
            auto const left = a.part(i, height, k, depth);
            for (std::size_t j = 0; j < b.columns; j += width) {
                std::size_t const columns = std::min(width, b.columns - j);
                auto const to = c.part(i, height, j, columns);
                auto const right = b.part(k, depth, j, columns);
                if (columns > 2 * dense_detail::double_lanes) {
                    dense_detail::multiply_panel<3>(to, left, right, sign, panel);
                } else if (columns > dense_detail::double_lanes) {
                    dense_detail::multiply_panel<2>(to, left, right, sign, panel);
                } else {
                    dense_detail::multiply_panel<1>(to, left, right, sign, panel);
                }
            }
        }
    }
}

/// Factors of a square matrix with partial pivoting, written over it.
class lu_factors {
public:
    /// `a` is overwritten and has to live as long as the factors. A matrix without inverse leaves is_regular() false.
    explicit lu_factors(dense_view<double> const& a) : a_{a}, pivots_(a.rows) { factor(0, a.rows); }

    [[nodiscard]] bool is_regular() const { return regular_; }

    /// Replaces the right-hand sides, the columns of b, by the solutions.
    void solve(dense_view<double> const& b) const {
        exchange_rows(b, 0, a_.rows);
        eliminate_down(b, 0, a_.rows);
        eliminate_up(b, 0, a_.rows);
    }

private:
    static constexpr std::size_t block = 8;  // halved down to this size, so that nearly all work is in products
    static constexpr std::size_t strip = 3 * dense_detail::double_lanes * 2;  // columns solved together

    /// Largest multiple of the block in the first half.
    static std::size_t first_part(std::size_t width) { return (width / 2 + block - 1) / block * block; }

    XCIM_INLINE static void subtract(double* to, double factor, double const* from, std::size_t count) {
        for (std::size_t j = 0; j < count; ++j) {
            to[j] -= factor * from[j];
        }
    }

    /// Columns k to k + width, from row k on; what is left of them is factored already.
    void factor(std::size_t k, std::size_t width) {
        if (width <= block) {
            factor_columns(k, width);
            return;
        }
        std::size_t const half = first_part(width);
        std::size_t const next = k + half;
        factor(k, half);
        auto const right = a_.part(0, a_.rows, next, width - half);
        exchange_rows(right, k, half);
        eliminate_down(right, k, half);
        add_product(right.part(next, a_.rows - next, 0, right.columns), a_.part(next, a_.rows - next, k, half),
                    right.part(k, half, 0, right.columns), -1);
        factor(next, width - half);
        exchange_rows(a_.part(0, a_.rows, k, half), next, width - half);
    }

    void factor_columns(std::size_t k, std::size_t width) {
        for (std::size_t j = k; j < k + width; ++j) {
            std::size_t pivot = j;
            for (std::size_t i = j + 1; i < a_.rows; ++i) {
                pivot = std::abs(a_.row(i)[j]) > std::abs(a_.row(pivot)[j]) ? i : pivot;
            }
            pivots_[j] = pivot;
            if (pivot != j) {
                std::swap_ranges(a_.row(j) + k, a_.row(j) + k + width, a_.row(pivot) + k);
            }
            double const largest = a_.row(j)[j];
            regular_ = regular_ && std::abs(largest) >= std::numeric_limits<double>::min();
            double const inverse = 1 / largest;
            for (std::size_t i = j + 1; i < a_.rows; ++i) {
                double const factor = a_.row(i)[j] *= inverse;
                subtract(a_.row(i) + j + 1, factor, a_.row(j) + j + 1, k + width - j - 1);
            }
        }
    }

    void exchange_rows(dense_view<double> const& b, std::size_t k, std::size_t width) const {
        for (std::size_t j = k; j < k + width; ++j) {
            if (pivots_[j] != j) {
                std::swap_ranges(b.row(j), b.row(j) + b.columns, b.row(pivots_[j]));
            }
        }
    }

    /// Rows k to k + width of b become the solution of the unit lower triangle there.
    void eliminate_down(dense_view<double> const& b, std::size_t k, std::size_t width) const {
        if (width > block) {
            std::size_t const half = first_part(width);
            std::size_t const next = k + half;
            eliminate_down(b, k, half);
            add_product(b.part(next, width - half, 0, b.columns), a_.part(next, width - half, k, half),
                        b.part(k, half, 0, b.columns), -1);
            eliminate_down(b, next, width - half);
            return;
        }
        for (std::size_t first = 0; first < b.columns; first += strip) {
            std::size_t const count = std::min(strip, b.columns - first);
            for (std::size_t i = k + 1; i < k + width; ++i) {
                for (std::size_t l = k; l < i; ++l) {
                    subtract(b.row(i) + first, a_.row(i)[l], b.row(l) + first, count);
                }
            }
        }
    }

    /// The same for the upper triangle.
    void eliminate_up(dense_view<double> const& b, std::size_t k, std::size_t width) const {
        if (width > block) {
            std::size_t const half = first_part(width);
            std::size_t const next = k + half;
            eliminate_up(b, next, width - half);
            add_product(b.part(k, half, 0, b.columns), a_.part(k, half, next, width - half),
                        b.part(next, width - half, 0, b.columns), -1);
            eliminate_up(b, k, half);
            return;
        }
        for (std::size_t first = 0; first < b.columns; first += strip) {
            std::size_t const count = std::min(strip, b.columns - first);
            for (std::size_t i = k + width; i-- > k;) {
                for (std::size_t l = i + 1; l < k + width; ++l) {
                    subtract(b.row(i) + first, a_.row(i)[l], b.row(l) + first, count);
                }
                double const inverse = 1 / a_.row(i)[i];
                for (std::size_t j = 0; j < count; ++j) {
                    b.row(i)[first + j] *= inverse;
                }
            }
        }
    }

    dense_view<double> a_;
    std::vector<std::size_t> pivots_;
    bool regular_ = true;
};

}  // namespace xcim::inline XCIM_ABI
