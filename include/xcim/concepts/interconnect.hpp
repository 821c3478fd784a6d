#pragma once

/// \file
/// Interconnect: what the wires of one array do to its cells as seen from outside, once, after programming.
///
/// Semantics. `apply(states, rows, columns)` turns the programmed states of one tile (row-major, rows x columns) into
/// effective ones; its columns are the weight slices of up to 64 outputs, slice by slice. `is_identity` says at compile
/// time that nothing happens, so that cells may be summed as integers. Law (testing/interconnect.hpp): is_identity
/// implies that apply changes nothing. Models: wire::ideal.

#include <concepts>
#include <cstddef>
#include <span>
#include <xcim/config.hpp>

namespace xcim::inline XCIM_ABI {

template <class W>
concept Interconnect = std::copyable<W> && requires(W const& w, std::span<float> states, std::size_t n) {
    typename std::bool_constant<W::is_identity>;
    w.apply(states, n, n);
};

}  // namespace xcim::inline XCIM_ABI
