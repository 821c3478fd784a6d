#include "tables.hpp"

#include "../explore/gnuplot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace tiles {

namespace {

using xcim::io::table;

constexpr double hour = 3600, day = 86400, year = 365 * day;

bool is_text(subject const& what) { return what.unit == "window"; }

/// What a picture shows: percent right, or nats a token.
flare::estimate shown(subject const& what, outcome const& one) {
    return spread_of(is_text(what) ? one.nats : one.accuracies);
}

std::vector<std::string> with_outcome(std::vector<std::string> columns) {
    columns.insert(columns.begin(), "network");
    for (auto const* name : {"chips", "samples", "accuracy_percent", "accuracy_deviation", "accuracy_low",
                             "accuracy_high", "nats", "nats_deviation", "snr_db", "snr_db_without_gain"}) {
        columns.emplace_back(name);
    }
    return columns;
}

/// Rows of designs and what they made of a network.
class design_table {
public:
    design_table(experiment const& all, std::string name, std::vector<std::string> columns)
        : all_{&all}, name_{std::move(name)}, rows_{with_outcome(std::move(columns))} {}

    template <class... Cells>
    void add(subject const& what, outcome const& one, Cells const&... cells) {
        auto const right = spread_of(one.accuracies), nats = spread_of(one.nats);
        rows_.add(what.name, cells..., one.accuracies.size(), what.samples(), right.mean, deviation_of(one.accuracies),
                  right.low, right.high, nats.mean, deviation_of(one.nats), spread_of(one.snr_db).mean,
                  spread_of(one.snr_db_without_gain).mean);
        rows_.write_csv(all_->chosen.out / (name_ + ".csv"));
        auto const text = is_text(what) ? fmt::format("{:.4f} nats", nats.mean) : fmt::format("{:.2f} %", right.mean);
        all_->say(fmt::format("{} {}{}: {}", name_, what.name, described(cells...), text));
    }

private:
    template <class... Cells>
    static std::string described(Cells const&... cells) {
        std::string text;
        ((text += fmt::format(" {}", cells)), ...);
        return text;
    }

