#pragma once

/// \file
/// CimMacro with the defaults of its last two roles: ideal wires, one conversion per column sum.

#include <xcim/macro/cim_macro.hpp>
#include <xcim/readout/single.hpp>
#include <xcim/wire/ideal.hpp>

namespace xcim::inline XCIM_ABI {

template <class Q, class M, class E, class C, class N, class A>
CimMacro(Q, M, E, C, N, A) -> CimMacro<Q, M, E, C, N, A, wire::ideal, readout::single>;

template <class Q, class M, class E, class C, class N, class A, class W>
CimMacro(Q, M, E, C, N, A, W) -> CimMacro<Q, M, E, C, N, A, W, readout::single>;

template <class Q, class M, class E, class C, class N, class A, class W, class R>
CimMacro(Q, M, E, C, N, A, W, R) -> CimMacro<Q, M, E, C, N, A, W, R>;

}  // namespace xcim::inline XCIM_ABI
