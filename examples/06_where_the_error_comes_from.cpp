/// \file
/// A convolution layer loses accuracy: where, and what does it cost to get it back? Ones in the operands, column sums
/// in the converter's range, errors of every cycle, signal-to-noise ratios, counts of operations and energy.

#include "example.hpp"

#include <xcim/analysis.hpp>
#include <xcim/cost.hpp>

#include <cmath>

namespace analysis = xcim::analysis;
namespace cost = xcim::cost;

int main() {
    auto const images = analysis::sample(analysis::rectified_normal{}, {2, 28, 12, 12}, 1);  // (N, C, H, W)
    auto const filters = analysis::sample(analysis::normal{}, {32, 28, 3, 3}, 2);            // (out, C, 3, 3)
    xcim::conv_options const same{.padding = 1};

    auto const macro = xcim::CimMacro{xcim::quant::operands{xcim::quant::symmetric{8}, xcim::quant::unsigned_range{8}},
                                      xcim::mapping::channel_block{.array = {255, 64}},
                                      xcim::encoding::bit_parallel{1},
                                      xcim::cell::sram{},
                                      xcim::noise::gaussian{xcim::of_full_scale(0.001)},
                                      xcim::adc::uniform{8},
                                      xcim::wire::ideal{},
                                      xcim::readout::single{}};
    auto const array = macro.program(filters);

    // 1. Which bits are ones?
    auto const input_ones = analysis::bit_sparsity(macro.input_quantiser(), images);
    auto const weight_ones = analysis::bit_sparsity(macro.weight_quantiser(), filters);
    fmt::print("bit   ones in inputs   in weights\n");
    for (std::size_t b = 0; b < input_ones.size(); ++b) {
        fmt::print("{:3}     {:6.1f} %       {:6.1f} %\n", b, 100 * input_ones[b], 100 * weight_ones[b]);
    }
    example::claim(input_ones.back() < 0.05, "behind a ReLU the top input bit is hardly ever one");

    // 2. What do column sums look like, and what is read?
    analysis::column_histogram columns;
    analysis::cycle_errors errors{macro, array};
    auto const y = xcim::conv2d(macro, images, array, same, {.seed = 1, .probe = &columns});
    static_cast<void>(xcim::conv2d(macro, images, array, same, {.seed = 1, .probe = &errors}));
    fmt::print("\ninput bit   largest sum of {}   range used   share of the output error\n",
               macro.mapping().array.rows);
    for (std::size_t p = 0; p < errors.cycles().phases(); ++p) {
        double largest = 0;
        double range = 0;
        double share = 0;
        for (std::size_t q = 0; q < errors.cycles().slices(); ++q) {
            largest = std::fmax(largest, columns.cycles().at(p, q).sum.highest);
            range = std::fmax(range, columns.cycles().at(p, q).range_used());
            share += errors.share(p, q);
        }
        fmt::print("    {}            {:3}            {:4.1f} %          {:4.1f} %\n", p, largest, 100 * range,
                   100 * share);
    }
    example::claim(columns.range_used() < 0.5, "no cycle uses half of the converter's range");
    double top_share = 0;
    for (std::size_t p = 0; p < 8; ++p) {
        for (std::size_t q = 0; q < 8; ++q) {
            top_share += p + q > 11 ? errors.share(p, q) : 0.0;
        }
    }
    example::claim(top_share > 0.8, "6 of 64 cycles make over 80 % of the output error");

    // 3. How good is the result?
    auto const snr = analysis::snr_of(macro, images, filters, {.conv = same, .seed = 1});
    auto const uniform =
        analysis::snr_of(macro, analysis::sample(analysis::uniform{0, 1}, {2, 28, 12, 12}, 1),
                         analysis::sample(analysis::uniform{}, {32, 28, 3, 3}, 2), {.conv = same, .seed = 1});
    fmt::print("\n             quantised operands   SQNR   CSNR   [dB]\n");
    fmt::print("  this layer        {:10.1f} {:8.1f} {:6.1f}\n", snr.input_sqnr_db, snr.sqnr_db, snr.csnr_db);
    fmt::print("  uniform operands  {:10.1f} {:8.1f} {:6.1f}\n", uniform.input_sqnr_db, uniform.sqnr_db,
               uniform.csnr_db);
    example::claim(uniform.csnr_db > snr.csnr_db + 10, "uniform operands promise over 10 dB more than this layer gets");

    // 4. What would it cost to do better, or cheaper?
    std::size_t const pixels = y.size() / array.outputs();
    struct result {
        double csnr_db;
        cost::counts count;
        double energy;
    };
    fmt::print("\nfor both images           CSNR [dB]   cycles a pixel   conversions   digital adds   energy\n");
    auto const evaluate = [&](char const* name, auto const& design) {
        auto const quality = analysis::snr_of(design, images, filters, {.conv = same, .seed = 1});
        auto const count = cost::counts_of(design, array, pixels);
        result const r{quality.csnr_db, count, cost::energy(count).total()};
        fmt::print("  {:24}{:6.1f}   {:10.0f} {:18} {:14} {:11.0f}\n", name, r.csnr_db,
                   static_cast<double>(count.cycles) / static_cast<double>(pixels), count.all_conversions(),
                   count.digital_adds, r.energy);
        return r;
    };
    auto const plain = evaluate("as it is", macro);
    auto const two = evaluate("two bits at once", macro.with(xcim::encoding::bit_parallel{2}));
    auto const wide =
        evaluate("and a 9-bit converter", macro.with(xcim::encoding::bit_parallel{2}).with(xcim::adc::uniform{9}));
    auto const hybrid = evaluate("top 6 cycles digital", macro.with(xcim::readout::hybrid{3}));
    auto const voting =
        evaluate("top 6 cycles, mean of 7", macro.with(xcim::readout::majority{3, 7, xcim::readout::vote::mean}));
    fmt::print("energy in conversions of 8 bits, for converters alone\n");
    example::claim(2 * two.count.cycles == plain.count.cycles, "two input bits at once halve the cycles");
    example::claim(wide.energy < 0.66 * plain.energy,
                   "with one more bit of the converter a third of the energy is saved");
    example::claim(hybrid.csnr_db > plain.csnr_db + 10, "6 digital cycles of 64 win over 10 dB");
    example::claim(voting.csnr_db > plain.csnr_db + 6 && voting.energy < 1.6 * plain.energy,
                   "voting on them wins over 6 dB for less than 1.6 times the energy");
}
