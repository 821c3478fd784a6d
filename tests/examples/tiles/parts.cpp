/// Parts of xcim-tiles.

#include "../../../examples/tiles/evaluate.hpp"
#include "../../../examples/tiles/settings.hpp"
#include "../../../examples/tiles/tables.hpp"
#include "../../support/tensors.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

using tiles::design;

tiles::settings parsed(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--data", "."});
    return std::get<tiles::settings>(tiles::parse_command_line(std::move(arguments)));
}

/// One linear layer of 40 inputs whose outputs are the logits: 60 samples with an answer each, the float one.
tiles::subject small_subject() {
    auto const layer = networks::linear_layer{"linear", xcim::test::random_tensor({10, 40}, 1),
                                              xcim::test::random_tensor({10}, 2), 0, true};
    auto const inputs = xcim::test::random_tensor({60, 40}, 3);
    tiles::subject what{"small", "small", "image", networks::token_list::from_shape({60, 1}), 1, {}, {}};
    what.logits = [=](tiles::any_backend& backend, std::size_t first, std::size_t last) {
        auto logits = backend.linear(layer, networks::slice(inputs, first, last));
        logits.reshape(std::vector<std::size_t>{last - first, 1, 10});
        return logits;
    };
    what.run_for_scales = [=](tiles::any_backend& backend) {
        static_cast<void>(backend.linear(layer, xcim::test::random_tensor({30, 40}, 4)));
    };
    auto in_float = study::backend_box{networks::float_backend{}};
    auto const logits = what.logits(in_float, 0, 60);
    for (std::size_t i = 0; i < 60; ++i) {
        auto const* const row = logits.data() + 10 * i;
        what.answers.data()[i] = static_cast<std::uint16_t>(std::max_element(row, row + 10) - row);
    }
    return what;
}

double mean_snr(design const& point) {
    return tiles::spread_of(tiles::evaluate(small_subject(), point, 2, 1).snr_db).mean;
}

}  // namespace

TEST_CASE("the command line fills the settings") {
    auto const chosen = parsed({"--networks", "resnet20,stories260k", "--parts", "time", "--images", "20", "--windows",
                                "2", "--chips", "4", "--threads", "3", "--quick", "--no-pictures", "--out", "there"});
    CHECK(chosen.networks == std::vector<std::string>{"resnet20", "stories260k"});
    CHECK(chosen.parts == std::vector<std::string>{"time"});
    CHECK(chosen.images == 20);
    CHECK(chosen.windows == 2);
    CHECK(chosen.chips == 4);
    CHECK(chosen.threads == 3);
    CHECK(chosen.is_quick);
    CHECK(!chosen.draws_pictures);
    CHECK(chosen.out == "there");
    CHECK(parsed({}).networks == tiles::all_networks);
    CHECK(parsed({}).parts == tiles::all_parts);
    CHECK_THROWS_WITH_AS(static_cast<void>(tiles::parse_command_line({})), doctest::Contains("--data is missing"),
                         tiles::usage_error);
    CHECK_THROWS_WITH_AS(static_cast<void>(parsed({"--chips", "0"})), doctest::Contains("--chips is 0"),
                         tiles::usage_error);
}

TEST_CASE("tiles without flaws give the answers of the float network, in every technology") {
    auto const what = small_subject();
    for (auto point : {tiles::pcm_tile(), tiles::rram_crossbar()}) {
        CAPTURE(tiles::to_string(point.device));
        auto const exact = tiles::evaluate(what, tiles::without_flaws(point), 1, 1);
        CHECK(exact.accuracies[0] >= 98);
        CHECK(exact.snr_db[0] > 35);
        CHECK(exact.snr_db[0] <= exact.snr_db_without_gain[0]);
    }
    auto counting = tiles::without_flaws(tiles::pcm_tile());
    counting.device = tiles::technology::pcm_oscillator;
    counting.charge_count_fc = 0.1;
    counting.counter_bits = 16;
    CHECK(tiles::evaluate(what, counting, 1, 1).snr_db[0] > 35);
}

TEST_CASE("every flaw is one that the reference has, and costs something alone") {
    for (auto reference : {tiles::pcm_tile(), tiles::rram_crossbar()}) {
        reference.adc_bits = 8;
        auto const exact = tiles::without_flaws(reference);
        auto const best = mean_snr(exact);
        auto all = exact;
        for (auto const& flaw : tiles::flaws_of(reference.device)) {
            CAPTURE(flaw.name);
            auto point = exact;
            flaw.copy(point, reference);
            CHECK(mean_snr(point) < best);
            flaw.copy(point, exact);
            CHECK(point == exact);
            flaw.copy(all, reference);
        }
        all.compensation = reference.compensation;
        CHECK(all == reference);
    }
}

TEST_CASE("drift needs gains, and gains of outputs do what those of layers do") {
    auto point = tiles::without_flaws(tiles::pcm_tile());
    point.has_drift = true;
    auto const none = mean_snr(point);
    point.compensation = tiles::gains::layer;
    auto const layer = mean_snr(point);
    point.compensation = tiles::gains::output;
    auto const output = mean_snr(point);
    CHECK(none < 12);
    CHECK(layer > 20);
    CHECK(output > layer - 1);
}

TEST_CASE("converters are changed on programmed tiles") {
    auto const what = small_subject();
    auto const tile = tiles::make_calibrated_tile(what, tiles::without_flaws(tiles::pcm_tile()), 1, 1);
    auto const fine = tiles::compare_layers(what, *tile).snr_db;
    tile->set_converters(5, 1);
    auto const coarse = tiles::compare_layers(what, *tile).snr_db;
    tile->set_converters(16, 1);
    CHECK(coarse < fine - 5);
    CHECK(tiles::compare_layers(what, *tile).snr_db == fine);
}

TEST_CASE("chips have a mean, extremes and a deviation") {
    auto const spread = tiles::spread_of({1, 2, 6});
    CHECK(spread.mean == 3);
    CHECK(spread.low == 1);
    CHECK(spread.high == 6);
    CHECK(tiles::deviation_of({1, 2, 6}) == doctest::Approx(std::sqrt(7.0)));
    CHECK(tiles::deviation_of({5}) == 0);
}
