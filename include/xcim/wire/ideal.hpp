#pragma once

#include <xcim/concepts/interconnect.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::wire {

/// Wires without resistance: every cell is seen as programmed. Models Interconnect.
///
/// Tests: tests/unit/wire/ideal.cpp, tests/conformance/interconnect.cpp.
struct ideal {
    static constexpr bool is_identity = true;

    void apply(wired_array const& /*array*/) const {}

    friend std::string to_string(ideal const&) { return "ideal wires"; }
};

}  // namespace xcim::inline XCIM_ABI::wire
