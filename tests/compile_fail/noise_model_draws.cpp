// expect: xcim::CimMacro: role NoiseModel (5th policy)
#include "parts.hpp"

/// Its kernel does not say how many normals it draws.
struct undecided_noise {
    static constexpr bool is_identity = false;
    struct kernel {
        template <xcim::value V>
        V operator()(V sum, xcim::lane<V> const& l) const {
            return sum + l.normal();
        }
    };
    [[nodiscard]] kernel prepare(xcim::column_context const& /*context*/) const { return {}; }
};

auto const macro = xcim::CimMacro{quantiser, mapping, encoding, cell, undecided_noise{}, adc};
