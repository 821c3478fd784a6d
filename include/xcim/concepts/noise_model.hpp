#pragma once

/// \file
/// NoiseModel: what happens to a column sum before it is converted.
///
/// Semantics. `prepare(context)` returns a kernel with `draws`, the number of standard normals it takes per conversion
/// (lane::normal(0) ... lane::normal(draws - 1)), and a call (sum, lane) -> sum in cell-LSB. `column_draws`, optional,
/// is the number of normals that belong to a column of the chip and stay the same in all its conversions
/// (lane::column_normal). `is_off()`, optional, says that with these parameters the kernel returns every sum unchanged.
/// `is_identity` says at compile time that the stage does nothing, so that no number is drawn
/// for it.
/// Laws (testing/noise_model.hpp): amplitude zero is the identity bit for bit; batch and scalar agree; moments and
/// distribution of the models at fixed seeds.
/// Models: noise::none, noise::gaussian, noise::thermal, noise::non_linearity, noise::gain_compression,
/// noise::comparator_offset, noise::sense_variation, noise::popcount_errors, noise::elementwise, noise::stack.

#include <xcim/concepts/column.hpp>

namespace xcim::inline XCIM_ABI {

template <class K>
concept noise_kernel = column_kernel<K, float> && column_kernel<K, batch<float>> && requires {
    { K::draws } -> std::convertible_to<int>;
};

/// Normals of a column, 0 where the kernel does not speak of them.
template <class K>
inline constexpr int column_draws_of = 0;

template <class K>
requires requires { K::column_draws; }
inline constexpr int column_draws_of<K> = K::column_draws;

template <class N>
concept NoiseModel = std::copyable<N> && requires(N const& n, column_context x) {
    typename std::bool_constant<N::is_identity>;
    { n.prepare(x) } -> noise_kernel;
};

}  // namespace xcim::inline XCIM_ABI
