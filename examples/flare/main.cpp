/// \file
/// xcim-flare: attention without floating point on networks with known weights, after the FLARE paper (arXiv 2024).

#include "activations.hpp"
#include "arithmetics.hpp"
#include "evaluate.hpp"
#include "figures.hpp"
#include "settings.hpp"
#include "subject.hpp"

#include "../explore/interrupt.hpp"
#include "../explore/progress.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

void print(flare::evaluation const& one) {
    fmt::print("{}: {} {}s\n", one.what->title, one.samples(), one.what->unit);
    for (std::size_t i = 0; i < flare::arithmetics().size(); ++i) {
        auto const right = flare::mean_of(one.accuracies(i)), nats = flare::mean_of(one.nats(i));
        fmt::print("  {:22} {:6.2f} % right, {:6.2f} % as float, {:7.4f} nats\n", flare::arithmetics()[i].label,
                   right.mean, flare::mean_of(one.agreements(i)).mean, nats.mean);
    }
    std::fflush(stdout);
}

int run(flare::settings const& chosen) {
    explore::catch_interrupts();
    std::filesystem::create_directories(chosen.out);
    std::vector<flare::subject> subjects;
    for (auto const& name : chosen.networks) {
        subjects.push_back(flare::load_subject(name, chosen));
    }
    std::vector<flare::evaluation> evaluations;
    std::vector<flare::observed_network> observed;
    for (auto const& what : subjects) {
        auto const found = flare::calibrate(what);
        observed.push_back(flare::observe(what, found, chosen.threads));
        explore::progress bar{what.samples() * flare::arithmetics().size()};
        bar.begin(what.title);
        auto one = flare::evaluate(what, found, chosen.threads, bar);
        bar.clear();
        if (one.samples() > 0) {
            print(one);
            evaluations.push_back(std::move(one));
        }
        if (explore::is_interrupted()) {
            break;
        }
    }
    flare::make_accuracy_table(evaluations).write_csv(chosen.out / "accuracy.csv");
    flare::make_sparsity_table(observed).write_csv(chosen.out / "sparsity.csv");
    flare::make_cycle_table(observed).write_csv(chosen.out / "cycles.csv");
    flare::make_latency_table(observed).write_csv(chosen.out / "latency.csv");
    flare::make_traffic_table(observed).write_csv(chosen.out / "traffic.csv");
    if (explore::is_interrupted()) {
        fmt::print("interrupted: the tables in {} hold what was finished\n", chosen.out.string());
        return 130;
    }
    if (chosen.draws_pictures) {
        for (auto const& picture :
             {flare::accuracy_chart(evaluations), flare::sparsity_chart(observed), flare::boost_chart(observed)}) {
            fmt::print("{}\n", study::draw(picture, chosen.out));
        }
    }
    fmt::print("tables: {}\n", (chosen.out / "*.csv").string());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        auto const parsed = flare::parse_command_line({argv + 1, argv + argc});
        if (auto const* const text = std::get_if<flare::message>(&parsed)) {
            fmt::print("{}\n", *text);
            return 0;
        }
        return run(std::get<flare::settings>(parsed));
    } catch (flare::usage_error const& problem) {
        fmt::print(stderr, "xcim-flare: {}\n", problem.what());
        return 2;
    } catch (std::exception const& problem) {
        fmt::print(stderr, "xcim-flare: {}\n", problem.what());
        return 1;
    }
}
