#pragma once

#include <xcim/concepts/noise_model.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::noise {

/// No noise: column sums reach the converter exactly. Models NoiseModel.
///
/// Tests: tests/unit/noise/none.cpp, tests/conformance/noise_model.cpp.
struct none {
    static constexpr bool is_identity = true;

    struct kernel {
        static constexpr int draws = 0;
        [[nodiscard]] bool is_off() const { return true; }
        template <value V>
        V operator()(V sum, lane<V> const& /*l*/) const {
            return sum;
        }
    };

    [[nodiscard]] kernel prepare(column_context const& /*context*/) const { return {}; }

    friend std::string to_string(none const&) { return "no noise"; }
};

}  // namespace xcim::inline XCIM_ABI::noise
