#include "voting.hpp"

#include <xcim/analysis/distribution.hpp>
#include <xcim/analysis/moments.hpp>
#include <xcim/xcim.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace study {

namespace {

using xcim::analysis::moments;
using xcim::io::table;
using xcim::readout::majority;
using xcim::readout::vote;

constexpr std::array votes{vote::mode, vote::median, vote::mean};
constexpr std::array vote_names{"mode", "median", "mean"};
constexpr std::array sample_counts{1, 3, 5, 7, 9, 11, 13, 15};
constexpr std::size_t trials = 20'000;

/// The kernel that reads a top cycle of bit-serial drive on 255 rows with an 8-bit converter: one code a count.
auto voting_kernel(double sigma_lsb, int samples, vote by) {
    xcim::column_context context{.full_scale = 255, .adc_step = 1, .rows = 255};
    auto const noise = xcim::noise::gaussian{xcim::in_adc_lsb(sigma_lsb)}.prepare(context);
    auto const converter = xcim::adc::uniform{8}.prepare(context);
    auto const stages = xcim::column_stages{noise, converter, converter};
    return std::get<1>(majority{1, samples, by}.kernels(stages));
}

/// Value read minus column sum, LSB. Column sums are counts, or anything between two counts where `is_integer` is not
/// set: so they are where several input bits are driven at once.
moments conversion_errors(double sigma_lsb, int samples, vote by, bool is_integer) {
    auto const kernel = voting_kernel(sigma_lsb, samples, by);
    moments errors;
    std::array<float, majority::most_samples> normals{};
    for (std::uint64_t trial = 0; trial < trials; ++trial) {
        xcim::analysis::element_draws draws{1, trial};
        auto const sum = is_integer ? 100.0F : 100.0F + draws.uniform();
        std::generate_n(normals.begin(), samples, [&] { return draws.normal(); });
        auto const code = kernel(sum, xcim::lane<float>{normals.data(), 1});
        errors.add(static_cast<double>(code) * kernel.step - static_cast<double>(sum));
    }
    return errors;
}

std::vector<std::string> draw_equivalent_sigma(experiment const& all) {
    auto written = table{{"sums", "sigma_lsb", "vote", "samples", "deviation_lsb", "bias_lsb", "rms_lsb",
                          "rms_ratio_to_one", "one_over_sqrt_n"}};
    chart picture{"fig13_sigma", "Error of a voted conversion of a count", {}, 3};
    for (std::size_t v = 0; v < votes.size(); ++v) {
        panel part{vote_names[v], "samples N", "rms error, relative to N = 1", {}};
        part.settings = "set logscale xy\nset xrange [0.9:18]\nset yrange [0.02:2]\nset xtics (1,3,5,7,9,15)\n"
                        "set key bottom left\n";
        for (auto const is_integer : {true, false}) {
            for (auto const sigma : {0.3, 0.5, 0.7, 0.8}) {
                curve line{fmt::format("{} LSB", sigma), {}};
                auto const alone = conversion_errors(sigma, 1, votes[v], is_integer).rms();
                for (auto const samples : sample_counts) {
                    auto const errors = conversion_errors(sigma, samples, votes[v], is_integer);
                    auto const law = 1 / std::sqrt(static_cast<double>(samples));
                    written.add(is_integer ? "counts" : "between counts", sigma, vote_names[v], samples,
                                errors.deviation(), errors.mean(), errors.rms(), errors.rms() / alone, law);
                    line.add(samples, errors.rms() / alone);
                }
                if (is_integer) {
                    part.curves.push_back(std::move(line));
                }
            }
        }
        curve law{"1 / sqrt(N)", {}};
        for (auto const samples : sample_counts) {
            law.add(samples, 1 / std::sqrt(static_cast<double>(samples)));
        }
        part.curves.push_back(std::move(law));
        picture.panels.push_back(std::move(part));
    }
    written.write_csv(all.chosen.out / "fig13_sigma.csv");
    return finish(picture, all);
}

std::vector<std::string> draw_cycles(experiment const& all) {
    constexpr auto bits = 8;
    auto written = table{{"levels", "top_cycles", "samples", "cycles", "increase_percent"}};
    panel part{"", "samples N", "cycles of an 8b/8b product", {}};
    part.settings = "set key top left\n";
    for (auto const levels : {1, 2, 3, 4, 5}) {
        auto const readout_of = [&](int samples) { return majority{levels, samples, vote::mode}; };
        auto const count = [&](int samples) {
            auto cycles = 0;
            for (int cycle = 0; cycle < bits * bits; ++cycle) {
                cycles += readout_of(samples).conversions_of({cycle / bits, bits, cycle % bits, bits});
            }
            return cycles;
        };
        auto const top = count(2) - count(1);
        curve line{fmt::format("{} levels, {} cycles", levels, top), {}};
        for (auto const samples : sample_counts) {
            written.add(levels, top, samples, count(samples), 100.0 * (count(samples) - count(1)) / count(1));
            line.add(samples, count(samples));
        }
        part.curves.push_back(std::move(line));
    }
    written.write_csv(all.chosen.out / "fig13_cycles.csv");
    return finish({"fig13_cycles", "Cycles that voting costs", {part}, 1}, all);
}

}  // namespace

std::vector<std::string> voting_statistics(experiment const& all) {
    auto lines = draw_equivalent_sigma(all);
    auto const cycles = draw_cycles(all);
    lines.insert(lines.end(), cycles.begin(), cycles.end());
    return lines;
}

}  // namespace study
