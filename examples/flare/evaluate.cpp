#include "evaluate.hpp"

#include "../explore/interrupt.hpp"

#include <xcim/core/threads.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>

namespace flare {

namespace {

/// Scores of the samples of a chunk; logits (samples, answers, classes).
std::vector<sample_score> score(tensor const& logits, tensor const& reference, networks::token_list const& right) {
    auto const samples = logits.shape(0), answers = logits.shape(1), classes = logits.shape(2);
    std::vector<sample_score> result;
    for (std::size_t i = 0; i < samples; ++i) {
        auto const own = networks::slice(logits, i, i + 1), in_float = networks::slice(reference, i, i + 1);
        auto expected = networks::token_list::from_shape({1, answers});
        std::copy_n(right.data() + i * answers, answers, expected.data());
        auto given_in_float = networks::token_list::from_shape({1, answers});
        for (std::size_t a = 0; a < answers; ++a) {
            auto const* row = in_float.data() + a * classes;
            given_in_float.data()[a] = static_cast<std::uint16_t>(std::max_element(row, row + classes) - row);
        }
        auto const prediction = networks::score_predictions(own, expected);
        auto& one = result.emplace_back();
        one.answers = prediction.tokens;
        one.correct = prediction.correct;
        one.agreeing = networks::score_predictions(own, given_in_float).correct;
        one.nats = prediction.nats;
        for (std::size_t e = 0; e < own.size(); ++e) {
            auto const wanted = static_cast<double>(in_float.data()[e]);
            auto const difference = static_cast<double>(own.data()[e]) - wanted;
            one.error += difference * difference;
            one.signal += wanted * wanted;
        }
    }
    return result;
}

template <class F>
std::vector<double> of_each(std::vector<sample_score> const& samples, F const& f) {
    std::vector<double> result;
    for (auto const& one : samples) {
        result.push_back(f(one) / static_cast<double>(one.answers));
    }
    return result;
}

}  // namespace

std::vector<double> evaluation::accuracies(std::size_t arithmetic) const {
    return of_each(scores[arithmetic], [](auto const& one) { return 100.0 * static_cast<double>(one.correct); });
}

std::vector<double> evaluation::agreements(std::size_t arithmetic) const {
    return of_each(scores[arithmetic], [](auto const& one) { return 100.0 * static_cast<double>(one.agreeing); });
}

std::vector<double> evaluation::nats(std::size_t arithmetic) const {
    return of_each(scores[arithmetic], [](auto const& one) { return one.nats; });
}

double evaluation::sqnr_db(std::size_t arithmetic) const {
    auto signal = 0.0, error = 0.0;
    for (auto const& one : scores[arithmetic]) {
        signal += one.signal;
        error += one.error;
    }
    return 10 * std::log10(signal / error);
}

evaluation evaluate(subject const& what, calibration const& found, int threads, explore::progress& bar) {
    std::vector<std::unique_ptr<any_backend>> backends;
    for (auto const& one : arithmetics()) {
        backends.push_back(one.make_backend(found));
    }
    auto const chunks = (what.samples() + what.chunk - 1) / what.chunk;
    // by chunk, then arithmetic, then sample; a chunk that was not reached stays empty
    std::vector<std::vector<std::vector<sample_score>>> scored(chunks);
    std::mutex alone;  // for the bar
    xcim::for_each_task(chunks, threads, [&](std::size_t chunk) {
        auto const first = chunk * what.chunk, last = std::min(first + what.chunk, what.samples());
        auto right = networks::token_list::from_shape({last - first, what.answers.shape(1)});
        std::copy_n(what.answers.data() + first * what.answers.shape(1), right.size(), right.data());
        std::vector<std::vector<sample_score>> scores;
        tensor reference;
        for (auto const& backend : backends) {
            if (explore::is_interrupted()) {
                return;
            }
            auto const logits = what.logits(*backend, first, last);
            if (scores.empty()) {
                reference = logits;
            }
            scores.push_back(score(logits, reference, right));
            std::lock_guard const lock{alone};
            bar.advance(last - first);
        }
        scored[chunk] = std::move(scores);
    });
    evaluation result{&what, std::vector<std::vector<sample_score>>(backends.size())};
    for (auto const& chunk : scored) {
        for (std::size_t i = 0; i < chunk.size(); ++i) {
            result.scores[i].insert(result.scores[i].end(), chunk[i].begin(), chunk[i].end());
        }
    }
    return result;
}

xcim::io::table make_accuracy_table(std::vector<evaluation> const& all) {
    auto result = xcim::io::table{{"network",
                                   "arithmetic",
                                   "unit",
                                   "samples",
                                   "answers",
                                   "accuracy_percent",
                                   "accuracy_low",
                                   "accuracy_high",
                                   "agreement_percent",
                                   "nats",
                                   "nats_low",
                                   "nats_high",
                                   "points_to_float",
                                   "points_to_float_low",
                                   "points_to_float_high",
                                   "points_to_int8",
                                   "points_to_int8_low",
                                   "points_to_int8_high",
                                   "nats_to_float",
                                   "nats_to_float_low",
                                   "nats_to_float_high",
                                   "nats_to_int8",
                                   "nats_to_int8_low",
                                   "nats_to_int8_high",
                                   "sqnr_db"}};
    for (auto const& one : all) {
        for (std::size_t i = 0; i < arithmetics().size() && one.samples() > 0; ++i) {
            auto const right = mean_of(one.accuracies(i)), nats = mean_of(one.nats(i));
            auto const to_float = mean_difference(one.accuracies(i), one.accuracies(in_float));
            auto const to_int8 = mean_difference(one.accuracies(i), one.accuracies(dequantising));
            auto const nats_to_float = mean_difference(one.nats(i), one.nats(in_float));
            auto const nats_to_int8 = mean_difference(one.nats(i), one.nats(dequantising));
            result.add(one.what->name, arithmetics()[i].name, one.what->unit, one.samples(),
                       one.samples() * one.scores[i].front().answers, right.mean, right.low, right.high,
                       mean_of(one.agreements(i)).mean, nats.mean, nats.low, nats.high, to_float.mean, to_float.low,
                       to_float.high, to_int8.mean, to_int8.low, to_int8.high, nats_to_float.mean, nats_to_float.low,
                       nats_to_float.high, nats_to_int8.mean, nats_to_int8.low, nats_to_int8.high, one.sqnr_db(i));
        }
    }
    return result;
}

}  // namespace flare
