/// \file
/// Figures 6 to 10, 12 and 13: accuracy of networks on grids of designs.

#include "figures.hpp"
#include "voting.hpp"

#include <xcim/cost.hpp>

#include <fmt/format.h>

#include <array>

namespace study {

namespace {

using xcim::io::table;

constexpr std::array encodings{1, 2, 4};
/// In percent of full scale: the grid of the paper.
constexpr std::array intensities{0.0, 0.025, 0.05, 0.075, 0.1, 0.125, 0.15, 0.175, 0.2};

double float_accuracy(subject const& net) {
    return explore::rate(net.float_logits(), net.float_logits(), net.labels()).accuracy_percent;
}

/// Designs that differ in one number, and what is drawn over what.
struct curve_of_designs {
    std::string title;
    std::vector<design> designs;
    std::vector<double> x;

    void add(double at, design const& one) {
        x.push_back(at);
        designs.push_back(one);
    }
};

struct panel_of_designs {
    subject const* net;
    std::string title, x_label;
    std::vector<curve_of_designs> curves;
    std::string key = "bottom right";  ///< where the curves leave room
};

mark to_mark(double x, outcome const& one) {
    auto const [low, high] = interval(one.quality.accuracy_percent, one.what.images);
    return {x, one.quality.accuracy_percent, low, high};
}

panel accuracy_panel(panel_of_designs const& grid, std::vector<outcome> const& outcomes) {
    panel result{grid.title, grid.x_label, "top-1 accuracy (%)", {}, float_accuracy(*grid.net), "float"};
    result.settings = fmt::format("set yrange [0:102]\nset key {}\n", grid.key);
    auto next = outcomes.begin();
    for (auto const& line : grid.curves) {
        auto& drawn = result.curves.emplace_back(curve{line.title, {}});
        for (auto const x : line.x) {
            drawn.marks.push_back(to_mark(x, *next++));
        }
    }
    return result;
}

/// Evaluates all designs, writes them to NAME.csv and draws a panel for each grid.
std::vector<std::string> accuracy_figure(std::string const& name, std::string const& title,
                                         std::vector<panel_of_designs> const& grids, experiment& all,
                                         std::size_t columns = 2) {
    chart picture{name, fmt::format("{}, {} images", title, all.chosen.images), {}, columns};
    std::vector<outcome> written;
    for (auto const& grid : grids) {
        std::vector<design> designs;
        for (auto const& line : grid.curves) {
            designs.insert(designs.end(), line.designs.begin(), line.designs.end());
        }
        auto const found = evaluate(*grid.net, designs, all.chosen, all.done);
        picture.panels.push_back(accuracy_panel(grid, found));
        written.insert(written.end(), found.begin(), found.end());
    }
    make_table(written).write_csv(all.chosen.out / (name + ".csv"));
    return finish(picture, all);
}

/// Share of the cycles of a product that are left to the macro, percent; the sign of an input is a cycle of its own.
double analog_share(design const& one, bool has_signed_inputs) {
    auto const bits = has_signed_inputs ? one.signed_input_bits - 1 : one.input_bits;
    auto const phases = (bits + one.encoding - 1) / one.encoding + (has_signed_inputs ? 1 : 0);
    auto top = 0;
    for (int cycle = 0; cycle < one.weight_bits * phases; ++cycle) {
        auto const place = xcim::cycle{cycle / phases, one.weight_bits, cycle % phases, phases};
        top += place.is_top(one.levels) ? 1 : 0;
    }
    return 100.0 * (1 - static_cast<double>(top) / (one.weight_bits * phases));
}

curve_of_designs over_adc_bits(std::string title, design one, int first, int last) {
    curve_of_designs line{std::move(title), {}, {}};
    for (one.adc_bits = first; one.adc_bits <= last; ++one.adc_bits) {
        line.add(one.adc_bits, one);
    }
    return line;
}

curve_of_designs over_intensity(std::string title, design one) {
    curve_of_designs line{std::move(title), {}, {}};
    for (auto const percent : intensities) {
        one.sigma_percent = percent;
        line.add(percent, one);
    }
    return line;
}

std::vector<panel_of_designs> encoding_grids(experiment const& all) {
    std::vector<panel_of_designs> grids;
    for (auto const& net : all.subjects) {
        panel_of_designs grid{&net, net.title(), "ADC precision (bit)", {}};
        for (auto const encoding : encodings) {
            grid.curves.push_back(over_adc_bits(explore::describe_encoding(encoding), {.encoding = encoding}, 8, 12));
        }
        grids.push_back(std::move(grid));
    }
    return grids;
}

}  // namespace

std::vector<std::string> figure_6(experiment& all) {
    std::vector<panel_of_designs> grids;
    for (auto const& net : all.subjects) {
        panel_of_designs grid{&net, net.title() + ", bit-serial", "ADC precision (bit)", {}};
        // Arrays of fewer rows have a lower boundary precision; transformers take too long for more of them.
        for (auto const rows : net.is_transformer() ? std::vector{255, 256} : std::vector{63, 127, 255, 256}) {
            grid.curves.push_back(over_adc_bits(fmt::format("{} rows", rows), {.rows = rows}, 4, 10));
        }
        grids.push_back(std::move(grid));
    }
    return accuracy_figure("fig06", "Accuracy and ADC precision", grids, all);
}

std::vector<std::string> figure_7(experiment& all) {
    return accuracy_figure("fig07", "Accuracy, ADC precision and input encoding, 255 rows", encoding_grids(all), all);
}

std::vector<std::string> figure_8(experiment& all) {
    chart picture{"fig08", fmt::format("Energy and accuracy, 255 rows, {} images", all.chosen.images), {}};
    auto written =
        table{{"network", "encoding", "adc_bits", "conversions_per_image", "relative_energy", "accuracy_percent"}};
    auto const energy_of = xcim::cost::energy_per_bit{};
    for (auto const& grid : encoding_grids(all)) {
        panel drawn{grid.title,
                    "energy of all conversions (bit-serial, 8 bit = 1)",
                    "top-1 accuracy (%)",
                    {},
                    float_accuracy(*grid.net),
                    "float"};
        drawn.settings = "set logscale x\nset xtics (0.25,0.5,1,2,4,8)\nset yrange [0:102]\nset key bottom right\n";
        auto const reference = static_cast<double>(count_conversions(*grid.net, {})) * energy_of(8);
        for (auto const& line : grid.curves) {
            auto& points = drawn.curves.emplace_back(curve{line.title + ", 8 to 12 bit", {}});
            for (auto const& one : evaluate(*grid.net, line.designs, all.chosen, all.done)) {
                auto const conversions = count_conversions(*grid.net, one.what.macro);
                auto const energy = static_cast<double>(conversions) * energy_of(one.what.macro.adc_bits) / reference;
                points.marks.push_back(to_mark(energy, one));
                written.add(grid.net->name(), one.what.macro.encoding, one.what.macro.adc_bits, conversions, energy,
                            one.quality.accuracy_percent);
            }
        }
        picture.panels.push_back(std::move(drawn));
    }
    written.write_csv(all.chosen.out / "fig08.csv");
    return finish(picture, all);
}

std::vector<std::string> figure_9(experiment& all) {
    std::vector<panel_of_designs> grids;
    for (auto const& net : all.subjects) {
        for (auto const kind : {noise_kind::random, noise_kind::non_linearity}) {
            panel_of_designs grid{
                &net, fmt::format("{}, {}", net.title(), to_string(kind)), "sigma (% of full scale)", {}, "top right"};
            for (auto const encoding : encodings) {
                grid.curves.push_back(
                    over_intensity(explore::describe_encoding(encoding), {.encoding = encoding, .noise = kind}));
            }
            grids.push_back(std::move(grid));
        }
    }
    return accuracy_figure("fig09", "Accuracy and noise, ADC of 8 bits, 255 rows", grids, all);
}

std::vector<std::string> figure_10(experiment& all) {
    std::vector<panel_of_designs> grids;
    for (auto const& net : all.subjects) {
        if (net.is_transformer()) {
            continue;  // as in the paper
        }
        for (auto const encoding : encodings) {
            panel_of_designs grid{&net,
                                  fmt::format("{}, {}", net.title(), explore::describe_encoding(encoding)),
                                  "sigma (% of full scale)",
                                  {},
                                  "top right"};
            for (auto const bits : {8, 9, 10}) {
                grid.curves.push_back(
                    over_intensity(fmt::format("ADC {} bit", bits), {.adc_bits = bits, .encoding = encoding}));
            }
            grids.push_back(std::move(grid));
        }
    }
    return accuracy_figure("fig10", "Accuracy, random noise and ADC precision, 255 rows", grids, all, 3);
}

std::vector<std::string> figure_12(experiment& all) {
    struct variant {
        std::string title;
        design macro;
        double lsb;
    };
    // The paper's noise and half of it. One code a count loses nothing, so that it makes no difference whether top
    // cycles are digital or, as ASiM reads them, converted without noise; with 2 bits at once it does.
    auto const variants = {
        variant{"bit-serial, 0.8 LSB", {.top = reading::digital}, 0.8},
        variant{"bit-serial, 0.4 LSB", {.top = reading::digital}, 0.4},
        variant{"2 bits at once, 0.4 LSB", {.encoding = 2, .top = reading::digital}, 0.4},
        variant{"the same, converted without noise", {.encoding = 2, .top = reading::without_noise}, 0.4}};
    std::vector<panel_of_designs> grids;
    for (auto const& net : all.subjects) {
        panel_of_designs grid{&net, net.title(), "analog cycles (%)", {}, "bottom left"};
        for (auto const& [title, macro, lsb] : variants) {
            curve_of_designs line{title, {}, {}};
            for (auto one = macro; one.levels <= 12 / macro.encoding + 1; ++one.levels) {
                one.sigma_percent = percent_of(lsb, 8);
                line.add(analog_share(one, net.is_transformer()), one);
            }
            grid.curves.push_back(std::move(line));
        }
        grids.push_back(std::move(grid));
    }
    return accuracy_figure("fig12", "Accuracy with top cycles free of noise, 255 rows, 8 bit", grids, all);
}

std::vector<std::string> figure_13(experiment& all) {
    auto lines = voting_statistics(all);
    std::vector<panel_of_designs> grids;
    for (auto const& net : all.subjects) {
        if (net.is_transformer()) {
            continue;
        }
        for (auto const vote : {reading::mode, reading::median, reading::mean}) {
            panel_of_designs grid{&net,
                                  fmt::format("{}, {}", net.title(), to_string(vote)),
                                  "conversions of each of the top 6 cycles",
                                  {}};
            for (auto const lsb : {0.3, 0.4, 0.5, 0.6, 0.7, 0.8}) {
                curve_of_designs line{fmt::format("{} LSB", lsb), {}, {}};
                for (auto const samples : {1, 3, 5, 7, 15}) {
                    design one{.sigma_percent = percent_of(lsb, 8)};
                    if (samples > 1) {
                        one.top = vote;
                        one.levels = 3;
                        one.samples = samples;
                    }
                    line.add(samples, one);
                }
                grid.curves.push_back(std::move(line));
            }
            grids.push_back(std::move(grid));
        }
    }
    if (!grids.empty()) {
        auto const drawn =
            accuracy_figure("fig13", "Accuracy with voting on the top 6 cycles, 255 rows, 8 bit", grids, all, 3);
        lines.insert(lines.end(), drawn.begin(), drawn.end());
    }
    return lines;
}

}  // namespace study
