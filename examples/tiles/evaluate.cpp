#include "evaluate.hpp"

#include "../explore/interrupt.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tiles {

namespace {

constexpr std::size_t compared_images = 10;

}  // namespace

score rate(subject const& what, any_backend& backend) {
    networks::prediction_score all;
    auto const answers = what.answers.shape(1);
    for (std::size_t first = 0; first < what.samples(); first += batch_of(what)) {
        if (explore::is_interrupted()) {
            throw interruption{};
        }
        auto const last = std::min(first + batch_of(what), what.samples());
        backend.begin_batch(first);
        auto right = networks::token_list::from_shape({last - first, answers});
        std::copy_n(what.answers.data() + first * answers, right.size(), right.data());
        auto const one = networks::score_predictions(what.logits(backend, first, last), right);
        all.tokens += one.tokens;
        all.correct += one.correct;
        all.nats += one.nats;
    }
    return {all.percent_correct(), all.nats_per_token()};
}

layer_quality compare_layers(subject const& what, any_tile& tile) {
    networks::layer_errors errors;
    auto comparing = study::backend_box{networks::comparing_backend<any_tile>{tile, errors}};
    tile.begin_batch(0);
    auto const samples = what.unit == "window" ? std::size_t{1} : std::min(compared_images, what.samples());
    static_cast<void>(what.logits(comparing, 0, samples));
    return {errors.mean_snr_db(), errors.mean_snr_db_without_gain()};
}

std::unique_ptr<any_tile> make_calibrated_tile(subject const& what, design const& point, std::uint64_t chip,
                                               int threads) {
    auto tile = make_tile(point, chip, threads);
    tile->calibrate([&] { what.run_for_scales(*tile); });
    tile->set_converters(point.adc_bits, point.range_share);
    return tile;
}

void outcome::add(score const& answers, layer_quality const& layers) {
    accuracies.push_back(answers.accuracy_percent);
    nats.push_back(answers.nats);
    snr_db.push_back(layers.snr_db);
    snr_db_without_gain.push_back(layers.snr_db_without_gain);
}

flare::estimate spread_of(std::vector<double> const& chips) {
    auto const [low, high] = std::minmax_element(chips.begin(), chips.end());
    return {std::accumulate(chips.begin(), chips.end(), 0.0) / static_cast<double>(chips.size()), *low, *high};
}

double deviation_of(std::vector<double> const& chips) {
    if (chips.size() < 2) {
        return 0;
    }
    auto const mean = spread_of(chips).mean;
    auto squares = 0.0;
    for (auto const one : chips) {
        squares += (one - mean) * (one - mean);
    }
    return std::sqrt(squares / static_cast<double>(chips.size() - 1));
}

outcome evaluate(subject const& what, design const& point, std::size_t chips, int threads) {
    outcome result;
    for (std::size_t chip = 1; chip <= chips; ++chip) {
        auto const tile = make_calibrated_tile(what, point, chip, threads);
        auto const layers = compare_layers(what, *tile);
        result.add(rate(what, *tile), layers);
    }
    return result;
}

}  // namespace tiles