    experiment const* all_;
    std::string name_;
    table rows_;
};

study::mark mark_at(double x, flare::estimate const& y) { return {x, y.mean, y.low, y.high}; }

study::panel panel_of(network const& net, std::string x_label, std::vector<study::curve> curves,
                      std::string const& settings) {
    study::panel result;
    result.title = net.what.title;
    result.x_label = std::move(x_label);
    result.y_label = is_text(net.what) ? "nats a token" : "right, %";
    result.curves = std::move(curves);
    result.line = is_text(net.what) ? net.in_float.nats : net.in_float.accuracy_percent;
    result.line_title = "float";
    result.settings = settings + (is_text(net.what) ? "set yrange [1.2:*]\nset key top left\n"
                                                    : "set yrange [0:100]\nset key bottom left\n");
    return result;
}

std::string draw(experiment const& all, study::chart const& picture) {
    return all.chosen.draws_pictures ? study::draw(picture, all.chosen.out) : std::string{};
}

std::size_t chips_of(experiment const& all) { return all.chosen.is_quick ? 1 : all.chosen.chips; }

template <class T>
std::vector<T> few(experiment const& all, std::vector<T> values, std::vector<T> quick) {
    return all.chosen.is_quick ? std::move(quick) : std::move(values);
}

std::string to_upper(technology device) { return device == technology::rram ? "RRAM" : "PCM"; }

/// The PCM tile of the tables in which one thing varies: converters of 8 bits, and no noise of single reads, which
/// takes most of the time and is the smallest of all flaws.
design steady_tile() {
    auto result = pcm_tile();
    result.adc_bits = 8;
    result.has_pulse_noise = false;
    return result;
}

/// Names along the x axis, at 0, 1, ...
std::string named_ticks(std::vector<std::string> const& names) {
    std::string ticks;
    for (std::size_t i = 0; i < names.size(); ++i) {
        ticks += fmt::format("{}{} {}", ticks.empty() ? "" : ", ", explore::gnuplot_quoted(names[i]), i);
    }
    return fmt::format("set xtics ({}) rotate by 40 right noenhanced\nset xrange [-0.5:{}]\n", ticks,
                       static_cast<double>(names.size()) - 0.5);
}

// ---------------------------------------------------------------------------------------------------------------------

/// Each flaw alone and all but each; the name of the part is that of its files.
std::vector<std::string> make_flaws(std::string const& part, design reference, experiment const& all) {
    auto rows = design_table{all, part, {"flaws", "gains"}};
    reference.adc_bits = 8;
    reference.restores = response::as_designed;
    auto const device = reference.device;
    auto flaws = flaws_of(device);
    if (all.chosen.is_quick) {
        std::erase_if(flaws, [](flaw const& one) { return one.name != "drift" && one.name != "wires"; });
    }
    std::vector<std::string> names{"quantisation"};
    for (auto const& one : flaws) {
        names.push_back(one.name);
    }
    names.emplace_back("all");
    study::chart layers{part + "_snr", to_upper(device) + ": signal to error of the layers, each flaw alone", {}, 2};
    study::chart answers{part, to_upper(device) + ": each flaw alone, and all but one", {}, 2};
    for (auto const& net : all.networks) {
        std::vector<study::curve> alone{{"alone", {}}, {"alone, one gain an output", {}}, {"all but it", {}}};
        std::vector<study::curve> quality{{"as it comes", {}}, {"best gain an output", {}}};
        auto const run = [&](design const& point, std::string const& what) {
            auto const is_random = point.has_programming_noise || point.has_pulse_noise ||
                                   (device == technology::pcm && (point.has_drift || point.has_slow_noise));
            auto one = evaluate(net.what, point, is_random ? chips_of(all) : 1, all.chosen.threads);
            rows.add(net.what, one, what, to_string(point.compensation));
            return one;
        };
        auto const show = [&](std::size_t curve, std::size_t at, outcome const& one) {
            alone[curve].marks.push_back(mark_at(static_cast<double>(at), shown(net.what, one)));
        };
        auto const show_layers = [&](std::size_t at, outcome const& one) {
            quality[0].add(static_cast<double>(at), spread_of(one.snr_db).mean);
            quality[1].add(static_cast<double>(at), spread_of(one.snr_db_without_gain).mean);
        };
        auto const exact = without_flaws(reference);
        auto const quantised = run(exact, "quantisation");
        show(0, 0, quantised);
        show_layers(0, quantised);
        for (std::size_t i = 0; i < flaws.size(); ++i) {
            auto point = exact;
            flaws[i].copy(point, reference);
            auto const bare = run(point, flaws[i].name);
            show(0, i + 1, bare);
            show_layers(i + 1, bare);
            point.compensation = gains::output;
            show(1, i + 1, run(point, flaws[i].name));
            if (!all.chosen.is_quick) {
                point = reference;
                flaws[i].copy(point, exact);
                show(2, i + 1, run(point, "all but " + flaws[i].name));
            }
        }
        auto const last = flaws.size() + 1;
        auto point = reference;
        show(2, last, run(point, "all"));
        point.compensation = gains::output;
        show(1, last, run(point, "all"));
        point.compensation = gains::none;
        auto const bare = run(point, "all");
        show(0, last, bare);
        show_layers(last, bare);
        point = reference;
        point.scales_outputs = false;
        run(point, "all, outputs share a scale");
        answers.panels.push_back(panel_of(net, "", std::move(alone), named_ticks(names)));
        answers.panels.back().has_bars = true;
        study::panel bars;
        bars.title = net.what.title;
        bars.y_label = "dB";
        bars.curves = std::move(quality);
        bars.settings = named_ticks(names) + "set yrange [0:*]\nset key outside below\n";
        bars.has_bars = true;
        layers.panels.push_back(std::move(bars));
    }
    return {draw(all, answers), draw(all, layers)};
}

std::vector<std::string> make_effects(experiment const& all) { return make_flaws("effects", pcm_tile(), all); }

std::vector<std::string> make_rram(experiment const& all) { return make_flaws("rram", rram_crossbar(), all); }

std::vector<std::string> make_wires(experiment const& all) {
    auto rows = design_table{all, "wires", {"flaws", "rows", "ohm", "gains"}};
    auto const ohms = few<double>(all, {0, 0.15, 0.35, 1, 2}, {0, 1});
    struct kind {
        bool is_alone;
        int height;
        gains what;
        std::string title;
    };
    auto const kinds = few<kind>(
        all,
        {{true, 512, gains::none, "wires alone, no gains"},
         {true, 512, gains::layer, "wires alone, gain a layer"},
         {true, 512, gains::output, "wires alone, gain an output"},
         {false, 512, gains::layer, "all flaws, gain a layer"},
         {false, 512, gains::output, "all flaws, gain an output"},
         {false, 128, gains::output, "all, an output, 128 rows"}},
        {{true, 512, gains::none, "wires alone, no gains"}, {false, 512, gains::output, "all flaws, gain an output"}});
    study::chart picture{"wires", "PCM: resistance of the wires", {}, 2};
    for (auto const& net : all.networks) {
        std::vector<study::curve> curves;
        for (auto const& one : kinds) {
            auto& line = curves.emplace_back(study::curve{one.title, {}});
            for (auto const ohm : ohms) {
                auto point = one.is_alone ? without_flaws(steady_tile()) : steady_tile();
                point.rows = one.height;
                point.wire_ohm = ohm;
                point.compensation = one.what;
                point.restores = response::as_designed;
                auto const result = evaluate(net.what, point, one.is_alone ? 1 : chips_of(all), all.chosen.threads);
                rows.add(net.what, result, one.is_alone ? "wires" : "all", one.height, ohm, to_string(one.what));
                line.marks.push_back(mark_at(ohm, shown(net.what, result)));
            }
        }
        picture.panels.push_back(panel_of(net, "ohm from cell to cell", std::move(curves), ""));
    }
    return {draw(all, picture)};
}

std::vector<std::string> make_time(experiment const& all) {
    auto rows = design_table{all, "time", {"seconds", "gains"}};
    auto const times = few<double>(all, {1, hour, day, year}, {1, day});
    study::chart picture{"time", "PCM: time since programming", {}, 2};
    for (auto const& net : all.networks) {
        std::vector<study::curve> curves;
        for (auto const what : {gains::none, gains::layer, gains::output}) {
            auto& line = curves.emplace_back(study::curve{what == gains::none    ? "no gains"
                                                          : what == gains::layer ? "one gain a layer"
                                                                                 : "one gain an output",
                                                          {}});
            for (auto const seconds : times) {
                auto point = steady_tile();
                point.seconds = seconds;
                point.compensation = what;
                auto const one = evaluate(net.what, point, chips_of(all), all.chosen.threads);
                rows.add(net.what, one, seconds, to_string(what));
                line.marks.push_back(mark_at(seconds, shown(net.what, one)));
            }
        }
        picture.panels.push_back(panel_of(
            net, "", std::move(curves),
            fmt::format(
                "set logscale x\nset xrange [0.5:1e8]\nset xtics (\"1 s\" 1, \"1 h\" {}, \"1 day\" {}, \"1 year\" "
                "{}) rotate by 40 right\n",
                hour, day, year)));
    }
    return {draw(all, picture)};
}

std::vector<std::string> make_converter(experiment const& all) {
    auto rows = design_table{all, "converter", {"device", "bits", "range_share"}};
    auto const bits = few<int>(all, {3, 4, 5, 6, 7, 8, 10}, {4, 8});
    study::chart picture{"converter", "PCM, one day after programming: bits of the converters", {}, 2};
    for (auto const& net : all.networks) {
        auto const shares = few<double>(all, {1, 0.999}, {1});
        std::vector<std::vector<outcome>> found(shares.size(), std::vector<outcome>(bits.size()));
        for (std::size_t chip = 1; chip <= chips_of(all); ++chip) {  // programmed once, converted in all ways
            auto const tile = make_calibrated_tile(net.what, steady_tile(), chip, all.chosen.threads);
            for (std::size_t s = 0; s < shares.size(); ++s) {
                for (std::size_t b = 0; b < bits.size(); ++b) {
                    tile->set_converters(bits[b], shares[s]);
                    auto const layers = compare_layers(net.what, *tile);
                    found[s][b].add(rate(net.what, *tile), layers);
                }
            }
        }
        std::vector<study::curve> curves;
        for (std::size_t s = 0; s < shares.size(); ++s) {
            auto& line = curves.emplace_back(study::curve{
                shares[s] == 1 ? "up to the largest sum" : fmt::format("{:g} % of the sums", 100 * shares[s]), {}});
            for (std::size_t b = 0; b < bits.size(); ++b) {
                rows.add(net.what, found[s][b], "calibrated", bits[b], shares[s]);
                line.marks.push_back(mark_at(bits[b], shown(net.what, found[s][b])));
            }
        }
        for (auto const& [count, splits] :
             few<std::pair<double, bool>>(all, {{16.03, false}, {4.0075, false}, {16.03, true}}, {{16.03, false}})) {
            auto point = steady_tile();
            point.device = technology::pcm_oscillator;
            point.charge_count_fc = count;
            point.splits_input = splits;
            auto const one = evaluate(net.what, point, chips_of(all), all.chosen.threads);
            rows.add(net.what, one, fmt::format("oscillator {} fC{}", count, splits ? ", two pulses" : ""),
                     point.counter_bits, 1.0);
        }
        picture.panels.push_back(panel_of(net, "bits of the converter", std::move(curves), "set key bottom right\n"));
    }
    return {draw(all, picture)};
}

std::vector<std::string> make_arrays(experiment const& all) {
    auto rows = design_table{all, "arrays", {"cell_bits", "on_ohm", "ohm", "rows", "columns", "gains"}};
    struct kind {
        int cell_bits;
        double on_ohm;
        gains what;
    };
    auto const kinds = few<kind>(
        all, {{1, 6e3, gains::layer}, {1, 6e3, gains::output}, {2, 6e3, gains::output}, {1, 100e3, gains::output}},
        {{2, 6e3, gains::output}});
    auto const heights = few<int>(all, {16, 32, 64, 128, 256}, {16, 64});
    study::chart picture{"arrays", "RRAM: rows that conduct at once, 1 ohm a cell", {}, 2};
    for (auto const& net : all.networks) {
        std::vector<study::curve> curves;
        for (auto const& one : kinds) {
            auto& line = curves.emplace_back(
                study::curve{fmt::format("{} kohm, {} bit, gain a{}", one.on_ohm / 1e3, one.cell_bits,
                                         one.what == gains::layer ? " layer" : "n output"),
                             {}});
            for (auto const height : heights) {
                auto point = rram_crossbar();
                point.cell_bits = one.cell_bits;
                point.on_ohm = one.on_ohm;
                point.rows = height;
                point.columns = std::min(height, 64);
                point.compensation = one.what;
                point.has_pulse_noise = false;
                point.adc_bits = 8;
                auto const result = evaluate(net.what, point, 1, all.chosen.threads);
                rows.add(net.what, result, one.cell_bits, one.on_ohm, point.wire_ohm, height, point.columns,
                         to_string(one.what));
                line.marks.push_back(mark_at(height, shown(net.what, result)));
            }
        }
        picture.panels.push_back(panel_of(net, "rows", std::move(curves), "set logscale x 2\nset xrange [12:340]\n"));
    }
    return {draw(all, picture)};
}

}  // namespace

