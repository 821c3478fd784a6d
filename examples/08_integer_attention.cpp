/// \file
/// An attention layer in integers only, on FLARE's two memories: exactly, cycle by cycle, and with cells that vary; and
/// how many array cycles its data need where only ones are driven.

#include "example.hpp"

#include <xcim/analysis.hpp>
#include <xcim/cost.hpp>
#include <xcim/integer_attention.hpp>

namespace {

constexpr std::size_t tokens = 48;
constexpr std::size_t width = 64;

/// Eight-bit integers with one scale for the matrix.
xcim::integer_projection projection(unsigned seed) {
    auto const w = example::normal({width, width}, seed);
    auto const quantiser = xcim::quant::symmetric{8};
    auto const scale = quantiser.calibrate(xcim::range_of(xcim::ref(w), "weights"));
    auto const kernel = quantiser.prepare(scale);
    xcim::integer_projection p{xt::xarray<std::int32_t>::from_shape({width, width}), scale.step(), {}};
    for (std::size_t i = 0; i < w.size(); ++i) {
        p.codes.flat(i) = static_cast<std::int32_t>(kernel.code(w.flat(i)));
    }
    return p;
}

/// Distance of two results relative to the first, as real numbers.
double distance(xcim::integer_attention_result const& a, xcim::integer_attention_result const& b) {
    double error = 0;
    double power = 0;
    for (std::size_t i = 0; i < a.codes.size(); ++i) {
        double const x = std::ldexp(a.scale * a.codes.flat(i), a.exponents.flat(i / width));
        double const y = std::ldexp(b.scale * b.codes.flat(i), b.exponents.flat(i / width));
        error += (x - y) * (x - y);
        power += x * x;
    }
    return std::sqrt(error / power);
}

}  // namespace

int main() {
    xcim::integer_attention_weights const weights{projection(1), projection(2), projection(3), projection(4)};
    xcim::integer_attention_options const options{.heads = 4, .input_scale = 0.01, .causal = true};

    // Tokens arrive as wide integers; eMSB-Q leaves eight bits and an exponent of each.
    auto const arrived = example::normal({tokens, width}, 5);
    auto x = xt::xarray<std::int32_t>::from_shape({tokens, width});
    auto exponents = xt::xarray<std::int32_t>::from_shape({tokens});
    for (std::size_t n = 0; n < tokens; ++n) {
        std::span<std::int32_t> const row{x.data() + n * width, width};
        for (std::size_t i = 0; i < width; ++i) {
            row[i] = static_cast<std::int32_t>(std::lround(10000 * arrived(n, i)));
        }
        exponents(n) = xcim::emsb_group<std::int32_t, std::int32_t>(row, row, {.bits = 8});
    }

    auto const layer = xcim::program_integer_attention(weights, options);
    auto const exact = xcim::integer_attention(layer, x, exponents);

    auto const on = [&](auto const& macros) {
        auto const codes = [](xcim::integer_projection const& p) {
            return std::span<std::int32_t const>{p.codes.data(), p.codes.size()};
        };
        xcim::macro_products const products{macros,
                                            layer.plan.shape,
                                            xcim::projection_codes{codes(weights.query), codes(weights.key),
                                                                   codes(weights.value), codes(weights.output)},
                                            {.seed = 1, .every_cycle = true}};
        return xcim::integer_attention(layer.plan, products, x, exponents);
    };
    auto const macros = xcim::flare_macros(options);
    fmt::print("{}\n", describe(macros.projection));
    auto const cycle_by_cycle = on(macros);
    example::claim(cycle_by_cycle.codes == exact.codes && cycle_by_cycle.exponents == exact.exponents,
                   "eight word lines at a time and nine levels lose nothing");

    fmt::print("\ncell spread   margin, sigma   misread counts of 8   error of the layer\n");
    double at_six_sigma = 0;
    double at_three_sigma = 0;
    for (double const spread : {0.0295, 0.06, 0.12}) {
        xcim::noise::sense_variation const cells{{.on = spread}};
        using design = xcim::flare_design<xcim::noise::sense_variation>;
        double const error =
            distance(exact, on(xcim::flare_macros(options, design{.weight_noise = cells, .activation_noise = cells})));
        double const margin = xcim::analysis::sense_margin(cells.cells, 8);
        (spread < 0.05 ? at_six_sigma : at_three_sigma) = error;
        fmt::print("{:9.2f} %   {:13.1f}   {:17.2g} %   {:18.4f}\n", 100 * spread, margin,
                   100 * xcim::analysis::misread_probability(cells.cells, 8, 8), error);
    }
    example::claim(at_six_sigma == 0, "at six sigma not one of the conversions of this layer is misread");
    example::claim(at_three_sigma > 0, "a wider spread shows");

    auto const cycles = xcim::cost::gemv_cycles(std::span<std::int32_t const>{x.data(), x.size()}, width,
                                                {options.x_bits, true}, macros.projection.encoding());
    fmt::print(
        "\narray cycles of a projection: {} in fixed groups, {} where only ones are driven: {:.2f} times fewer\n",
        cycles.fixed, cycles.sifted, cycles.boost());
    example::claim(cycles.boost() > 1.5, "half of the bits of two's complement are zeros, and zeros cost nothing");
}
