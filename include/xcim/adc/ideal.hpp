#pragma once

#include <xcim/concepts/adc.hpp>

#include <string>

namespace xcim::inline XCIM_ABI::adc {

/// A converter of infinite resolution and range: the code is the sum. Models Adc.
///
/// Tests: tests/unit/adc/ideal.cpp, tests/conformance/adc.cpp.
struct ideal {
    static constexpr bool is_integer = false;

    struct kernel {
        double step = 1;
        bool integer_sums = false;

        [[nodiscard]] bool is_exact() const { return integer_sums; }

        template <value V>
        V operator()(V sum, lane<V> const& /*l*/) const {
            return sum;
        }
    };

    /// 0: no finite number of bits.
    [[nodiscard]] int resolution(column_context const& /*context*/) const { return 0; }

    [[nodiscard]] kernel prepare(column_context const& context) const { return {1, context.integer_sums}; }

    friend std::string to_string(ideal const&) { return "ideal ADC"; }
};

}  // namespace xcim::inline XCIM_ABI::adc
