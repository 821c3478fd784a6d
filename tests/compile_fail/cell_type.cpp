// expect: xcim::CimMacro: role CellType (4th policy)
#include "parts.hpp"

/// Its kernel takes floats only: no batch of columns.
struct scalar_cell {
    static constexpr bool is_linear = false;
    static constexpr int levels = 2;
    struct kernel {
        float operator()(float state, float drive) const { return state * drive; }
    };
    [[nodiscard]] kernel prepare(xcim::cell_context /*context*/) const { return {}; }
};

auto const macro = xcim::CimMacro{quantiser, mapping, encoding, scalar_cell{}, noise, adc};
