#include "figures.hpp"

#include "../explore/gnuplot.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace flare {

namespace {

/// Names along the x axis, at 0, 1, ...
std::string named_ticks(std::vector<std::string> const& names) {
    std::string ticks;
    for (std::size_t i = 0; i < names.size(); ++i) {
        ticks += fmt::format("{}{} {}", ticks.empty() ? "" : ", ", explore::gnuplot_quoted(names[i]), i);
    }
    return fmt::format("set xtics ({}) rotate by 40 right noenhanced\nset xrange [-0.5:{}]\n", ticks,
                       static_cast<double>(names.size()) - 0.5);
}

template <class Kinds>
std::vector<std::string> names_of(Kinds const& kinds, std::string (*name)(activation)) {
    std::vector<std::string> names;
    for (auto const kind : kinds) {
        names.push_back(name(kind));
    }
    return names;
}

}  // namespace

study::chart accuracy_chart(std::vector<evaluation> const& all) {
    study::chart result{
        "fig15_accuracy", "Attention in other arithmetics (95 % intervals of paired differences)", {}, 1};
    std::vector<std::string> names;
    for (std::size_t i = 1; i < arithmetics().size(); ++i) {
        names.push_back(arithmetics()[i].label);
    }
    for (auto const& one : all) {
        auto const is_text = one.what->unit == "window";
        study::panel part;
        part.title = one.what->title;
        part.y_label = is_text ? "nats per token above float" : "accuracy - float, points";
        part.settings = named_ticks(names) + (is_text ? "set yrange [-0.02:0.2]\n" : "set yrange [-6:2]\n") +
                        "set lmargin 14\nunset key\n";
        part.line = 0;
        part.line_title = "float";
        for (std::size_t i = 1; i < arithmetics().size(); ++i) {
            auto const difference = is_text ? mean_difference(one.nats(i), one.nats(in_float))
                                            : mean_difference(one.accuracies(i), one.accuracies(in_float));
            part.curves.push_back({arithmetics()[i].label,
                                   {{static_cast<double>(i - 1), difference.mean, difference.low, difference.high}}});
        }
        result.panels.push_back(std::move(part));
    }
    return result;
}

study::chart sparsity_chart(std::vector<observed_network> const& all) {
    study::chart result{"fig07_sparsity", "Zeros in the activations of the integer attention (8 bit)", {}, 1};
    for (auto const& one : all) {
        std::vector<study::curve> curves{
            {"bit by bit", {}}, {"value by value", {}}, {"8 values", {}}, {"8 bits of a plane", {}}};
        for (std::size_t i = 0; i < all_activations.size(); ++i) {
            auto const zeros = one.of(all_activations[i]).sparsity();
            auto const x = static_cast<double>(i);
            curves[0].add(x, 100 * zeros.bitwise);
            curves[1].add(x, 100 * zeros.value_wise);
            curves[2].add(x, 100 * zeros.run_value_wise);
            curves[3].add(x, 100 * zeros.run_column_wise);
        }
        result.panels.push_back(
            {one.what->title,
             "",
             "zeros, %",
             std::move(curves),
             {},
             {},
             false,
             named_ticks(names_of(all_activations, to_string)) + "set yrange [0:100]\nset key outside right\n"});
    }
    return result;
}

study::chart boost_chart(std::vector<observed_network> const& all) {
    study::chart result{"fig16_boost", "Cycles with fixed word lines / cycles with BitSift", {}, 1};
    for (auto const& one : all) {
        std::vector<study::curve> curves{{"two's complement", {}},
                                         {"the same, ideal", {}},
                                         {"negatives apart", {}},
                                         {"1 / (1 - bitwise sparsity)", {}}};
        for (std::size_t i = 0; i < driven.size(); ++i) {
            auto const& statistics = one.of(driven[i]);
            auto const x = static_cast<double>(i);
            curves[0].add(x, statistics.cycles().next_fit.boost());
            curves[1].add(x, statistics.cycles().ideal.boost());
            curves[2].add(x, statistics.cycles().next_fit_apart.boost());
            curves[3].add(x, 1 / (1 - statistics.sparsity().bitwise));
        }
        result.panels.push_back(
            {one.what->title,
             "",
             "times fewer cycles",
             std::move(curves),
             {},
             {},
             false,
             named_ticks(names_of(driven, product_of)) + "set yrange [0:*]\nset key outside right\n"});
    }
    return result;
}

}  // namespace flare
