// expect: xcim::CimMacro::with: the policy models none of the roles
#include "parts.hpp"

/// Forgets resolution().
struct unresolved_adc {
    static constexpr bool is_integer = true;
    struct kernel {
        double step = 1;
        template <xcim::value V>
        V operator()(V sum, xcim::lane<V> const& /*l*/) const {
            return xcim::round_half_even(sum);
        }
    };
    [[nodiscard]] kernel prepare(xcim::column_context const& /*context*/) const { return {}; }
};

auto const macro = xcim::CimMacro{quantiser, mapping, encoding, cell, noise, adc}.with(unresolved_adc{});
