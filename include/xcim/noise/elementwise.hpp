#pragma once

#include <xcim/concepts/noise_model.hpp>

#include <string>
#include <type_traits>
#include <utility>

namespace xcim::inline XCIM_ABI::noise {

namespace detail {

template <class F, class V>
concept column_formula =
    std::is_invocable_r_v<V, F const&, V, V> || std::is_invocable_r_v<V, F const&, V, V, column_context const&>;

}  // namespace detail

/// The user's own formula as a generic lambda: sum' = f(sum, z) or f(sum, z, context). Models NoiseModel.
///
/// `f` is called with float and with batch<float>, so write `auto`; z is a standard normal, fresh for every conversion;
/// context is the column_context of the phase. For numbers that are the same on every compiler target put products that
/// are added through xcim::unfused.
/// Parameters: `formula`, a trivially copyable function object.
/// Sees/returns: column sums in cell-LSB.
/// Tests: tests/unit/noise/elementwise.cpp, examples/02_own_noise.cpp.
template <class F>
requires std::is_trivially_copyable_v<F> && detail::column_formula<F, float> && detail::column_formula<F, batch<float>>
struct elementwise {
    static constexpr bool is_identity = false;

    F formula;

    struct kernel {
        static constexpr int draws = 1;
        F formula;
        column_context context;

        template <value V>
        V operator()(V sum, lane<V> const& l) const {
            if constexpr (std::is_invocable_v<F const&, V, V, column_context const&>) {
                return formula(sum, l.normal(), context);
            } else {
                return formula(sum, l.normal());
            }
        }
    };

    [[nodiscard]] kernel prepare(column_context const& context) const { return {formula, context}; }

    friend std::string to_string(elementwise const&) { return "elementwise formula"; }
};

template <class F>
elementwise(F) -> elementwise<F>;

}  // namespace xcim::inline XCIM_ABI::noise
