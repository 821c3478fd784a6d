/// \file
/// Figures 4, 5 and 11: what single layers do to a macro.

#include "figures.hpp"
#include "layers.hpp"

#include <xcim/quant.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace study {

namespace {

using xcim::io::table;
namespace quant = xcim::quant;
namespace analysis = xcim::analysis;

constexpr std::size_t images = 20;  // that layers see: millions of values each
constexpr int operand_bits = 6;     // of figures 4 and 5, as in the paper

/// Codes of an operand at 6 bits: how often each occurs, and the ones in every bit.
struct code_statistics {
    std::map<int, std::size_t> counts;
    std::vector<double> ones;  // from the least significant bit

    template <xcim::Quantizer Q>
    code_statistics(Q const& quantiser, tensor const& values) : ones{analysis::bit_sparsity(quantiser, values)} {
        auto const [lowest, highest] = std::minmax_element(values.data(), values.data() + values.size());
        auto const kernel = quantiser.prepare(quantiser.calibrate({*lowest, *highest}));
        std::for_each(values.data(), values.data() + values.size(),
                      [&](float v) { ++counts[static_cast<int>(kernel.code(v))]; });
    }
};

code_statistics statistics_of(operand const& one) {
    if (one.is_signed) {
        return {quant::symmetric{operand_bits}, one.values};
    }
    return {quant::unsigned_range{operand_bits}, one.values};
}

/// First, middle and last of a list; all of a short one.
template <class T>
std::vector<T> representatives(std::vector<T> const& list) {
    if (list.size() < 3) {
        return list;
    }
    return {list.front(), list[list.size() / 2], list.back()};
}

/// The operands shown of a network, those of one panel together.
std::vector<std::pair<std::string, std::vector<operand>>> operands_of(subject const& net) {
    auto const seen = record_layers(net, std::min(images, net.images()));
    std::vector<std::pair<std::string, std::vector<operand>>> groups;
    if (!net.is_transformer()) {
        groups = {{"inputs", {}}, {"weights", {}}};
        for (auto const& layer : representatives(seen.convolutions)) {
            groups[0].second.push_back({layer.name, "inputs", layer.input, false});
            groups[1].second.push_back({layer.name, "weights", layer.weight, true});
        }
        return groups;
    }
    groups = {{"q k v projection", {}}, {"attention", {}}};
    auto const depth = seen.attention.size() / 6;
    for (auto const block : {std::size_t{0}, depth - 1}) {
        for (std::size_t i = 0; i < 6; ++i) {
            auto one = seen.attention[6 * block + i];
            one.layer = fmt::format("block {}", block + 1);
            groups[i < 2 ? 0 : 1].second.push_back(std::move(one));
        }
    }
    return groups;
}

}  // namespace

std::vector<std::string> figure_4(experiment& all) {
    auto sparsity = table{{"network", "layer", "operand", "bit", "ones_percent"}};
    auto codes = table{{"network", "layer", "operand", "code", "share_percent"}};
    std::vector<std::string> lines;
    for (auto const& net : all.subjects) {
        chart picture{
            "fig04_" + net.name(), fmt::format("{}: operands quantised to {} bits", net.title(), operand_bits), {}, 2};
        for (auto const& [title, operands] : operands_of(net)) {
            panel histogram{title, "code", "share (%)", {}};
            histogram.has_log_y = true;
            histogram.settings = "set yrange [0.001:100]\nset key top right\nset format y \"%g\"\n";
            panel bits{title, "bit (0 is the least significant)", "ones (%)", {}};
            bits.settings = "set yrange [0:100]\nset key top right\n";
            for (auto const& one : operands) {
                auto const found = statistics_of(one);
                auto const label = fmt::format("{} {}", one.layer, one.role);
                auto& histogram_line = histogram.curves.emplace_back(curve{label, {}});
                for (auto const& [code, count] : found.counts) {
                    auto const share = 100.0 * static_cast<double>(count) / static_cast<double>(one.values.size());
                    codes.add(net.name(), one.layer, one.role, code, share);
                    histogram_line.add(code, share);
                }
                auto& bits_line = bits.curves.emplace_back(curve{label, {}});
                for (std::size_t b = 0; b < found.ones.size(); ++b) {
                    sparsity.add(net.name(), one.layer, one.role, b, 100 * found.ones[b]);
                    bits_line.add(static_cast<double>(b), 100 * found.ones[b]);
                }
            }
            picture.panels.push_back(std::move(histogram));
            picture.panels.push_back(std::move(bits));
        }
        auto const drawn = finish(picture, all);
        lines.insert(lines.end(), drawn.begin(), drawn.end());
    }
    sparsity.write_csv(all.chosen.out / "fig04_ones.csv");
    codes.write_csv(all.chosen.out / "fig04_codes.csv");
    return lines;
}

