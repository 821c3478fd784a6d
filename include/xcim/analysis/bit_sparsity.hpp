#pragma once

#include <xcim/concepts/quantizer.hpp>
#include <xcim/core/tensor_ref.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xcim::inline XCIM_ABI::analysis {

/// Bit-level sparsity of a tensor: the fraction of ones at every bit index of its quantised codes.
///
///     sparsity[b] = (number of elements whose code has bit b) / (number of elements)
///
/// Bit 0 is the least significant; codes of a signed quantiser are two's complement, so the last bit is the sign. The
/// expected column sum of a bit-serial cycle is rows * sparsity of the input bit * sparsity of the weight bit where the
/// bits are independent.
/// Parameters: the quantiser; its scale is taken from the tensor where it is not fixed. Returns one fraction per bit,
/// all 0 for an empty tensor. Errors: xcim::error where an element is not finite.
/// Not modelled: encodings other than (two's complement) binary; zero padding of a convolution, which adds zeros.
/// Reference: Fig. 4(b) of ASiM (arXiv 2411.11022, 2024), which also calls the ratio of ones sparsity.
/// Tests: tests/unit/analysis/bit_sparsity.cpp.
template <Quantizer Q>
[[nodiscard]] std::vector<double> bit_sparsity(Q const& quantiser, tensor_ref const& t) {
    auto const bits = static_cast<std::size_t>(format_of(quantiser).bits);
    auto const kernel = quantiser.prepare(quantiser.calibrate(range_of(t, "tensor")));
    std::size_t const size = t.size();
    std::vector<std::uint64_t> ones(bits);
    for (std::size_t i = 0; i < size; ++i) {
        auto const code = static_cast<std::uint32_t>(static_cast<std::int32_t>(kernel.code(t.data[i])));
        for (std::size_t b = 0; b < bits; ++b) {
            ones[b] += (code >> b) & 1U;
        }
    }
    std::vector<double> sparsity(bits);
    for (std::size_t b = 0; b < bits && size > 0; ++b) {
        sparsity[b] = static_cast<double>(ones[b]) / static_cast<double>(size);
    }
    return sparsity;
}

template <Quantizer Q, dense_tensor T>
[[nodiscard]] std::vector<double> bit_sparsity(Q const& quantiser, T const& t) {
    return bit_sparsity(quantiser, ref(t, "tensor"));
}

}  // namespace xcim::inline XCIM_ABI::analysis
