/// Parts of xcim-flare.

#include "../../../examples/flare/activations.hpp"
#include "../../../examples/flare/arithmetics.hpp"
#include "../../../examples/flare/evaluate.hpp"
#include "../../../examples/flare/settings.hpp"
#include "../../../examples/flare/statistics.hpp"
#include "../../support/tensors.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace {

using flare::activation;

flare::settings parsed(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--data", "."});
    return std::get<flare::settings>(flare::parse_command_line(std::move(arguments)));
}

/// One attention layer, 4 heads of 8, whose outputs are the logits: 6 samples with 10 answers out of 32 each.
flare::subject small_subject() {
    auto const layer = networks::attention_layer{"attention",
                                                 xcim::test::random_tensor({96, 32}, 1),
                                                 xcim::test::random_tensor({96}, 2),
                                                 xcim::test::random_tensor({32, 32}, 3),
                                                 xcim::test::random_tensor({32}, 4),
                                                 4,
                                                 0.35F,
                                                 3};
    auto const inputs = xcim::test::random_tensor({6, 10, 32}, 5);
    flare::subject what{"small", "small", "window", networks::token_list::from_shape({6, 10}), 4, {}, {}};
    for (std::size_t i = 0; i < what.answers.size(); ++i) {
        what.answers.data()[i] = static_cast<std::uint16_t>(i % 32);
    }
    what.logits = [=](flare::any_backend& backend, std::size_t first, std::size_t last) {
        return backend.attention(layer, networks::slice(inputs, first, last));
    };
    what.run_for_scales = [=](flare::any_backend& backend) {
        static_cast<void>(backend.attention(layer, xcim::test::random_tensor({4, 10, 32}, 6)));
    };
    return what;
}

std::size_t index_of(std::string const& name) {
    auto const& all = flare::arithmetics();
    auto const found = std::find_if(all.begin(), all.end(), [&](auto const& one) { return one.name == name; });
    REQUIRE(found != all.end());
    return static_cast<std::size_t>(found - all.begin());
}

}  // namespace

TEST_CASE("flare: the command line") {
    auto const chosen = parsed({"--networks", "vit_mnist,stories260k", "--windows", "3", "--threads", "2"});
    CHECK(chosen.networks == std::vector<std::string>{"vit_mnist", "stories260k"});
    CHECK(chosen.windows == 3);
    CHECK(chosen.images == 1000);
    CHECK(chosen.draws_pictures);
    CHECK_FALSE(parsed({"--no-pictures"}).draws_pictures);
    CHECK_THROWS_WITH_AS(static_cast<void>(flare::parse_command_line({})), doctest::Contains("--data"),
                         flare::usage_error);
    CHECK_THROWS_WITH_AS(parsed({"--windows", "121"}), doctest::Contains("--windows is 121"), flare::usage_error);
    CHECK_THROWS_WITH_AS(parsed({"--images", "0"}), doctest::Contains("--images is 0"), flare::usage_error);
    CHECK(std::holds_alternative<flare::message>(flare::parse_command_line({"--help"})));
}

TEST_CASE("flare: means and paired differences with their intervals") {
    auto const mean = flare::mean_of({1, 2, 3, 4});
    CHECK(mean.mean == 2.5);
    CHECK(mean.high - mean.mean == doctest::Approx(1.959964 * std::sqrt(5.0 / 3 / 4)));
    CHECK(mean.mean - mean.low == doctest::Approx(mean.high - mean.mean));
    auto const difference = flare::mean_difference({5, 9, 1}, {4, 8, 0});
    CHECK(difference.mean == 1);
    CHECK(difference.high == 1);  // the same for all samples
    CHECK(flare::mean_of({7}).high == 7);
}

TEST_CASE("flare: activations are counted once, wherever they come from") {
    auto const codes = std::vector<std::int32_t>{0, 0, 0, 0, 0, 0, 0, 0, -1, 3, 0, 0, 0, 0, 0, 0};
    flare::activation_statistics statistics;
    auto const cycles = statistics.add(codes, 16, {8, true}, true);
    CHECK(cycles.next_fit.fixed == 16);        // 8 planes of 2 groups
    CHECK(cycles.next_fit.sifted == 8);        // -1 has a one in every plane
    CHECK(cycles.next_fit_apart.sifted == 3);  // bits 0 and 1 of 3, bit 0 of 1
    CHECK(statistics.sparsity().value_wise == 14.0 / 16);
    CHECK(statistics.sparsity().run_value_wise == 0.5);
    CHECK(statistics.sparsity().bitwise == doctest::Approx(1 - 10.0 / 128));
    CHECK(statistics.add(codes, 8, {8, true}, false).next_fit.fixed == 0);  // not driven
    CHECK(statistics.vectors() == 3);
    CHECK(statistics.cycles().next_fit.sifted == 8);
    statistics.add({5, 5}, 2, {8, true}, true);  // too short for a run of 8: counts as a vector, not for the shares
    CHECK(statistics.sparsity().value_wise == 14.0 / 16);
    CHECK(statistics.vectors() == 4);
}