std::vector<std::string> figure_5(experiment& all) {
    auto written = table{{"network", "layer", "rows", "input_bit", "column_sum", "share_percent"}};
    auto ranges = table{{"network", "layer", "rows", "input_bit", "mean", "deviation", "lowest", "highest",
                         "range_used_percent", "optimism_db"}};
    chart picture{"fig05", fmt::format("Column sums, {0}b/{0}b, bit-serial, 256 rows", operand_bits), {}, 3};
    for (auto const& net : all.subjects) {
        auto const layers = record_layers(net, std::min(images, net.images())).convolutions;
        if (layers.empty()) {
            continue;  // a transformer
        }
        for (auto const& layer : representatives(layers)) {
            auto const sums =
                column_sums({.rows = 256, .weight_bits = operand_bits, .input_bits = operand_bits}, layer);
            panel part{fmt::format("{} {}", net.title(), layer.name), "column sum (256: full scale)", "share (%)", {}};
            part.has_log_y = true;
            part.settings = "set yrange [0.0001:100]\nset key top right\nset format y \"%g\"\n";
            for (std::size_t bit = 0; bit < sums.cycles().phases(); ++bit) {
                std::map<std::int64_t, std::uint64_t> counts;  // of all weight bits
                analysis::moments moment;
                for (std::size_t slice = 0; slice < sums.cycles().slices(); ++slice) {
                    auto const& cycle = sums.cycles().at(bit, slice);
                    for (std::size_t i = 0; i < cycle.sums.counts().size(); ++i) {
                        counts[cycle.sums.first_bin() + static_cast<std::int64_t>(i)] += cycle.sums.counts()[i];
                    }
                    moment.count += cycle.sum.count;
                    moment.sum += cycle.sum.sum;
                    moment.squares += cycle.sum.squares;
                    moment.lowest = std::min(moment.lowest, cycle.sum.lowest);
                    moment.highest = std::max(moment.highest, cycle.sum.highest);
                }
                auto& line = part.curves.emplace_back(curve{fmt::format("input bit {}", bit), {}});
                for (auto const& [sum, count] : counts) {
                    auto const share = 100.0 * static_cast<double>(count) / static_cast<double>(moment.count);
                    written.add(net.name(), layer.name, 256, bit, sum, share);
                    if (count > 0) {
                        line.add(static_cast<double>(sum), share);
                    }
                }
                auto const evenly = 256.0 * 256.0 / 12;
                ranges.add(net.name(), layer.name, 256, bit, moment.mean(), moment.deviation(), moment.lowest,
                           moment.highest, 100 * (moment.highest - moment.lowest) / 256,
                           10 * std::log10(evenly / moment.variance()));
            }
            picture.panels.push_back(std::move(part));
        }
    }
    written.write_csv(all.chosen.out / "fig05.csv");
    ranges.write_csv(all.chosen.out / "fig05_ranges.csv");
    return finish(picture, all);
}

std::vector<std::string> figure_11(experiment& all) {
    constexpr auto bits = 8;
    auto written = table{{"network", "layer", "slice", "phase", "weight", "rms_error", "share_percent"}};
    panel part{"", "levels L of top cycles: L (L + 1) / 2 of 64", "share of the error power (%)", {}};
    part.settings = "set yrange [0:100]\nset key bottom right\n";
    for (auto const& net : all.subjects) {
        auto const layers = record_layers(net, std::min(images, net.images())).convolutions;
        for (auto const& layer : representatives(layers)) {
            auto const errors = cycle_errors({.sigma_percent = percent_of(0.8, 8)}, layer);
            std::vector<double> top(2 * bits, 0.0);  // by levels
            for (std::size_t p = 0; p < bits; ++p) {
                for (std::size_t q = 0; q < bits; ++q) {
                    auto const share = 100 * errors.share(p, q);
                    written.add(net.name(), layer.name, q, p, errors.weight(p, q), errors.cycles().at(p, q).rms(),
                                share);
                    for (std::size_t levels = 2 * bits - 1 - (p + q); levels < top.size(); ++levels) {
                        top[levels] += share;
                    }
                }
            }
            auto& line = part.curves.emplace_back(curve{fmt::format("{} {}", net.title(), layer.name), {}});
            for (std::size_t levels = 0; levels < top.size(); ++levels) {
                line.add(static_cast<double>(levels), top[levels]);
            }
        }
    }
    written.write_csv(all.chosen.out / "fig11.csv");
    if (part.curves.empty()) {
        return {};
    }
    return finish({"fig11", "Share of the top cycles in the output error, noise of 0.8 LSB", {part}, 1}, all);
}

}  // namespace study
