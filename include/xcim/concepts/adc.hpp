#pragma once

/// \file
/// Adc: the converter at the end of a column line.
///
/// Semantics. `prepare(context)` returns a kernel with a call (sum, lane) -> code and `step`, the cell-LSB that one
/// code stands for: the value of a conversion is code * step. Codes that are integers are added up exactly, whatever
/// their step. `resolution(context)` is the number of bits of the converter in that context (0: infinite); `is_integer`
/// says whether codes are integers. A kernel may say `is_exact()`: every integer column sum is read as itself,
/// code * step == sum. Laws (testing/adc.hpp): monotone; at most 2^resolution codes; batch and scalar
/// agree; adc::ideal is the identity. Models: adc::ideal, adc::uniform, adc::exact_count.

#include <xcim/concepts/column.hpp>

namespace xcim::inline XCIM_ABI {

template <class K>
concept adc_kernel = column_kernel<K, float> && column_kernel<K, batch<float>> && requires(K const& k) {
    { k.step } -> std::convertible_to<double>;
};

template <class A>
concept Adc = std::copyable<A> && requires(A const& a, column_context x) {
    typename std::bool_constant<A::is_integer>;
    { a.resolution(x) } -> std::convertible_to<int>;
    { a.prepare(x) } -> adc_kernel;
};

}  // namespace xcim::inline XCIM_ABI
