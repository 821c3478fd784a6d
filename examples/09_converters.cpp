/// \file
/// Converters as circuits: choose a range from the column sums there are, measure the linearity of a converter drawn
/// for a chip, and see what it does to a product.

#include "example.hpp"

#include <xcim/adc/calibrated.hpp>
#include <xcim/adc/pipeline.hpp>
#include <xcim/adc/sar.hpp>
#include <xcim/analysis.hpp>
#include <xcim/analysis/linearity.hpp>
#include <xcim/core/normal.hpp>
#include <xcim/io/table.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace adc = xcim::adc;
namespace analysis = xcim::analysis;

/// Normals of a converter like those of a chip.
std::vector<float> converter(std::size_t draws, std::uint64_t chip) {
    std::vector<float> normals;
    for (std::uint32_t quad = 0; normals.size() < draws; ++quad) {
        auto const four = xcim::four_normals(xcim::stage_key(chip, 0, xcim::stage::converter), {0, quad});
        normals.insert(normals.end(), four.begin(), four.end());
    }
    return normals;
}

/// INL and DNL of some converters by code, for pictures: examples/converters.gp.
void write_curves(std::string const& path, xcim::column_context const& context) {
    xcim::io::table curves{{"converter", "code", "inl_lsb", "dnl_lsb"}};
    auto const add = [&](char const* name, auto const& converter_policy) {
        auto const kernel = converter_policy.prepare(context);
        using kernel_type = std::remove_cvref_t<decltype(kernel)>;
        auto const r = analysis::linearity_of(
            analysis::transfer_of(kernel, -20, 275, converter(xcim::adc_column_draws_of<kernel_type>, 1)));
        for (std::size_t k = 1; k < r.thresholds.size(); ++k) {
            curves.add(name, r.codes[k], r.inl[k], r.dnl[k - 1]);
        }
    };
    add("SAR", adc::sar{8, {.mismatch = 0.03}});
    add("split SAR", adc::sar{8, {.mismatch = 0.03, .is_split = true}});
    add("pipeline", adc::pipeline{8, {.mismatch = 0.01, .gain_db = 50}});
    add("cyclic", adc::cyclic{8, {.mismatch = 0.01, .gain_db = 50}});
    curves.write_csv(path);
}

/// An argument: file to write INL and DNL to.
int main(int count, char** arguments) {
    auto const x = example::rectified({32, 255}, 1);  // (M, K)
    auto const w = example::normal({24, 255}, 2);     // (N, K)
    auto const macro = xcim::CimMacro{xcim::quant::symmetric{8},    xcim::mapping::bit_slice{.array = {255, 64}},
                                      xcim::encoding::bit_serial{}, xcim::cell::sram{},
                                      xcim::noise::none{},          adc::ideal{}};
    auto const array = macro.program(w);

    // 1. A range from the sums that come.
    analysis::column_histogram columns;
    auto const exact = xcim::linear(macro, x, array, {.probe = &columns});  // (M, N)
    auto const range = adc::percentile_range(columns.cycles().entries(), 0.9999);
    auto const read = [&](auto const& converter) { return xcim::linear(macro.with(converter), x, array); };
    auto const quality = [&](auto const& converter) { return example::sqnr(exact, read(converter)); };
    double const whole = quality(adc::calibrated{6});
    double const fitted = quality(adc::calibrated{6, range});
    fmt::print("6 bits over 255 cells {:.1f} dB, over {:.0f} to {:.0f} of them {:.1f} dB\n", whole, range.lowest,
               range.highest, fitted);
    example::claim(fitted > whole + 6, "a range fitted to the sums is worth more than a bit");

    // 2. Linearity of the converters of three chips.
    xcim::column_context context;
    context.rows = 255;
    context.full_scale = 255;
    if (count > 1) {
        write_curves(arguments[1], context);
    }
    adc::sar const sar{8, {.mismatch = 0.03, .comparator = 0.004, .gain_db = 60}};
    auto const kernel = sar.prepare(context);
    fmt::print("\n{}\nchip   worst DNL   worst INL   offset [LSB]   missing codes   ENOB\n", to_string(sar));
    for (std::uint64_t chip = 1; chip <= 3; ++chip) {
        auto const t = analysis::transfer_of(kernel, -20, 275, converter(kernel.column_draws, chip));
        auto const r = analysis::linearity_of(t);
        fmt::print("{:4} {:10.2f} {:11.2f} {:12.2f} {:12} {:13.2f}\n", chip, r.worst_dnl(), r.worst_inl(),
                   r.offset_error, r.missing.size(), r.enob);
        example::claim(r.worst_inl() > 0.1 && r.enob < 8, "mismatch bends the curve and costs bits");
    }
    auto const small = adc::sar{4, {.mismatch = 0.1}}.prepare(context);
    auto const table = analysis::linearity_of(analysis::transfer_of(small, -20, 275, converter(small.column_draws, 1)));
    fmt::print("\n4 bits, mismatch 10 %\ncode   threshold above   INL [LSB]   DNL [LSB]\n");
    for (std::size_t k = 0; k < table.thresholds.size(); ++k) {
        fmt::print("{:4.0f} {:17.1f} {:11.3f} {:>11}\n", table.codes[k], table.thresholds[k], table.inl[k],
                   k > 0 ? fmt::format("{:.3f}", table.dnl[k - 1]) : "");
    }
    auto const ideal = analysis::linearity_of(analysis::transfer_of(adc::sar{8}.prepare(context), -20, 275));
    example::claim(ideal.worst_inl() < 1e-3 && ideal.worst_dnl() < 1e-3 && std::abs(ideal.enob - 8) < 1e-3,
                   "without errors INL and DNL are 0 and all 8 bits are there");

    // 3. What reaches the product.
    example::claim(read(adc::sar{8}) == exact, "an 8-bit SAR without errors loses nothing of 255 rows");
    double const mismatched = quality(sar);
    double const searching = quality(adc::sar{8, {.comparator = 0.02}});
    fmt::print("\nSAR with all errors {:.1f} dB, with offsets of 2 % alone {:.1f} dB\n", mismatched, searching);
    example::claim(mismatched > searching, "offsets of 2 % are worse than a mismatch of 3 %");
    example::claim(read(adc::pipeline{8, {.comparator = 0.02}}) == exact,
                   "a pipeline makes up for offsets of 2 %: it loses nothing");

    // 4. Two outputs of eight columns each share a converter: the same weights read the same there, elsewhere not.
    auto alike = w;
    for (std::size_t n = 0; n < w.shape(0); ++n) {
        for (std::size_t k = 0; k < w.shape(1); ++k) {
            alike(n, k) = w(0, k);
        }
    }
    adc::sar const shared{8, sar.errors, adc::full_range{}, 16};
    auto const y = xcim::linear(macro.with(shared), x, alike);  // (M, N)
    bool are_equal = true;
    bool differ = false;
    for (std::size_t m = 0; m < y.shape(0); ++m) {
        for (std::size_t n = 0; n < y.shape(1); n += 2) {
            are_equal = are_equal && y(m, n) == y(m, n + 1);
            differ = differ || y(m, n) != y(m, 0);
        }
    }
    example::claim(are_equal, "outputs at one converter agree to the bit");
    example::claim(differ, "outputs at different ones do not");
}
