/// \file
/// A layer on IBM's PCM tile as it ages: IR drop from the first second, drift over a month, and what one digital gain
/// brings back. The same chip all along: its devices are drawn once.

#include "example.hpp"

#include <xcim/ops/drift_compensation.hpp>
#include <xcim/presets.hpp>

int main() {
    auto const x = example::normal({32, 400}, 1);  // (M, K)
    auto const w = example::normal({64, 400}, 2);  // (N, K)
    auto const exact = example::product(x, xt::xarray<float>(xt::transpose(w)));
    auto const y = [&](auto const& macro, auto const& array) { return xcim::linear(macro, x, array, {.seed = 1}); };

    auto const fresh = xcim::tile::ibm({.time = 25 * xcim::cell::second});
    auto const first = fresh.program(w, {.chip = 7});
    auto const response = xcim::drift_response(fresh, first);

    fmt::print("signal to noise of the layer in dB, column lines of 0.15 ohm a cell\n"
               "after            as it is   one gain   a gain an output\n");
    double aged = 0;
    double compensated = 0;
    for (auto const& [name, seconds] : {std::pair{"25 seconds", 25.0}, std::pair{"an hour", xcim::cell::hour},
                                        std::pair{"a day", xcim::cell::day}, std::pair{"a month", xcim::cell::month}}) {
        auto const macro = xcim::tile::ibm({.time = seconds});
        auto array = macro.program(w, {.chip = 7});
        aged = example::sqnr(exact, y(macro, array));
        xcim::compensate_drift(macro, array, response);
        compensated = example::sqnr(exact, y(macro, array));
        xcim::compensate_drift(macro, array, response, xcim::compensated::each_output);
        fmt::print("{:14}   {:8.1f}   {:8.1f}   {:16.1f}\n", name, aged, compensated,
                   example::sqnr(exact, y(macro, array)));
    }
    example::claim(compensated > aged + 6, "a month costs more than 6 dB, most of which one gain brings back");

    auto const at = [&](double ohm) {
        auto const macro = xcim::tile::ibm({.bit_line_resistance = ohm});
        return example::sqnr(exact, y(macro, macro.program(w, {.chip = 7})));
    };
    fmt::print("\ncolumn line, ohm a cell    0     0.15     0.35     1\n"
               "dB when just programmed   {:5.1f} {:7.1f} {:8.1f} {:7.1f}\n",
               at(0), at(0.15), at(0.35), at(1));
    example::claim(at(0) - at(0.15) < 3 && at(0) - at(1) > 5,
                   "devices limit this layer at 0.15 ohm a cell, wires at 1 ohm");
}
