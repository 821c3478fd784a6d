#pragma once

#include <xcim/ops/tensor.hpp>
#include <xcim/ops/vdr_softmax.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <vector>

namespace xcim::inline XCIM_ABI {

/// An xtensor container or expression of signed integers.
template <class T>
concept signed_array = xt::is_xexpression<T>::value && std::signed_integral<typename T::value_type>;

/// Rows of integer softmax and what goes along with them.
template <std::integral Code>
struct integer_softmax_rows {
    xt::xarray<Code> codes;         ///< (..., n)  a row in units of its own
    xt::xarray<int> shifts;         ///< (...)     from exponentials to codes
    xt::xarray<std::int64_t> sums;  ///< (...)     of the codes: row_reciprocal.hpp divides by them

    /// codes / sums; 0 in rows whose codes are all 0.
    [[nodiscard]] xt::xarray<float> weights() const {
        xt::xarray<float> w(codes);
        std::size_t const extent = codes.shape().back();
        for (std::size_t i = 0; i < w.size(); ++i) {
            w.data()[i] /= static_cast<float>(std::max<std::int64_t>(1, sums.data()[i / extent]));
        }
        return w;
    }
};

/// VDR-Softmax over the last axis of an integer array, computed digitally beside the macros.
///
/// The logits of row t are x[t] s0 2^exponents[t], with s0 of the table; see vdr_softmax_row for the equations.
/// Parameters: `x` (..., n): signed integers of Q_I bits; `exponents` (...): integers, one a row; `table`: s0, formats
/// and options; Code: a type that holds Q_O bits.
/// Returns codes, shifts and sums.
/// Errors: xcim::error for an empty last axis, exponents of another shape, a logit of more than Q_I bits, a Code that
/// is too narrow, and without pre-shift for exponents that have no entry in the table.
/// Not modelled: masks.
/// Reference: FLARE (arXiv 2411.14733, 2024), algorithm 1. Tests: tests/unit/ops/integer_softmax.cpp.
template <std::integral Code = std::int32_t, signed_array X, signed_array E>
[[nodiscard]] integer_softmax_rows<Code> integer_softmax(X const& x, E const& exponents, vdr_table const& table) {
    using logit = typename X::value_type;
    xt::xarray<logit> const logits(x);
    xt::xarray<typename E::value_type> const given(exponents);
    xt::xarray<int> of_table = xt::xarray<int>::from_shape(given.shape());
    std::ranges::transform(given, of_table.begin(), [](auto e) {  // the table ends long before
        return static_cast<int>(std::clamp<std::int64_t>(e, -(1 << 24), 1 << 24));
    });
    std::vector<std::size_t> const shape(logits.shape().begin(), logits.shape().end());
    if (shape.empty() || shape.back() == 0) {
        throw error(errc::shape,
                    "the logits have shape " + to_string(shape) + "; a last axis with at least one element is needed");
    }
    std::vector<std::size_t> const of_rows(shape.begin(), shape.end() - 1);
    std::vector<std::size_t> const found(of_table.shape().begin(), of_table.shape().end());
    if (found != of_rows) {
        throw error(errc::shape, "the exponents have shape " + to_string(found) + "; " + to_string(of_rows) +
                                     " is needed, one for each row of the logits");
    }
    std::span<logit const> const all{logits.data(), logits.size()};
    if (!detail::has_bits(all, table.options().in_bits)) {
        throw error(errc::value, "a logit does not fit the " + std::to_string(table.options().in_bits) +
                                     " bits of vdr_options::in_bits");
    }
    std::size_t const extent = shape.back();
    integer_softmax_rows<Code> result{xt::xarray<Code>::from_shape(shape), xt::xarray<int>::from_shape(of_rows),
                                      xt::xarray<std::int64_t>::from_shape(of_rows)};
    for (std::size_t row = 0; row < result.sums.size(); ++row) {
        std::span<Code> const codes{result.codes.data() + row * extent, extent};
        auto const& entry = table.at(of_table.data()[row]);
        result.shifts.data()[row] = vdr_softmax_row(all.subspan(row * extent, extent), codes, entry, table.options());
        result.sums.data()[row] = std::accumulate(codes.begin(), codes.end(), std::int64_t{0});
    }
    return result;
}

}  // namespace xcim::inline XCIM_ABI