TEST_CASE("flare: every arithmetic on a small layer") {
    auto const what = small_subject();
    auto const found = flare::calibrate(what);
    CHECK(found.ranges.contains(3));
    CHECK(found.gains.at(3) > 0);
    auto bar = explore::progress{6 * flare::arithmetics().size()};
    auto const one = flare::evaluate(what, found, 2, bar);
    REQUIRE(one.samples() == 6);
    CHECK(std::isinf(one.sqnr_db(flare::in_float)));
    CHECK(flare::mean_of(one.agreements(flare::in_float)).low == 100);
    CHECK(one.sqnr_db(flare::dequantising) > 30);
    CHECK(one.sqnr_db(index_of("ibert")) > 25);
    CHECK(one.sqnr_db(index_of("flare")) > 28);
    CHECK(one.sqnr_db(index_of("flare_9bit")) > one.sqnr_db(index_of("flare")) + 3);
    CHECK(one.sqnr_db(index_of("flare_floor")) < one.sqnr_db(index_of("flare")));
    CHECK(one.sqnr_db(index_of("flare_power_of_two")) < one.sqnr_db(index_of("flare")) - 5);
    CHECK(one.sqnr_db(index_of("flare_no_norm")) < one.sqnr_db(index_of("flare")) - 15);
    CHECK(one.sqnr_db(index_of("flare_best_gain")) > one.sqnr_db(index_of("flare_no_norm")));

    auto const table = flare::make_accuracy_table({one});
    CHECK(table.rows.size() == flare::arithmetics().size());
    auto const again = flare::evaluate(what, found, 1, bar);
    for (std::size_t i = 0; i < flare::arithmetics().size(); ++i) {
        CHECK(again.nats(i) == one.nats(i));  // threads change nothing
    }
}

TEST_CASE("flare: what the arrays of a small layer are driven with") {
    auto const what = small_subject();
    auto const found = flare::calibrate(what);
    auto const seen = flare::observe(what, found, 2);
    CHECK(flare::make_sparsity_table({seen}) == flare::make_sparsity_table({flare::observe(what, found, 1)}));
    CHECK(seen.samples == 4);
    CHECK(seen.layers.size() == 1);
    CHECK(seen.shape.tokens == 10);
    CHECK(seen.of(activation::input).vectors() == 40);
    CHECK(seen.of(activation::queries).vectors() == 160);
    CHECK(seen.of(activation::scores).vectors() == 160);
    CHECK(seen.of(activation::scores).mean_depth() == 10);
    CHECK(seen.of(activation::keys).cycles().next_fit.fixed == 0);
    CHECK(seen.of(activation::input).cycles().next_fit.fixed == 40 * 8 * 4);
    auto const& all = seen.all_cycles();
    auto const& input = seen.of(activation::input).cycles();
    CHECK(all.ideal.sifted <= all.next_fit.sifted);
    CHECK(all.next_fit.fixed == 2 * input.next_fit.fixed + seen.of(activation::queries).cycles().next_fit.fixed +
                                    seen.of(activation::scores).cycles().next_fit.fixed +
                                    seen.of(activation::heads).cycles().next_fit.fixed);
    for (auto const kind : flare::all_activations) {
        auto const zeros = seen.of(kind).sparsity();
        CHECK(zeros.bitwise >= zeros.value_wise);
        CHECK(zeros.bitwise >= zeros.run_column_wise);
        CHECK(zeros.value_wise >= zeros.run_value_wise);
    }
    auto const& fixed = seen.cycles[static_cast<std::size_t>(flare::schedule::fixed)];
    auto const& sifted = seen.cycles[static_cast<std::size_t>(flare::schedule::next_fit)];
    CHECK(fixed == xcim::cost::fixed_attention_cycles({4, 10, 32, 4}));
    CHECK(sifted.total() < fixed.total());
    CHECK(sifted.keys_values == sifted.query);
    CHECK(flare::make_latency_table({seen}).rows.size() == 3);
    CHECK(flare::make_traffic_table({seen}).rows.size() == 2);
    CHECK(flare::make_cycle_table({seen}).rows.size() == 5);
    CHECK(flare::make_sparsity_table({seen}).rows.size() == 6);
}
