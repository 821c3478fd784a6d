#pragma once

/// \file
/// Adc: the converter at the end of a column line.
///
/// Semantics. `prepare(context)` returns a kernel with a call (sum, lane) -> code and `step`, the cell-LSB that one
/// code stands for: the value of a conversion is code * step. Codes that are integers are added up exactly, whatever
/// their step. `resolution(context)` is the number of bits of the converter in that context (0: infinite); `is_integer`
/// says whether codes are integers. A kernel may say `is_exact()`: every integer column sum is read as itself,
/// code * step == sum. One that draws says `draws`, its standard normals per conversion (lane::normal(0) ...), and
/// `column_draws`, those that stay with a converter of the chip (lane::column_normal(0) ...); a policy whose converters
/// serve several neighbouring columns says how many, `columns_per_converter()`. A kernel whose neighbouring codes are
/// further apart than 1 says `lsb()`, the cell-LSB from one to the next; one that clips may say `largest_code()`. Laws
/// (testing/adc.hpp): monotone unless documented; at most 2^resolution codes; batch and scalar agree; adc::ideal is the
/// identity. Models: adc::ideal, adc::uniform, adc::exact_count, adc::calibrated, adc::sign_magnitude, adc::sar,
/// adc::ramp, adc::pipeline, adc::cyclic, adc::oscillator, adc::s_curve, adc::tabulated, adc::stochastic.

#include <xcim/concepts/column.hpp>

namespace xcim::inline XCIM_ABI {

template <class K>
concept adc_kernel = column_kernel<K, float> && column_kernel<K, batch<float>> && requires(K const& k) {
    { k.step } -> std::convertible_to<double>;
};

/// Normals of a conversion, of a converter; 0 where the kernel does not speak of them.
template <class K>
inline constexpr int adc_draws_of = 0;

template <class K>
requires requires { K::draws; }
inline constexpr int adc_draws_of<K> = K::draws;

template <class K>
inline constexpr int adc_column_draws_of = 0;

template <class K>
requires requires { K::column_draws; }
inline constexpr int adc_column_draws_of<K> = K::column_draws;

/// Cell-LSB between neighbouring codes.
template <adc_kernel K>
[[nodiscard]] double adc_lsb_of(K const& kernel) {
    if constexpr (requires { kernel.lsb(); }) {
        return kernel.lsb();
    } else {
        return static_cast<double>(kernel.step);
    }
}

template <class A>
concept Adc = std::copyable<A> && requires(A const& a, column_context x) {
    typename std::bool_constant<A::is_integer>;
    { a.resolution(x) } -> std::convertible_to<int>;
    { a.prepare(x) } -> adc_kernel;
};

}  // namespace xcim::inline XCIM_ABI
