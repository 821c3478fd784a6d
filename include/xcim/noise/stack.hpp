#pragma once

#include <xcim/concepts/noise_model.hpp>

#include <string>
#include <tuple>
#include <utility>

namespace xcim::inline XCIM_ABI::noise {

/// Several noise sources one after the other, each with draws of its own. Models NoiseModel.
///
///     sum' = last(... second(first(sum)))
///
/// ASiM's two sources together are stack{non_linearity{...}, gaussian{...}}: the first depends on the count without
/// the second.
/// Tests: tests/unit/noise/stack.cpp, tests/conformance/noise_model.cpp.
template <NoiseModel... Sources>
struct stack {
    static constexpr bool is_identity = (Sources::is_identity && ...);

    explicit stack(Sources... s) : sources{std::move(s)...} {}

    std::tuple<Sources...> sources;

    /// The first source, then the rest; empty, it does nothing.
    template <class... Kernels>
    struct kernel {
        static constexpr int draws = 0;
        static constexpr int column_draws = 0;
        [[nodiscard]] bool is_off() const { return true; }
        template <value V>
        V operator()(V sum, lane<V> const& /*l*/) const {
            return sum;
        }
    };

    template <class First, class... Rest>
    struct kernel<First, Rest...> {
        static constexpr int draws = First::draws + kernel<Rest...>::draws;
        static constexpr int column_draws = column_draws_of<First> + kernel<Rest...>::column_draws;
        First first;
        [[no_unique_address]] kernel<Rest...> rest;

        /// Every source is.
        [[nodiscard]] bool is_off() const {
            if constexpr (requires { first.is_off(); }) {
                return first.is_off() && rest.is_off();
            } else {
                return false;
            }
        }

        template <value V>
        V operator()(V sum, lane<V> const& l) const {
            return rest(first(sum, l), l.from_draw(First::draws, column_draws_of<First>));
        }
    };

    [[nodiscard]] auto prepare(column_context const& context) const {
        return std::apply([&](auto const&... s) { return nested(s.prepare(context)...); }, sources);
    }

    /// What is wrong with the first source that says something is.
    [[nodiscard]] std::string wrong() const {
        std::string sentence;
        auto const ask = [&](auto const& source) {
            if constexpr (requires { source.wrong(); }) {
                sentence = sentence.empty() ? source.wrong() : sentence;
            }
        };
        std::apply([&](auto const&... s) { (ask(s), ...); }, sources);
        return sentence;
    }

    friend std::string to_string(stack const& n) {
        std::string text = "stack(";
        std::apply([&](auto const&... s) { ((text += to_string(s) + "; "), ...); }, n.sources);
        return text.substr(0, text.size() - (sizeof...(Sources) > 0 ? 2 : 0)) + ")";
    }

private:
    static kernel<> nested() { return {}; }

    template <class First, class... Rest>
    static kernel<First, Rest...> nested(First first, Rest... rest) {
        return {first, nested(rest...)};
    }
};

template <class... Sources>
stack(Sources...) -> stack<Sources...>;

}  // namespace xcim::inline XCIM_ABI::noise
