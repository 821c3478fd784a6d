#include "layers.hpp"
#include "macro.hpp"

namespace study {

namespace {

auto macro_of(design const& point) {
    return make_macro(point, xcim::noise::gaussian{amplitude(point)}, xcim::readout::single{});
}

/// Runs a convolution under the eyes of a probe.
template <class Macro>
void observe(Macro const& macro, xcim::programmed_array const& array, layer_operands const& layer,
             xcim::column_probe& probe) {
    static_cast<void>(xcim::conv2d(macro, layer.input, array, {.stride = layer.stride, .padding = layer.padding},
                                   {.seed = 1, .probe = &probe}));
}

}  // namespace

std::unique_ptr<any_backend> make_random_noise_backend(design const& point, std::uint64_t seed) {
    return box(point, seed, xcim::noise::gaussian{amplitude(point)}, xcim::readout::single{});
}

xcim::analysis::column_histogram column_sums(design const& point, layer_operands const& layer) {
    auto const macro = macro_of(point);
    auto const array = macro.program(layer.weight);
    xcim::analysis::column_histogram columns;
    observe(macro, array, layer, columns);
    return columns;
}

xcim::analysis::cycle_errors cycle_errors(design const& point, layer_operands const& layer) {
    auto const macro = macro_of(point);
    auto const array = macro.program(layer.weight);
    auto errors = xcim::analysis::cycle_errors{macro, array};
    observe(macro, array, layer, errors);
    return errors;
}

}  // namespace study