std::vector<flaw> flaws_of(technology device) {
    std::vector<flaw> result{
        {"programming", [](design& to, design const& from) { to.has_programming_noise = from.has_programming_noise; }}};
    if (device != technology::rram) {
        result.push_back({"drift", [](design& to, design const& from) { to.has_drift = from.has_drift; }});
        result.push_back(
            {"1/f noise", [](design& to, design const& from) { to.has_slow_noise = from.has_slow_noise; }});
    }
    result.push_back({"read noise", [](design& to, design const& from) { to.has_pulse_noise = from.has_pulse_noise; }});
    result.push_back({"wires", [](design& to, design const& from) {
                          to.wire_ohm = from.wire_ohm;
                          to.driver_ohm = from.driver_ohm;
                      }});
    result.push_back({"converter", [](design& to, design const& from) {
                          to.adc_bits = from.adc_bits;
                          to.range_share = from.range_share;
                      }});
    return result;
}

std::vector<std::string> make_part(std::string const& name, experiment const& all) {
    std::map<std::string, std::vector<std::string> (*)(experiment const&)> const parts{
        {"effects", make_effects},     {"wires", make_wires}, {"time", make_time},
        {"converter", make_converter}, {"rram", make_rram},   {"arrays", make_arrays},
    };
    auto lines = parts.at(name)(all);
    std::erase(lines, std::string{});
    return lines;
}

}  // namespace tiles
