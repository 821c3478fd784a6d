#include "run.hpp"

#include "any_backend.hpp"
#include "data.hpp"
#include "evaluate.hpp"
#include "interrupt.hpp"
#include "model.hpp"
#include "pictures.hpp"
#include "progress.hpp"
#include "results.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <optional>

namespace explore {

namespace {

/// What every design point is measured on.
struct experiment {
    model net;
    data_set data;
    networks::tensor images;     // (N, C, H, W), prepared
    networks::tensor reference;  // (N, 10), logits in float
};

std::optional<networks::tensor> float_logits(model const& net, networks::tensor const& images, settings const& chosen) {
    auto backend = backend_box{networks::float_backend{chosen.threads}};
    progress bar{images.shape(0)};
    bar.begin("float network");
    return run_network(net, backend, images, chosen.batch, chosen.first, [&](std::size_t n) {
        bar.advance(n);
        return !is_interrupted();
    });
}

std::optional<experiment> prepare(settings const& chosen) {
    auto net = model{chosen};
    auto data = load_data(chosen);
    auto images = net.prepare(data.images);
    auto reference = float_logits(net, images, chosen);
    if (!reference) {
        return std::nullopt;
    }
    return experiment{std::move(net), std::move(data), std::move(images), *std::move(reference)};
}

/// Nothing if it was interrupted.
std::optional<outcome> evaluate(experiment const& what, design const& point, settings const& chosen, progress& bar) {
    auto const start = std::chrono::steady_clock::now();
    auto const conversions = count_conversions(what.net, what.images, point, chosen);
    auto const backend = make_macro_backend(point, chosen);
    bar.begin(describe(point));
    auto const logits = run_network(what.net, *backend, what.images, chosen.batch, chosen.first, [&](std::size_t n) {
        bar.advance(n * conversions);
        return !is_interrupted();
    });
    if (!logits) {
        return std::nullopt;
    }
    auto const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return outcome{point, rate(*logits, what.reference, what.data.labels), conversions, seconds,
                   chosen.keep_predictions ? digits_of(networks::argmax(*logits)) : ""};
}

std::vector<design> unfinished(settings const& chosen, results const& finished) {
    auto points = grid(chosen);
    std::erase_if(points, [&](design const& point) { return finished.contains(point); });
    return points;
}

/// False if it was interrupted.
bool evaluate_all(experiment const& what, settings const& chosen, results& finished) {
    auto const points = unfinished(chosen, finished);
    std::uint64_t work = 0;
    for (auto const& point : points) {
        work += what.images.shape(0) * count_conversions(what.net, what.images, point, chosen);
    }
    progress bar{work};
    for (auto const& point : points) {
        auto one = evaluate(what, point, chosen, bar);
        if (!one) {
            return false;
        }
        finished.add(*std::move(one));
    }
    return true;
}

std::string format_sqnr(double decibel) { return std::isinf(decibel) ? "exact" : fmt::format("{:.1f}", decibel); }

void print_table(results const& finished) {
    fmt::print("\n{:>7}  {:<14}  {:>7}  {:>10}  {:>9}  {:>7}  {:>17}  {:>6}\n", "ADC bit", "encoding", "noise %",
               "accuracy %", "as float", "SQNR dB", "conversions/image", "s");
    for (auto const& [point, quality, conversions, seconds, predictions] : finished.all()) {
        fmt::print("{:>7}  {:<14}  {:>7}  {:>10.2f}  {:>9.2f}  {:>7}  {:>17}  {:>6.2f}\n", point.adc_bits,
                   describe_encoding(point.input_group), point.noise_percent, quality.accuracy_percent,
                   quality.agreement_percent, format_sqnr(quality.sqnr_db), conversions, seconds);
    }
    fmt::print("\n");
}

void print_heading(experiment const& what, settings const& chosen, double float_accuracy) {
    fmt::print("{} on {}, {} images: float {:.2f} %\n", what.net.title(), what.data.title, what.data.labels.size(),
               float_accuracy);
    fmt::print("W{}A{}, arrays of {} x {}, {} design points\n", chosen.weight_bits, chosen.input_bits, chosen.rows,
               chosen.columns, grid(chosen).size());
    std::fflush(stdout);
}

int report_interruption(results const& finished, settings const& chosen, std::string const& command) {
    fmt::print("interrupted: {} of {} design points are in {}; to go on:\n  {}{}\n", finished.all().size(),
               grid(chosen).size(), (chosen.out / "results.csv").string(), command,
               chosen.is_resumed ? "" : " --resume");
    return 130;
}

}  // namespace

int run(settings const& chosen, std::string const& command) {
    catch_interrupts();
    auto const what = prepare(chosen);
    if (!what) {
        fmt::print("interrupted before the first design point\n");
        return 130;
    }
    auto const float_accuracy = rate(what->reference, what->reference, what->data.labels).accuracy_percent;
    auto finished = results{chosen, what->data.labels.size(), float_accuracy};
    print_heading(*what, chosen, float_accuracy);
    auto const is_complete = evaluate_all(*what, chosen, finished);
    finished.finish();
    print_table(finished);
    if (!is_complete) {
        return report_interruption(finished, chosen, command);
    }
    fmt::print("results: {}\n", (chosen.out / "results.csv").string());
    if (chosen.draw_pictures) {
        auto const title = fmt::format("{} on {}, W{}A{}, {} rows", what->net.title(), what->data.title,
                                       chosen.weight_bits, chosen.input_bits, chosen.rows);
        fmt::print("{}\n", draw_pictures(finished, chosen, title));
    }
    return 0;
}

}  // namespace explore
